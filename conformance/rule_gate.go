package conformance

// Rules about what was agreed on beforehand: least coverage, known findings,
// and suppressions.
const (
	ruleCoverage = "coverage.below"
	// RuleStale and the others are what holding a report against its baseline and
	// its suppressions can add to it.
	RuleStale   = "baseline.stale"
	RuleExpired = "suppression.expired"
	RuleUnused  = "suppression.unused"
)

var gateRules = []Rule{
	{ruleCoverage, Error, "less was seen than is wanted",
		"A least coverage was asked for (--min-coverage), and the recordings show less. The hint names what they do not show. " +
			"Record more, or ask for less."},
	{RuleStale, Error, "a known finding does not occur any more",
		"The baseline lists a finding that the recordings do not have. Either it was put right, and the line can go, " +
			"or what showed it is not recorded any more. Write the baseline anew with --update-baseline."},
	{RuleExpired, Error, "a suppression is past its day",
		"A suppression ends with the day it names, and then suppresses nothing. Put the cause right, or decide anew and date it anew."},
	{RuleUnused, Error, "a suppression suppresses nothing",
		"No finding has its rule, operation and pointer. Either the cause is gone, and the suppression can go, or one of the three is misspelt."},
}
