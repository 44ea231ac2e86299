package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/mail"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/openapi"
)

// The tests here hold the judge against kin-openapi's own validator: whatever
// is judged to be without an error, that one accepts too. The differences that
// are meant:
//
//   - A schema without a type takes null (OpenAPI 3.0.3); kin-openapi refuses.
//   - Numbers are exact here and float64 there, so the two may disagree about
//     numbers of more than 15 digits, or outside the range of float64. Such
//     bodies are not compared.
//   - A member that is read-only or write-only in one part of an allOf is not
//     required by another part in the wrong direction.
//   - Where the document says so, members and values of requests are taken in
//     any letter case, with a warning.
//   - If a discriminator has no mapping, the names of the components are its
//     values; kin-openapi then takes any alternative.

// kinDocument exercises every keyword that is compiled.
var kinDocument = strings.TrimRight(schemaDocument(`type: object
required: [id, kind]
minProperties: 2
maxProperties: 20
additionalProperties: {type: string, maxLength: 5}
properties:
  id: {type: integer, format: int64, minimum: 0}
  small: {type: integer, format: int32, maximum: 100, exclusiveMaximum: true}
  kind: {type: string, enum: [a, b]}
  ratio: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 10, multipleOf: 0.5}
  text: {type: string, minLength: 2, maxLength: 4, pattern: '^[a-zå]+$'}
  'null': {type: string, nullable: true}
  day: {type: string, format: date}
  at: {type: string, format: date-time}
  uuid: {type: string, format: uuid}
  uri: {type: string, format: uri}
  mail: {type: string, format: email}
  byte: {type: string, format: byte}
  list: {type: array, minItems: 1, maxItems: 3, uniqueItems: true, items: {type: integer}}
  flag: {type: boolean}
  given: {type: string, readOnly: true}
  secret: {type: string, writeOnly: true}
  closed: {type: object, additionalProperties: false, properties: {a: {type: integer}}}
  all: {allOf: [{type: object, required: [x], properties: {x: {type: integer}}}, {type: object, properties: {y: {type: string}}}]}
  one: {oneOf: [{type: string}, {type: integer, minimum: 5}, {type: integer, maximum: 7}]}
  any: {anyOf: [{type: string, minLength: 3}, {type: boolean}]}
  not: {type: string, not: {type: string, enum: [no]}}
  pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {Cat: '#/components/schemas/Cat', Dog: '#/components/schemas/Dog'}}}
  next: {$ref: '#/components/schemas/Tested'}`, ""), "\n") + petComponents

// kinFormats are checkers that share nothing with ours.
func kinFormats() openapi3.SchemaValidationOption {
	asserted := func(check func(string) error) openapi3.StringFormatValidator {
		return openapi3.NewCallbackValidator(check)
	}
	return openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
		"uuid":  asserted(func(s string) error { _, err := uuid.Parse(s); return err }),
		"email": asserted(func(s string) error { _, err := mail.ParseAddress(s); return err }),
		"uri": asserted(func(s string) error {
			if u, err := url.Parse(s); err != nil || !u.IsAbs() {
				return errors.New("no URI")
			}
			return nil
		}),
	})
}

func kinAccepts(t testing.TB, s *openapi3.Schema, side Side, body []byte) (bool, error) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return false, err
	}
	as := openapi3.VisitAsRequest()
	if side == Response {
		as = openapi3.VisitAsResponse()
	}
	err := s.VisitJSON(v, as, kinFormats())
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) && schema.SchemaField == "nullable" && schema.Schema.Type == nil {
		return true, nil // the first of the differences above
	}
	return err == nil, err
}

// inexact are bodies with a number that float64 may not hold.
var inexact = regexp.MustCompile(`[0-9.]{16}|[eE][+-]?[0-9]{2}`)

// accepts tells whether there is no error, and no leniency of spelling.
func accepts(list []Violation) bool {
	for _, v := range list {
		if strings.Contains(v.Rule, ".body.") && (v.Severity == Error || strings.HasSuffix(v.Rule, ".case")) {
			return false
		}
	}
	return true
}

func FuzzAcceptsNoMoreThanKin(f *testing.F) {
	o := operation(f, loaded(f, "x.yaml", kinDocument), "a")
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData([]byte(kinDocument))
	require.NoError(f, err)
	schema := doc.Components.Schemas["Tested"].Value
	for _, seed := range []string{
		`{"id":1,"kind":"a"}`,
		`{"id":1,"kind":"a","small":99,"ratio":0.5,"text":"abå","null":null,"day":"2024-02-29","at":"2024-02-29T10:00:00.123Z","list":[1,2,3]}`,
		`{"id":1,"kind":"b","uuid":"550e8400-e29b-41d4-a716-446655440000","uri":"https://a.example/","mail":"a@b.example","byte":"YQ==","flag":true}`,
		`{"id":1,"kind":"a","closed":{"a":1},"all":{"x":1,"y":""},"one":"x","any":false,"not":"yes","extra":"12345"}`,
		`{"id":1,"kind":"a","one":9,"pet":{"kind":"Dog","tail":true},"next":{"id":2,"kind":"b","pet":{"kind":"Cat"}}}`,
		`{"id":1,"kind":"a","given":"g"}`, `{"id":1,"kind":"a","secret":"s"}`,
		`{"id":9223372036854775807,"kind":"a"}`, `{"id":1.0,"kind":"a"}`, `{"id":1,"id":2,"kind":"a"}`, `{"id":1,"kind":"a"} x`, "\xef\xbb\xbf{}", `null`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m := Message{Header: jsonHeader, Body: body}
		for side, list := range map[Side][]Violation{Request: o.JudgeRequest(nil, m), Response: o.JudgeResponse(200, m)} {
			if len(body) == 0 || !accepts(list) || inexact.Match(body) {
				continue
			}
			ok, err := kinAccepts(t, schema, side, body)
			require.True(t, ok, "%s accepted: %s\n%v", side, body, err)
		}
	})
}

