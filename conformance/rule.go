package conformance

import (
	"slices"
	"strings"
	"sync"

	"github.com/kassa-dev/kassa/internal/contract"
)

// Severity says how bad a finding is.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"   // the contract is broken
	Warning Severity = "warning" // something is missing, doubtful, or could not be seen
	Note    Severity = "note"    // worth knowing: the document and the world differ
)

// AtLeast says that s is as bad as limit, or worse. A severity that is none of
// the three is worse than all.
func (s Severity) AtLeast(limit Severity) bool { return s.rank() >= limit.rank() }

func (s Severity) rank() int {
	switch s {
	case Note:
		return 1
	case Warning:
		return 2
	default:
		return 3
	}
}

// Rule is one thing a finding can say, under a name that stays.
type Rule struct {
	ID       string
	Severity Severity
	Title    string
	Detail   string
}

// Rules about recordings; those about messages are the contract's.
const (
	ruleDamaged = "recording.entry.damaged"
	ruleSilent  = "recording.response.missing"
	ruleCrashed = "recording.judge.failed"
	ruleLimit   = "recording.findings.limit"
)

var recordingRules = []Rule{
	{ruleDamaged, Error, "an entry of the recording cannot be read",
		"The entry is not valid JSON, lacks its request, has no usable URL, or is too large. Nothing in it was judged. " +
			"The entries after it were. Record again, or take the entry out."},
	{ruleSilent, Warning, "the recording holds no response",
		"The request was judged; whether the server kept the contract cannot be said. The recorder writes status 0 " +
			"when the connection failed, was blocked, or was still open when the recording ended."},
	{ruleCrashed, Error, "the judge itself failed on an exchange",
		"A defect of Kassa, not of the traffic. The exchange counts as unjudged. Please report it with the exchange, redacted."},
	{ruleLimit, Warning, "more different findings than are listed",
		"A recording lists its first ten thousand different findings. The summary counts the others too, and this one is as bad as the worst of them."},
}

// Rules is every rule there is, sorted by ID.
func Rules() []Rule {
	rules := slices.Concat(recordingRules, gateRules)
	for _, r := range contract.Rules() {
		rules = append(rules, Rule{r.ID, Severity(r.Severity), r.Title, r.Detail})
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

var severities = sync.OnceValue(func() map[string]Severity {
	table := map[string]Severity{}
	for _, r := range Rules() {
		table[r.ID] = r.Severity
	}
	return table
})

func severityOf(rule string) Severity {
	if s, ok := severities()[rule]; ok {
		return s
	}
	return Error
}
