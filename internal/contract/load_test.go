package contract

import (
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const paths = "paths: {/a: {get: {responses: {'200': {description: d}}}}}\n"

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		says  string // file:line, and words of the reason after a bar
	}{
		{"nothing", nil, "no OpenAPI document with paths"},
		{"only shared schemas", []string{"x.yaml", preamble + "paths: {}"}, "no OpenAPI document with paths"},
		{"OpenAPI 3.1", []string{"x.yaml", "# words\nopenapi: 3.1.0\ninfo: {title: t, version: '1'}\n" + paths}, `x.yaml:2: |OpenAPI "3.1.0"; only 3.0`},
		{"quoted key", []string{"x.yaml", "\"openapi\": 3.1.0\ninfo: {title: t, version: '1'}\n" + paths}, `x.yaml:1: |"3.1.0"`},
		{"JSON in YAML", []string{"x.yaml", `{"info": {"title": "t", "version": "1"}, "openapi": "3.1.0", "paths": {}}`}, `x.yaml:|"3.1.0"`},
		{"Swagger", []string{"x.yaml", "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {}"}, "x.yaml:|only 3.0"},
		{"paths without openapi", []string{"x.yaml", "info: {title: t, version: '1'}\n" + paths}, "x.yaml:|only 3.0"},
		{"bad YAML", []string{"x.yaml", "openapi: 3.0.3\ninfo:\n  a: b: c\n"}, "x.yaml:3: |mapping values"},
		{"no responses", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      responses: {}\n"}, "x.yaml:|at least one response"},
		{"missing file", []string{"x.yaml", schemaDocument("{$ref: 'gone.yaml#/A'}", "")}, "x.yaml|gone.yaml"},
		{"missing component", []string{"x.yaml", schemaDocument("{$ref: '#/components/schemas/Gone'}", "")}, "x.yaml|Gone"},
		{"remote reference", []string{"x.yaml", schemaDocument("{$ref: 'https://elsewhere.example/a.yaml#/A'}", "")}, "x.yaml|nothing is fetched"},
		{"reference to a host alone", []string{"x.yaml", schemaDocument("{$ref: '//elsewhere.example/a.yaml#/A'}", "")}, "x.yaml|nothing is fetched"},
		{"reference outside", []string{"a/x.yaml", schemaDocument("{$ref: '../../b.yaml#/A'}", "")}, "a/x.yaml|"},
		{"two documents with one request", []string{"x.yaml", preamble + paths, "y.yaml", preamble + paths}, "y.yaml:4: |x.yaml:4"},
		{"bad extension of the document", []string{"x.yaml", preamble + "x-ignore-case: true\n" + paths}, "x.yaml: |x-ignore-case"},
		{"unknown word in it", []string{"x.yaml", preamble + "x-ignore-case: {path: true}\n" + paths}, "x.yaml: |x-ignore-case"},
		{"bad extension of a response", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: d\n          x-body-optional: 'yes'\n"}, "x.yaml:8: |x-body-optional"},
		{"source that is no text", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      x-source: [a]\n      responses: {'200': {description: d}}\n"}, "x.yaml:6: |x-source"},
		{"braces", []string{"x.yaml", preamble + "paths: {'/a}': {get: {responses: {'200': {description: d}}}}}"}, "x.yaml|"},
		{"one path twice", []string{"x.yaml", preamble + "x-ignore-case: {paths: true}\npaths:\n  /a: {get: {responses: {'200': {description: d}}}}\n  /A: {get: {responses: {'200': {description: d}}}}\n"}, "x.yaml:6: |/a is the same as /A"},
		{"servers of a path", []string{"x.yaml", preamble + "paths:\n  /a:\n    servers: [{url: 'https://b.example'}]\n    get: {responses: {'200': {description: d}}}\n"}, "x.yaml:5: |servers of a path"},
		{"servers of an operation", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      servers: [{url: 'https://b.example'}]\n      responses: {'200': {description: d}}\n"}, "x.yaml:6: |servers of an operation"},
		{"status that is none", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      responses: {'2000': {description: d}}\n"}, "x.yaml|"},
		{"undefined security", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      security: [{gone: []}]\n      responses: {'200': {description: d}}\n"}, "x.yaml|gone"},
		{"digest", []string{"x.yaml", preamble + "components: {securitySchemes: {d: {type: http, scheme: digest}}}\nsecurity: [{d: []}]\n" + paths}, `x.yaml:4: |"digest"`},
		{"cookie", []string{"x.yaml", preamble + "components: {securitySchemes: {d: {type: apiKey, in: cookie, name: c}}}\nsecurity: [{d: []}]\n" + paths}, `x.yaml:4: |"apiKey"`},
		{"media type", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      responses: {'200': {description: d, content: {'a b': {}}}}\n"}, "x.yaml|"},
		{"multipart", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      responses: {'200': {description: d, content: {multipart/form-data: {schema: {type: object}}}}}\n"}, "x.yaml:7: |multipart/form-data"},
		{"XML", []string{"x.yaml", preamble + "paths:\n  /a:\n    get:\n      responses: {'200': {description: d, content: {application/xml: {schema: {type: object}}}}}\n"}, "x.yaml:7: |application/xml"},
		{"form of forms", []string{"x.yaml", preamble + "paths:\n  /a:\n    post:\n      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: object}}}}}}\n      responses: {'200': {description: d}}\n"}, `x.yaml:7: |form member "a"`},
		{"composed form", []string{"x.yaml", preamble + "paths:\n  /a:\n    post:\n      requestBody: {content: {application/x-www-form-urlencoded: {schema: {allOf: [{type: object}]}}}}\n      responses: {'200': {description: d}}\n"}, "x.yaml:7: |plain object"},
		{"encoding", []string{"x.yaml", preamble + "paths:\n  /a:\n    post:\n      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string}}}, encoding: {a: {contentType: text/plain}}}}}\n      responses: {'200': {description: d}}\n"}, "x.yaml:7: |encoding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(tt.files...)
			require.Error(t, err)
			assert.Nil(t, c)
			for _, part := range strings.Split(tt.says, "|") {
				assert.Contains(t, err.Error(), part)
			}
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestLoadRefusesSchemas(t *testing.T) {
	const line = "x.yaml:14: "
	for _, tt := range []struct{ schema, says string }{
		{"{type: string, const: a}", line + "|const"},
		{"{type: integer, exclusiveMinimum: 3}", line + "|exclusiveMinimum"},
		{"{type: integer, exclusiveMinimum: true}", line + "|exclusive bound"},
		{"{type: object, unevaluatedProperties: false}", line + "|unevaluatedProperties"},
		{"{type: array, items: {}, unevaluatedItems: false}", line + "|unevaluatedItems"},
		{"{type: array, items: {}, contains: {}}", line + "|contains"},
		{"{if: {}, then: {}}", line},
		{"true", "x.yaml|boolean schema"},
		{"{type: [string, 'null']}", line},
		{"{type: string, foo: 1}", line + "|foo"},
		{"{type: file}", line + "|file"},
		{"{type: array}", line + "|items"},
		{"{nullable: true}", line + "|nullable without a type"},
		{"{type: integer, format: date}", line + `|"date"`},
		{"{type: integer, format: uuid}", line + `|"uuid"`},
		{"{type: string, format: int64}", line + `|"int64"`},
		{"{type: number, format: int64}", line + `|"int64"`},
		{"{type: integer, format: double}", line + `|"double"`},
		{"{format: uuid}", line + `|"uuid"`},
		{"{type: string, format: iban}", line + `|"iban"`},
		{"{type: integer, minLength: 1}", line + "|keyword of string"},
		{"{type: string, minimum: 1}", line + "|keyword of number"},
		{"{type: string, items: {}}", line + "|keyword of array"},
		{"{type: array, items: {}, required: [a]}", line + "|keyword of object"},
		{"{type: string, pattern: '(?!a)'}", line + "|(?!"},
		{"{type: string, pattern: '('}", line},
		{"{type: integer, maximum: 9223372036854775807}", line + "|53 bits"},
		{"{type: integer, enum: [9007199254740993]}", line + "|53 bits"},
		{"{type: number, multipleOf: 0}", line},
		{"{type: string, enum: []}", line + "|enum without values"},
		{"{type: object, x-expected: [a]}", line + `|"a"`},
		{"{type: object, x-expected: a, properties: {a: {}}}", line + "|x-expected is a list"},
		{"{type: object, x-one-of-required: [b], properties: {a: {}}}", line + `|"b"`},
		{"{type: string, x-open-enum: {a: 1}}", line + "|x-open-enum is a list"},
		{"{type: integer, x-open-enum: ['1']}", line + "|x-open-enum"},
		{"{type: string, x-source: 7}", line + "|x-source"},
		{"{type: object, discriminator: {propertyName: a}}", line + "|discriminator"},
		{"{oneOf: [{type: object}], discriminator: {propertyName: a}}", line + "|no name"},
		{"{oneOf: [{$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind, mapping: {a: Dog}}}", line + "|discriminator"},
		{"{oneOf: [{$ref: '#/components/schemas/Cat'}], discriminator: {propertyName: kind, mapping: {a: Cat, b: Dog}}}", line + `|"b"`},
		{"{allOf: [{$ref: '#/components/schemas/Tested'}]}", line + "|made of itself"},
		{"{anyOf: [{oneOf: [{$ref: '#/components/schemas/Tested'}]}]}", "x.yaml:14|made of itself"},
		{"{not: {$ref: '#/components/schemas/Tested'}}", line + "|made of itself"},
		{"{type: object, properties: {a: {$ref: '#/components/schemas/Cat', nullable: true}}}", "x.yaml:15: |nullable beside $ref"},
		{"{type: object, properties: {a: {$ref: '#/components/schemas/Cat', x-expected: [kind]}}}", "x.yaml:15: |x-expected beside $ref"},
		{"{type: object, properties: {a: {type: object, properties: {b: {type: string, format: nope}}}}}", `x.yaml:15: |"nope"`},
		{"{type: string, example: 3}", line + "|example"},
	} {
		_, err := load("x.yaml", petDocument(tt.schema))
		if assert.Error(t, err, tt.schema) {
			for _, part := range strings.Split(tt.says, "|") {
				assert.Contains(t, err.Error(), part, tt.schema)
			}
			assert.NotContains(t, err.Error(), "\n", tt.schema)
		}
	}
	for _, fine := range []string{
		"{type: string, deprecated: true, title: t, description: d, default: a, xml: {name: a}, externalDocs: {url: 'https://a.example'}}",
		"{type: object, properties: {a: {$ref: '#/components/schemas/Tested'}, b: {type: array, items: {$ref: '#/components/schemas/Tested'}}}}",
		"{type: number, format: double}", "{type: string, format: password}",
		"{type: object, properties: {a: {$ref: '#/components/schemas/Cat', x-source: s}}}",
	} {
		_, err := load("x.yaml", petDocument(fine))
		assert.NoError(t, err, fine)
	}
}

func TestLoadRefusesParameters(t *testing.T) {
	for _, tt := range []struct{ parameter, says string }{
		{"{name: a, in: cookie, schema: {type: string}}", "cookie"},
		{"{name: a, in: query, style: deepObject, schema: {type: object}}", "deepObject"},
		{"{name: a, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}", "pipeDelimited"},
		{"{name: a, in: query, schema: {type: object}}", "neither a plain value"},
		{"{name: a, in: query, schema: {type: array, items: {type: array, items: {type: string}}}}", "neither a plain value"},
		{"{name: a, in: query, schema: {oneOf: [{type: string}]}}", "neither a plain value"},
		{"{name: a, in: query, schema: {}}", "neither a plain value"},
		{"{name: a, in: query, content: {application/json: {schema: {type: string}}}}", "content"},
		{"{name: a, in: query, allowEmptyValue: true, schema: {type: string}}", "allowEmptyValue"},
	} {
		_, err := load("x.yaml", preamble+"paths:\n  /a:\n    get:\n      parameters:\n        - "+tt.parameter+"\n      responses: {'200': {description: d}}\n")
		if assert.Error(t, err, tt.parameter) {
			assert.Contains(t, err.Error(), "x.yaml:8: ", tt.parameter)
			assert.Contains(t, err.Error(), tt.says)
		}
	}
	_, err := load("x.yaml", preamble+"paths:\n  /a:\n    get:\n      responses: {'200': {description: d, headers: {X-A: {schema: {type: object}}}}}\n")
	assert.ErrorContains(t, err, "neither a plain value")
}

// TestEveryFieldIsKnown fails when the library learns a keyword, so that
// somebody decides about it: compile it, refuse it, or leave it to people.
func TestEveryFieldIsKnown(t *testing.T) {
	known := map[reflect.Type][]string{
		reflect.TypeFor[openapi3.Schema](): strings.Fields(`Extensions Origin OneOf AnyOf AllOf Not Type Title Format Description Enum Default Example
			ExternalDocs UniqueItems ExclusiveMin ExclusiveMax Nullable ReadOnly WriteOnly AllowEmptyValue Deprecated XML Min Max MultipleOf MinLength
			MaxLength Pattern MinItems MaxItems Items Required Properties MinProps MaxProps AdditionalProperties Discriminator Const Examples PrefixItems
			Contains MinContains MaxContains PatternProperties DependentSchemas PropertyNames UnevaluatedItems UnevaluatedProperties If Then Else
			DependentRequired Always Defs SchemaDialect Comment SchemaID Anchor DynamicRef DynamicAnchor ContentMediaType ContentEncoding ContentSchema`),
		reflect.TypeFor[openapi3.Parameter](): strings.Fields(`Extensions Origin Name In Description Style Explode AllowEmptyValue AllowReserved
			Deprecated Required Schema Example Examples Content`),
		reflect.TypeFor[openapi3.MediaType]():     strings.Fields(`Extensions Origin Schema ItemSchema Example Examples Encoding`),
		reflect.TypeFor[openapi3.Discriminator](): strings.Fields(`Extensions Origin PropertyName Mapping`),
	}
	for kind, want := range known {
		var got []string
		for i := range kind.NumField() {
			got = append(got, kind.Field(i).Name)
		}
		assert.ElementsMatch(t, want, got, "%s: decide what the compiler does with the new field", kind)
	}
}

func TestLoadKeepsCauses(t *testing.T) {
	_, err := load("x.yaml", schemaDocument("{$ref: 'gone.yaml#/A'}", ""))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	_, err = Load(brokenFS{})
	assert.ErrorIs(t, err, errBroken)
	c := loaded(t, "a/x.yaml", schemaDocument("{$ref: '../words.yaml#/Word'}", ""), "words.yaml", "Word: {type: integer}")
	got := operation(t, c, "a").JudgeRequest(nil, jsonMessage(`"x"`))
	require.Len(t, got, 1)
	assert.Equal(t, "words.yaml:1", got[0].Spec.String(), "a place in the file that says so")
	assert.Empty(t, Place{}.String())
}

var errBroken = errors.New("broken")

type brokenFS struct{ fstest.MapFS }

func (brokenFS) Open(string) (fs.File, error) { return nil, errBroken }
func (brokenFS) Stat(string) (fs.FileInfo, error) {
	return nil, errBroken
}
