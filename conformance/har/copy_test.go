package har_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
)

// TestCopy cuts a recording everywhere. Each time the copy is whole, and has the
// entries that are there whole.
func TestCopy(t *testing.T) {
	entry := func(path, body string) har.Entry {
		return har.Entry{Method: "GET", URL: "https://a.example/" + path, Status: 200, Request: har.Message{Header: http.Header{}},
			Response: har.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}}
	}
	var out bytes.Buffer
	w := har.NewWriter(&out, har.Meta{Servers: []string{"http://127.0.0.1:8585"}})
	ends := []int{}
	for _, e := range []har.Entry{entry("1", "{}"), entry("2", "\n]}}\n"), entry("3", `",\n"`)} {
		require.NoError(t, w.Write(e))
		ends = append(ends, out.Len()) // Write hands on at once
	}
	require.NoError(t, w.Close())
	whole := out.Bytes()
	head := bytes.IndexByte(whole, '\n') + 1

	for cut := range len(whole) + 1 {
		var copied bytes.Buffer
		err := har.Copy(&copied, bytes.NewReader(whole[:cut]))
		if cut < head {
			require.EqualError(t, err, "nothing has been recorded", cut)
			continue
		}
		require.NoError(t, err, cut)
		want := 0
		for _, end := range ends {
			if cut >= end {
				want++
			}
		}
		var got struct {
			Log struct {
				Entries []any    `json:"entries"`
				Servers []string `json:"_servers"`
			} `json:"log"`
		}
		require.NoError(t, json.Unmarshal(copied.Bytes(), &got), "cut at %d:\n%s", cut, copied.String())
		require.Len(t, got.Log.Entries, want, "cut at %d", cut)
		assert.Len(t, got.Log.Servers, 1)
		if cut == len(whole) {
			assert.Equal(t, string(whole), copied.String())
		}
	}
	require.ErrorIs(t, har.Copy(&bytes.Buffer{}, iotest.ErrReader(assert.AnError)), assert.AnError)
}
