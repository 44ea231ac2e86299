package conformance_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

func TestReportJSON(t *testing.T) {
	session := shop(t).Session()
	session.Check(order(answer(201, `{"amount":"<15>"}`)))
	session.Check(order(at("GET", "https://other.example/")))
	report := session.Report()
	report.Findings[0].Message, report.Findings[0].Spec = "want integer, got <string>", "shop.yaml:42"
	report.Problems = []string{"missing.har: there is no such file; check the path"}
	report.Excuse(func(conformance.Finding) string { return "known" })
	report.Coverage = conformance.Coverage{}
	var out bytes.Buffer
	require.NoError(t, report.WriteJSON(&out))
	assert.Equal(t, `{
  "schema": "kassa.report/1",
  "summary": {
    "exchanges": 2,
    "judged": 1,
    "unjudged": 1,
    "errors": 1,
    "warnings": 0,
    "notes": 0,
    "skipped": 0,
    "excused": 1
  },
  "problems": [
    "missing.har: there is no such file; check the path"
  ],
  "findings": [
    {
      "rule": "response.body.schema",
      "severity": "error",
      "operation": "shop createOrder",
      "file": "shop.har",
      "entry": 0,
      "side": "response",
      "pointer": "/amount",
      "message": "want integer, got <string>",
      "spec": "shop.yaml:42",
      "column": 9,
      "count": 1,
      "excused": "known"
    }
  ],
  "coverage": {
    "kinds": [],
    "documents": [],
    "operations": [],
    "unseen": []
  }
}
`, out.String())
}

func TestReportJSONWithoutFindings(t *testing.T) {
	text, err := json.Marshal(conformance.Report{})
	require.NoError(t, err)
	assert.Contains(t, string(text), `"findings":[]`)
}

func TestReportText(t *testing.T) {
	session := shop(t).Session()
	session.Check(order(at("POST", base+"/nonsense")))
	session.Check(order(ask(`{`), func(x *conformance.Exchange) {
		x.Response = conformance.Response{Status: 400, HeaderUnknown: true, BodyUnknown: true}
	}))
	session.Check(order(at("GET", "https://other.example/")))
	var out bytes.Buffer
	require.NoError(t, session.Report().WriteText(&out))
	text := out.String()
	assert.Contains(t, text, "shop.har:0: request: no documented operation has the path /v1/nonsense\n    request.path.unknown\n    hint: the host is that of shop.yaml\n")
	assert.Contains(t, text, "\n3 exchanges: 2 judged, 1 unjudged, 1 request refused by the server and so not judged; 1 error, 1 warning, 0 notes\n")
	assert.True(t, strings.HasSuffix(text, "\n1 of 5 documented operations seen\n"), text)
}

func TestExitCode(t *testing.T) {
	with := func(judged int, blind bool, severities ...conformance.Severity) conformance.Report {
		r := conformance.Report{Blind: blind}
		r.Summary.Judged = judged
		for _, s := range severities {
			r.Findings = append(r.Findings, conformance.Finding{Severity: s})
		}
		return r
	}
	tests := []struct {
		name   string
		report conformance.Report
		failOn conformance.Severity
		want   int
	}{
		{"clean", with(1, false), conformance.Error, 0},
		{"error", with(1, false, conformance.Error), conformance.Error, 1},
		{"warning below", with(1, false, conformance.Warning, conformance.Note), conformance.Error, 0},
		{"warning", with(1, false, conformance.Warning), conformance.Warning, 1},
		{"error above", with(1, false, conformance.Error), conformance.Note, 1},
		{"note", with(1, false, conformance.Note), conformance.Note, 1},
		{"note below", with(1, false, conformance.Note), conformance.Warning, 0},
		{"nothing judged", with(0, false), conformance.Error, 3},
		{"part not judged", with(1, true), conformance.Error, 3},
		{"excused", excused(with(1, false, conformance.Error)), conformance.Error, 0},
		{"excused, and part not judged", excused(with(1, true, conformance.Error)), conformance.Error, 3},
		{"1 wins over 3", with(0, true, conformance.Error), conformance.Error, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, tt.report.ExitCode(tt.failOn)) })
	}
}

func excused(r conformance.Report) conformance.Report {
	r.Excuse(func(conformance.Finding) string { return "known" })
	return r
}

// An excused finding is counted, and not printed. An excuse says nothing a
// report may not say.
func TestExcuse(t *testing.T) {
	session := shop(t).Session()
	session.Check(order(answer(201, `{"amount":"15"}`)))
	session.Check(order(answer(201, `{"amount":"15"}`)))
	before := session.Report()
	report := before
	report.Excuse(func(f conformance.Finding) string { return "asked eva@exempel.se" })
	report.Excuse(func(f conformance.Finding) string { return "twice" })
	assert.Empty(t, before.Findings[0].Excused, "the findings of another copy")
	assert.Equal(t, 2, report.Summary.Excused)
	assert.Equal(t, "asked redacted@example.invalid", report.Findings[0].Excused)
	var out bytes.Buffer
	require.NoError(t, report.WriteText(&out))
	assert.Equal(t, "2 exchanges: 2 judged, 0 unjudged; 2 errors, 0 warnings, 0 notes; 2 of them excused\n1 of 5 documented operations seen\n", out.String())
}

// The messages of the contract quote no values; if one did, it would not get out.
func TestReportHoldsNoSecrets(t *testing.T) {
	session := shop(t).Session()
	session.Check(order(at("POST", base+"/a@b.se/4111111111111111?token=s3cret")))
	session.Check(order(at("POST", base+"/orders?access_token=s3cret"),
		ask(`{"amount":"4111111111111111","eva@exempel.se":1,"+46701234567":"s3cret"}`)))
	session.Check(order(func(x *conformance.Exchange) {
		x.Response = conformance.Response{}
		x.Error = "Get https://a.example/?token=s3cret : \x1b[31m\nrefused"
	}))
	var out bytes.Buffer
	require.NoError(t, session.Report().WriteText(&out))
	require.NoError(t, session.Report().WriteJSON(&out))
	for _, secret := range []string{"s3cret", "4111111111111111", "a@b.se", "eva@exempel.se", "46701234567", "\x1b"} {
		assert.NotContains(t, out.String(), secret)
	}
}
