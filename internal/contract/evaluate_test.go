package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const petComponents = `
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
    Dog: {type: object, required: [kind, tail], properties: {kind: {type: string}, tail: {type: boolean}}}
`

// petDocument has alternatives to choose among.
func petDocument(schema string) string {
	return strings.TrimRight(schemaDocument(schema, ""), "\n") + petComponents
}

func TestSchemaKeywords(t *testing.T) {
	for _, tt := range []struct {
		schema    string
		good, bad []string
	}{
		{"{}", []string{"1", `"a"`, "null", "[]", "{}"}, nil},
		{"{type: string}", []string{`""`}, []string{"1", "null", "{}", "[]", "true"}},
		{"{type: boolean}", []string{"true", "false"}, []string{`"true"`, "1", "0", "null"}},
		{"{type: object}", []string{"{}", `{"a":1}`}, []string{"[]", `"{}"`, "null"}},
		{"{type: array, items: {}}", []string{"[]", "[1,null]"}, []string{"{}", "null"}},
		{"{type: string, nullable: true}", []string{"null", `"a"`}, []string{"1"}},
		{"{type: string, nullable: true, enum: [a]}", []string{`"a"`}, []string{"null", `"b"`}},
		{"{type: string, nullable: true, enum: [a, null]}", []string{`"a"`, "null"}, []string{`"b"`}},
		{"{type: object, nullable: true, allOf: [{type: object}]}", []string{"{}"}, []string{"null"}},
		{"{enum: [1, 'a', true, [1], {a: 1}]}", []string{"1", "1.0", `"a"`, "true", "[1.0]", `{"a":1}`}, []string{"2", `"1"`, "false", "[1,1]", `{"a":1,"b":1}`, "null"}},
		{"{type: string, minLength: 2, maxLength: 3}", []string{`"ab"`, `"åäö"`, `"😀😀😀"`}, []string{`"a"`, `"abcd"`, `"å"`}},
		{"{type: string, pattern: '^[A-Z]{3}$'}", []string{`"SEK"`}, []string{`"sek"`, `"SEKK"`, `"SEK\n"`}},
		{"{type: array, items: {type: integer}, minItems: 1, maxItems: 2}", []string{"[1]", "[1,2]"}, []string{"[]", "[1,2,3]", `["a"]`}},
		{"{type: array, items: {}, uniqueItems: true}", []string{"[]", "[1,\"1\",true,null,[1],{}]"}, []string{"[1,1.0]", `[{"a":1,"b":2},{"b":2,"a":1}]`, "[null,null]"}},
		{"{type: object, minProperties: 1, maxProperties: 2}", []string{`{"a":1}`}, []string{"{}", `{"a":1,"b":1,"c":1}`}},
		{"{type: object, required: [a], properties: {a: {type: string}}}", []string{`{"a":""}`}, []string{"{}", `{"a":null}`, `{"A":""}`}},
		{"{type: object, additionalProperties: false, properties: {a: {type: string}}}", []string{"{}", `{"a":""}`}, []string{`{"b":1}`, `{"A":""}`}},
		{"{type: object, additionalProperties: {type: integer}}", []string{`{"a":1}`}, []string{`{"a":"x"}`}},
		{"{not: {type: string}}", []string{"1", "{}"}, []string{`"a"`}},
		{"{allOf: [{type: integer}, {minimum: 3, type: integer}]}", []string{"3"}, []string{"2", `"a"`}},
		{"{anyOf: [{type: integer}, {type: integer, minimum: 3}]}", []string{"1", "3"}, []string{`"a"`}},
		{"{oneOf: [{type: integer}, {type: integer, minimum: 3}]}", []string{"1"}, []string{"3", `"a"`}},
		{"{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind}}",
			[]string{`{"kind":"Cat"}`, `{"kind":"Cat","tail":true}`, `{"kind":"Dog","tail":true}`},
			[]string{`{"kind":"Dog"}`, `{"kind":"Fish"}`, `{}`, `{"kind":1}`, "1"}},
		{"{anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {c: '#/components/schemas/Cat', d: Dog, e: Dog}}}",
			[]string{`{"kind":"c"}`, `{"kind":"d","tail":true}`, `{"kind":"e","tail":true}`},
			[]string{`{"kind":"d"}`, `{"kind":"Cat"}`, `{"kind":null}`, `{"kind":["c"]}`}},
	} {
		o := operation(t, loaded(t, "x.yaml", petDocument(tt.schema)), "a")
		for _, side := range []Side{Request, Response} {
			judge := func(body string) (errors []string) {
				list := o.JudgeRequest(nil, jsonMessage(body))
				if side == Response {
					list = o.JudgeResponse(200, jsonMessage(body))
				}
				for _, v := range list {
					assert.Equal(t, side, v.Side)
					assert.True(t, strings.HasPrefix(v.Rule, string(side)+"."), v.Rule)
					if v.Severity == Error {
						assert.Equal(t, "x.yaml", v.Spec.File, "%s: %s", tt.schema, body)
						assert.NotZero(t, v.Spec.Line)
						errors = append(errors, v.Rule)
					}
				}
				return errors
			}
			for _, body := range tt.good {
				assert.Empty(t, judge(body), "%s takes %s", tt.schema, body)
			}
			for _, body := range tt.bad {
				assert.NotEmpty(t, judge(body), "%s refuses %s", tt.schema, body)
			}
		}
	}
}

