package contract

import (
	"cmp"
	"fmt"
	"regexp"
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
	Pointer  string // RFC 6901 into the body, or "header/…", "query/…", "path/…"
	Message  string // one line
	Hint     string // what to do; may be empty
	Spec     Place  // what was broken
}

// maxViolations bounds what is said about one message.
const maxViolations = 100

// tidy sorts violations, drops repetitions, and bounds their number. The last
// one then says how many are missing.
func tidy(list []Violation) []Violation {
	slices.SortStableFunc(list, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	list = slices.Compact(list)
	if len(list) <= maxViolations {
		return list
	}
	// The worst are kept.
	kept := slices.Clone(list)
	slices.SortStableFunc(kept, func(a, b Violation) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	last := kept[maxViolations-1]
	last.Message = fmt.Sprintf("%d more violations of this message are not listed", len(list)-maxViolations+1)
	last.Hint = ""
	return append(kept[:maxViolations-1:maxViolations-1], last)
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Note}, s)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.:/+-]{1,32}$`)

// quote shows a string of a message if it is a plain word that cannot be a
// secret or a person: short, and with few digits. Anything else is described.
func quote(s string) string {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if plainWord.MatchString(s) && digits <= 4 && !strings.HasPrefix(s, "ey") && len(s) <= 24 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("a string of %d bytes", len(s))
}
