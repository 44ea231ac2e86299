package har_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
)

// repeated is a reader of head, then n times body with "," between, then tail,
// without ever holding it.
func repeated(head, body string, n int, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), &repeater{text: body + ",", left: n}, strings.NewReader(tail))
}

type repeater struct {
	text     string
	left, at int
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:])
	if r.at += n; r.at == len(r.text) {
		r.at = 0
		r.left--
	}
	return n, nil
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestLargeFileInBoundedMemory(t *testing.T) {
	large := entry(``, `,"content":{"size":30000,"mimeType":"application/json","text":"`+strings.Repeat(`{\"a\":\"åäö\"} `, 2000)+`"}`)
	count := (64 << 20) / len(large)
	runtime.GC()
	before, peak, n := heap(), uint64(0), 0
	for e, err := range har.NewReader(repeated(`{"log":{"entries":[`, large, count, "]}}")).Entries() {
		require.NoError(t, err)
		require.Equal(t, n, e.Index)
		if n++; n%16 == 0 {
			peak = max(peak, heap())
		}
	}
	assert.Equal(t, count, n)
	assert.Less(t, peak-before, uint64(48<<20), "bytes of heap at the peak")
}

// An entry over the limit is skipped without being held, and the next is read.
func TestTooLargeEntryIsSkipped(t *testing.T) {
	good := entry("", "")
	huge := io.MultiReader(
		repeated(`{"log":{"entries":[`, good, 1, `{"request":{"method":"POST","url":"https://a/","postData":{"text":"`),
		&repeater{text: strings.Repeat("x", 1<<20), left: 66},
		strings.NewReader(`"}}},`+good+"]}}"),
	)
	entries, damaged, end := read(t, huge)
	require.NoError(t, end)
	assert.Len(t, entries, 2)
	require.Len(t, damaged, 1)
	assert.ErrorContains(t, damaged[0], "larger than 32 MiB")
	assert.Equal(t, 1, damaged[0].Index)
}

func TestTooLargeEntryThatNeverEnds(t *testing.T) {
	_, damaged, end := read(t, repeated(`{"log":{"entries":[`, strings.Repeat("[", 1<<20), 66, ""))
	assert.Empty(t, damaged)
	assert.ErrorIs(t, end, har.ErrTruncated)
}

func BenchmarkHAR(b *testing.B) {
	body := `{\"payment\":{\"id\":\"/psp/creditcard/payments/5adc265f-f87f-4313-577e-08d3dca1a26c\",\"number\":1234567890,\"amount\":1500}} `
	one := entry(`,"headers":[{"name":"content-type","value":"application/json"}],"postData":{"mimeType":"application/json","text":"`+strings.Repeat(body, 10)+`"}`,
		`,"headers":[{"name":"content-type","value":"application/json"}],"content":{"size":1,"mimeType":"application/json","text":"`+strings.Repeat(body, 20)+`"}`)
	const count = 2000
	b.SetBytes(int64(count * len(one)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range har.NewReader(repeated(`{"log":{"entries":[`, one, count, "]}}")).Entries() {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != count {
			b.Fatal(n)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(file(entry(`,"postData":{"text":"e30=","encoding":"base64"}`, `,"content":{"size":-1}`), "7")))
	f.Add([]byte(file(entry("", ""), entry("", "")[:60], entry("", ""))))
	f.Add([]byte("\xEF\xBB\xBF{\"log\":{\"_servers\":[\"\\ud800\"],\"entries\":[{\"request\":{\"method\":\"\",\"url\":{}}}]}}"))
	f.Add([]byte(`{"log":{"entries":[[[[{"a":"\`))
	f.Fuzz(func(t *testing.T, text []byte) {
		last := -1
		for e, err := range har.NewReader(strings.NewReader(string(text))).Entries() {
			index := e.Index
			var damaged *har.EntryError
			if errors.As(err, &damaged) {
				index = damaged.Index
				require.NotEmpty(t, damaged.Problem)
			} else if err != nil {
				continue
			}
			require.Equal(t, last+1, index, "entries are numbered as they come")
			last = index
		}
	})
}
