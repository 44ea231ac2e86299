package cassette_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/cassette"
	"github.com/kassa-dev/kassa/conformance/har"
)

const head = "---\nversion: 2\ninteractions:\n"

// interaction is a small one, with these lines in its request and its response.
func interaction(request, response string) string {
	indented := func(lines string) string {
		if lines == "" {
			return ""
		}
		return "        " + strings.ReplaceAll(lines, "\n", "\n        ") + "\n"
	}
	return "    - id: 0\n      request:\n" + indented(request) + "        url: https://a.example/b\n        method: GET\n" +
		"      response:\n" + indented(response) + "        code: 200\n        duration: 1.5ms\n"
}

// read is everything a cassette holds: entries, damage, and how it ended.
func read(t *testing.T, in io.Reader) (entries []har.Entry, damaged []*har.EntryError, end error) {
	t.Helper()
	for piece, err := range cassette.NewReader(in).Pieces() {
		require.NoError(t, end, "something after the last error")
		entry := har.Entry{}
		if err == nil {
			require.Positive(t, piece.Size)
			entry, err = piece.Read()
		}
		var one *har.EntryError
		switch {
		case errors.As(err, &one):
			damaged = append(damaged, one)
		case err != nil:
			end = err
		default:
			entries = append(entries, entry)
		}
	}
	return entries, damaged, end
}

// A cassette that go-vcr 4 has written.
func TestCassetteOfTheLibrary(t *testing.T) {
	file, err := os.Open("../testdata/formats/shop.yaml")
	require.NoError(t, err)
	defer file.Close()
	entries, damaged, end := read(t, file)
	require.NoError(t, end)
	require.Empty(t, damaged)
	require.Len(t, entries, 22)
	for i, e := range entries {
		assert.Equal(t, i, e.Index)
		assert.False(t, e.Inbound)
	}
	assert.Equal(t, har.Entry{
		Method: "POST", URL: "https://api.shop.example/v1/orders", Status: 201,
		Request: har.Message{
			Header: http.Header{"Authorization": {"Bearer REDACTED"}, "Content-Type": {"application/json"}},
			Body:   []byte(`{"amount":1500,"urls":{"callbackUrl":"https://merchant.example/callback?order=1"}}`),
		},
		Response: har.Message{
			Header: http.Header{"Content-Type": {"application/json"}, "Location": {"https://api.shop.example/v1/orders/1"}},
			Body:   []byte(`{"amount":1500}`),
		},
	}, entries[0])
	assert.Equal(t, "{\"amount\":\"1 500\",\r\n\"note\": \"two\\nlines: # 'quoted' \\\"twice\\\"\"}\n", string(entries[6].Request.Body))
	assert.Equal(t, "{\"amount\":1,\"a\":\"\xff\"}", string(entries[8].Request.Body))
	assert.Equal(t, `{"amount":1500}`, string(entries[14].Response.Body), "gzip is undone")
	assert.Equal(t, []string{"1", "2"}, entries[18].Request.Header.Values("X-A"))
}

