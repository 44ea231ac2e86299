package conformance

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

// Finding is one broken rule in one place.
type Finding struct {
	Rule      string   `json:"rule"`
	Severity  Severity `json:"severity"`
	Operation string   `json:"operation"` // "swedbankpay/creditcard createCapture"; "" if none was found
	File      string   `json:"file"`
	Entry     int      `json:"entry"`   // the first one it was seen in, from 0; of other files the line; -1 for none
	Side      string   `json:"side"`    // "request", "response", or "" for the recording itself
	Pointer   string   `json:"pointer"` // RFC 6901 into the body, or "header/…", "query/…", "path/…"
	Message   string   `json:"message"`
	Hint      string   `json:"hint,omitempty"`
	Spec      string   `json:"spec"`              // "swedbankpay/psp.yaml:42"; "" if no line says it
	Column    int      `json:"column,omitempty"`  // in that line, from 1; 0: unknown
	Count     int      `json:"count"`             // how often it was seen in the file
	Excused   string   `json:"excused,omitempty"` // why it does not fail a check; "" if it may
}

// String prints the finding as a compiler would: the place and what is wrong,
// then the rule with its severity unless that is error, its line in the
// document and the operation, then a hint if there is one.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.Place() + ": ")
	if f.Side != "" {
		b.WriteString(f.Side)
		if f.Pointer != "" {
			b.WriteString(" " + f.Pointer)
		}
		b.WriteString(": ")
	}
	b.WriteString(f.Message)
	if f.Count > 1 {
		fmt.Fprintf(&b, " (%d times)", f.Count)
	}
	b.WriteString("\n    " + f.Rule)
	if f.Severity != Error {
		b.WriteString(" (" + string(f.Severity) + ")")
	}
	for _, part := range []string{f.Spec, f.Operation} {
		if part != "" {
			b.WriteString("  " + part)
		}
	}
	if f.Hint != "" {
		b.WriteString("\n    hint: " + f.Hint)
	}
	return b.String()
}

// Place is the file with the number of the entry, as in checkout.har:17.
func (f Finding) Place() string {
	file := cmp.Or(f.File, "traffic")
	if f.Entry < 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, f.Entry)
}

// kindred are findings that say the same: they differ in where in the file, and
// in which element of an array, only.
type kindred struct{ rule, operation, side, pointer, message string }

func (f Finding) kindred() kindred {
	return kindred{f.Rule, f.Operation, f.Side, f.Pattern(), f.Message}
}

// Pattern is the pointer with * for the places in arrays.
func (f Finding) Pattern() string {
	parts := strings.Split(f.Pointer, "/")
	for i, part := range parts {
		if i > 0 && allDigit.MatchString(part) {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// compare is the order of reports.
func compare(a, b Finding) int {
	return cmp.Or(
		strings.Compare(a.File, b.File), cmp.Compare(a.Entry, b.Entry), strings.Compare(a.Side, b.Side),
		strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message),
	)
}

// safe is the last line of defence: no text of a finding carries a secret.
func (f Finding) safe() Finding {
	for _, text := range []*string{&f.Message, &f.Pointer, &f.Hint, &f.Excused} {
		*text = oneLine(redactText(*text))
	}
	return f
}

// oneLine keeps what a recording says from writing lines, or worse, of its own.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}
