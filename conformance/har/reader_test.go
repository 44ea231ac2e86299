package har_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
)

// read is everything a recording holds: entries, damage, and how it ended.
func read(t *testing.T, r io.Reader) (entries []har.Entry, damaged []*har.EntryError, end error) {
	t.Helper()
	for entry, err := range har.NewReader(r).Entries() {
		var one *har.EntryError
		switch {
		case errors.As(err, &one):
			damaged = append(damaged, one)
		case err != nil:
			require.NoError(t, end, "more after the last error")
			end = err
		default:
			require.NoError(t, end, "an entry after the last error")
			entries = append(entries, entry)
		}
	}
	return entries, damaged, end
}

func file(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

// entry is a small entry with these members in its request and its response.
func entry(request, response string) string {
	return `{"startedDateTime":"2024-05-01T10:00:00.123+02:00","time":12.5,` +
		`"request":{"method":"POST","url":"https://api.example.com/a"` + request + `},"response":{"status":200` + response + `}}`
}

func one(t *testing.T, text string) har.Entry {
	t.Helper()
	entries, damaged, end := read(t, strings.NewReader(file(text)))
	require.NoError(t, end)
	require.Empty(t, damaged)
	require.Len(t, entries, 1)
	return entries[0]
}

// Each case is a habit of a recorder in use.
func TestRequestQuirks(t *testing.T) {
	type want struct {
		body    string // "-" for none
		unknown bool
		header  http.Header
	}
	jsonHeader := http.Header{"Content-Type": {"application/json"}}
	tests := []struct {
		name, request string
		want          want
	}{
		{"plain text", `,"postData":{"mimeType":"application/json","text":"{}"}`, want{body: "{}", header: jsonHeader}},
		{"no postData, size -1", `,"bodySize":-1`, want{body: "-"}},
		{"no postData, no size", ``, want{body: "-"}},
		{"no postData, size 0", `,"bodySize":0`, want{body: "-"}},
		{"lost body, known by its size", `,"bodySize":17`, want{body: "-", unknown: true}},
		{"lost body, known by its header", `,"headers":[{"name":"content-length","value":"17"}]`,
			want{body: "-", unknown: true, header: http.Header{"Content-Length": {"17"}}}},
		{"text is null, size 0", `,"bodySize":0,"postData":{"mimeType":"","text":null}`, want{body: "-"}},
		{"text is null, size unknown", `,"bodySize":-1,"postData":{"mimeType":"application/json","text":null}`,
			want{body: "-", unknown: true, header: jsonHeader}},
		{"postData is null", `,"postData":null`, want{body: "-"}},
		{"empty text", `,"bodySize":0,"postData":{"text":""}`, want{body: ""}},
		{"a cap exported as empty", `,"bodySize":70000,"postData":{"text":""}`, want{body: "", unknown: true}},
		{"base64, marked by a member outside the standard", `,"postData":{"text":"AP8B","encoding":"base64"}`, want{body: "\x00\xff\x01"}},
		{"base64 without padding", `,"postData":{"text":"e30","encoding":"base64"}`, want{body: "{}"}},
		{"base64 in lines", `,"postData":{"text":"AP\r\n8B","encoding":"base64"}`, want{body: "\x00\xff\x01"}},
		{"marked as base64, and plain", `,"postData":{"text":"{\"a\": 1}","encoding":"base64"}`, want{body: `{"a": 1}`}},
		{"base64 of JSON, not marked", `,"postData":{"mimeType":"application/json","text":"eyJhIjoxfQ=="}`,
			want{body: `{"a":1}`, header: jsonHeader}},
		{"text that looks encoded, and is not JSON then", `,"postData":{"mimeType":"application/json","text":"exact"}`,
			want{body: `exact`, header: jsonHeader}},
		{"parameters without text", `,"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"1&2"},{"name":"c"}]}`,
			want{body: "a+b=1%262&c=", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}},
		{"text beats parameters", `,"postData":{"text":"a=1","params":[{"name":"b","value":"2"}]}`, want{body: "a=1"}},
		{"file upload by parameters", `,"postData":{"mimeType":"multipart/form-data; boundary=x","params":[{"name":"b","value":"2"}]}`,
			want{body: "-", unknown: true, header: http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}}},
		{"HTTP/2: pseudo headers and lower case", `,"headers":[{"name":":authority","value":"api.example.com"},{"name":":method","value":"POST"},{"name":"session-id","value":"7"}]`,
			want{body: "-", header: http.Header{"Session-Id": {"7"}}}},
		{"HTTP/1: the host again", `,"headers":[{"name":"Host","value":"api.example.com"}]`, want{body: "-"}},
		{"repeated headers", `,"headers":[{"name":"accept","value":"a"},{"name":"Accept","value":"b"}]`,
			want{body: "-", header: http.Header{"Accept": {"a", "b"}}}},
		{"the header beats mimeType", `,"headers":[{"name":"content-type","value":"application/json; charset=utf-8"}],"postData":{"mimeType":"application/json","text":""}`,
			want{body: "", header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}},
		{"headers of no shape", `,"headers":{"a":"b"}`, want{body: "-"}},
		{"a header without a name", `,"headers":[{"value":"b"},7,null]`, want{body: "-"}},
		{"NUL, invalid UTF-8 and a lone surrogate", `,"postData":{"text":"a\u0000` + "\xff" + `\ud800"}`, want{body: "a\x00\xff\xed\xa0\x80"}},
		{"a surrogate pair", `,"postData":{"text":"\ud83d\ude00"}`, want{body: "😀"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := one(t, entry(tt.request, "")).Request
			if tt.want.body == "-" {
				assert.Nil(t, got.Body)
			} else {
				require.NotNil(t, got.Body)
				assert.Equal(t, tt.want.body, string(got.Body))
			}
			assert.Equal(t, tt.want.unknown, got.BodyUnknown, "unknown")
			if tt.want.header == nil {
				tt.want.header = http.Header{}
			}
			assert.Equal(t, tt.want.header, got.Header)
		})
	}
}

