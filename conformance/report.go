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
	Skipped   int `json:"-"` // judged by their response alone: the server had refused the request
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
	Blind    bool      // something given to judge could not be judged
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
	}
	r.Blind = r.Blind || other.Blind
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

// ExitCode is 1 if there is a finding as bad as failOn or worse; otherwise 3 if
// something could not be judged, or nothing was; otherwise 0.
func (r Report) ExitCode(failOn Severity) int {
	for _, f := range r.Findings {
		if f.Severity.AtLeast(failOn) {
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
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Schema   string    `json:"schema"`
		Summary  Summary   `json:"summary"`
		Findings []Finding `json:"findings"`
	}{"kassa.report/1", r.Summary, findings})
	return out.Bytes(), err
}

// WriteJSON writes the report as indented JSON.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteText writes the findings as a compiler would, then two lines of counts.
func (r Report) WriteText(w io.Writer) error {
	var out bytes.Buffer
	for _, f := range r.Findings {
		fmt.Fprintln(&out, f)
	}
	s := r.Summary
	fmt.Fprintf(&out, "%s: %d judged, %d unjudged", plural(s.Exchanges, "exchange"), s.Judged, s.Unjudged)
	if s.Skipped > 0 {
		fmt.Fprintf(&out, ", %s refused by the server and so not judged", plural(s.Skipped, "request"))
	}
	fmt.Fprintf(&out, "; %s, %s, %s\n", plural(s.Errors, "error"), plural(s.Warnings, "warning"), plural(s.Notes, "note"))
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
