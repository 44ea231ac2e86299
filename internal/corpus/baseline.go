package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

// missing is the reason of a line that still waits for one. It excuses nothing.
const missing = "REASON MISSING"

// preface stands at the head of the baseline.
const preface = `# Errors about the corpus that are its authors', not ours: see the doc comment of this program.
#
# A line names the entry, the rule, the place in the message ("-" for all of it), and why the entry is wrong there.
# Entries of grade A have no lines. "go run ./internal/corpus -update" writes this file anew: reasons are kept, a new
# line waits for one, and a line whose error is gone goes too. Other comments are not kept.
`

// A failure is an error about an entry, told apart as far as the baseline does.
type failure struct {
	entry, rule, pointer string
}

func failureOf(v verdict, f conformance.Finding) failure {
	return failure{v.id, f.Rule, f.Pointer}
}

// excuse is a line of the baseline.
type excuse struct {
	failure
	reason string
	line   int
}

// A baseline holds the known failures, in the order of the file.
type baseline []excuse

// readBaseline reads a baseline. It refuses a line that is not whole and one that is there twice; the error names it.
func readBaseline(name string) (baseline, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the baseline cannot be read: %w", err)
	}
	var known baseline
	seen, n := map[failure]int{}, 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 4 {
			return nil, fmt.Errorf("%s:%d: a line is an entry, a rule, a pointer and a reason; remedy: complete it, or take it out", name, n)
		}
		one := excuse{failure{words[0], words[1], unescape(words[2])}, strings.Join(words[3:], " "), n}
		if first, twice := seen[one.failure]; twice {
			return nil, fmt.Errorf("%s:%d: says the same as line %d; remedy: take one out", name, n, first)
		}
		seen[one.failure] = n
		known = append(known, one)
	}
	return known, nil
}

// renew is the baseline for what was found: one line for each failure of an entry that may have one, with the reason
// it had.
func (b baseline) renew(verdicts []verdict) baseline {
	reasons := map[failure]string{}
	for _, one := range b {
		reasons[one.failure] = one.reason
	}
	var out baseline
	seen := map[failure]bool{}
	for _, v := range verdicts {
		for _, f := range v.errors() {
			one := failureOf(v, f)
			if v.grade == live || seen[one] {
				continue
			}
			seen[one] = true
			reason, ok := reasons[one]
			if !ok {
				reason = missing
			}
			out = append(out, excuse{failure: one, reason: reason})
		}
	}
	return out
}

// text is the baseline as a file: grouped by the operations of the corpus, which the verdicts name.
func (b baseline) text(verdicts []verdict) []byte {
	var out bytes.Buffer
	out.WriteString(preface)
	for _, group := range groups(verdicts) {
		head := false
		for _, v := range group.verdicts {
			for _, one := range b {
				if one.entry != v.id {
					continue
				}
				if !head {
					fmt.Fprintf(&out, "\n# %s\n", group)
					head = true
				}
				fmt.Fprintf(&out, "%s  %s  %s  %s\n", one.entry, one.rule, escape(one.pointer), one.reason)
			}
		}
	}
	return out.Bytes()
}

// excuse is the reason of a failure, "" if the baseline does not know it.
func (b baseline) excuse(one failure) string {
	for _, known := range b {
		if known.failure == one {
			return known.reason
		}
	}
	return ""
}

// excuses says whether the failure is known, with a reason.
func (b baseline) excuses(one failure) bool {
	reason := b.excuse(one)
	return reason != "" && reason != missing
}

// complain returns what is wrong with the baseline itself, a line each; a reason that is missing is said with the error.
func (b baseline) complain(verdicts []verdict) []string {
	entries := map[string]verdict{}
	current := map[failure]bool{}
	for _, v := range verdicts {
		entries[v.id] = v
		for _, f := range v.errors() {
			current[failureOf(v, f)] = true
		}
	}
	var out []string
	say := func(one excuse, text string) {
		out = append(out, fmt.Sprintf("baseline, line %d: %s %s %s: %s", one.line, one.entry, one.rule, escape(one.pointer), text))
	}
	for _, one := range b {
		v, there := entries[one.entry]
		switch {
		case !there:
			say(one, "the corpus has no such entry; remedy: take the line out")
		case v.grade == live:
			say(one, "the entry was recorded live and is right by definition; remedy: take the line out and mend the contract")
		case !current[one.failure]:
			say(one, "the error no longer occurs; remedy: take the line out, or find out what hides the error")
		}
	}
	return out
}

// escape writes a pointer as one word.
func escape(pointer string) string {
	if pointer == "" {
		return "-"
	}
	return strings.NewReplacer("%", "%25", " ", "%20", "\t", "%09").Replace(pointer)
}

func unescape(word string) string {
	if word == "-" {
		return ""
	}
	return strings.NewReplacer("%25", "%", "%20", " ", "%09", "\t").Replace(word)
}
