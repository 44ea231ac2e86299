package baseline_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/baseline"
)

// finding is one about the third line of an order; change makes it otherwise.
func finding(change ...func(*conformance.Finding)) conformance.Finding {
	f := conformance.Finding{
		Rule: "response.body.schema", Severity: conformance.Error, Operation: "shop readOrder", File: "shop.har", Entry: 4,
		Side: "response", Pointer: "/lines/2/amount", Message: "want integer, got string", Count: 2,
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func report(findings ...conformance.Finding) conformance.Report {
	r := conformance.Report{Findings: findings}
	r.Summary.Exchanges, r.Summary.Judged = 1, 1
	return r
}

// left are the rules of the findings that nothing excuses.
func left(r conformance.Report) []string {
	rules := []string{}
	for _, f := range r.Findings {
		if f.Excused == "" {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

func written(t *testing.T, r conformance.Report, failOn conformance.Severity) string {
	t.Helper()
	var out bytes.Buffer
	_, _, err := baseline.Write(&out, r, failOn)
	require.NoError(t, err)
	return out.String()
}

func read(t *testing.T, text string) *baseline.Baseline {
	t.Helper()
	b, err := baseline.Read("known.yaml", strings.NewReader(text))
	require.NoError(t, err)
	return b
}

func TestWrite(t *testing.T) {
	text := written(t, report(finding(), finding(func(f *conformance.Finding) { f.Pointer, f.Entry = "/lines/0/amount", 9 }),
		finding(func(f *conformance.Finding) {
			f.Rule, f.Severity = "response.body.member.undocumented", conformance.Note
		}),
		finding(func(f *conformance.Finding) { f.Operation = "shop createOrder" }),
		finding(func(f *conformance.Finding) { f.Excused = "suppressed" })), conformance.Error)
	_, list, _ := strings.Cut(text, "\nschema: ")
	assert.Equal(t, `kassa.baseline/1
findings:
  - rule: response.body.schema
    operation: shop createOrder
    side: response
    pointer: /lines/*/amount
    message: want integer, got string
  - rule: response.body.schema
    operation: shop readOrder
    side: response
    pointer: /lines/*/amount
    message: want integer, got string
`, list)
	for line := range strings.Lines(text[:strings.Index(text, "schema: ")]) {
		assert.True(t, strings.HasPrefix(line, "# "), line)
	}
}

func TestWriteCounts(t *testing.T) {
	damaged := finding(func(f *conformance.Finding) { f.Rule = "recording.entry.damaged" })
	known, other, err := baseline.Write(&bytes.Buffer{}, report(finding(), finding(), damaged), conformance.Note)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 1}, []int{known, other})
	known, other, err = baseline.Write(&bytes.Buffer{}, report(), conformance.Note)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 0}, []int{known, other})
	assert.Empty(t, left(applied(t, written(t, report(), conformance.Error), report())), "an empty baseline is one")
}

func applied(t *testing.T, text string, r conformance.Report) conformance.Report {
	t.Helper()
	read(t, text).Apply(&r)
	return r
}

func TestWriteRefuses(t *testing.T) {
	blind, none := report(finding()), report(finding())
	blind.Blind = true
	none.Summary.Judged = 0
	limit := report(finding(func(f *conformance.Finding) { f.Rule = "recording.findings.limit" }))
	for name, r := range map[string]conformance.Report{"not everything judged": blind, "nothing judged": none, "not everything listed": limit} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			_, _, err := baseline.Write(&out, r, conformance.Error)
			assert.ErrorContains(t, err, "left as it is")
			assert.Empty(t, out.String())
		})
	}
}