func TestResponseQuirks(t *testing.T) {
	tests := []struct {
		name, response string
		status         int
		body           string // "-" for none
		unknown        bool
		mediaType      string
	}{
		{"text", `,"content":{"size":2,"mimeType":"application/json","text":"{}"}`, 200, "{}", false, "application/json"},
		{"base64", `,"content":{"size":3,"text":"AP8B","encoding":"base64"}`, 200, "\x00\xff\x01", false, ""},
		{"evicted", `,"content":{"size":812,"mimeType":"application/json"}`, 200, "-", true, "application/json"},
		{"not recorded", `,"content":{"size":-1,"mimeType":"application/json"}`, 200, "-", true, "application/json"},
		{"no content", ``, 200, "-", true, ""},
		{"empty", `,"content":{"size":0,"mimeType":"x-unknown"}`, 200, "-", false, ""},
		{"size 0, and bytes on the wire", `,"bodySize":99,"content":{"size":0}`, 200, "-", true, ""},
		{"204", `,"status":204,"content":{"size":-1,"mimeType":"x-unknown"}`, 204, "-", false, ""},
		{"204 with a body", `,"status":204,"content":{"size":2,"text":"{}"}`, 204, "{}", false, ""},
		{"304 and a cached body's size", `,"status":304,"content":{"size":812}`, 304, "-", false, ""},
		{"compressed on the wire, decoded here", `,"headers":[{"name":"content-encoding","value":"gzip"}],"content":{"size":20,"compression":-3,"text":"{}"}`,
			200, "{}", false, ""},
		{"a status in quotes", `,"status":"201","content":{"size":0}`, 201, "-", false, ""},
		{"blocked", `,"status":0,"_error":"net::ERR_FAILED","content":{"size":0}`, 0, "-", false, ""},
		{"a status of no shape", `,"status":[],"content":{"size":7}`, 0, "-", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := entry("", tt.response)
			if strings.Contains(tt.response, `"status"`) {
				text = strings.Replace(text, `"status":200,`, "", 1)
			}
			got := one(t, text)
			assert.Equal(t, tt.status, got.Status)
			if tt.body == "-" {
				assert.Nil(t, got.Response.Body)
			} else {
				assert.Equal(t, tt.body, string(got.Response.Body))
			}
			assert.Equal(t, tt.unknown, got.Response.BodyUnknown, "unknown")
			assert.Equal(t, tt.mediaType, got.Response.Header.Get("Content-Type"))
		})
	}
}

