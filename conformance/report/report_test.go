package report_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/baseline"
	"github.com/kassa-dev/kassa/conformance/report"
)

const (
	host     = "https://api.payex.com"
	payments = host + "/psp/creditcard/payments"
	captured = `{"payment": "/psp/creditcard/payments/1", "capture": {"id": "/c", "transaction": {"id": "/t",
		"created": "2016-09-14T01:01:01.01Z", "updated": "2016-09-14T01:01:01.03Z", "type": "Capture", "state": "Completed",
		"number": 1, "amount": 1500, "vatAmount": 0, "description": "d", "payeeReference": "r", "isOperational": false}}}`
)

// exchange is a faultless capture; change makes it otherwise.
func exchange(change ...func(*conformance.Exchange)) conformance.Exchange {
	x := conformance.Exchange{
		Started: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
		Request: conformance.Request{
			Method: "POST", URL: payments + "/1/captures",
			Header: http.Header{"Authorization": {"Bearer x"}, "Content-Type": {"application/json"}},
			Body:   []byte(`{"transaction": {"amount": 1500, "vatAmount": 0, "description": "d", "payeeReference": "r"}}`),
		},
		Response: conformance.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(captured)},
	}
	for _, c := range change {
		c(&x)
	}
	return x
}

func asked(method, url string) func(*conformance.Exchange) {
	return func(x *conformance.Exchange) { x.Request.Method, x.Request.URL = method, url }
}

func answered(old, other string) func(*conformance.Exchange) {
	return func(x *conformance.Exchange) {
		x.Response.Body = []byte(strings.ReplaceAll(string(x.Response.Body), old, other))
	}
}

// recorded leaves a recording in the current folder, as a program that does not
// redact would write it.
func recorded(t *testing.T, name string, exchanges ...conformance.Exchange) {
	t.Helper()
	checker, err := conformance.New()
	require.NoError(t, err)
	file, err := os.Create(name)
	require.NoError(t, err)
	recorder := conformance.NewRecorder(checker, file)
	for _, x := range exchanges {
		recorder.Record(x)
	}
	require.NoError(t, errors.Join(recorder.Close(), file.Close()))
}

func checked(t *testing.T, args ...string) conformance.Report {
	t.Helper()
	checker, err := conformance.New()
	require.NoError(t, err)
	r, _ := conformance.CheckFiles(context.Background(), checker, args, strings.NewReader(""))
	return r
}

// everything is a report that has something in each of its parts.
func everything(t *testing.T) report.Data {
	t.Helper()
	t.Chdir(t.TempDir())
	recorded(t, "check out.har",
		exchange(), exchange(answered("1500", `"1500"`)), exchange(answered("1500", `"1500"`)),
		exchange(answered(`"state"`, `"mood": 1, "state"`)), exchange(asked("GET", host+"/psp/gold|`x`/1")),
		exchange(asked("GET", "https://other.example/")), exchange(asked("POST", payments+"/1/captures/")),
		exchange(func(x *conformance.Exchange) { x.Request.Header.Del("Authorization") }))
	d := report.Data{Report: checked(t, "check out.har", "missing.har"), FailOn: conformance.Warning, Bars: true}
	agreed, err := baseline.ReadSuppressions("agreed.yaml", strings.NewReader(`schema: kassa.suppressions/1
suppressions:
- {rule: request.auth.missing, operation: swedbankpay/creditcard createCapture, pointer: '*', reason: 'asked <the> vendor', owner: payments, expires: 2027-01-31}
- {rule: response.body.integer, operation: '*', pointer: '*', reason: old, owner: payments, expires: 2026-01-31}
`))
	require.NoError(t, err)
	agreed.Apply(&d.Report, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	d.Report.Require(conformance.Gate{Kind: "rels", Percent: 50})
	d.Drift = []report.Drift{{
		Kind: "member", Operation: "swedbankpay/creditcard createCapture", Status: "200", Pointer: "/capture/transaction/mood",
		Types: []string{"integer"}, Sample: "0", Count: 1, First: "check out.har:3", Last: "check out.har:3", Spec: "swedbankpay/psp.yaml:546",
	}}
	return d
}

func written(t *testing.T, format report.Format, d report.Data) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, format, d))
	return out.String()
}