func TestApply(t *testing.T) {
	text := written(t, report(finding()), conformance.Error)
	tests := []struct {
		name     string
		findings []conformance.Finding
		want     []string
	}{
		{"the same", []conformance.Finding{finding()}, []string{}},
		{"the same elsewhere, more often", []conformance.Finding{finding(func(f *conformance.Finding) {
			f.File, f.Entry, f.Count, f.Pointer = "other.har", 99, 7, "/lines/7/amount"
		})}, []string{}},
		{"one more", []conformance.Finding{finding(), finding(func(f *conformance.Finding) { f.Operation = "shop createOrder" })}, []string{"response.body.schema"}},
		{"none", nil, []string{"baseline.stale"}},
		{"another rule", []conformance.Finding{finding(func(f *conformance.Finding) { f.Rule = "response.body.format" })}, []string{"baseline.stale", "response.body.format"}},
		{"another side", []conformance.Finding{finding(func(f *conformance.Finding) { f.Side = "request" })}, []string{"baseline.stale", "response.body.schema"}},
		{"another place", []conformance.Finding{finding(func(f *conformance.Finding) { f.Pointer = "/lines/2/vat" })}, []string{"baseline.stale", "response.body.schema"}},
		{"another message", []conformance.Finding{finding(func(f *conformance.Finding) { f.Message = "want integer, got null" })}, []string{"baseline.stale", "response.body.schema"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := applied(t, text, report(tt.findings...))
			assert.Equal(t, tt.want, left(r))
			assert.Equal(t, min(len(tt.want), 1), r.ExitCode(conformance.Error))
			blind := report(tt.findings...)
			blind.Blind = true
			assert.NotContains(t, left(applied(t, text, blind)), "baseline.stale", "what was not judged may hold it")
			assert.NotZero(t, blind.ExitCode(conformance.Error))
		})
	}
	r := applied(t, text, report())
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "known.yaml:5: response /lines/*/amount: the known finding does not occur any more: want integer, got string (response.body.schema)\n"+
		"    baseline.stale  shop readOrder\n    hint: take it out of the baseline, or write the baseline anew with --update-baseline", r.Findings[0].String())
	assert.Equal(t, "known: known.yaml:5", applied(t, text, report(finding())).Findings[0].Excused)
}

// A baseline cannot be made to agree that something was not judged.
func TestApplyExcusesNoDamage(t *testing.T) {
	for _, rule := range []string{"recording.entry.damaged", "recording.judge.failed", "recording.findings.limit", "coverage.below", "suppression.expired"} {
		damage := finding(func(f *conformance.Finding) { f.Rule = rule })
		text := strings.ReplaceAll(written(t, report(finding()), conformance.Error), "response.body.schema", rule)
		assert.Contains(t, left(applied(t, text, report(damage))), rule)
	}
}

func TestReadRefuses(t *testing.T) {
	const head = "schema: kassa.baseline/1\nfindings:\n"
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "known.yaml: the file is empty; it begins with schema: kassa.baseline/1"},
		{"no YAML", "a: [", "known.yaml: the file is no YAML"},
		{"a list", "[]", "known.yaml:1: want an object with schema, findings"},
		{"two documents", head + "---\na: b", "known.yaml: the file goes on after its end"},
		{"another file", "schema: kassa.suppressions/1\nfindings: []", "known.yaml:1: the schema is not kassa.baseline/1"},
		{"no schema", "findings: []", "known.yaml:1: the schema is missing"},
		{"a mistyped key", head + "- {rule: a, message: b, point: /c}", `known.yaml:3: there is no key "point"; there is rule, message, operation, side, pointer`},
		{"no rule", head + "- {message: b}", "known.yaml:3: rule is missing"},
		{"no message", head + "- {rule: b, message: ' '}", "known.yaml:3: message is missing"},
		{"no text", head + "- {rule: [a], message: b}", "known.yaml:3: rule is a text"},
		{"null", head + "- {rule: ~, message: b}", "known.yaml:3: rule is a text"},
		{"twice", head + "- {rule: a, message: b}\n- {rule: a, message: b}", "known.yaml:4: the finding stands on line 3 already"},
		{"a key twice", head + "- {rule: a, rule: a, message: b}", "known.yaml:3: rule stands twice"},
		{"no list", "schema: kassa.baseline/1\nfindings: {}", "known.yaml:2: findings is a list"},
		{"an alias", head + "- &a {rule: a, message: b}\n- *a", "known.yaml:4: want an object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := baseline.Read("known.yaml", strings.NewReader(tt.text))
			assert.ErrorContains(t, err, tt.want)
		})
	}
	_, err := baseline.Read("known.yaml", iotest.ErrReader(errors.New("the disk is gone")))
	assert.ErrorContains(t, err, "the disk is gone")
	_, err = baseline.Read("known.yaml", strings.NewReader(strings.Repeat("#", 16<<20+1)))
	assert.ErrorContains(t, err, "larger than 16 MiB")
	_, err = baseline.Read("known.yaml", strings.NewReader("schema: kassa.baseline/1\nfindings:\n"))
	assert.NoError(t, err, "an empty list")
}

// Whatever is read is refused or applied, and never panics.
func FuzzRead(f *testing.F) {
	f.Add("schema: kassa.baseline/1\nfindings:\n- {rule: a, message: b}")
	f.Add("schema: kassa.suppressions/1\nsuppressions:\n- {rule: response.body.schema, operation: '*', pointer: /a/*, reason: r, owner: o, expires: 2027-01-31}")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		r := report(finding())
		if b, err := baseline.Read("f", strings.NewReader(text)); err == nil {
			b.Apply(&r)
		}
		if s, err := baseline.ReadSuppressions("f", strings.NewReader(text)); err == nil {
			s.Apply(&r, time.Unix(0, 0))
		}
	})
}
