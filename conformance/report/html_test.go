package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/report"
)

// The page stands by itself: it has one style and one script, which its policy
// names, and nothing to load. .ci/browser-tests/report.test.js opens it.
func TestHTMLStandsAlone(t *testing.T) {
	page := written(t, report.HTML, everything(t))
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(page)
	require.Len(t, policy, 2)
	allowed := html.UnescapeString(policy[1])
	assert.True(t, strings.HasPrefix(allowed, "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "), allowed)
	for _, tag := range []string{"style", "script"} {
		parts := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		require.Len(t, parts, 1, tag)
		sum := sha256.Sum256([]byte(parts[0][1]))
		assert.Contains(t, allowed, tag+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	assert.NotRegexp(t, `(src|href|action|srcset|poster|data)="(?:[a-z]*:)?//`, page)
	assert.NotRegexp(t, `<(link [^>]*stylesheet|iframe|object|embed|base|form|img)`, page)
	assert.NotRegexp(t, ` (style|on[a-z]+)="`, page, "the policy would refuse it")
	assert.NotContains(t, page, "@import")
	assert.NotContains(t, page, "url(")
}

func TestHTML(t *testing.T) {
	page := written(t, report.HTML, everything(t))
	for _, want := range []string{
		"<title>4 findings fail the check · Kassa report</title>", `<section class="card verdict findings"`,
		"<li data-row>missing.har: there is no such file; check the path</li>",
		`<details class="rule error" data-group open>`, `<details class="rule note" data-group>`,
		`<tr data-row data-is="excused" class="excused">`, "suppressed until 2027-01-31 by payments: asked &lt;the&gt; vendor",
		`<span class="in">response <code>/<wbr>capture/<wbr>transaction/<wbr>amount</code></span>`,
		`<section class="card" id="drift"`, "/<wbr>capture/<wbr>transaction/<wbr>mood",
		"<code>create-capture</code>", "<b>Link relations</b>",
	} {
		assert.Contains(t, page, want)
	}
	all := borders(t)
	for name, wants := range map[string][]string{
		"clean":            {`<section class="card verdict clean"`, ">Clean</h1>", "Nothing was found."},
		"nothing judged":   {`<section class="card verdict unjudged"`, ">Nothing was judged</h1>", "so nothing could be found"},
		"looked for drift": {"None was seen."},
		"zero":             {"No documents are known."},
		"excused":          {">Clean</h1>", `data-is="excused"`},
	} {
		for _, want := range wants {
			assert.Contains(t, written(t, report.HTML, all[name]), want, name)
		}
	}
	assert.NotContains(t, written(t, report.HTML, all["clean"]), `id="drift"`)
}

// What a stranger's message says is text wherever it stands.
func TestHTMLEscapes(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.}}`
	f := conformance.Finding{
		Rule: evil, Severity: conformance.Severity(evil), Operation: evil, File: evil, Side: evil, Pointer: evil, Message: evil, Hint: evil, Spec: evil, Excused: evil,
	}
	d := report.Data{
		Report: conformance.Report{Findings: []conformance.Finding{f}, Problems: []string{evil}},
		FailOn: conformance.Severity(evil),
		Drift:  []report.Drift{{Kind: evil, Operation: evil, Status: evil, Pointer: evil, Types: []string{evil}, Sample: evil, First: evil, Last: evil, Spec: evil}},
	}
	page := written(t, report.HTML, d)
	assert.Equal(t, 1, strings.Count(page, "<script"))
	assert.NotContains(t, page, "<img")
	assert.Greater(t, strings.Count(page, "{{.}}"), 10)
}

// A page with more than a browser likes says so and leaves the rest out.
func TestHTMLBounds(t *testing.T) {
	d := report.Data{}
	for i := range 1234 {
		d.Report.Findings = append(d.Report.Findings, conformance.Finding{Rule: "response.body.schema", Severity: conformance.Note, Entry: i, Count: 1, Message: "note"})
		d.Drift = append(d.Drift, report.Drift{Kind: "member", Pointer: fmt.Sprint("/", i), Count: 1})
	}
	d.Report.Findings = append(d.Report.Findings, conformance.Finding{Rule: "response.body.schema", Severity: conformance.Error, Entry: 9999, Count: 1, Message: "the one that fails"})
	page := written(t, report.HTML, d)
	assert.Contains(t, page, "735 more are not listed here")
	assert.Contains(t, page, "734 more are not listed here")
	assert.Contains(t, page, "the one that fails", "what fails comes first")
	assert.Equal(t, 1000, strings.Count(page, "<tr data-row"))
}
