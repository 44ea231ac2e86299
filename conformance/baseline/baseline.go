// Package baseline holds a report against what was agreed on before: findings
// that are known, and findings that are suppressed for a reason and a time.
//
// Both are files that people review, and both fail when they do not fit any
// more: a known finding that does not occur, a suppression that is past its day
// or suppresses nothing. So neither grows old unnoticed.
package baseline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kassa-dev/kassa/conformance"
)

const baselineSchema = "kassa.baseline/1"

// key is what makes two findings one: not where they were seen, and not which
// element of an array it was.
type key struct {
	Rule      string `yaml:"rule"`
	Operation string `yaml:"operation"`
	Side      string `yaml:"side"`
	Pointer   string `yaml:"pointer"`
	Message   string `yaml:"message"`
}

func keyOf(f conformance.Finding) key {
	return key{f.Rule, conformance.RedactText(f.Operation), f.Side, f.Pattern(), f.Message}
}

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.Operation, other.Operation), cmp.Compare(k.Side, other.Side), cmp.Compare(k.Pointer, other.Pointer),
		cmp.Compare(k.Rule, other.Rule), cmp.Compare(k.Message, other.Message))
}

// Baseline is a list of known findings.
type Baseline struct {
	file  string
	known map[key]int // by line
}

// Read reads a baseline, which name names in findings and errors. The error has
// a line for everything that is wrong, with its place and what would be right.
func Read(name string, r io.Reader) (*Baseline, error) {
	b := &Baseline{file: name, known: map[key]int{}}
	in, err := open(name, r, baselineSchema, "findings")
	if err != nil {
		return nil, err
	}
	for _, entry := range in.entries {
		fields := in.fields(entry, []string{"rule", "message"}, []string{"operation", "side", "pointer"})
		k := key{fields["rule"], fields["operation"], fields["side"], fields["pointer"], fields["message"]}
		if line, twice := b.known[k]; twice {
			in.refuse(entry, "the finding stands on line %d already; take one out", line)
		}
		b.known[k] = entry.Line
	}
	return b, errors.Join(in.problems...)
}

// Apply excuses the findings of a report that are known. Where everything could
// be judged it adds one for every known finding that does not occur.
func (b *Baseline) Apply(report *conformance.Report) {
	met := map[key]bool{}
	report.Excuse(func(f conformance.Finding) string {
		k := keyOf(f)
		line, ok := b.known[k]
		if !ok || !excusable(f.Rule) {
			return ""
		}
		met[k] = true
		return fmt.Sprintf("known: %s:%d", b.file, line)
	})
	for k, line := range b.known {
		if !met[k] && !report.Blind {
			report.Add(conformance.Finding{
				Rule: conformance.RuleStale, Severity: conformance.Error, Operation: k.Operation,
				File: b.file, Entry: line, Side: k.Side, Pointer: k.Pointer,
				Message: fmt.Sprintf("the known finding does not occur any more: %s (%s)", k.Message, k.Rule),
				Hint:    "take it out of the baseline, or write the baseline anew with --update-baseline",
			})
		}
	}
}

// excusable is false for what says that something was not judged, or that a
// promise was not kept: nobody can agree to that beforehand.
func excusable(rule string) bool {
	switch rule {
	case "recording.entry.damaged", "recording.judge.failed", "recording.findings.limit":
		return false
	}
	return !strings.HasPrefix(rule, "baseline.") && !strings.HasPrefix(rule, "suppression.") && !strings.HasPrefix(rule, "coverage.")
}

const preface = `# Findings that are known: kassa check --baseline fails on others only, and on lines here that do not occur any more.
# Written by kassa check --update-baseline, which writes this file anew.
`

// Write writes the baseline of a report: its findings as bad as failOn or worse
// that nothing else excuses. It returns how many that are, and how many cannot
// be known beforehand and still fail. The error says why there can be none: a
// report that lists not all it found, or could not judge everything, would make
// a baseline that passes for the wrong reason.
func Write(w io.Writer, report conformance.Report, failOn conformance.Severity) (known, left int, err error) {
	if report.Blind || report.Summary.Judged == 0 {
		return 0, 0, errors.New("not everything could be judged, so the baseline was left as it is; put right what is said above first")
	}
	var keys []key
	for _, f := range report.Findings {
		switch {
		case f.Rule == "recording.findings.limit":
			return 0, 0, errors.New("there are more different findings than are listed, so the baseline was left as it is; put the most frequent right first")
		case f.Excused != "" || !f.Severity.AtLeast(failOn):
		case excusable(f.Rule):
			keys = append(keys, keyOf(f))
		default:
			left++
		}
	}
	slices.SortFunc(keys, key.compare)
	keys = slices.Compact(keys)
	if keys == nil {
		keys = []key{}
	}
	var out bytes.Buffer
	out.WriteString(preface)
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(struct {
		Schema   string `yaml:"schema"`
		Findings []key  `yaml:"findings"`
	}{baselineSchema, keys}); err != nil {
		return 0, 0, err
	}
	_, err = w.Write(out.Bytes())
	return len(keys), left, err
}
