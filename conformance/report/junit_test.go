package report_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/report"
)

type junitNote struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Failure *junitNote `xml:"failure"`
	Error   *junitNote `xml:"error"`
	Skipped *junitNote `xml:"skipped"`
	Out     string     `xml:"system-out"`
}

type junitCount struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuites struct {
	junitCount
	Suites []struct {
		junitCount
		Name  string      `xml:"name,attr"`
		Cases []junitCase `xml:"testcase"`
	} `xml:"testsuite"`
}

// junit reads a report strictly, holds its counts against its cases, and
// returns these by their suite and name.
func junit(t *testing.T, d report.Data) (junitSuites, map[string]junitCase) {
	t.Helper()
	var got junitSuites
	text := written(t, report.JUnit, d)
	require.True(t, strings.HasPrefix(text, xml.Header))
	require.NoError(t, xml.Unmarshal([]byte(text), &got))
	cases, total := map[string]junitCase{}, junitCount{}
	for _, suite := range got.Suites {
		count := junitCount{Tests: len(suite.Cases)}
		for _, c := range suite.Cases {
			cases[suite.Name+" | "+c.Class+" | "+c.Name] = c
			switch {
			case c.Failure != nil:
				count.Failures++
			case c.Error != nil:
				count.Errors++
			case c.Skipped != nil:
				count.Skipped++
			}
		}
		assert.Equal(t, count, suite.junitCount, suite.Name)
		total = junitCount{total.Tests + count.Tests, total.Failures + count.Failures, total.Errors + count.Errors, total.Skipped + count.Skipped}
	}
	assert.Equal(t, total, got.junitCount)
	return got, cases
}

func TestJUnit(t *testing.T) {
	d := everything(t)
	got, cases := junit(t, d)
	const capture = "check out.har | swedbankpay/creditcard createCapture | "
	amount := cases[capture+"response.body.schema at check out.har:1 response /capture/transaction/amount"]
	require.NotNil(t, amount.Failure)
	assert.Equal(t, "want integer, got string", amount.Failure.Message)
	assert.Contains(t, amount.Failure.Text, "swedbankpay/psp.yaml:")
	mood := cases[capture+"response.body.member.undocumented at check out.har:3 response /capture/transaction/mood"]
	assert.Nil(t, mood.Failure, "a note is less than a warning")
	assert.Contains(t, mood.Out, "the member is not documented")
	auth := cases[capture+"request.auth.missing at check out.har:7 request header/Authorization"]
	require.NotNil(t, auth.Skipped)
	assert.Contains(t, auth.Skipped.Message, "asked <the> vendor")
	missing := cases["recordings | recordings | missing.har"]
	require.NotNil(t, missing.Error)
	require.NotNil(t, cases["agreed.yaml | suppression.expired | suppression.expired at agreed.yaml:4"].Failure)
	require.NotNil(t, cases["traffic | coverage.below | coverage.below at traffic rels"].Failure)
	assert.NotContains(t, cases, "operations | swedbankpay/creditcard createCapture | keeps to the contract")
	assert.Equal(t, 1, got.Errors)
	assert.Equal(t, 1, got.Skipped)

	borders := borders(t)
	for name, d := range borders {
		got, cases := junit(t, d)
		if d.Report.ExitCode(conformance.Error) == 0 {
			assert.Zero(t, got.Failures+got.Errors, name)
			assert.Contains(t, cases, "operations | swedbankpay/creditcard createCapture | keeps to the contract")
		} else {
			assert.Positive(t, got.Errors, name)
		}
	}
}

// XML has no way to write most control characters, not even escaped.
func TestJUnitBearsAnyText(t *testing.T) {
	f := conformance.Finding{Rule: "response.body.schema", Severity: conformance.Error, File: "a\x00b\xff.har", Message: "]]> <b> & \x0b \ufffe", Pointer: "/\"'"}
	got, _ := junit(t, report.Data{Report: conformance.Report{Findings: []conformance.Finding{f}}})
	assert.Equal(t, 1, got.Failures)
}