// example is a documented body with the schema it belongs to.
type example struct {
	where  string
	side   Side
	judge  func(Message) []Violation
	schema *openapi3.Schema
	media  string
	value  any
}

// examples are the bodies that the embedded documents print.
func examples(t testing.TB) (all []example) {
	t.Helper()
	compiled := map[string]*Operation{}
	for _, o := range own(t).Operations() {
		compiled[o.Name()] = o
	}
	add := func(e example, content openapi3.Content) {
		for media, documented := range content {
			if isJSON(media) && documented.Example != nil {
				e.media, e.value, e.schema = media, documented.Example, documented.Schema.Value
				all = append(all, e)
			}
		}
	}
	for _, document := range own(t).Documents() {
		loader := openapi3.NewLoader()
		loader.IsExternalRefsAllowed = true
		loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
			return fs.ReadFile(openapi.FS, path.Clean(u.Path))
		}
		doc, err := loader.LoadFromURI(&url.URL{Path: document.Name})
		require.NoError(t, err)
		for _, template := range sortedKeys(doc.Paths.Map()) {
			operations := doc.Paths.Value(template).Operations()
			for _, method := range sortedKeys(operations) {
				op := operations[method]
				o := compiled[strings.TrimSuffix(document.Name, ".yaml")+" "+op.OperationID]
				require.NotNil(t, o)
				e := example{where: o.Name() + " request", side: Request, judge: func(m Message) []Violation { return o.JudgeRequest(nil, m) }}
				if op.RequestBody != nil {
					add(e, op.RequestBody.Value.Content)
				}
				for _, status := range sortedKeys(op.Responses.Map()) {
					code := 418
					if _, err := fmt.Sscanf(strings.ReplaceAll(status, "XX", "99"), "%d", &code); err != nil {
						require.Equal(t, "default", status)
					}
					e := example{where: o.Name() + " " + status, side: Response, judge: func(m Message) []Violation { return o.JudgeResponse(code, m) }}
					add(e, op.Responses.Value(status).Value.Content)
				}
			}
		}
	}
	return all
}

// TestMutantsAgainstKin changes the documented bodies at random, by a seed,
// and holds every mutant against both judges.
func TestMutantsAgainstKin(t *testing.T) {
	all := examples(t)
	random := rand.New(rand.NewPCG(20261121, 7))
	accepted, refused, refusedByBoth := 0, 0, 0
	for i := range 4000 {
		e := all[i%len(all)]
		text, err := json.Marshal(e.value)
		require.NoError(t, err)
		for range 1 + random.IntN(2) {
			var v any
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber()
			require.NoError(t, d.Decode(&v))
			text, err = json.Marshal(mutant(random, v))
			require.NoError(t, err)
		}
		list := e.judge(Message{Header: map[string][]string{"Content-Type": {e.media}}, Body: text, AuthUnknown: true})
		if inexact.Match(regexp.MustCompile(`"[^"]*"`).ReplaceAll(text, nil)) {
			continue
		}
		ok, err := kinAccepts(t, e.schema, e.side, text)
		if accepts(list) {
			accepted++
			require.True(t, ok, "%s accepted: %s\n%v", e.where, text, err)
			continue
		}
		refused++
		if !ok {
			refusedByBoth++
		}
	}
	t.Logf("%d examples; of the mutants %d were accepted, %d refused, %d of them by kin-openapi too", len(all), accepted, refused, refusedByBoth)
	assert.Greater(t, accepted, 500)
	assert.Greater(t, refusedByBoth, 500)
}

// mutant changes one place of a value.
func mutant(random *rand.Rand, v any) any {
	others := []any{nil, true, "", "x", "Purchase", json.Number("-1"), json.Number("0"), json.Number("1.5"), json.Number("1e3"), json.Number("2147483648"),
		[]any{}, map[string]any{}, "2024-02-31", strings.Repeat("å", 41)}
	switch v := v.(type) {
	case map[string]any:
		keys := sortedKeys(v)
		if len(keys) == 0 {
			break
		}
		key := keys[random.IntN(len(keys))]
		switch random.IntN(8) {
		case 0:
			delete(v, key)
		case 1:
			v["undocumented"] = v[key]
		default:
			v[key] = mutant(random, v[key])
		}
		return v
	case []any:
		if len(v) == 0 {
			break
		}
		i := random.IntN(len(v))
		switch random.IntN(6) {
		case 0:
			return append(v[:i], v[i+1:]...)
		case 1:
			return append(v, v[i])
		}
		v[i] = mutant(random, v[i])
		return v
	}
	return others[random.IntN(len(others))]
}