func TestPointers(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument(`type: object
required: [a/b]
properties:
  list: {type: array, items: {type: object, required: [id], properties: {id: {type: integer}, '': {type: string}}}}`, "")), "a")
	assert.Equal(t, []string{
		"error request.body.required /a~1b",
		"error request.body.schema /list/0/",
		"error request.body.schema /list/0/id",
		"error request.body.required /list/1/id",
		"error request.body.schema /list/2",
	}, brief(o.JudgeRequest(nil, jsonMessage(`{"list":[{"id":"x","":1},{},7]}`))))
	assert.Equal(t, []string{"error request.body.schema"}, brief(o.JudgeRequest(nil, jsonMessage(`7`))))
}

func TestDirections(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument(`type: object
required: [id, secret]
properties: {id: {type: string, readOnly: true}, secret: {type: string, writeOnly: true}}`, "")), "a")
	assert.Empty(t, o.JudgeRequest(nil, jsonMessage(`{"secret":"s"}`)))
	assert.Empty(t, o.JudgeResponse(200, jsonMessage(`{"id":"1"}`)))
	assert.Equal(t, []string{"error request.body.schema /id", "error request.body.required /secret"}, brief(o.JudgeRequest(nil, jsonMessage(`{"id":"1"}`))))
	assert.Equal(t, []string{"error response.body.required /id", "error response.body.schema /secret"}, brief(o.JudgeResponse(200, jsonMessage(`{"secret":"s"}`))))

	apart := operation(t, loaded(t, "x.yaml", schemaDocument(`allOf:
  - {type: object, properties: {id: {type: string, readOnly: true}, in: {type: object, required: [id], properties: {id: {type: string}}}}}
  - {type: object, required: [id]}`, "")), "a")
	assert.Empty(t, apart.JudgeRequest(nil, jsonMessage(`{}`)), "what another part of allOf says counts")
	assert.Equal(t, []string{"error response.body.required /id"}, brief(apart.JudgeResponse(200, jsonMessage(`{}`))))
	assert.Equal(t, []string{"error request.body.required /in/id"}, brief(apart.JudgeRequest(nil, jsonMessage(`{"in":{}}`))), "and only at its own level")
}

