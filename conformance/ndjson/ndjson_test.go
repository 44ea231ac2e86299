package ndjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
	"github.com/kassa-dev/kassa/conformance/ndjson"
)

const head = `{"schema":"kassa.exchanges/1"}` + "\n"

// read is everything a recording holds: entries, damage, and how it ended.
func read(t *testing.T, in io.Reader) (entries []har.Entry, damaged []*har.EntryError, end error) {
	t.Helper()
	for piece, err := range ndjson.NewReader(in).Pieces() {
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

func write(t *testing.T, meta har.Meta, entries ...har.Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := ndjson.NewWriter(&out, meta)
	for _, e := range entries {
		require.NoError(t, w.Write(e))
	}
	return out.Bytes()
}

// What is written is read back as it was.
func TestRoundTrip(t *testing.T) {
	jsonHeader := func() http.Header { return http.Header{"Content-Type": {"application/json"}} }
	tests := []struct {
		name  string
		entry har.Entry
	}{
		{"JSON both ways", har.Entry{Method: "POST", URL: "https://a.example/b?c=d&c=%24e", Status: 201,
			Request:  har.Message{Header: jsonHeader(), Body: []byte(`{"å":"<&>` + "\u2028\n" + `"}`)},
			Response: har.Message{Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"a", "b"}}, Body: []byte("[]")}}},
		{"no bodies", har.Entry{Method: "GET", URL: "https://a.example/", Status: 204,
			Request: har.Message{Header: http.Header{}}, Response: har.Message{Header: http.Header{"Date": {"x"}}}}},
		{"empty bodies", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request: har.Message{Header: http.Header{}, Body: []byte{}}, Response: har.Message{Header: jsonHeader(), Body: []byte{}}}},
		{"unknown bodies", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request: har.Message{Header: jsonHeader(), BodyUnknown: true}, Response: har.Message{Header: jsonHeader(), BodyUnknown: true}}},
		{"bytes", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request: har.Message{Header: http.Header{}, Body: []byte{0, 255, 1}}, Response: har.Message{Header: jsonHeader(), Body: []byte("\x00\xfe")}}},
		{"no response", har.Entry{Method: "GET", URL: "https://a.example/", Inbound: true, Error: "refused", Request: har.Message{Header: http.Header{}}}},
		{"no headers recorded", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200, AuthUnknown: true,
			Request:  har.Message{Header: jsonHeader(), HeaderUnknown: true, Body: []byte("{}")},
			Response: har.Message{Header: jsonHeader(), HeaderUnknown: true, Body: []byte("{}")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.entry.Started = time.Date(2024, 5, 1, 8, 0, 0, 123456789, time.UTC)
			entries, damaged, end := read(t, bytes.NewReader(write(t, har.Meta{}, tt.entry)))
			require.NoError(t, end)
			require.Empty(t, damaged)
			require.Len(t, entries, 1)
			assert.Equal(t, tt.entry, entries[0])
		})
	}
}

