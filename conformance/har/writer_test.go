package har_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
)

func write(t *testing.T, meta har.Meta, entries ...har.Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := har.NewWriter(&out, meta)
	for _, e := range entries {
		require.NoError(t, w.Write(e))
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// What is written is read back as it was.
func TestRoundTrip(t *testing.T) {
	started := time.Date(2024, 5, 1, 8, 0, 0, 123e6, time.UTC)
	jsonHeader := func() http.Header { return http.Header{"Content-Type": {"application/json"}} }
	tests := []struct {
		name  string
		entry har.Entry
	}{
		{"JSON both ways", har.Entry{Method: "POST", URL: "https://a.example/b?c=d&c=%24e", Status: 201,
			Request:  har.Message{Header: jsonHeader(), Body: []byte(`{"å":"<&>\u2028"}`)},
			Response: har.Message{Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"a", "b"}}, Body: []byte("[]")}}},
		{"no bodies", har.Entry{Method: "GET", URL: "https://a.example/", Status: 204,
			Request: har.Message{Header: http.Header{}}, Response: har.Message{Header: http.Header{"Date": {"x"}}}}},
		{"empty bodies", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request:  har.Message{Header: http.Header{}, Body: []byte{}},
			Response: har.Message{Header: jsonHeader(), Body: []byte{}}}},
		{"unknown bodies", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request:  har.Message{Header: jsonHeader(), BodyUnknown: true},
			Response: har.Message{Header: jsonHeader(), BodyUnknown: true}}},
		{"bytes", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request:  har.Message{Header: http.Header{}, Body: []byte{0, 255, 1}},
			Response: har.Message{Header: jsonHeader(), Body: []byte("\x00\xfe")}}},
		{"credentials taken out", har.Entry{Method: "GET", URL: "https://a.example/", Status: 204, AuthUnknown: true,
			Request: har.Message{Header: http.Header{}}, Response: har.Message{Header: http.Header{"Date": {"x"}}}}},
		{"no response", har.Entry{Method: "GET", URL: "https://a.example/", Inbound: true, Error: "refused",
			Request: har.Message{Header: http.Header{}}}},
		{"no headers recorded", har.Entry{Method: "POST", URL: "https://a.example/", Status: 200,
			Request:  har.Message{Header: jsonHeader(), HeaderUnknown: true, Body: []byte("{}")},
			Response: har.Message{Header: jsonHeader(), HeaderUnknown: true, Body: []byte("{}")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.entry.Started = started
			text := write(t, har.Meta{}, tt.entry)
			require.True(t, json.Valid(text))
			entries, damaged, end := read(t, bytes.NewReader(text))
			require.NoError(t, end)
			require.Empty(t, damaged)
			require.Len(t, entries, 1)
			assert.Equal(t, tt.entry, entries[0])
		})
	}
}

func TestWriterIsDeterministicAndCompleteWhenEmpty(t *testing.T) {
	meta := har.Meta{Creator: "x", Servers: []string{"http://127.0.0.1:1"}}
	e := har.Entry{Method: "GET", URL: "https://a.example/?b=1&a=2", Status: 200,
		Response: har.Message{Header: http.Header{"B": {"1"}, "A": {"2"}, "C": {"3"}}}}
	first := write(t, meta, e, e)
	assert.Equal(t, string(first), string(write(t, meta, e, e)))
	assert.JSONEq(t, `{"log":{"version":"1.2","creator":{"name":"kassa","version":"1"},"entries":[]}}`, string(write(t, har.Meta{})))
	r := har.NewReader(bytes.NewReader(write(t, meta)))
	for e, err := range r.Entries() {
		t.Fatal("something in an empty file:", e, err)
	}
	assert.Equal(t, meta, r.Meta())
}

type full struct{ room int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorStays(t *testing.T) {
	w := har.NewWriter(&full{room: 100}, har.Meta{})
	err := w.Write(har.Entry{Method: "POST", Request: har.Message{Body: bytes.Repeat([]byte("x"), 10_000)}})
	require.ErrorIs(t, err, errFull)
	assert.ErrorIs(t, w.Write(har.Entry{}), errFull)
	assert.ErrorIs(t, w.Close(), errFull)
}
