package wire

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func TestScrub(t *testing.T) {
	const hidden = "[secret]"
	gone := []string{
		"4925000000000004", "4925 0000 0000 0004", "4925-0000-0000-0004", "3782 822463 10005", "5226612199533406", "6304000000000000", "2221000000000009",
		"199710202392", "9710202392", "971020-2392", "19971020-2392", "971020+2392", // Sweden
		"26026708248", "260267 08248", // Norway
		"131052-308T", "131052A308T", // Finland
		"070761-4285", "0707614285", // Denmark
		"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
	}
	for _, word := range gone {
		for _, in := range []string{"%", "a % b", `{"x":"%"}`, `{"x":%,"y":1}`, "/path/%/x", "<b>%</b>", "(%)."} {
			assert.Equal(t, strings.ReplaceAll(in, "%", hidden), scrub(strings.ReplaceAll(in, "%", word)), word)
		}
	}
	assert.Equal(t, "order 12 [secret] 03", scrub("order 12 4925 0000 0000 0004 03"))
	assert.Equal(t, "[secret], [secret] and 971020-2391", scrub("4925000000000004, 971020-2392 and 971020-2391"))
	assert.Equal(t, "Bearer [secret] x", scrub("Bearer abcdefghijklmnopqrst.uvw-_~+/== x"))

	kept := []string{
		"", "400", "Bearer authentication is required", "2026-11-24T10:15:00.123Z", "1732467890123", "20261124123456",
		"7e6cdfc3-1276-44e9-9992-7cf4419750e1", "12345678-1234-1234-1234-123456789012", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"49250000-0000-0000-0000-000000000004", "49250000-0000-0004-1234-123456789012", "12345678-4925-0000-0000-000000000004", "a4925000000000004", "4925000000000004a", "å4925000000000004", "order_4925000000000004",
		"4925000000000005", "14925000000000004", "40101602179", "9710202391", "991320-2392", "492500******0004",
		"131052-308U", "310252-308T", "0707614286", "26026708249", "00000000-0000-0000-0000-199710202392", "12 34 56", "123456", "260267 082481", "42424242", "49250000 0000 0004", "eyJ.x", "+46739000001",
	}
	for _, word := range kept {
		assert.Equal(t, word, scrub(word))
		assert.Equal(t, `{"x":"`+word+`"}`, scrub(`{"x":"`+word+`"}`))
	}
}

// What a server tells of people we never named is not passed on, and what
// identifies the refusal is.
func TestRefusalOfStrangers(t *testing.T) {
	const body = `{"type":"https://x/4925000000000004","title":"card 4925 0000 0000 0004","status":400,"detail":"971020-2392","instance":"/9710202392","sessionId":"9710202392","traceId":"26026708248",
		"problems":[{"name":"4925000000000004","description":"131052-308T"}]}`
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Number", "4925000000000004")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, body)
	})
	_, err := c.call(t.Context(), http.MethodPost, "/x", nil)
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "POST /x: 409: card [secret]: [secret]; [secret] [secret]", err.Error())
	assert.Equal(t, "https://x/4925000000000004", p.Type, "a program goes by it")
	assert.Equal(t, "/9710202392", p.Instance)
	assert.Equal(t, "9710202392", p.SessionID)
	assert.Equal(t, "26026708248", p.TraceID)
	assert.Equal(t, "4925000000000004", p.Header.Get("X-Number"), "headers are not written anywhere")
	assert.NotContains(t, string(p.Body), "4925")
	assert.NotContains(t, string(p.Body), "2392")
	assert.Contains(t, string(p.Body), `"status":400`)
}

func FuzzScrub(f *testing.F) {
	f.Add("4925 0000 0000 0004 and 971020-2392, Bearer abcdefghijklmnopqrstuvw eyJhbGciOiJS.eyJzdWIi.c2ln")
	f.Add("1-2 3--4 131052A308T")
	f.Fuzz(func(t *testing.T, text string) {
		out := scrub(text)
		if utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Fatalf("%q became %q", text, out)
		}
		if !strings.Contains(out, blank) && out != text {
			t.Fatalf("%q became %q, and nothing was blanked", text, out)
		}
		if again := scrub(out); again != out && !strings.Contains(again, blank) {
			t.Fatalf("%q became %q", out, again)
		}
		// A card that stands alone is found whatever stands around it.
		if got := scrub(text + " | 4925000000000004 | " + text); strings.Contains(got, "| 4925000000000004 |") {
			t.Fatalf("%q", got)
		}
	})
}

func BenchmarkScrub(b *testing.B) {
	text := strings.Repeat(`{"detail":"Payment check failed, 12 of 40101602179","id":"7e6cdfc3-1276-44e9-9992-7cf4419750e1"},`, 600)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		scrub(text)
	}
}