func TestRepeatedSetCookieJoinedByLineFeeds(t *testing.T) {
	got := one(t, entry("", `,"headers":[{"name":"set-cookie","value":"a=1\nb=2"},{"name":"set-cookie","value":"c=3"}]`))
	assert.Equal(t, []string{"a=1", "b=2", "c=3"}, got.Response.Header.Values("Set-Cookie"))
}

func TestNoBodyAnswersHEAD(t *testing.T) {
	got := one(t, strings.Replace(entry("", `,"content":{"size":812}`), "POST", "HEAD", 1))
	assert.Nil(t, got.Response.Body)
	assert.False(t, got.Response.BodyUnknown)
}

func TestHeaderUnknown(t *testing.T) {
	assert.True(t, one(t, entry(`,"headers":[]`, "")).Request.HeaderUnknown)
	assert.True(t, one(t, entry(``, "")).Request.HeaderUnknown)
	assert.False(t, one(t, entry(`,"headers":[{"name":":path","value":"/a"}]`, "")).Request.HeaderUnknown)
}

func TestEntryMembers(t *testing.T) {
	got := one(t, `{"_priority":"High","startedDateTime":"2024-05-01T10:00:00.123+02:00","time":-1,"timings":{"send":-1,"wait":0.33},
		"request":{"method":"get","url":"https://api.example.com/a?b=c#part","httpVersion":"h3"},
		"response":{"status":0,"_error":"net::ERR_ABORTED"},"serverIPAddress":"[::1]","_inbound":true}`)
	assert.Equal(t, "GET", got.Method)
	assert.Equal(t, "https://api.example.com/a?b=c", got.URL, "without fragment")
	assert.True(t, got.Started.Equal(time.Date(2024, 5, 1, 8, 0, 0, 123e6, time.UTC)))
	assert.Equal(t, "net::ERR_ABORTED", got.Error)
	assert.True(t, got.Inbound)
}

func TestMeta(t *testing.T) {
	r := har.NewReader(strings.NewReader("\xEF\xBB\xBF" + `{"x":[1,{"log":2}],"log":{"creator":{"version":"1","name":"kassa"},"pages":[{"id":"]"}],
		"_servers":["http://127.0.0.1:43123",7],"entries":[` + entry("", "") + `]},"y":null}`))
	for _, err := range r.Entries() {
		require.NoError(t, err)
		assert.Equal(t, har.Meta{Creator: "kassa", Servers: []string{"http://127.0.0.1:43123", ""}}, r.Meta())
	}
}

