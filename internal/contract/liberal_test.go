package contract

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// liberalSchema has a member of each kind that requests have.
const liberalSchema = `
type: object
required: [need]
properties:
  need: {type: string, minLength: 1}
  word: {type: string}
  long: {type: string, minLength: 1}
  phone: {type: string, pattern: '^[+][0-9]+$'}
  link: {type: string, format: uri}
  pick: {type: string, enum: ['01', '02']}
  maybe: {type: string, nullable: true}
  flag: {type: boolean}
  count: {type: integer, format: int64}
  rate: {type: number}
  amount: {type: integer, format: int64}
  vatAmount: {type: integer, format: int64}
  links: {type: array, items: {type: string, format: uri}}
  words: {type: array, items: {type: string}}
  parts: {type: array, items: {type: object, properties: {word: {type: string}, flag: {type: boolean}}}}
  free: {type: object, additionalProperties: {anyOf: [{type: string}, {type: boolean}, {type: number}]}}
  either: {anyOf: [{type: boolean}, {type: string, enum: ['true', 'false']}]}
  month: {anyOf: [{type: string, pattern: '^[0-9]{1,2}$'}, {type: integer, format: int32}]}
  open: {type: object}
  under: {allOf: [{type: object, properties: {word: {type: string}}}, {type: object, properties: {flag: {type: boolean}}}]}
  kind:
    oneOf: [{$ref: '#/components/schemas/Sun'}, {$ref: '#/components/schemas/Moon'}]
    discriminator: {propertyName: of}
Sun: {type: object, required: [of], properties: {of: {type: string, enum: [Sun]}, glow: {type: boolean}}}
Moon: {type: object, required: [of], properties: {of: {type: string, enum: [Moon]}, phase: {type: string}}}
`

// liberally is an operation with that schema, in a document that ignores the
// letter case that Swedbank Pay ignores.
func liberally(t testing.TB) *Operation {
	t.Helper()
	tested, others, _ := strings.Cut(strings.TrimSpace(liberalSchema), "\nSun:")
	document := schemaDocument(tested, "x-ignore-case: {paths: true, members: true, values: true}\n")
	return operation(t, loaded(t, "x.yaml", document+"    Sun: "+indented(4, others)+"\n"), "a")
}

