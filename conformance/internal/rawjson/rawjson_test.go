package rawjson_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

func TestGet(t *testing.T) {
	const document = ` {"a" : {"b/c":[10, {"d~e":"f"}], "":null}, "A":{"b":2}, "Case": true, "s": "}]\"," , "last":-1.5e3} `
	tests := []struct{ pointer, want string }{
		{"/a/b~1c/0", "10"},
		{"/a/b~1c/1/d~0e", `"f"`},
		{"/a/", "null"},
		{"/A/b", "2"},
		{"/CASE", "true"},
		{"/s", `"}]\","`},
		{"/last", "-1.5e3"},
		{"/a/b~1c/2", ""},
		{"/a/b~1c/x", ""},
		{"/none/at/all", ""},
		{"/last/0", ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, string(rawjson.Get([]byte(document), tt.pointer)), tt.pointer)
	}
	assert.Equal(t, `[1]`, string(rawjson.Get([]byte(` [1]`), "")))
}

func TestUnquote(t *testing.T) {
	tests := []struct{ quoted, want string }{
		{`""`, ""},
		{`"a"`, "a"},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{`"\u00e5\ud83d\ude00"`, "å😀"},
		{`"\ud800"`, "\xed\xa0\x80"},
		{`"\ude00\ud83d"`, "\xed\xb8\x80\xed\xa0\xbd"},
		{`"\ud83dx"`, "\xed\xa0\xbdx"},
		{"\"\xff\"", "\xff"},
		{`"\x\u12"`, `\x\u12`},
		{`"\`, `\`},
		{`"`, ``},
		{``, ``},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, string(rawjson.Unquote([]byte(tt.quoted))), tt.quoted)
	}
}

// Where encoding/json has an opinion, ours is the same.
func FuzzAgreesWithEncodingJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\u00e5",{"b":null}],"c":"\\\""}`))
	f.Add([]byte(`"\ud83d\ude00"`))
	f.Add([]byte(`[[],{},"",[{"":0}]]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for range rawjson.Members(text) { // anything may be looked into
		}
		for range rawjson.Elements(text) {
		}
		rawjson.Get(text, "/a/0")
		var want any
		if !utf8.Valid(text) || json.Unmarshal(text, &want) != nil {
			return
		}
		switch want := want.(type) {
		case string:
			quoted := rawjson.Get(text, "")
			got := rawjson.Unquote(quoted[:rawjson.Length(quoted)])
			if utf8.Valid(got) { // a lone surrogate differs on purpose
				require.Equal(t, want, string(got))
			}
			var again string
			require.NoError(t, json.Unmarshal(rawjson.AppendQuote(nil, []byte(want)), &again))
			require.Equal(t, want, again)
		case []any:
			i := 0
			for element := range rawjson.Elements(text) {
				var got any
				require.NoError(t, json.Unmarshal(element, &got))
				require.Equal(t, want[i], got)
				i++
			}
			require.Len(t, want, i)
		case map[string]any:
			// of a repeated member, encoding/json keeps the last, merged
			last, repeated := map[string][]byte{}, false
			for name, value := range rawjson.Members(text) {
				repeated = repeated || last[name] != nil || !utf8.ValidString(name)
				last[name] = value
			}
			if repeated {
				return
			}
			require.Len(t, last, len(want))
			for name, value := range last {
				var got any
				require.NoError(t, json.Unmarshal(value, &got))
				require.Equal(t, want[name], got)
			}
		}
	})
}