// What other versions, custom marshalers, hooks and people write.
func TestInteractions(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte("{}"))
	require.NoError(t, z.Close())
	encoded := base64.StdEncoding.EncodeToString(zipped.Bytes())
	tests := []struct {
		name, request, response string
		check                   func(t *testing.T, e har.Entry)
	}{
		{"no credentials: a hook may have taken them out", "", "", func(t *testing.T, e har.Entry) { assert.True(t, e.AuthUnknown) }},
		{"credentials", "headers:\n  authorization: [Bearer x]", "", func(t *testing.T, e har.Entry) {
			assert.False(t, e.AuthUnknown)
			assert.Equal(t, "Bearer x", e.Request.Header.Get("Authorization"))
		}},
		{"one value for a list", "headers:\n  X-A: b", "", func(t *testing.T, e har.Entry) {
			assert.Equal(t, http.Header{"X-A": {"b"}}, e.Request.Header)
		}},
		{"no bodies", "body: ''\ncontent_length: 0", "body: \"\"\ncontent_length: -1", func(t *testing.T, e har.Entry) {
			assert.Nil(t, e.Request.Body)
			assert.Nil(t, e.Response.Body)
			assert.False(t, e.Request.BodyUnknown || e.Response.BodyUnknown)
		}},
		{"bodies that a hook took out", "content_length: 5", "body: ''\ncontent_length: 7", func(t *testing.T, e har.Entry) {
			assert.True(t, e.Request.BodyUnknown && e.Response.BodyUnknown)
		}},
		{"a literal block", "", "body: |\n  {\n    \"a\": \"# no comment\",\n\n    - id: 9\n  }", func(t *testing.T, e har.Entry) {
			assert.Equal(t, "{\n  \"a\": \"# no comment\",\n\n  - id: 9\n}\n", string(e.Response.Body))
		}},
		{"a folded block", "", "body: >-\n  {\"a\":\n  1}", func(t *testing.T, e har.Entry) { assert.Equal(t, `{"a": 1}`, string(e.Response.Body)) }},
		{"a quoted text of several lines", "", "body: \"{\\n\\\n  \\ }\"", func(t *testing.T, e har.Entry) { assert.Equal(t, "{\n }", string(e.Response.Body)) }},
		{"a body that looks like a number", "body: 0x10", "body: null", func(t *testing.T, e har.Entry) {
			assert.Equal(t, "0x10", string(e.Request.Body))
			assert.Nil(t, e.Response.Body)
		}},
		{"bytes", "body: !!binary AP8B", "", func(t *testing.T, e har.Entry) { assert.Equal(t, "\x00\xff\x01", string(e.Request.Body)) }},
		{"gzip", "", "headers: {Content-Encoding: [gzip]}\nbody: !!binary " + encoded, func(t *testing.T, e har.Entry) {
			assert.Equal(t, "{}", string(e.Response.Body))
		}},
		{"gzip, cut off", "", "headers: {Content-Encoding: [gzip]}\nbody: !!binary " + encoded[:16], func(t *testing.T, e har.Entry) {
			assert.True(t, e.Response.BodyUnknown)
			assert.Empty(t, e.Response.Body)
		}},
		{"unpacked already", "", "headers: {Content-Encoding: [gzip]}\nbody: '{}'", func(t *testing.T, e har.Entry) {
			assert.Equal(t, "{}", string(e.Response.Body))
		}},
		{"an anchor", "host: &h a.example\nbody: *h", "", func(t *testing.T, e har.Entry) { assert.Equal(t, "a.example", string(e.Request.Body)) }},
		{"members twice", "method: PUT", "code: 201", func(t *testing.T, e har.Entry) {
			assert.Equal(t, "PUT", e.Method)
			assert.Equal(t, 201, e.Status)
		}},
		{"recorded by a server", "request_uri: /cb?a=b\nhost: m.example\nurl: /cb?a=b", "", func(t *testing.T, e har.Entry) {
			assert.True(t, e.Inbound)
			assert.Equal(t, "https://m.example/cb?a=b", e.URL)
		}},
		{"recorded by a test server", "request_uri: /cb\nhost: 127.0.0.1:8080\nurl: /cb", "", func(t *testing.T, e har.Entry) {
			assert.Equal(t, "http://127.0.0.1:8080/cb", e.URL)
		}},
		{"HEAD", "method: HEAD", "content_length: 12", func(t *testing.T, e har.Entry) { assert.False(t, e.Response.BodyUnknown) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entries, damaged, end := read(t, strings.NewReader(head+interaction(tt.request, tt.response)+interaction("", "")))
			require.NoError(t, end)
			require.Empty(t, damaged)
			require.Len(t, entries, 2)
			tt.check(t, entries[0])
		})
	}
}

func TestDamagedInteractions(t *testing.T) {
	tests := []struct{ name, text, problem string }{
		{"no YAML", interaction("body: 'x", ""), "it is not valid YAML, near line"},
		{"a secret is not repeated", interaction("", "code: {secret: [}"), "it is not valid YAML, near line"},
		{"no request", "    - id: 0\n      response:\n        code: 200\n", "it has no request"},
		{"no method", strings.Replace(interaction("", ""), "method: GET", "x: y", 1), "request.method is missing"},
		{"no URL", strings.Replace(interaction("", ""), "url: ", "x: ", 1), "request.url is missing"},
		{"no response", "    - id: 0\n      request: {method: GET, url: https://a.example/}\n", "response.code is missing or no status"},
		{"a status that was cut", strings.Replace(interaction("", ""), "code: 200", "code: 2", 1), "response.code is missing or no status"},
		{"a text", "    - hello\n", "it is no interaction"},
		{"nothing", "    -\n", "it is no interaction"},
		{"what is indented otherwise", "    - id: 0\n   - id: 1\n", "it has no request"},
		{"an anchor of another", interaction("body: *other", ""), "it is not valid YAML, near line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entries, damaged, end := read(t, strings.NewReader(head+interaction("", "")+tt.text+interaction("", "")))
			require.NoError(t, end)
			require.NotEmpty(t, damaged)
			assert.Equal(t, 1, damaged[0].Index)
			assert.Equal(t, int64(len(head+interaction("", ""))), damaged[0].Offset)
			assert.Contains(t, damaged[0].Problem, tt.problem)
			assert.NotContains(t, damaged[0].Problem, "secret")
			require.Len(t, entries, 2, "the run goes on")
			assert.Equal(t, len(damaged)+1, entries[1].Index)
		})
	}
	_, damaged, _ := read(t, strings.NewReader(head+interaction("", "")+interaction("a: [", "")))
	require.Len(t, damaged, 1)
	assert.Regexp(t, `near line 1[1-4]$`, damaged[0].Problem)
}