func TestLiberal(t *testing.T) {
	o := liberally(t)
	tests := []struct{ name, body, want string }{ // want "" is the body itself
		{"nothing to do", `{"need":"a", "flag" : true,"count":1}`, ""},
		{"null is left out", `{"need":"a","word":null}`, `{"need":"a"}`},
		{"null at the beginning", `{"word":null, "need":"a"}`, `{"need":"a"}`},
		{"null between", `{"need":"a","word":null,"long":null,"count":1}`, `{"need":"a","count":1}`},
		{"nothing but nulls", `{ "word":null , "flag":null }`, `{  }`},
		{"null where it is needed is missing", `{"need":null}`, `{}`},
		{"null that is documented", `{"need":"a","maybe":null}`, ""},
		{"null of any kind", `{"need":"a","links":null,"free":null,"kind":null,"amount":null,"either":null}`, `{"need":"a"}`},
		{"null of a stranger", `{"need":"a","stranger":null,"open":{"a":null}}`, ""},
		{"null in a list", `{"need":"a","words":[null]}`, ""},
		{"null for everything", `null`, ""},
		{"empty text that is fine", `{"need":"a","word":""}`, ""},
		{"empty text against a length", `{"need":"a","long":""}`, `{"need":"a"}`},
		{"empty text against pattern, format, enum", `{"phone":"","link":"","pick":"","need":"a"}`, `{"need":"a"}`},
		{"empty text where none is", `{"need":"a","flag":"","count":"","links":"","open":"","either":""}`, `{"need":"a"}`},
		{"empty text where it is needed", `{"need":""}`, ""},
		{"text from a number", `{"need":12,"word":-1.50e3,"phone":4670}`, `{"need":"12","word":"-1.50e3","phone":"4670"}`},
		{"text from a boolean", `{"need":true,"word":false}`, `{"need":"true","word":"false"}`},
		{"text in a list", `{"need":"a","words":[1,"b",true]}`, `{"need":"a","words":["1","b","true"]}`},
		{"boolean from text", `{"need":"a","flag":"true"}`, `{"need":"a","flag":true}`},
		{"boolean from shouted text", `{"need":"a","flag":"FALSE","parts":[{"flag":"True"}]}`, `{"need":"a","flag":false,"parts":[{"flag":true}]}`},
		{"boolean from anything else", `{"need":"a","flag":"yes","open":1}`, ""},
		{"number from text", `{"need":"a","count":"12","rate":"2.50"}`, `{"need":"a","count":12,"rate":2.50}`},
		{"number from text that is none", `{"need":"a","count":"012","rate":"1,5"}`, ""},
		{"integer from a fraction", `{"need":"a","count":"1.5"}`, ""},
		{"money from text", `{"need":"a","amount":"12","vatAmount":"0","Amount2":"1"}`, ""},
		{"empty money", `{"need":"a","amount":""}`, ""},
		{"a list of one", `{"need":"a","links":"https://example.com"}`, `{"need":"a","links":["https://example.com"]}`},
		{"a list of one that is none", `{"need":"a","links":"nowhere","parts":"a"}`, ""},
		{"either is fine", `{"need":"a","either":"true","month":"12"}`, ""},
		{"either, otherwise", `{"need":"a","either":false,"month":12}`, ""},
		{"either from shouted text", `{"need":"a","either":"TRUE"}`, ""}, // the word in another letter case
		{"other letter case", `{"NEED":"a","Count":"1","LINKS":"https://example.com"}`, `{"need":"a","count":1,"links":["https://example.com"]}`},
		{"an escaped name", `{"n\u0065ed":"a","c\u004funt":"1"}`, `{"n\u0065ed":"a","count":1}`},
		{"digits of a free map", `{"need":"a","free":{"a":3.10,"b":1e0,"Need":2}}`, ""},
		{"null of a free map", `{"need":"a","free":{"a":null,"b":1}}`, `{"need":"a","free":{"b":1}}`},
		{"strangers stay", `{"need":"a","x":{"Word":null,"flag":"true"}}`, ""},
		{"a member twice", `{"need":"a","word":null,"word":null}`, ""},
		{"a member in two spellings", `{"need":"a","word":1,"Word":null,"flag":"true"}`, `{"need":"a","word":1,"Word":null,"flag":true}`},
		{"under allOf", `{"need":"a","under":{"Word":1,"flag":"true"}}`, `{"need":"a","under":{"word":"1","flag":true}}`},
		{"the alternative named", `{"need":"a","kind":{"glow":"true","of":"Sun"}}`, `{"need":"a","kind":{"glow":true,"of":"Sun"}}`},
		{"the alternative in another letter case", `{"need":"a","kind":{"Phase":3,"OF":"MOON"}}`, `{"need":"a","kind":{"phase":"3","of":"MOON"}}`},
		{"an unknown alternative", `{"need":"a","kind":{"of":"Mars","glow":"true"}}`, ""},
		{"no alternative", `{"need":"a","kind":{"glow":"true"}}`, ""},
		{"of another kind altogether", `["a"]`, ""},
		{"not JSON", `{"need":null,`, ""},
		{"more than one value", `{"word":null} {}`, ""},
		{"invalid UTF-8", "{\"word\":null,\"x\":\"\xff\"}", ""},
		{"nothing", ``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := []byte(tt.body)
			got := o.Liberal(body)
			if tt.want == "" {
				require.Equal(t, tt.body, string(got))
				if len(body) > 0 {
					assert.Same(t, &body[0], &got[0], "the same slice")
				}
				return
			}
			assert.Equal(t, tt.want, string(got))
			assert.Equal(t, tt.want, string(o.Liberal(got)), "once more changes nothing")
			assert.Equal(t, tt.body, string(body), "what was given is not touched")
		})
	}
}

