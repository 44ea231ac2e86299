package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/report"
)

type sarifResult struct {
	RuleID       string
	RuleIndex    int
	Level        string
	Message      struct{ Text string }
	Suppressions []struct{ Justification string }
	Locations    []sarifLocation
	Related      []sarifLocation   `json:"relatedLocations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Occurrences  int               `json:"occurrenceCount"`
}

type sarifLocation struct {
	Message          struct{ Text string }
	PhysicalLocation struct {
		ArtifactLocation struct{ URI, URIBaseID string }
		Region           struct{ StartLine, StartColumn int }
	}
	LogicalLocations []struct{ FullyQualifiedName string }
}

type sarifRun struct {
	Tool struct {
		Driver struct{ Rules []struct{ ID string } }
	}
	Invocations []struct {
		ExecutionSuccessful        bool
		ExitCode                   int
		ToolExecutionNotifications []struct{ Message struct{ Text string } }
	}
	Results []sarifResult
}

func sarif(t *testing.T, d report.Data) sarifRun {
	t.Helper()
	var log struct{ Runs []sarifRun }
	require.NoError(t, json.Unmarshal([]byte(written(t, report.SARIF, d)), &log))
	require.Len(t, log.Runs, 1)
	return log.Runs[0]
}

func (r sarifRun) of(t *testing.T, rule string) sarifResult {
	t.Helper()
	for _, result := range r.Results {
		if result.RuleID == rule {
			return result
		}
	}
	t.Fatalf("no result of %s", rule)
	return sarifResult{}
}

func TestSARIFSchema(t *testing.T) {
	s := schema(t, "testdata/sarif-2.1.0-rtm.5.json")
	all := borders(t)
	all["everything"] = everything(t)
	for name, d := range all {
		valid(t, s, written(t, report.SARIF, d), name)
	}
}

func TestSARIF(t *testing.T) {
	run := sarif(t, everything(t))
	for _, result := range run.Results {
		assert.Equal(t, result.RuleID, run.Tool.Driver.Rules[result.RuleIndex].ID)
	}
	amount := run.of(t, "response.body.schema")
	assert.Equal(t, "error", amount.Level)
	assert.Equal(t, "response /capture/transaction/amount: want integer, got string", amount.Message.Text)
	assert.Equal(t, 2, amount.Occurrences)
	assert.Empty(t, amount.Suppressions)
	require.Len(t, amount.Locations, 1)
	at := amount.Locations[0].PhysicalLocation
	assert.Equal(t, "swedbankpay/psp.yaml", at.ArtifactLocation.URI)
	assert.Equal(t, "DOCUMENTS", at.ArtifactLocation.URIBaseID)
	assert.Positive(t, at.Region.StartLine)
	assert.Positive(t, at.Region.StartColumn)
	assert.Equal(t, "swedbankpay/creditcard createCapture", amount.Locations[0].LogicalLocations[0].FullyQualifiedName)
	require.Len(t, amount.Related, 1)
	assert.Equal(t, "check%20out.har", amount.Related[0].PhysicalLocation.ArtifactLocation.URI)
	assert.Equal(t, "entry 1 of the recording", amount.Related[0].Message.Text)

	unknown := run.of(t, "request.path.unknown") // no line of a document says it
	assert.Equal(t, "check%20out.har", unknown.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	assert.Empty(t, unknown.Related)
	expired := run.of(t, "suppression.expired")
	assert.Equal(t, "agreed.yaml", expired.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	assert.Equal(t, 4, expired.Locations[0].PhysicalLocation.Region.StartLine)
	suppressed := run.of(t, "request.auth.missing").Suppressions
	require.Len(t, suppressed, 1)
	assert.Contains(t, suppressed[0].Justification, "asked <the> vendor")

	assert.False(t, run.Invocations[0].ExecutionSuccessful)
	assert.Equal(t, 1, run.Invocations[0].ExitCode)
	assert.Equal(t, "missing.har: there is no such file; check the path", run.Invocations[0].ToolExecutionNotifications[0].Message.Text)
	clean := sarif(t, borders(t)["clean"])
	assert.True(t, clean.Invocations[0].ExecutionSuccessful)
	assert.Empty(t, clean.Results)
}

// A result is the same when the recording is made again, and another where it
// says something else.
func TestSARIFFingerprint(t *testing.T) {
	mark := func(change func(*conformance.Finding)) string {
		f := conformance.Finding{Rule: "response.body.schema", Severity: conformance.Error, Operation: "a b", File: "a.har", Entry: 1, Side: "response", Pointer: "/a/1/b", Message: "m"}
		change(&f)
		r := sarif(t, report.Data{Report: conformance.Report{Findings: []conformance.Finding{f}}}).Results[0]
		require.Len(t, r.Fingerprints, 1)
		return strings.Join([]string{r.Fingerprints["kassaFinding/v1"]}, "")
	}
	same := mark(func(*conformance.Finding) {})
	for _, change := range []func(*conformance.Finding){
		func(f *conformance.Finding) { f.File, f.Entry, f.Count = "b.har", 7, 9 },
		func(f *conformance.Finding) { f.Pointer = "/a/2/b" },
		func(f *conformance.Finding) { f.Spec = "a.yaml:9" },
	} {
		assert.Equal(t, same, mark(change))
	}
	for _, change := range []func(*conformance.Finding){
		func(f *conformance.Finding) { f.Rule = "response.body.format" },
		func(f *conformance.Finding) { f.Operation = "a c" },
		func(f *conformance.Finding) { f.Side = "request" },
		func(f *conformance.Finding) { f.Pointer = "/a/1/c" },
		func(f *conformance.Finding) { f.Message = "n" },
	} {
		assert.NotEqual(t, same, mark(change))
	}
}