// The file that the documentation shows is what the writer writes.
func TestGoldenFile(t *testing.T) {
	started := time.Date(2024, 5, 1, 8, 0, 0, 123e6, time.UTC)
	got := write(t, har.Meta{Creator: "my recorder", Servers: []string{"http://127.0.0.1:8585"}},
		har.Entry{Method: "POST", URL: "https://api.example/orders", Started: started, Status: 201,
			Request:  har.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"amount":1500}`)},
			Response: har.Message{Header: http.Header{"Content-Type": {"application/json"}, "Location": {"/orders/1"}}, Body: []byte(`{}`)}},
		har.Entry{Method: "POST", URL: "https://merchant.example/callback", Inbound: true, Status: 200,
			Request: har.Message{Header: http.Header{}, Body: []byte{0xff}}, Response: har.Message{HeaderUnknown: true, BodyUnknown: true}},
		har.Entry{Method: "GET", URL: "https://api.example/orders/1", AuthUnknown: true, Error: "connection refused"},
	)
	want, err := os.ReadFile("testdata/example.ndjson")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
	for line := range bytes.Lines(got) {
		assert.True(t, json.Valid(line))
		assert.True(t, bytes.HasSuffix(line, []byte("\n")))
	}
}

// What other writers may write.
func TestExchange(t *testing.T) {
	const get = `{"method":"get","url":"https://a.example/b#c"`
	tests := []struct {
		name, line string
		want       har.Entry // with the method and the URL left out
		problem    string
	}{
		{"the least", get + `}`, har.Entry{Request: har.Message{HeaderUnknown: true}}, ""},
		{"nulls are absent", get + `,"started":null,"request":{"headers":null,"body":null,"bodyBase64":null},"response":null}`,
			har.Entry{Request: har.Message{HeaderUnknown: true}}, ""},
		{"one value for a list", get + `,"request":{"headers":{"x-a":"1","X-A":["2","3"],"host":"a.example"}}}`,
			har.Entry{Request: har.Message{Header: http.Header{"X-A": {"1", "2", "3"}}}}, ""},
		{"no headers", get + `,"request":{"headers":{}}}`, har.Entry{}, ""},
		{"status 0", get + `,"error":"x","request":{"headers":{}},"response":{"status":0,"body":"x"}}`, har.Entry{Error: "x"}, ""},
		{"surrogates", get + `,"request":{"headers":{},"body":"\ud83d\ude00\ud800"}}`, har.Entry{Request: har.Message{Body: []byte("😀\xed\xa0\x80")}}, ""},
		{"members of a later version", get + `,"x":{"method":"PUT"},"request":{"y":[],"headers":{}}}`, har.Entry{}, ""},
		{"the first of two", get + `,"method":"PUT","request":{"headers":{}}}`, har.Entry{}, ""},
		{"no object", `["a"]`, har.Entry{}, "the line is not an object"},
		{"no method", `{"url":"https://a.example/"}`, har.Entry{}, "method is missing or no string"},
		{"no URL", `{"method":"GET","url":7}`, har.Entry{}, "url is missing or no string"},
		{"no time", get + `,"started":"yesterday"}`, har.Entry{}, "started is no time of RFC 3339"},
		{"no status", get + `,"response":{"status":20}}`, har.Entry{}, "response.status is no status"},
		{"half a status", get + `,"response":{"status":200.5}}`, har.Entry{}, "response.status is no status"},
		{"headers as a list", get + `,"request":{"headers":[["a","b"]]}}`, har.Entry{}, "request.headers is no object"},
		{"a body that is an object", get + `,"response":{"status":200,"body":{}}}`, har.Entry{}, "response.body is no string"},
		{"no base64", get + `,"request":{"bodyBase64":"="}}`, har.Entry{}, "request.bodyBase64 is no base64"},
		{"base64 of no shape", get + `,"request":{"bodyBase64":[]}}`, har.Entry{}, "request.bodyBase64 is no base64"},
		{"no JSON", get, har.Entry{}, "the line is not valid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entries, damaged, end := read(t, strings.NewReader(head+tt.line+"\n"+get+"}\n"))
			require.NoError(t, end)
			if tt.problem != "" {
				require.Len(t, damaged, 1)
				assert.Equal(t, tt.problem, damaged[0].Problem)
				assert.Zero(t, damaged[0].Index)
				assert.Equal(t, int64(len(head)), damaged[0].Offset)
				require.Len(t, entries, 1, "the run goes on")
				assert.Equal(t, 1, entries[0].Index)
				return
			}
			require.Empty(t, damaged)
			require.Len(t, entries, 2)
			tt.want.Method, tt.want.URL = "GET", "https://a.example/b"
			if tt.want.Request.Header == nil {
				tt.want.Request.Header = http.Header{}
			}
			assert.Equal(t, tt.want, entries[0])
		})
	}
}

func TestFile(t *testing.T) {
	const get = `{"method":"GET","url":"https://a.example/"}` + "\n"
	tests := []struct {
		name, file string
		entries    int
		end        error
	}{
		{"nothing", "", 0, har.ErrEmpty},
		{"empty lines", "\n \r\n", 0, har.ErrEmpty},
		{"a head", head, 0, nil},
		{"with a byte order mark, and other line feeds", "\xEF\xBB\xBF{ \"schema\" : \"kassa.exchanges/1\" }\r\n\r\n" + strings.ReplaceAll(get, "\n", "\r\n"), 1, nil},
		{"no head", get, 0, ndjson.ErrNoHead},
		{"HTML", "<html>\n", 0, ndjson.ErrNoHead},
		{"a head that is no JSON", `{"schema":"kassa.exchanges/1"` + "\n" + get, 0, ndjson.ErrNoHead},
		{"a later version", `{"schema":"kassa.exchanges/2"}` + "\n" + get, 0, ndjson.ErrVersion},
		{"a version that only begins alike", `{"schema":"kassa.exchanges/10"}` + "\n" + get, 0, ndjson.ErrVersion},
		{"cut in its head", `{"schema":"kassa.exchanges/1"`, 0, har.ErrTruncated},
		{"cut in an exchange", head + get + get[:20], 1, har.ErrTruncated},
		{"no line feed at the end", head + get + strings.TrimSpace(get), 2, nil},
		{"two files in one", head + get + head + get, 2, nil},
		{"two files in one, of two versions", head + get + `{"schema":"kassa.exchanges/2"}` + "\n" + get, 1, ndjson.ErrVersion},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, in := range map[string]io.Reader{
				"whole":        strings.NewReader(tt.file),
				"byte by byte": iotest.OneByteReader(strings.NewReader(tt.file)),
				"error at end": iotest.DataErrReader(strings.NewReader(tt.file)),
			} {
				entries, damaged, end := read(t, in)
				assert.Empty(t, damaged, name)
				assert.Len(t, entries, tt.entries, name)
				assert.ErrorIs(t, end, tt.end, name)
			}
		})
	}
}

func TestMeta(t *testing.T) {
	r := ndjson.NewReader(strings.NewReader(`{"schema":"kassa.exchanges/1","creator":"a","servers":["http://a"]}` + "\n" +
		`{"schema":"kassa.exchanges/1","creator":"b","servers":["http://b"]}` + "\n"))
	for _, err := range r.Pieces() {
		require.NoError(t, err)
	}
	assert.Equal(t, har.Meta{Creator: "a", Servers: []string{"http://a", "http://b"}}, r.Meta())
}

func TestTooLongLineIsSkipped(t *testing.T) {
	const get = `{"method":"GET","url":"https://a.example/"}` + "\n"
	long := io.MultiReader(strings.NewReader(head+get+`{"a":"`), io.LimitReader(endless{}, har.MaxEntry), strings.NewReader("\"}\n"+get))
	entries, damaged, end := read(t, long)
	require.NoError(t, end)
	assert.Len(t, entries, 2)
	require.Len(t, damaged, 1)
	assert.Equal(t, 1, damaged[0].Index)
	assert.ErrorContains(t, damaged[0], "larger than 32 MiB")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestErrorsArePassedOn(t *testing.T) {
	broken := errors.New("disk gone")
	_, _, end := read(t, io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)))
	require.ErrorIs(t, end, broken)

	w := ndjson.NewWriter(full{}, har.Meta{})
	first := w.Write(har.Entry{})
	require.Error(t, first)
	assert.Equal(t, first, w.Write(har.Entry{}))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func FuzzReader(f *testing.F) {
	f.Add([]byte(head + `{"method":"GET","url":"https://a.example/","request":{"headers":{"A":["b"]},"body":"\ud800"}}` + "\n"))
	f.Add([]byte(head + `{"method":"GET","url":"x","response":{"status":200,"bodyBase64":"e30="}}` + "\n{\n" + head + `7`))
	f.Fuzz(func(t *testing.T, text []byte) {
		last := -1
		for piece, err := range ndjson.NewReader(bytes.NewReader(text)).Pieces() {
			index := piece.Index
			entry := har.Entry{}
			if err == nil {
				entry, err = piece.Read()
			}
			var damaged *har.EntryError
			if errors.As(err, &damaged) {
				index = damaged.Index
			} else if err != nil {
				continue
			}
			require.Equal(t, last+1, index, "entries are numbered as they come")
			last = index
			if err == nil { // what was read can be written, and is read again
				var out bytes.Buffer
				require.NoError(t, ndjson.NewWriter(&out, har.Meta{}).Write(entry))
			}
		}
	})
}
