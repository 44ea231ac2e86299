package contract

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMalformedBodies(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument("{}", "")), "a")
	nested := func(open, within, shut string, n int) string {
		return strings.Repeat(open, n) + within + strings.Repeat(shut, n)
	}
	for _, tt := range []struct {
		name, body, says string
	}{
		{"an object", `{"a":[1,"b",null,true,false,{}]}`, ""},
		{"spaces around", " \t\r\n{} \n", ""},
		{"a scalar", "7", ""},
		{"escapes", `"\ud83d\ude00 \u00e5 \""`, ""},
		{"deep, just allowed", nested("[", "1", "]", maxDepth), ""},
		{"deep objects, just allowed", nested(`{"a":`, "1", "}", maxDepth), ""},
		{"too deep", nested("[", "", "]", maxDepth+1), "nested deeper than 512"},
		{"objects too deep", nested(`{"a":`, "{}", "}", maxDepth), "nested deeper than 512"},
		{"far too deep and open", strings.Repeat("[", 1_000_000), "nested deeper than 512"},
		{"trailing value", `{} {}`, "something follows"},
		{"trailing brace", `{}}`, "something follows"},
		{"trailing letter", `{}x`, "something follows"},
		{"trailing zero byte", "{}\x00", "something follows"},
		{"byte order mark", "\xef\xbb\xbf{}", "byte order mark"},
		{"invalid UTF-8", "\"\xff\"", "UTF-8"},
		{"invalid UTF-8 in a name", "{\"\xc3\x28\":1}", "UTF-8"},
		{"lone high surrogate", `"\ud83d"`, "UTF-8"},
		{"lone low surrogate", `{"a":"\ude00x"}`, "UTF-8"},
		{"ends early", `{"a":`, "ends too early"},
		{"ends in a string", `"abc`, "ends too early"},
		{"spaces only", "  ", "ends too early"},
		{"single quotes", `{'a':1}`, "invalid syntax at byte 1"},
		{"trailing comma", `[1,]`, "invalid syntax"},
		{"comment", `{} // x`, "something follows"},
		{"NaN", `NaN`, "invalid syntax"},
		{"leading zero", `01`, "something follows"},
		{"plus", `+1`, "invalid syntax"},
		{"bare control character", "\"a\nb\"", "invalid syntax"},
		{"HTML", "<html>", "invalid syntax at byte 0"},
	} {
		got := o.JudgeRequest(nil, jsonMessage(tt.body))
		if tt.says == "" {
			assert.Empty(t, got, tt.name)
			continue
		}
		if assert.Equal(t, []string{"error request.body.malformed"}, brief(got), tt.name) {
			assert.Contains(t, got[0].Message, tt.says, tt.name)
			assert.NotContains(t, got[0].Message, "\n")
		}
	}
}

func TestDuplicateMembers(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument("{type: object, properties: {n: {type: integer}, 'a/b~c': {type: integer}, o: {type: object}}}", "")), "a")
	for _, tt := range []struct {
		body string
		want []string
	}{
		{`{"n":1,"n":2}`, []string{"error request.body.duplicate-key /n"}},
		{`{"n":"bad","n":2}`, []string{"error request.body.duplicate-key /n"}}, // the last one counts
		{`{"n":2,"n":"bad"}`, []string{"error request.body.duplicate-key /n", "error request.body.schema /n"}},
		{`{"n":2,"\u006e":2,"n":2}`, []string{"error request.body.duplicate-key /n"}},
		{`{"a/b~c":1,"a/b~c":1}`, []string{"error request.body.duplicate-key /a~1b~0c"}},
		{`{"o":{"x":1,"x":1}}`, []string{"error request.body.duplicate-key /o/x"}},
		{`{"n":1,"N":2}`, []string{"warning request.body.member.undocumented /N"}},
	} {
		assert.Equal(t, tt.want, brief(o.JudgeRequest(nil, jsonMessage(tt.body))), tt.body)
	}
	many := "{"
	for i := range 3 * small {
		many += `"m` + strings.Repeat("x", i) + `":1,`
	}
	assert.Contains(t, brief(o.JudgeRequest(nil, jsonMessage(many+`"mxx":2}`))), "error request.body.duplicate-key /mxx", "also where names are looked up")
}