func TestNearestAlternative(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", petDocument(`oneOf:
  - {type: object, required: [a, b, c], properties: {a: {type: string}, b: {type: string}, c: {type: string}}}
  - {type: object, required: [d], properties: {d: {type: integer}, e: {type: string}}}`)), "a")
	got := o.JudgeRequest(nil, jsonMessage(`{"d":"x","e":"y"}`))
	assert.Equal(t, []string{"error request.body.schema /d"}, brief(got), "the alternative with fewest errors speaks, and its members are known")
	assert.Equal(t, "want integer, got string", got[0].Message)

	beside := operation(t, loaded(t, "x.yaml", petDocument(`type: object
properties: {k: {type: string}}
oneOf: [{$ref: '#/components/schemas/Dog'}]`)), "a")
	assert.Equal(t, []string{"warning request.body.member.undocumented /fur", "error request.body.schema /tail"},
		brief(beside.JudgeRequest(nil, jsonMessage(`{"k":"","kind":"x","tail":7,"fur":1}`))), "of what was meant all is known")
}

func TestExtensionsOfSchemas(t *testing.T) {
	c := loaded(t, "x.yaml", schemaDocument(`type: object
x-expected: [wanted]
x-one-of-required: [one, other]
properties:
  wanted: {type: string}
  one: {type: string, x-open-enum: [Red, Blue]}
  other: {type: string, enum: [Purchase]}`, "x-ignore-case: {members: true, values: true}"))
	o := operation(t, c, "a")
	for _, tt := range []struct {
		body              string
		request, response []string
	}{
		{`{"wanted":"","one":"Red"}`, nil, nil},
		{`{"one":"Red"}`, []string{"warning request.body.expected /wanted"}, []string{"warning response.body.expected /wanted"}},
		{`{"wanted":""}`, []string{"error request.body.required"}, []string{"error response.body.required"}},
		{`{"wanted":"","one":"Green"}`, []string{"note request.body.value.undocumented /one"}, []string{"note response.body.value.undocumented /one"}},
		{`{"wanted":"","one":""}`, []string{"note request.body.value.undocumented /one"}, []string{"note response.body.value.undocumented /one"}},
		{`{"wanted":"","one":"RED"}`, []string{"warning request.body.value.case /one"}, []string{"note response.body.value.undocumented /one"}},
		{`{"wanted":"","other":"purchase"}`, []string{"warning request.body.value.case /other"}, []string{"error response.body.schema /other"}},
		{`{"wanted":"","other":"purchases"}`, []string{"error request.body.schema /other"}, []string{"error response.body.schema /other"}},
		{`{"WANTED":"","One":"Red"}`, []string{"warning request.body.member.case /One", "warning request.body.member.case /WANTED"},
			[]string{"error response.body.required", "note response.body.member.undocumented /One", "note response.body.member.undocumented /WANTED", "warning response.body.expected /wanted"}},
		{`{"wanted":"","Other":7,"other":"Purchase"}`, []string{"warning request.body.member.case /Other", "error request.body.schema /Other", "error request.body.duplicate-key /other"},
			[]string{"note response.body.member.undocumented /Other"}},
		{`{"wanted":"","\u212aind":1,"one":"Red"}`, []string{"warning request.body.member.undocumented /\u212aind"}, []string{"note response.body.member.undocumented /\u212aind"}},
	} {
		assert.Equal(t, append([]string{}, tt.request...), brief(o.JudgeRequest(nil, jsonMessage(tt.body))), tt.body)
		assert.Equal(t, append([]string{}, tt.response...), brief(o.JudgeResponse(200, jsonMessage(tt.body))), tt.body)
	}
	got := o.JudgeRequest(nil, jsonMessage(`{"wanted":""}`))
	assert.Equal(t, "one of the members one, other is required", got[0].Message)
}

// TestNotesHideNoErrors has more notes and warnings than are listed before
// the one error.
func TestNotesHideNoErrors(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument(`type: object
properties:
  a: {type: array, items: {type: string, x-open-enum: [x]}}
  z: {type: integer}`, "")), "a")
	got := o.JudgeResponse(200, jsonMessage(`{"a":[`+strings.Repeat(`"y",`, 5000)+`"y"],"z":"bad"}`))
	require.Len(t, got, maxViolations)
	assert.Contains(t, brief(got), "error response.body.schema /z")
	assert.Regexp(t, `^at least \d+ more violations`, got[maxViolations-1].Message)
	for i := range maxViolations - 2 {
		assert.LessOrEqual(t, byPlace(got[i], got[i+1]), 0, "sorted")
	}
}

// TestViolationsKeepSecrets sends what must not come back in a message.
func TestViolationsKeepSecrets(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument(`type: object
properties:
  enum: {type: string, enum: [Purchase, Recur]}
  open: {type: string, x-open-enum: [x]}
  pattern: {type: string, pattern: '^x$'}
  format: {type: string, format: uuid}
  number: {type: integer, maximum: 5}
  short: {type: string, maxLength: 1}
  choice: {type: integer, enum: [1, 2]}`, "")), "a")
	for _, secret := range []string{
		"eyJhbGciOiJIUzI1NiJ9", "4925000000000004", "4711 1234", "+46739000001", "eva@exempel.se", "19121212-1212", "rpmw_3jZ8k9Xy7Vb2N5mQ1rT6W",
		"aZkQpLmNrTvWxYbC", "Eva Svensson", "5a17c24ed45945670badaa0f17a76119", "//user:pw@host/", "a\nb", "S3cr3t4",
	} {
		body := `{"enum":"S","open":"S","pattern":"S","format":"S","short":"S"}`
		for _, v := range o.JudgeRequest(nil, jsonMessage(strings.ReplaceAll(body, "S", strings.ReplaceAll(secret, "\n", `\n`)))) {
			assert.NotContains(t, v.Message+v.Hint, secret)
			assert.NotContains(t, v.Message, "\n")
		}
	}
	for _, v := range o.JudgeRequest(nil, jsonMessage(`{"number":4925000000000004,"choice":4925000000000004}`)) {
		assert.NotContains(t, v.Message, "4925")
	}
	for word, shown := range map[string]bool{"Purchase": true, "create-capture": true, "redirect-app-swish": true, "application/json": true,
		"ISO88": true, "PayExFinancingSE": true, "": false, strings.Repeat("a", 33): false, "123": false} {
		assert.Equal(t, shown, strings.HasPrefix(quote(word), `"`), word)
	}
}

// TestMessages are the words that people read.
func TestMessages(t *testing.T) {
	for _, tt := range []struct{ schema, body, message string }{
		{"{type: integer}", `"x"`, "want integer, got string"},
		{"{type: number}", `"x"`, "want number, got string"},
		{"{type: string, enum: [a, b]}", `"c"`, `want one of a, b, got "c"`},
		{"{enum: [1, null, true, [1]]}", `false`, "want one of 1, null, true, array, got false"},
		{"{type: integer, enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}", `11`, "want one of 1, 2, 3, 4, 5, 6, 7, 8 and 2 more, got another number"},
		{"{type: integer, minimum: 0, exclusiveMinimum: true}", `0`, "want more than 0"},
		{"{type: number, maximum: 0.5}", `1`, "want at most 0.5"},
		{"{type: string, maxLength: 1}", `"ab"`, "want at most 1 characters, got 2"},
		{"{type: string, pattern: ^a}", `"b"`, "want text that matches ^a"},
	} {
		got := operation(t, loaded(t, "x.yaml", schemaDocument(tt.schema, "")), "a").JudgeRequest(nil, jsonMessage(tt.body))
		require.Len(t, got, 1, tt.schema)
		assert.Equal(t, tt.message, got[0].Message)
	}
}