// TestLiberalKeepsLetterCase: what a document does not say to be ignored is not.
func TestLiberalKeepsLetterCase(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument("{type: object, properties: {word: {type: string}}}", "")), "a")
	assert.Equal(t, `{"Word":1,"word":"2"}`, string(o.Liberal([]byte(`{"Word":1,"word":2}`))))
}

func TestLiberalWithoutBody(t *testing.T) {
	o := operation(t, own(t), "swedbankpay/creditcard getPayment")
	assert.Equal(t, `{"a":null}`, string(o.Liberal([]byte(`{"a":null}`))))
}

// TestLiberalIsBounded: a hostile body takes no more time than judging it, and comes back as it is.
func TestLiberalIsBounded(t *testing.T) {
	o := liberally(t)
	var nulls strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&nulls, `,"m%d":null`, i)
	}
	for name, body := range map[string]string{
		"deep":              strings.Repeat(`{"under":`, 600) + "1" + strings.Repeat("}", 600),
		"one member often":  `{"need":1` + strings.Repeat(`,"need":1`, 100_000) + "}",
		"many to leave out": `{"need":"a","free":{` + nulls.String()[1:] + `}}`,
		"many values":       `{"words":[0` + strings.Repeat(",0", maxValues) + `]}`,
		"long":              `{"word":null,"x":"` + strings.Repeat("x", maxBody) + `"}`,
	} {
		start := time.Now()
		got := o.Liberal([]byte(body))
		assert.Less(t, time.Since(start), 20*time.Second, name)
		if body != string(got) { // not assert.Equal: it would print them
			t.Error(name, "is not what it was")
		}
	}
}

// FuzzLiberal: nothing panics, JSON stays JSON, once more changes nothing, and what the contract accepts without
// complaint stays as it is.
func FuzzLiberal(f *testing.F) {
	operations := []*Operation{liberally(f)}
	for _, o := range own(f).Operations() {
		if o.body != nil && strings.HasPrefix(o.Document, "swedbankpay/") && !o.Callback {
			operations = append(operations, o)
		}
	}
	for _, body := range []string{
		benchRequest, `{"need":null,"word":1,"flag":"TRUE","links":"https://example.com","links":""}`, `{"kind":{"OF":"sun","GLOW":"false"}}`,
		`{"payment":{"operation":"purchase","prices":[{"Type":1,"amount":"1"}],"metadata":{"a":3.10,"b":null},"urls":null}}`,
		`{"transaction":{"amount":1,"vatAmount":null,"description":5,"payeeReference":7}}`, "[[]]", "\xef\xbb\xbf{}", `{"a":1,"a":2}`,
	} {
		for which := range operations {
			f.Add(uint8(which), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		o := operations[int(which)%len(operations)]
		before := string(body)
		got := o.Liberal(body)
		require.Equal(t, before, string(body))
		if !json.Valid(body) {
			require.Equal(t, before, string(got))
		}
		require.True(t, json.Valid(got) || !json.Valid(body), "%s", got)
		require.Equal(t, string(got), string(o.Liberal(got)))
		if len(o.JudgeRequest(nil, Message{Header: benchHeader(), Body: body})) == 0 {
			require.Equal(t, before, string(got))
		}
	})
}

func BenchmarkLiberal(b *testing.B) {
	o := operation(b, own(b), "swedbankpay/creditcard createPayment")
	for name, body := range map[string]string{
		"nothing": benchRequest,
		"some":    strings.NewReplacer(`"language"`, `"Language"`, `"payeeReference":"CD1234"`, `"payeeReference":1234`, `"payeeName"`, `"subsite":null,"payeeName"`).Replace(benchRequest),
	} {
		b.Run(name, func(b *testing.B) {
			m := []byte(body)
			b.ReportAllocs()
			for b.Loop() {
				if got := o.Liberal(m); (&got[0] == &m[0]) != (name == "nothing") {
					b.Fatal(string(got))
				}
			}
		})
	}
}
