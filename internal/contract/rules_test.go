package contract

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const rulesDocument = preamble + `
x-ignore-case: {members: true, values: true}
security: [{bearer: []}]
paths:
  /r/{n}:
    post:
      operationId: rules
      parameters:
        - {name: n, in: path, required: true, schema: {type: integer}}
        - {name: q, in: query, required: true, schema: {type: integer}}
        - {name: X-H, in: header, required: true, schema: {type: integer}}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}
      responses:
        '200':
          description: d
          headers: {X-H: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}
        '204': {description: d}
  /none: {get: {operationId: none, security: [], responses: {'204': {description: d}}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    S:
      type: object
      required: [r]
      x-expected: [e]
      properties: {r: {type: string}, e: {type: string}, i: {type: integer, format: int64}, f: {type: string, format: date}, o: {type: string, x-open-enum: [a]}}
`

// foreign are the rules that the caller tells of a match.
var foreign = []string{"request.method.unknown", "request.path.trailing-slash", "request.path.unknown"}

// TestEveryRuleIsBroken breaks every rule there is, and no other.
func TestEveryRuleIsBroken(t *testing.T) {
	c := loaded(t, "r.yaml", rulesDocument)
	rules, none := operation(t, c, "rules"), operation(t, c, "none")
	broken := map[string]Severity{}
	note := func(list []Violation) {
		for _, v := range list {
			broken[v.Rule] = max(broken[v.Rule], v.Severity)
		}
	}
	for _, body := range []string{
		``, `{`, `{"r":"","r":""}`, `{"r":7}`, `{}`, `{"i":1.5}`, `{"f":"x"}`, `{"x":1}`, `{"R":""}`, `{"o":"b"}`, `{"o":"A"}`, strings.Repeat("x", maxBody+1),
	} {
		for _, header := range []http.Header{{"Content-Type": {"application/json"}, "X-H": {"x"}}, {"Content-Type": {"text/plain"}, "Authorization": {"Basic x"}}, {}} {
			m := Message{Header: header, Body: []byte(body), Query: "q=x&p=1"}
			note(rules.JudgeRequest(map[string]string{"n": "x"}, m))
			note(rules.JudgeResponse(200, m))
			note(rules.JudgeResponse(299, m))
			note(none.JudgeRequest(nil, m))
			note(none.JudgeResponse(204, m))
			m.BodyUnknown, m.AuthUnknown, m.Query = true, true, ""
			note(rules.JudgeRequest(nil, m))
			note(rules.JudgeResponse(200, m))
		}
	}
	var listed []string
	for _, r := range Rules() {
		listed = append(listed, r.ID)
		if !slices.Contains(foreign, r.ID) {
			assert.NotEmpty(t, broken[r.ID], "%s: a rule that nothing can break is a lie", r.ID)
			assert.Equal(t, r.Severity, broken[r.ID], r.ID)
		}
		delete(broken, r.ID)
		assert.NotEmpty(t, r.Title)
		assert.NotEmpty(t, r.Detail)
	}
	assert.Empty(t, broken, "rules that are not listed")
	assert.True(t, slices.IsSorted(listed))
	assert.Len(t, slices.Compact(listed), len(Rules()), "an ID stands once")
}

// TestRulesInTheSourceAreListed finds rules that no message broke above.
func TestRulesInTheSourceAreListed(t *testing.T) {
	whole := regexp.MustCompile(`"((?:request|response)\.[a-z.-]+)"`)
	sidedRule := regexp.MustCompile(`j\.say\("([a-z.-]+)"`)
	bodyRule := regexp.MustCompile(`e\.(?:say|error)\("([a-z.-]+)"`)
	listed := map[string]bool{}
	for _, r := range Rules() {
		listed[r.ID] = true
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "rules.go" {
			continue
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		data = bytes.ReplaceAll(data, []byte(`"request." + p.in + ".missing"`), []byte(`"request.query.missing" "request.header.missing"`))
		for _, m := range whole.FindAllSubmatch(data, -1) {
			found++
			assert.True(t, listed[string(m[1])], "%s: %s is not listed", file, m[1])
		}
		for _, m := range sidedRule.FindAllSubmatch(data, -1) {
			found++
			assert.True(t, listed["request."+string(m[1])] || listed["response."+string(m[1])], "%s: %s is not listed", file, m[1])
		}
		for _, m := range bodyRule.FindAllSubmatch(data, -1) {
			found++
			assert.True(t, listed["request.body."+string(m[1])], "%s: %s is not listed", file, m[1])
		}
	}
	assert.Greater(t, found, 30, "the patterns above find nothing any more")
}
