package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/report"
)

func schema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(file)
	require.NoError(t, err)
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, text, what string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err, what)
	assert.NoError(t, s.Validate(v), what)
}

// What is written keeps to the published schema, and so does what a program
// writes without a verdict.
func TestJSONSchema(t *testing.T) {
	s := schema(t, "../../docs/report.schema.json")
	all := borders(t)
	all["everything"] = everything(t)
	for name, d := range all {
		text := written(t, report.JSON, d)
		valid(t, s, text, name)
		alone, err := json.Marshal(d.Report)
		require.NoError(t, err)
		valid(t, s, string(alone), name)
	}
}

// The schema is no open door.
func TestJSONSchemaRefuses(t *testing.T) {
	s := schema(t, "../../docs/report.schema.json")
	whole := written(t, report.JSON, everything(t))
	for _, tt := range [][2]string{
		{`"kassa.report/1"`, `"kassa.report/2"`}, {`"verdict": "findings"`, `"verdict": "green"`}, {`"severity": "error"`, `"severity": "bad"`},
		{`"judged": `, `"judges": `}, {`"column": `, `"columns": `}, {`"kind": "rels"`, `"kind": "relations"`}, {`"types": [`, `"tpyes": [`},
	} {
		require.Contains(t, whole, tt[0])
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(whole, tt[0], tt[1], 1)))
		require.NoError(t, err)
		assert.Error(t, s.Validate(v), tt[1])
	}
}

func TestJSON(t *testing.T) {
	var got struct {
		Verdict  string
		FailOn   string
		Problems []string
		Findings []struct{ Rule, Excused string }
		Coverage struct {
			Kinds []struct {
				Kind     string
				Seen, Of int
			}
		}
		Drift []json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(written(t, report.JSON, everything(t))), &got))
	assert.Equal(t, "findings", got.Verdict)
	assert.Equal(t, "warning", got.FailOn)
	assert.Equal(t, []string{"missing.har: there is no such file; check the path"}, got.Problems)
	assert.Len(t, got.Coverage.Kinds, 8)
	assert.Len(t, got.Drift, 1)
	excused := map[string]string{}
	for _, f := range got.Findings {
		excused[f.Rule] = f.Excused
	}
	assert.Equal(t, "suppressed until 2027-01-31 by payments: asked <the> vendor (agreed.yaml:3)", excused["request.auth.missing"])
	assert.Empty(t, excused["response.body.schema"])

	borders := borders(t)
	assert.NotContains(t, written(t, report.JSON, borders["clean"]), `"drift"`)
	assert.Contains(t, written(t, report.JSON, borders["looked for drift"]), `"drift": []`)
	for name, want := range map[string]string{"clean": "clean", "excused": "clean", "nothing judged": "unjudged", "zero": "unjudged", "no such file": "unjudged"} {
		assert.Contains(t, written(t, report.JSON, borders[name]), `"verdict": "`+want+`"`, name)
	}
}
