package report_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/baseline"
	"github.com/kassa-dev/kassa/conformance/report"
)

// planted are secrets as they look, each wherever an exchange has a place for
// text. What is a secret by the name of its place alone is planted there.
var planted = []string{
	"4925000000000004", "4925 0000 0000 0004", "eva.svensson@exempel.se", "+46701234567",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
	"Bearer s3cr3tPlanted77s3cr3tPlanted77",
}

const byName = "s3cr3tPlanted77"

// infested is an exchange with a secret in each place, and something wrong in
// each place, so that findings speak of it.
func infested(secret string) []conformance.Exchange {
	quoted := strings.ReplaceAll(secret, `"`, "")
	member := fmt.Sprintf(`%q: %q`, quoted, quoted)
	return []conformance.Exchange{
		exchange(asked("POST", payments+"/"+secret+"/nonsense?token="+byName+"&"+secret+"="+secret)),
		exchange(asked("POST", payments+"/1/captures?$expand="+secret+"&access_token="+byName+"&"+secret+"=1")),
		exchange(asked(secret, payments)),
		exchange(asked("POST", "https://"+byName+":"+byName+"@api.payex.com/psp/creditcard/payments/1/captures")),
		exchange(func(x *conformance.Exchange) {
			x.Request.Header = http.Header{"Authorization": {"Basic " + byName, secret}, "Cookie": {byName}, "Content-Type": {"text/" + secret}, secret: {secret}}
			x.Response.Header = http.Header{"Set-Cookie": {byName}, "Content-Type": {secret}, "Location": {secret}}
		}),
		exchange(func(x *conformance.Exchange) {
			x.Request.Body = []byte(`{"transaction": {"amount": "` + quoted + `", ` + member + `, "token": "` + byName + `"}}`)
			x.Response.Body = []byte(`{"capture": {"transaction": {"state": "` + quoted + `", "type": ["` + quoted + `"], "amount": {` + member + `}}, ` + member + `, "accessToken": "` + byName + `"}, ` + member + `}`)
		}),
		exchange(func(x *conformance.Exchange) {
			x.Request.Body = []byte(secret)
			x.Response.Body = []byte(`{"` + quoted)
		}),
		exchange(func(x *conformance.Exchange) {
			x.Response = conformance.Response{}
			x.Error = "dial " + secret + " ?token=" + byName
		}),
	}
}

// unsaid wants neither the secret, nor a long part of it, nor what is secret by
// the name of its place.
func unsaid(t *testing.T, text, secret, where string) {
	t.Helper()
	for _, part := range append(strings.Fields(secret), secret, byName) {
		if at := strings.Index(text, part); at >= 0 && len(part) > 12 {
			assert.Fail(t, "a secret is told", "%s: %s", where, text[max(0, at-200):at+len(part)])
		}
	}
}

// No format lets a secret out, wherever it stands in an exchange, in the name of
// the recording, or in what comes beside the findings.
func TestNoSecrets(t *testing.T) {
	checker, err := conformance.New()
	require.NoError(t, err)
	for i, secret := range planted {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			session := checker.Session()
			for n, x := range infested(secret) {
				x.File, x.Entry = "of "+secret+".har", n
				session.Check(x)
			}
			r := session.Report()
			require.Greater(t, len(r.Findings), 15, "each place has something wrong")
			r.Problems = []string{"of " + secret + ".har: there is no such file ?token=" + byName}
			r.Add(conformance.Finding{
				Rule: "response.body.schema", Severity: conformance.Error, Operation: secret, File: secret, Side: "response", Pointer: "/" + secret,
				Message: secret, Hint: secret + " &token=" + byName, Spec: "a.yaml:1",
			})
			r.Excuse(func(f conformance.Finding) string {
				if f.Rule == "request.query.undocumented" {
					return "asked " + secret
				}
				return ""
			})
			agreed, err := baseline.ReadSuppressions(secret, strings.NewReader("schema: kassa.suppressions/1\nsuppressions:\n- {rule: response.body.format, operation: '*', pointer: '*', expires: 2000-01-01, reason: '"+secret+"', owner: '"+secret+"'}"))
			require.NoError(t, err)
			agreed.Apply(&r, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			d := report.Data{Report: r, Bars: true, Drift: []report.Drift{{
				Kind: secret, Operation: secret, Status: secret, Pointer: "/" + secret, Types: []string{secret}, Sample: secret, Count: 1, First: secret, Last: "of " + secret, Spec: secret,
			}}}
			for _, format := range report.Formats() {
				text := written(t, format, d)
				// What escapes hide is no better hidden.
				for _, plain := range []string{text, strings.NewReplacer("&#43;", "+", "\\u002b", "+", "<wbr>", "", "&#34;", `"`, "%20", " ", "&#x20;", " ", "%40", "@", "%2B", "+").Replace(text)} {
					unsaid(t, plain, secret, string(format))
				}
			}
			var known strings.Builder
			_, _, err = baseline.Write(&known, r, conformance.Note)
			require.NoError(t, err)
			unsaid(t, known.String(), secret, "baseline")
		})
	}
}
