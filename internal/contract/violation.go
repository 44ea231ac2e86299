package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says how bad a violation is.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"   // the contract is broken
	Warning Severity = "warning" // doubtful, or could not be seen
	Note    Severity = "note"    // the document and the world differ
)

// Side is the direction of a message.
type Side string

// The two directions.
const (
	Request  Side = "request"
	Response Side = "response"
)

// Violation is one broken rule in one message. It never carries a value of a
// body beyond a short word of a vocabulary or a number.
type Violation struct {
	Rule     string
	Severity Severity
	Side     Side
	Pointer  string // RFC 6901 into the body, long names cut; or "header/…", "query/…", "path/…"
	Message  string // one line
	Hint     string // what to do; may be empty
	Spec     Place  // what was broken
}

// How the messages begin that tell of text which does not match a pattern, or
// is not of a format. What is wanted follows, and nothing else.
const (
	WantsPattern = "want text that matches "
	WantsFormat  = "want text of the format "
)

// maxViolations bounds what is said about one message.
const maxViolations = 100

// tidy sorts violations, drops repetitions, and bounds their number. The last
// one then says how many are missing.
func tidy(list []Violation) []Violation {
	slices.SortStableFunc(list, byPlace)
	list = slices.CompactFunc(list, func(a, b Violation) bool {
		return a.Pointer == b.Pointer && a.Rule == b.Rule && a.Message == b.Message
	})
	if len(list) <= maxViolations {
		return list
	}
	// The worst are kept.
	slices.SortStableFunc(list, func(a, b Violation) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	last := list[maxViolations-1]
	last.Message = fmt.Sprintf("at least %d more violations of this message are not listed", len(list)-maxViolations+1)
	last.Hint = ""
	kept := list[: maxViolations-1 : maxViolations-1]
	slices.SortStableFunc(kept, byPlace)
	return append(kept, last)
}

func byPlace(a, b Violation) int {
	return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Note}, s)
}

// quote shows a string of a message if it looks like a word of a vocabulary.
// Anything else may be a person, a card or a key, so only its length is told.
func quote(s string) string {
	if isWord(s) {
		return `"` + s + `"`
	}
	return fmt.Sprintf("a string of %d bytes", len(s))
}

// isWord tells whether a text has the form of a name in a vocabulary: at most
// 32 letters, digits and joining signs, no more than two digits, and capitals
// as rare as names have them. What begins as a token does is none.
func isWord(s string) bool {
	if s == "" || len(s) > 32 || strings.HasPrefix(s, "ey") || strings.Contains(s, "//") || strings.HasPrefix(s, "+") {
		return false
	}
	digits, capitals, small := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'A' && c <= 'Z':
			capitals++
		case c >= 'a' && c <= 'z':
			small++
		case strings.IndexByte("_.:/+-", c) < 0:
			return false
		}
	}
	mixed := small > 0 && capitals > 2 && capitals*2 > small
	return digits <= 2 && capitals+small > 0 && !mixed
}