func TestFile(t *testing.T) {
	one := interaction("", "")
	tests := []struct {
		name, file string
		entries    int
		end        error
	}{
		{"nothing", "", 0, har.ErrEmpty},
		{"white space", "\n  \n", 0, har.ErrEmpty},
		{"a list in brackets", "version: 2\ninteractions: []\n", 0, nil},
		{"no interactions", head, 0, nil},
		{"one", head + one, 1, nil},
		{"without a line feed at the end", head + strings.TrimRight(one, "\n"), 1, nil},
		{"as goyaml.v2 indents, and version 1", "---\nversion: 1\nrwmutex: {}\ninteractions:\n" +
			"- request:\n    body: \"\"\n    form: {}\n    headers: {}\n    url: https://a.example/\n    method: GET\n" +
			"  response:\n    body: x\n    headers: {}\n    status: 200 OK\n    code: 200\n    duration: \"\"\n" +
			"- request: {url: https://a.example/, method: GET}\n  response: {code: 200}\n", 2, nil},
		{"of Windows, with a byte order mark", "\xEF\xBB\xBF" + strings.ReplaceAll(head+one+one, "\n", "\r\n"), 2, nil},
		{"with comments", "# made by hand\n" + head + "# first\n\n" + one + "# second\n    # third\n" + one, 2, nil},
		{"another member after the list", head + one + "note: x\nmore:\n  - id: 7\n", 1, nil},
		{"another cassette after it", head + one + head + one, 1, cassette.ErrSeveral},
		{"another list after it", head + one + "interactions:\n" + one, 1, cassette.ErrSeveral},
		{"a later version", strings.Replace(head, "2", "3", 1) + one, 0, cassette.ErrVersion},
		{"no version", "interactions:\n" + one, 0, cassette.ErrNoCassette},
		{"another document", "openapi: 3.0.3\ninfo: {}\npaths: {}\n", 0, cassette.ErrNoCassette},
		{"interactions of another kind", "version: 2\nx:\n  interactions:\n    - a\n", 0, cassette.ErrNoCassette},
		{"JSON", `{"version":2,"interactions":[]}`, 0, cassette.ErrNoCassette},
		{"something very long", "version: 2\n" + strings.Repeat("x", 1<<20) + "\ninteractions:\n", 0, cassette.ErrNoCassette},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, in := range map[string]io.Reader{
				"whole":        strings.NewReader(tt.file),
				"byte by byte": iotest.OneByteReader(strings.NewReader(tt.file)),
				"error at end": iotest.DataErrReader(strings.NewReader(tt.file)),
			} {
				entries, _, end := read(t, in)
				assert.Len(t, entries, tt.entries, name)
				assert.ErrorIs(t, end, tt.end, name)
			}
			assert.Equal(t, tt.end == nil || errors.Is(tt.end, cassette.ErrSeveral) || errors.Is(tt.end, cassette.ErrVersion),
				cassette.Recognises([]byte(tt.file[:min(len(tt.file), 4096)])))
		})
	}
}

func TestTooLargeInteractionIsSkipped(t *testing.T) {
	one := interaction("", "")
	large := interaction("", "body: "+strings.Repeat("x", cassette.MaxInteraction))
	entries, damaged, end := read(t, strings.NewReader(head+one+large+one))
	require.NoError(t, end)
	assert.Len(t, entries, 2)
	require.Len(t, damaged, 1)
	assert.Equal(t, 1, damaged[0].Index)
	assert.ErrorContains(t, damaged[0], "larger than 8 MiB")
}

func TestReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("disk gone")
	for _, before := range []string{"", head, head + interaction("", "")} {
		_, _, end := read(t, io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken)))
		assert.ErrorIs(t, end, broken)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(head + interaction("body: !!binary AP8B", "body: |\n  - id: 1") + interaction("a: [", "")))
	f.Add([]byte("version: 1\ninteractions:\n- request: &a {url: x, method: y}\n  response: *a\n-\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		last := -1
		for piece, err := range cassette.NewReader(bytes.NewReader(text)).Pieces() {
			index := piece.Index
			if err == nil {
				_, err = piece.Read()
			}
			var damaged *har.EntryError
			if errors.As(err, &damaged) {
				index = damaged.Index
			} else if err != nil {
				continue
			}
			require.Equal(t, last+1, index, "entries are numbered as they come")
			last = index
		}
	})
}
