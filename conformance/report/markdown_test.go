package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/report"
)

func TestMarkdown(t *testing.T) {
	text := written(t, report.Markdown, everything(t))
	assert.True(t, strings.HasPrefix(text, "## ❌ Kassa: 4 findings fail the check\n\n4 rules are broken; 7 exchanges were judged.\n"), text)
	assert.Contains(t, text, "- `missing.har: there is no such file; check the path`\n")
	assert.Contains(t, text, "| error | `swedbankpay/creditcard createCapture`<br>`check out.har:1 response /capture/transaction/amount` | `want integer, got string` ×&#8239;2 | `response.body.schema` | `swedbankpay/psp.yaml:")
	assert.Contains(t, text, "<details><summary>2 findings not failing</summary>")
	assert.Contains(t, text, "1 finding excused, by the baseline or a suppression.")
	assert.Contains(t, text, "| rels | `░░░░░░░░░░░░░░░░░░░░` 0&#8239;% | 0 | ")
	assert.Contains(t, text, "<details><summary>1 thing the documents do not know</summary>")
	borders := borders(t)
	assert.True(t, strings.HasPrefix(written(t, report.Markdown, borders["clean"]), "## ✅ Kassa: Clean\n\n1 exchange was judged, and nothing as bad as an error was found.\n"))
	assert.True(t, strings.HasPrefix(written(t, report.Markdown, borders["excused"]), "## ✅ Kassa: Clean\n\n1 exchange was judged, and nothing as bad as an error was found that is not excused.\n"))
	assert.True(t, strings.HasPrefix(written(t, report.Markdown, borders["nothing judged"]), "## ⚠️ Kassa: Nothing was judged\n\nNone of 1 exchange could be held"))
}

// What a stranger's message says is never markup, mentions nobody, and ends no
// cell of a table.
func TestMarkdownQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"plain":          "`plain`",
		"@everyone":      "`@everyone`",
		"a|b":            "`a\\|b`",
		`a\|b`:           "`a\\∣b`",
		"`a` ``b``":      "``` `a` ``b`` ```",
		"<img src=x>":    "`<img src=x>`",
		"[a](https://b)": "`[a](https://b)`",
	} {
		f := conformance.Finding{Rule: "response.body.schema", Severity: conformance.Error, File: "a.har", Message: text, Count: 1}
		assert.Contains(t, written(t, report.Markdown, report.Data{Report: conformance.Report{Findings: []conformance.Finding{f}}}),
			"| error | `a.har:0` | "+want+" | `response.body.schema` |  |\n")
	}
	f := conformance.Finding{Rule: "response.body.schema", Severity: conformance.Error, File: "a.har", Message: strings.Repeat("å", 1000)}
	assert.Contains(t, written(t, report.Markdown, report.Data{Report: conformance.Report{Findings: []conformance.Finding{f}}}), strings.Repeat("å", 300)+"…`")
}

// However much there is to say, it fits a comment.
func TestMarkdownFits(t *testing.T) {
	r := conformance.Report{}
	d := report.Data{}
	for i := range 5000 {
		r.Findings = append(r.Findings, conformance.Finding{
			Rule: "response.body.schema", Severity: []conformance.Severity{conformance.Error, conformance.Note}[i%2], Count: 1, File: "a.har", Entry: i,
			Operation: strings.Repeat("o", 400), Pointer: strings.Repeat("/p", 400), Message: fmt.Sprint(i, strings.Repeat(" m", 400)),
		})
		r.Problems = append(r.Problems, fmt.Sprint(i))
		d.Drift = append(d.Drift, report.Drift{Kind: "member", Operation: strings.Repeat("o", 400), Pointer: strings.Repeat("/p", 400), Count: 1})
	}
	d.Report = r
	text := written(t, report.Markdown, d)
	assert.Less(t, len(text), 65_536)
	assert.Regexp(t, `\nand 24[0-9][0-9] more; the other formats list them all\n`, text)
	assert.Contains(t, text, "- and 4950 more\n")
}