// TestHostileBodies bounds time and memory for bodies made to cost much.
func TestHostileBodies(t *testing.T) {
	closed := loaded(t, "x.yaml", schemaDocument("{type: object, additionalProperties: {type: integer}}", ""))
	anything := loaded(t, "x.yaml", schemaDocument("{}", ""))
	list := loaded(t, "x.yaml", schemaDocument("{type: array, uniqueItems: true, items: {}}", ""))
	tree := loaded(t, "x.yaml", schemaDocument(`type: object
required: [v]
properties:
  v: {type: integer}
  next: {oneOf: [{$ref: '#/components/schemas/Tested'}, {type: object, required: [w], properties: {next: {$ref: '#/components/schemas/Tested'}, w: {type: integer}}}]}
  both: {anyOf: [{$ref: '#/components/schemas/Tested'}, {allOf: [{$ref: '#/components/schemas/Tested'}]}]}
  not: {not: {$ref: '#/components/schemas/Tested'}}`, ""))
	name := strings.Repeat("n", 1<<20)
	for _, tt := range []struct {
		name string
		c    *Contract
		body string
		want string // the first violation
	}{
		{"sixteen million zeros", anything, "[" + strings.Repeat("0,", 8<<20-2) + "0]", "error request.body.too-large"},
		{"longer than judged", anything, `"` + strings.Repeat("x", maxBody) + `"`, "error request.body.too-large"},
		{"one long name twice", anything, `{"` + name + `":1,"` + name + `":1}`, "error request.body.duplicate-key /" + strings.Repeat("n", 100) + "…"},
		{"long names with many faults", closed, `{"` + name + `":{` + strings.Repeat(`"a":"",`, 400) + `"b":""}}`, "error request.body.schema /" + strings.Repeat("n", 100) + "…"},
		{"many members", anything, "{" + numbered(200_000) + "}", ""},
		{"many items that differ", list, "[" + strings.TrimSuffix(strings.Repeat("[1],", 1), ",") + numberedItems(200_000) + "]", ""},
		{"deep alternatives, last one wrong", tree, strings.Repeat(`{"v":1,"next":`, 200) + `{"v":"x"}` + strings.Repeat("}", 200), "error request.body."},
		{"deep alternatives of the other kind", tree, `{"v":1,"next":` + strings.Repeat(`{"w":1,"next":{"v":1,"next":`, 100) + `7` + strings.Repeat("}}", 100) + `}`, "error request.body."},
		{"both accept", tree, strings.Repeat(`{"v":1,"both":`, 250) + `{"v":1}` + strings.Repeat("}", 250), ""},
		{"neither accepts", tree, strings.Repeat(`{"v":1,"both":`, 250) + `{"v":"x"}` + strings.Repeat("}", 250), "error request.body.too-large"},
		{"not within not", tree, strings.Repeat(`{"v":1,"not":`, 251) + `{"v":1}` + strings.Repeat("}", 251), "error request.body."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := operation(t, tt.c, "a")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			got := o.JudgeRequest(nil, jsonMessage(tt.body))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			assert.Less(t, took, 20*time.Second)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<30))
			switch {
			case tt.want == "":
				assert.Empty(t, got)
			case assert.NotEmpty(t, got, "no false green"):
				assert.Contains(t, brief(got)[0], tt.want)
				assert.LessOrEqual(t, len(got), maxViolations)
			}
		})
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"m` + strconv.Itoa(i) + `":1`)
	}
	return b.String()
}

func numberedItems(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("," + strconv.Itoa(i))
	}
	return b.String()
}

func TestPointersFitOnALine(t *testing.T) {
	o := operation(t, loaded(t, "x.yaml", schemaDocument("{type: object, additionalProperties: {type: integer}}", "")), "a")
	got := o.JudgeRequest(nil, jsonMessage(`{"a\nb\u001b[31m\u2028":"x"}`))
	require.Len(t, got, 1)
	assert.Equal(t, "/a\ufffdb\ufffd[31m\ufffd", got[0].Pointer)
	got = o.JudgeRequest(nil, Message{Header: jsonHeader, Body: []byte(`{}`), Query: "%0A" + strings.Repeat("q", 500)})
	require.Len(t, got, 1)
	assert.Equal(t, "query/\ufffd"+strings.Repeat("q", 99)+"…", got[0].Pointer)
	assert.Equal(t, strings.Repeat("å", 50)+"…", label(strings.Repeat("å", 60)), "cut between characters")
}

func TestEqualValues(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{`1`, `1.0`, true}, {`10`, `1e1`, true}, {`0`, `-0`, true}, {`1`, `"1"`, false}, {`9007199254740993`, `9007199254740992`, false},
		{`"a"`, `"\u0061"`, true}, {`"a"`, `"A"`, false}, {`null`, `null`, true}, {`true`, `false`, false}, {`null`, `false`, false},
		{`[1,2]`, `[1,2.0]`, true}, {`[1,2]`, `[2,1]`, false}, {`[]`, `{}`, false}, {`[[1]]`, `[[1],[]]`, false},
		{`{"a":1,"b":[2]}`, `{"b":[2],"a":1.0}`, true}, {`{"a":1}`, `{"b":1}`, false}, {`{"a":1}`, `{"a":2}`, false}, {`{"a":1}`, `{"a":1,"b":1}`, false},
	} {
		a, _, broken := decode([]byte(tt.a))
		require.Nil(t, broken)
		b, _, broken := decode([]byte(tt.b))
		require.Nil(t, broken)
		assert.Equal(t, tt.same, a.equal(&b), "%s and %s", tt.a, tt.b)
		assert.Equal(t, tt.same, b.equal(&a), "%s and %s", tt.b, tt.a)
		assert.Equal(t, tt.same, string(a.canonical(nil)) == string(b.canonical(nil)), "%s and %s", tt.a, tt.b)
	}
}
