package contract

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const inventoryDocument = preamble + `
x-ignore-case: {members: true, values: true}
paths:
  /payments/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: $expand, in: query, explode: false, schema: {type: array, items: {type: string}}}
      - {name: mode, in: header, schema: {type: string, enum: [fast, slow]}}
    patch:
      operationId: change
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Change'}}
      responses:
        '200':
          description: d
          content:
            application/json: {schema: {$ref: '#/components/schemas/Answer'}}
            application/json;version=2: {schema: {$ref: '#/components/schemas/Answer'}}
        '204': {description: d}
        default: {description: d, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
    get:
      operationId: read
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}}}}
components:
  schemas:
    Change:
      oneOf:
        - {type: object, required: [kind], properties: {kind: {type: string, enum: [raise]}, by: {type: integer}, seen: {type: string, readOnly: true}}}
        - {type: object, required: [kind], properties: {kind: {type: string, enum: [lower]}, to: {type: integer}}}
    Answer:
      type: object
      properties:
        payment: {$ref: '#/components/schemas/Payment'}
        operations: {type: array, items: {type: object, properties: {rel: {type: string, x-open-enum: [capture, abort]}}}}
    Payment:
      type: object
      allOf: [{type: object, properties: {state: {type: string, x-open-enum: [Ready, Failed]}}}]
      properties:
        prices: {type: object, required: [id], properties: {id: {type: string}, list: {type: array, items: {type: integer}}}}
        parent: {$ref: '#/components/schemas/Payment'}
        secret: {type: string, writeOnly: true}
    Problem:
      type: object
      properties:
        type: {type: string, x-open-enum: ['https://e.example/input', 'https://e.example/gone']}
        title: {type: string}
        status: {type: integer}
`

// named lists the items of a set, or all, as kind and name.
func named(v *Inventory, seen func(item int) bool) []string {
	list := []string{}
	for i, item := range v.Items() {
		if seen(i) {
			list = append(list, string(item.Kind)+" "+item.Name)
		}
	}
	return list
}

func TestInventory(t *testing.T) {
	v := loaded(t, "o.yaml", inventoryDocument).Inventory()
	assert.ElementsMatch(t, []string{
		"operations change", "operations read",
		"statuses 200 application/json", "statuses 200 application/json;version=2", "statuses 204", "statuses default application/problem+json",
		"statuses 200 application/json",
		"request-members /kind", "request-members /by", "request-members /to",
		"response-members /payment", "response-members /operations", "response-members /operations/*/rel",
		"response-members /payment/state", "response-members /payment/prices", "response-members /payment/parent",
		"response-members /payment/prices/id", "response-members /payment/prices/list",
		"response-members /type", "response-members /title", "response-members /status",
		"enum-values mode = fast", "enum-values mode = slow", "enum-values kind = raise", "enum-values kind = lower",
		"enum-values state = Ready", "enum-values state = Failed",
		"rels capture", "rels abort", "expand-names prices",
		"problem-types https://e.example/input", "problem-types https://e.example/gone",
	}, named(v, func(int) bool { return true }))
	for _, item := range v.Items() {
		assert.Equal(t, "o", item.Document)
		assert.Equal(t, "o.yaml", item.At.File)
		assert.Positive(t, item.At.Line, item.Name)
		assert.Positive(t, item.At.Column, item.Name)
		assert.Equal(t, item.Kind == ItemOperation || item.Kind == ItemStatus, item.Operation != "")
	}
}

