package conformance

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A judge that panics is a finding, and the exchange is not called judged,
// whichever part of the judging it was.
func TestPanicIsAFinding(t *testing.T) {
	x := Exchange{Request: Request{Method: "POST", URL: "https://merchant.example/callback"}, Response: Response{Status: 204, Header: http.Header{}}}
	broken := &Checker{} // without a contract every judging panics

	crashed := broken.judge(x)
	require.Len(t, crashed.findings, 1)

	inOrder := ownChecker(t).Session()
	inOrder.callbacks["https://merchant.example/callback"] = []callback{{}} // an operation that is not there
	for name, findings := range map[string][]Finding{
		"by itself":  ownChecker(t).Session().absorb(Exchange{}, crashed),
		"after told": inOrder.Check(x),
	} {
		require.Len(t, findings, 1, name)
		assert.Equal(t, ruleCrashed, findings[0].Rule, name)
		assert.Equal(t, Error, findings[0].Severity, name)
	}
	report := inOrder.Report()
	assert.Equal(t, 1, report.Summary.Unjudged)
	assert.Zero(t, report.Summary.Judged)
	assert.Equal(t, 1, report.ExitCode(Error))
}
