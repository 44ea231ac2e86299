package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Summary counts. Exchanges is Judged and Unjudged together; Errors, Warnings
// and Notes count every occurrence, so a finding with Count 3 counts thrice.
type Summary struct {
	Exchanges int `json:"exchanges"`
	Judged    int `json:"judged"`
	Unjudged  int `json:"unjudged"`
	Errors    int `json:"errors"`
	Warnings  int `json:"warnings"`
	Notes     int `json:"notes"`
	Skipped   int `json:"skipped"` // judged by their response alone: the server had refused the request
	Excused   int `json:"excused"` // of errors, warnings and notes together
}

func (s *Summary) count(severity Severity) {
	switch severity {
	case Error:
		s.Errors++
	case Warning:
		s.Warnings++
	default:
		s.Notes++
	}
}

// Report is what is known about one or several recordings. It holds no time
// and no chance: the same recordings give the same report, byte for byte.
type Report struct {
	Summary  Summary
	Findings []Finding // sorted by file, entry, side, pointer, rule, message
	Seen     []string  // documented operations that occurred
	Unseen   []string  // documented operations that did not
	Coverage Coverage  // how much of the documents occurred
	Blind    bool      // something given to judge could not be judged
	Problems []string  // what that was and what to do about it, a line each
}

// merge adds the report on another recording.
func (r *Report) merge(other Report) {
	r.Summary = Summary{
		Exchanges: r.Summary.Exchanges + other.Summary.Exchanges,
		Judged:    r.Summary.Judged + other.Summary.Judged,
		Unjudged:  r.Summary.Unjudged + other.Summary.Unjudged,
		Errors:    r.Summary.Errors + other.Summary.Errors,
		Warnings:  r.Summary.Warnings + other.Summary.Warnings,
		Notes:     r.Summary.Notes + other.Summary.Notes,
		Skipped:   r.Summary.Skipped + other.Summary.Skipped,
		Excused:   r.Summary.Excused + other.Summary.Excused,
	}
	r.Blind = r.Blind || other.Blind
	r.Problems = append(r.Problems, other.Problems...)
	r.Coverage.merge(other.Coverage)
	r.Findings = append(r.Findings, other.Findings...)
	slices.SortStableFunc(r.Findings, compare)
	for _, name := range other.Seen {
		if !slices.Contains(r.Seen, name) {
			r.Seen = append(r.Seen, name)
		}
	}
	r.Unseen = slices.DeleteFunc(append(r.Unseen, other.Unseen...), func(name string) bool {
		return slices.Contains(r.Seen, name)
	})
	slices.Sort(r.Seen)
	slices.Sort(r.Unseen)
	r.Unseen = slices.Compact(r.Unseen)
}

// Add adds a finding that is about the recordings as a whole.
func (r *Report) Add(f Finding) {
	f = f.safe()
	f.Count = max(f.Count, 1)
	r.Summary.count(f.Severity)
	r.Findings = append(r.Findings, f)
	slices.SortStableFunc(r.Findings, compare)
}

// Excuse gives findings a reason not to fail a check: why returns it, or "" for
// those that have none.
func (r *Report) Excuse(why func(Finding) string) {
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		f := &r.Findings[i]
		if reason := why(*f); reason != "" && f.Excused == "" {
			f.Excused = reason
			*f = f.safe()
			r.Summary.Excused += f.Count
		}
	}
}

// ExitCode is 1 if there is a finding as bad as failOn or worse that nothing
// excuses; otherwise 3 if something could not be judged, or nothing was;
// otherwise 0.
func (r Report) ExitCode(failOn Severity) int {
	for _, f := range r.Findings {
		if f.Excused == "" && f.Severity.AtLeast(failOn) {
			return 1
		}
	}
	if r.Blind || r.Summary.Judged == 0 {
		return 3
	}
	return 0
}

// MarshalJSON writes the form kassa.report/1, which scripts may rely on.
func (r Report) MarshalJSON() ([]byte, error) {
	findings := r.Findings
	if findings == nil {
		findings = []Finding{}
	}
	problems := r.Problems
	if problems == nil {
		problems = []string{}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Schema   string    `json:"schema"`
		Summary  Summary   `json:"summary"`
		Problems []string  `json:"problems"`
		Findings []Finding `json:"findings"`
		Coverage Coverage  `json:"coverage"`
	}{"kassa.report/1", r.Summary, problems, findings, r.Coverage})
	return out.Bytes(), err
}

// WriteJSON writes the report as indented JSON.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteText writes the findings as a compiler would, without those that are
// excused, then two lines of counts.
func (r Report) WriteText(w io.Writer) error {
	var out bytes.Buffer
	for _, f := range r.Findings {
		if f.Excused == "" {
			fmt.Fprintln(&out, f)
		}
	}
	s := r.Summary
	fmt.Fprintf(&out, "%s: %d judged, %d unjudged", plural(s.Exchanges, "exchange"), s.Judged, s.Unjudged)
	if s.Skipped > 0 {
		fmt.Fprintf(&out, ", %s refused by the server and so not judged", plural(s.Skipped, "request"))
	}
	fmt.Fprintf(&out, "; %s, %s, %s", plural(s.Errors, "error"), plural(s.Warnings, "warning"), plural(s.Notes, "note"))
	if s.Excused > 0 {
		fmt.Fprintf(&out, "; %d of them excused", s.Excused)
	}
	out.WriteByte('\n')
	fmt.Fprintf(&out, "%d of %s seen\n", len(r.Seen), plural(len(r.Seen)+len(r.Unseen), "documented operation"))
	_, err := w.Write(out.Bytes())
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