// A clean report, one of which nothing was judged, one with an empty list of
// drift, and one of a program: what every format has to bear.
func borders(t *testing.T) map[string]report.Data {
	t.Helper()
	t.Chdir(t.TempDir())
	recorded(t, "clean.har", exchange())
	recorded(t, "foreign.har", exchange(asked("GET", "https://other.example/")))
	excused := checked(t, "clean.har")
	excused.Add(conformance.Finding{Rule: "response.body.schema", Severity: conformance.Error, Entry: -1, Message: "m"})
	excused.Excuse(func(conformance.Finding) string { return "known" })
	return map[string]report.Data{
		"clean": {Report: checked(t, "clean.har")}, "nothing judged": {Report: checked(t, "foreign.har"), Bars: true},
		"looked for drift": {Report: checked(t, "clean.har"), Drift: []report.Drift{}}, "excused": {Report: excused}, "zero": {},
		"no such file": {Report: checked(t, "none.har")},
	}
}

func TestWriteTheSameTwice(t *testing.T) {
	first, second := everything(t), everything(t)
	for _, format := range report.Formats() {
		one, two := written(t, format, first), written(t, format, second)
		assert.Equal(t, one, two, format)
		assert.Equal(t, one, written(t, format, first), format)
		assert.True(t, strings.HasSuffix(one, "\n"), format)
		assert.NotContains(t, one, filepath.Dir(os.TempDir()+"/x"), "%s: the report names a folder of this machine", format)
	}
}

func TestWriteChangesNothing(t *testing.T) {
	d := everything(t)
	d.Report.Problems = append(d.Report.Problems, "a@b.se")
	d.Drift[0].Types[0] = "a@b.se"
	for _, format := range report.Formats() {
		assert.NotContains(t, written(t, format, d), "a@b.se", format)
	}
	assert.Equal(t, "a@b.se", d.Report.Problems[len(d.Report.Problems)-1])
	assert.Equal(t, "a@b.se", d.Drift[0].Types[0])
}

func TestParseFormat(t *testing.T) {
	for _, format := range report.Formats() {
		got, err := report.ParseFormat(string(format))
		assert.NoError(t, err)
		assert.Equal(t, format, got)
	}
	_, err := report.ParseFormat("pdf")
	assert.EqualError(t, err, `the format "pdf" is unknown; use text, json, junit, sarif, markdown or html`)
	assert.Error(t, report.Write(&bytes.Buffer{}, "pdf", report.Data{}))
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWriteFails(t *testing.T) {
	for _, format := range report.Formats() {
		assert.ErrorContains(t, report.Write(broken{}, format, report.Data{}), "the disk is full", format)
	}
}

func TestText(t *testing.T) {
	text := written(t, report.Text, everything(t))
	assert.Contains(t, text, "check out.har:1: response /capture/transaction/amount: want integer, got string (2 times)\n    response.body.schema  swedbankpay/psp.yaml:")
	assert.NotContains(t, text, "request.auth.missing", "it is excused")
	assert.Contains(t, text, "; 1 of them excused\n")
	assert.Contains(t, text, "traffic: the coverage of rels is 0 % (0 of ")
	assert.Contains(t, text, "agreed.yaml:4: the suppression of response.body.integer by payments expired after 2026-01-31: old\n")
	assert.Regexp(t, `\ncoverage of all documents\n  operations        ▏░{19}   0\.5 %  1 of 172\n`, text)
	assert.Regexp(t, `\ncoverage of swedbankpay/creditcard\n  operations        ▏░{19}   2\.7 %  1 of 36\n`, text)
	assert.NotContains(t, text, "coverage of swedbankpay/swish")
	assert.Regexp(t, `\n[0-9]+ other documents showed nothing\n$`, text)
	full := borders(t)["clean"]
	assert.NotContains(t, written(t, report.Text, full), "coverage of", "only where it is asked for")
}
