package contract

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUndocumentedMembers(t *testing.T) {
	for _, tt := range []struct {
		name, schema, body string
		want               []string // pointers
	}{
		{"plain", "{type: object, properties: {a: {}}}", `{"a":1,"b":2}`, []string{"/b"}},
		{"nested", "{type: object, properties: {a: {type: object, properties: {b: {}}}}}", `{"a":{"b":1,"c":2}}`, []string{"/a/c"}},
		{"within an undocumented one", "{type: object, properties: {a: {}}}", `{"x":{"y":{"z":1}}}`, []string{"/x"}},
		{"items", "{type: array, items: {type: object, properties: {a: {}}}}", `[{"a":1},{"b":1}]`, []string{"/1/b"}},
		{"anything", "{}", `{"a":{"b":1}}`, nil},
		{"object without properties", "{type: object}", `{"a":1}`, nil},
		{"free map", "{type: object, additionalProperties: true, properties: {a: {type: object, properties: {b: {}}}}}", `{"x":1,"a":{"c":1}}`, []string{"/a/c"}},
		{"map of objects", "{type: object, additionalProperties: {type: object, properties: {b: {}}}}", `{"x":{"b":1,"c":1}}`, []string{"/x/c"}},
		{"allOf merges", "{allOf: [{type: object, properties: {a: {}}}, {type: object, properties: {b: {}}}]}", `{"a":1,"b":2,"c":3}`, []string{"/c"}},
		{"allOf beside properties", "{type: object, properties: {a: {}}, allOf: [{type: object, properties: {b: {}}}]}", `{"a":1,"b":2,"c":3}`, []string{"/c"}},
		{"allOf with a free map", "{allOf: [{type: object, properties: {a: {}}}, {type: object, additionalProperties: true}]}", `{"c":3}`, nil},
		{"allOf merges below", "{allOf: [{type: object, properties: {o: {type: object, properties: {a: {}}}}}, {type: object, properties: {o: {type: object, properties: {b: {}}}}}]}", `{"o":{"a":1,"b":2,"c":3}}`, []string{"/o/c"}},
		{"oneOf accepted", "{oneOf: [{type: object, required: [a], properties: {a: {}}}, {type: object, required: [b], properties: {b: {}}}]}", `{"a":1,"c":1}`, []string{"/c"}},
		{"anyOf, all that accept", "{anyOf: [{type: object, properties: {a: {}}}, {type: object, properties: {b: {}}}, {type: object, required: [z], properties: {d: {}}}]}", `{"a":1,"b":1,"d":1}`, []string{"/d"}},
		{"discriminator", "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind}}", `{"kind":"Cat","tail":true}`, []string{"/tail"}},
		{"cycle", "{type: object, properties: {next: {$ref: '#/components/schemas/Tested'}}}", `{"next":{"next":{"x":1}}}`, []string{"/next/next/x"}},
	} {
		o := operation(t, loaded(t, "x.yaml", petDocument(tt.schema)), "a")
		request, response := []string{}, []string{}
		for _, pointer := range tt.want {
			request = append(request, "warning request.body.member.undocumented "+pointer)
			response = append(response, "note response.body.member.undocumented "+pointer)
		}
		assert.Equal(t, request, brief(o.JudgeRequest(nil, jsonMessage(tt.body))), tt.name)
		assert.Equal(t, response, brief(o.JudgeResponse(200, jsonMessage(tt.body))), tt.name)
	}
}
