package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/baseline"
)

const suppressionHead = "schema: kassa.suppressions/1\nsuppressions:\n"

// suppressed is a report after the suppressions of a text, on a day.
func suppressed(t *testing.T, text string, now time.Time, findings ...conformance.Finding) conformance.Report {
	t.Helper()
	s, err := baseline.ReadSuppressions("agreed.yaml", strings.NewReader(suppressionHead+text))
	require.NoError(t, err)
	r := report(findings...)
	s.Apply(&r, now)
	return r
}

func entry(rule, operation, pointer string) string {
	return "- {rule: " + rule + ", operation: '" + operation + "', pointer: '" + pointer + "', reason: ticket 4711, owner: payments, expires: 2027-01-31}\n"
}

func TestSuppressionCovers(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, text string
		covered    bool
	}{
		{"all three", entry("response.body.schema", "shop readOrder", "/lines/2/amount"), true},
		{"any place of an array", entry("response.body.schema", "shop readOrder", "/lines/*/amount"), true},
		{"any name", entry("response.body.schema", "shop readOrder", "/*/*/amount"), true},
		{"every pointer", entry("response.body.schema", "shop readOrder", "*"), true},
		{"every operation", entry("response.body.schema", "*", "/lines/*/amount"), true},
		{"another rule", entry("response.body.format", "*", "*"), false},
		{"another operation", entry("response.body.schema", "shop createOrder", "*"), false},
		{"above", entry("response.body.schema", "*", "/lines/*"), false},
		{"below", entry("response.body.schema", "*", "/lines/*/amount/*"), false},
		{"the whole message", entry("response.body.schema", "*", ""), false},
		{"another place of the array", entry("response.body.schema", "*", "/lines/3/amount"), true},
		{"another member", entry("response.body.schema", "*", "/lines/2/vat"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := suppressed(t, tt.text, now, finding())
			if tt.covered {
				assert.Empty(t, left(r))
				assert.Equal(t, "suppressed until 2027-01-31 by payments: ticket 4711 (agreed.yaml:3)", r.Findings[0].Excused)
				assert.Equal(t, 2, r.Summary.Excused)
				return
			}
			assert.Equal(t, []string{"suppression.unused", "response.body.schema"}, left(r))
			assert.Equal(t, 1, r.ExitCode(conformance.Error))
		})
	}
}

// The whole of the last day, in UTC.
func TestSuppressionExpires(t *testing.T) {
	text := entry("response.body.schema", "*", "*")
	assert.Empty(t, left(suppressed(t, text, time.Date(2027, 1, 31, 23, 59, 59, 999, time.UTC), finding())))
	r := suppressed(t, text, time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC), finding())
	assert.Equal(t, []string{"suppression.expired", "response.body.schema"}, left(r))
	assert.Equal(t, "agreed.yaml:3: the suppression of response.body.schema by payments expired after 2027-01-31: ticket 4711", strings.Split(r.Findings[0].String(), "\n")[0])
	assert.Equal(t, []string{"suppression.expired"}, left(suppressed(t, text, time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC))), "and not unused as well")
}

func TestSuppressionsTogether(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	assert.Empty(t, left(suppressed(t, entry("response.body.schema", "*", "*")+entry("response.body.schema", "shop readOrder", "*"), now, finding())), "both are of use")

	// What is suppressed is not written to a baseline, and a baseline that knows it is not stale.
	known := written(t, report(finding()), conformance.Error)
	r := suppressed(t, entry("response.body.schema", "*", "*"), now, finding())
	assert.NotContains(t, written(t, r, conformance.Error), "response.body.schema")
	assert.Empty(t, left(applied(t, known, r)))

	blind, err := baseline.ReadSuppressions("agreed.yaml", strings.NewReader(suppressionHead+entry("response.body.schema", "*", "*")))
	require.NoError(t, err)
	nothing := report()
	nothing.Blind = true
	blind.Apply(&nothing, now)
	assert.Empty(t, nothing.Findings, "what was not judged may be what it is for")
}

// Reports say who answers for a suppression, and pass through the redaction as everything does.
func TestSuppressionsAreRedacted(t *testing.T) {
	text := strings.ReplaceAll(entry("response.body.schema", "*", "*"), "ticket 4711", `"card 4111111111111111\nof eva@exempel.se"`)
	r := suppressed(t, text, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), finding())
	assert.Contains(t, r.Findings[0].Excused, "card 0000000000000001 of redacted@example.invalid")
}

func TestReadSuppressionsRefuses(t *testing.T) {
	whole := entry("response.body.schema", "*", "*")
	for _, tt := range []struct{ name, text, want string }{
		{"no rule of ours", strings.Replace(whole, "response.body.schema", "response.body.color", 1), `agreed.yaml:3: there is no rule "response.body.color"`},
		{"damage", entry("recording.entry.damaged", "*", "*"), "cannot be suppressed"},
		{"a gate", entry("coverage.below", "*", "*"), "cannot be suppressed"},
		{"no reason", strings.Replace(whole, "reason: ticket 4711, ", "", 1), "agreed.yaml:3: reason is missing"},
		{"no owner", strings.Replace(whole, "owner: payments", "owner: ''", 1), "agreed.yaml:3: owner is missing"},
		{"no day", strings.Replace(whole, ", expires: 2027-01-31", "", 1), "agreed.yaml:3: expires is missing"},
		{"no such day", strings.Replace(whole, "2027-01-31", "2027-02-30", 1), "agreed.yaml:3: expires is no day; write it like 2027-01-31"},
		{"no operation", strings.Replace(whole, "operation: '*', ", "", 1), "agreed.yaml:3: operation is missing"},
		{"no pointer", strings.Replace(whole, "pointer: '*', ", "", 1), "agreed.yaml:3: pointer is missing"},
		{"a baseline", "", "is a list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := suppressionHead + tt.text
			if tt.text == "" {
				text = "schema: kassa.suppressions/1\nsuppressions: 1"
			}
			_, err := baseline.ReadSuppressions("agreed.yaml", strings.NewReader(text))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