func TestShown(t *testing.T) {
	c := loaded(t, "o.yaml", inventoryDocument)
	v := c.Inventory()
	typed := func(kind, body string) Message {
		return Message{Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}
	}
	for _, tt := range []struct {
		name     string
		request  Message
		status   int
		response Message
		want     []string
	}{
		{"nothing but a status", Message{}, 204, Message{}, []string{"statuses 204"}},
		{"an undocumented status", Message{}, 201, typed("application/json", `{"payment":{}}`), []string{}},
		{"an undocumented media type", Message{}, 200, typed("text/html", `{"payment":{}}`), []string{}},
		{"media types apart", Message{}, 200, typed("application/json; version=2", `{}`), []string{"statuses 200 application/json;version=2"}},
		{"no media type", Message{}, 200, Message{Body: []byte(`{}`)}, []string{"statuses 200 application/json"}},
		{"a body that was not recorded", Message{}, 200, Message{Header: jsonHeader, BodyUnknown: true}, []string{"statuses 200 application/json"}},
		{"a body that is not there", Message{}, 200, Message{Header: jsonHeader}, []string{}},
		{"a body that cannot be read", Message{}, 200, typed("application/json", `{"payment":{`), []string{"statuses 200 application/json"}},
		{"members, at any depth, once", Message{}, 200,
			typed("application/json", `{"payment":{"state":"Ready","parent":{"parent":{"state":"Failed"}}},"operations":[{"rel":"abort"},{"rel":"abort"},{"rel":"other"}]}`),
			[]string{"statuses 200 application/json", "response-members /payment", "response-members /operations", "response-members /operations/*/rel",
				"response-members /payment/state", "response-members /payment/parent", "enum-values state = Ready", "enum-values state = Failed", "rels abort"}},
		{"an answer is spelled as documented", Message{}, 200, typed("application/json", `{"Payment":{},"payment":{"state":"ready"}}`),
			[]string{"statuses 200 application/json", "response-members /payment", "response-members /payment/state"}},
		{"a request in any letter case", typed("application/json", `{"KIND":"RAISE","By":1,"seen":"x"}`), 204, Message{},
			[]string{"statuses 204", "request-members /by", "request-members /kind", "enum-values kind = raise"}},
		{"the default, and the type of a problem in any letter case", Message{}, 404,
			typed("application/problem+json", `{"type":"https://e.example/GONE","title":"t"}`),
			[]string{"statuses default application/problem+json", "response-members /type", "response-members /title", "problem-types https://e.example/gone"}},
		{"parameters", Message{Header: http.Header{"mode": {"slow"}}, Query: "$expand=Prices,other"}, 204, Message{},
			[]string{"statuses 204", "enum-values mode = slow", "expand-names prices"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := operation(t, c, "change")
			shown := v.Look(o)
			tt.request.Shown, tt.response.Shown = shown, shown
			shown.Request(map[string]string{"id": "1"}, tt.request)
			o.JudgeRequest(map[string]string{"id": "1"}, tt.request)
			shown.Response(tt.status, tt.response)
			o.JudgeResponse(tt.status, tt.response)
			got := named(v, shown.Seen.Has)
			slices.Sort(got)
			slices.Sort(tt.want)
			assert.Equal(t, tt.want, slices.Compact(got))
		})
	}
	assert.Nil(t, v.Look(operation(t, loaded(t, "o.yaml", inventoryDocument), "change")), "of another contract")
}

func TestOwnInventory(t *testing.T) {
	v := own(t).Inventory()
	count := map[ItemKind]int{}
	for _, item := range v.Items() {
		count[item.Kind]++
	}
	for _, kind := range ItemKinds() {
		assert.Positive(t, count[kind], kind)
	}
	assert.Len(t, own(t).Operations(), count[ItemOperation])
	assert.Less(t, len(v.Items()), 10_000, "a member stands once for a document, however deep schemas are nested")
	again := own(t).Inventory()
	require.Equal(t, v.Items(), again.Items(), "the same order every time")
}

func TestSet(t *testing.T) {
	var s Set
	s.Add(Set{0, 1})
	s.Add(Set{2})
	s.Add(nil)
	assert.Equal(t, Set{2, 1}, s)
	assert.True(t, s.Has(1))
	assert.True(t, s.Has(64))
	assert.False(t, s.Has(0))
	assert.False(t, s.Has(1000))
}