func TestDamage(t *testing.T) {
	good := entry(`,"headers":[]`, `,"content":{"size":2,"text":"{}"}`)
	numbered := strings.Replace(good, "com/a", "com/z", 1)
	tests := []struct {
		name, file string
		urls       string // last letters of the URLs read
		damaged    []int
		end        error
	}{
		{"nothing", "", "", nil, har.ErrEmpty},
		{"white space", " \r\n", "", nil, har.ErrEmpty},
		{"HTML", "<!doctype html>", "", nil, har.ErrNotJSON},
		{"an array", "[]", "", nil, har.ErrNotJSON},
		{"another object", `{"a":1}`, "", nil, har.ErrNoEntries},
		{"a log without entries", `{"log":{"version":"1.2"}}`, "", nil, har.ErrNoEntries},
		{"entries of another type", `{"log":{"entries":{}}}`, "", nil, har.ErrNoEntries},
		{"a log of another type", `{"log":[]}`, "", nil, har.ErrNoEntries},
		{"no entries", file(), "", nil, nil},
		{"cut before entries", `{"log":{"version":"1.`, "", nil, har.ErrTruncated},
		{"cut in a name", `{"log":{"vers`, "", nil, har.ErrTruncated},
		{"cut inside an entry", file(good, numbered)[:len(file(good))+40], "a", nil, har.ErrTruncated},
		{"cut between entries", strings.TrimSuffix(file(good), "]}}") + ",", "a", nil, har.ErrTruncated},
		{"closing brackets missing", strings.TrimSuffix(file(good), "}}"), "a", nil, har.ErrTruncated},
		{"something after the end", file(good) + "x", "a", nil, har.ErrNotJSON},
		{"commas too many and too few", strings.Replace(file(good, good, good), "},{\"started", "} {\"started", 1) + "", "aaa", nil, nil},
		{"a number for an entry", file(good, "7", numbered), "az", []int{1}, nil},
		{"null for an entry", file("null", numbered), "z", []int{0}, nil},
		{"no request", file(good, `{"response":{"status":200}}`, numbered), "az", []int{1}, nil},
		{"no method", file(strings.Replace(good, `"method":"POST",`, "", 1), numbered), "z", []int{0}, nil},
		{"no URL", file(strings.Replace(good, `"url"`, `"uri"`, 1), numbered), "z", []int{0}, nil},
		{"a bare word", file(good, strings.Replace(good, "12.5", "NaN", 1), numbered), "az", []int{1}, nil},
		{"a comma missing", file(good, strings.Replace(good, "12.5,", "12.5", 1), numbered), "az", []int{1}, nil},
		{"a closing brace missing", file(good, good[:len(good)-1], numbered, good), "aza", []int{1}, nil},
		{"a wrong bracket", file(good, strings.Replace(good, `"headers":[]`, `"headers":[`, 1), numbered), "az", []int{1}, nil},
		{"a quote missing", file(good, strings.Replace(good, `"POST"`, `"POST`, 1), numbered, good), "aza", []int{1}, nil},
		{"a bracket too many ends the entries", file(good, good+"}", numbered), "aa", nil, har.ErrNotJSON},
		{"nested too deep", file(good, `{"a":`+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)+"}", numbered), "az", []int{1}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{
				"whole":        strings.NewReader(tt.file),
				"byte by byte": iotest.OneByteReader(strings.NewReader(tt.file)),
				"error at end": iotest.DataErrReader(strings.NewReader(tt.file)),
			} {
				entries, damaged, end := read(t, r)
				if tt.end == nil {
					require.NoError(t, end, name)
				} else {
					require.ErrorIs(t, end, tt.end, name)
				}
				var urls string
				for _, e := range entries {
					urls += e.URL[len(e.URL)-1:]
				}
				assert.Equal(t, tt.urls, urls, name)
				var where []int
				for _, d := range damaged {
					where = append(where, d.Index)
				}
				assert.Equal(t, tt.damaged, where, name)
			}
		})
	}
}

func TestDamageNamesThePlace(t *testing.T) {
	text := file(entry("", ""), "7")
	_, damaged, _ := read(t, strings.NewReader(text))
	require.Len(t, damaged, 1)
	assert.Equal(t, int64(strings.LastIndex(text, "7")), damaged[0].Offset)
	assert.ErrorContains(t, damaged[0], "log.entries[1], at byte")
	assert.ErrorContains(t, damaged[0], "it is not an object")
}

func TestReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("disk gone")
	entries, _, end := read(t, io.MultiReader(strings.NewReader(strings.TrimSuffix(file(entry("", "")), "]}}")), iotest.ErrReader(broken)))
	assert.Len(t, entries, 1)
	assert.ErrorIs(t, end, broken)
}

func TestStopEarly(t *testing.T) {
	n := 0
	for _, err := range har.NewReader(strings.NewReader(file(entry("", ""), entry("", ""), entry("", "")))).Entries() {
		require.NoError(t, err)
		if n++; n == 2 {
			break
		}
	}
	assert.Equal(t, 2, n)
}

// A file made to be read again and again ends in an error, not in an hour.
func TestHostileDamageIsBounded(t *testing.T) {
	unclosed := `{"startedDateTime":1,"a":"` + strings.Repeat("x", 1<<20) + `",`
	_, damaged, end := read(t, strings.NewReader(`{"log":{"entries":[`+strings.Repeat(unclosed, 80)))
	require.ErrorIs(t, end, har.ErrDamaged)
	assert.NotEmpty(t, damaged)
}
