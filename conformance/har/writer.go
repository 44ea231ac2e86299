package har

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"
)

// Writer writes one recording. It is not safe for concurrent use.
type Writer struct {
	w     *bufio.Writer
	count int
	err   error
}

// NewWriter starts a recording on w. The first byte is written here, errors
// come from Write and Close. By default the creator is named kassa.
func NewWriter(w io.Writer, meta Meta) *Writer {
	out := &Writer{w: bufio.NewWriter(w)}
	if meta.Creator == "" {
		meta.Creator = "kassa"
	}
	out.print(`{"log":{"version":"1.2","creator":%s,`, encode(struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}{meta.Creator, "1"}))
	if len(meta.Servers) > 0 {
		out.print(`"_servers":%s,`, encode(meta.Servers))
	}
	out.print("\"entries\":[\n")
	return out
}

// Write appends an entry and hands it on, so that a recording that is cut off
// lacks its end alone; its index is its place in the file, not e.Index. After
// an error every later call returns the same error and writes nothing.
func (w *Writer) Write(e Entry) error {
	if w.count > 0 {
		w.print(",\n")
	}
	w.count++
	w.print("%s", encode(wireEntry(e)))
	w.flush()
	return w.err
}

// Close completes the file and flushes it; it does not close what is beneath.
func (w *Writer) Close() error {
	w.print(end)
	w.flush()
	return w.err
}

// end completes a recording.
const end = "\n]}}\n"

func (w *Writer) flush() {
	if w.err == nil {
		w.err = w.w.Flush()
	}
}

func (w *Writer) print(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}

// encode cannot fail: it is only given strings, numbers, slices and structs.
func encode(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type entryJSON struct {
	Started  string       `json:"startedDateTime"`
	Time     int          `json:"time"`
	Request  requestJSON  `json:"request"`
	Response responseJSON `json:"response"`
	Cache    struct{}     `json:"cache"`
	Timings  timings      `json:"timings"`
	Inbound  bool         `json:"_inbound,omitempty"`
	Error    string       `json:"_error,omitempty"`

	AuthUnknown bool `json:"_authUnknown,omitempty"`
}

type timings struct {
	Send    int `json:"send"`
	Wait    int `json:"wait"`
	Receive int `json:"receive"`
}

type requestJSON struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []pair    `json:"cookies"`
	Headers     []pair    `json:"headers"`
	QueryString []pair    `json:"queryString"`
	PostData    *postJSON `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int       `json:"bodySize"`
}

type postJSON struct {
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"`
	Encoding string  `json:"encoding,omitempty"`
}

type responseJSON struct {
	Status      int         `json:"status"`
	StatusText  string      `json:"statusText"`
	HTTPVersion string      `json:"httpVersion"`
	Cookies     []pair      `json:"cookies"`
	Headers     []pair      `json:"headers"`
	Content     contentJSON `json:"content"`
	RedirectURL string      `json:"redirectURL"`
	HeadersSize int         `json:"headersSize"`
	BodySize    int         `json:"bodySize"`
}

type contentJSON struct {
	Size     int     `json:"size"`
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"`
	Encoding string  `json:"encoding,omitempty"`
}

func wireEntry(e Entry) entryJSON {
	started := e.Started.UTC()
	if e.Started.IsZero() {
		started = time.Unix(0, 0).UTC()
	}
	return entryJSON{
		Started: started.Format("2006-01-02T15:04:05.000Z07:00"),
		Request: requestJSON{
			Method: e.Method, URL: e.URL, HTTPVersion: "HTTP/1.1",
			Cookies: []pair{}, Headers: requestHeaders(e), QueryString: query(e.URL),
			PostData: post(e.Request), HeadersSize: -1, BodySize: size(e.Request),
		},
		Response: responseJSON{
			Status: e.Status, StatusText: http.StatusText(e.Status), HTTPVersion: "HTTP/1.1",
			Cookies: []pair{}, Headers: pairs(e.Response), Content: content(e.Response),
			RedirectURL: e.Response.Header.Get("Location"), HeadersSize: -1, BodySize: size(e.Response),
		},
		Inbound: e.Inbound,
		Error:   e.Error,

		AuthUnknown: e.AuthUnknown,
	}
}

// requestHeaders starts with Host, so that a request without any header of its
// own is not mistaken for one whose headers were not recorded.
func requestHeaders(e Entry) []pair {
	list := pairs(e.Request)
	if u, err := url.Parse(e.URL); err == nil && !e.Request.HeaderUnknown {
		list = slices.Insert(list, 0, pair{"Host", u.Host})
	}
	return list
}

func pairs(m Message) []pair {
	list := []pair{}
	if m.HeaderUnknown {
		return list
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		for _, value := range m.Header[name] {
			list = append(list, pair{name, value})
		}
	}
	return list
}

func query(address string) []pair {
	list := []pair{}
	u, err := url.Parse(address)
	if err != nil {
		return list
	}
	values := u.Query()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			list = append(list, pair{name, value})
		}
	}
	return list
}

func size(m Message) int {
	if m.BodyUnknown {
		return -1
	}
	return len(m.Body)
}

func mimeType(m Message) string {
	if t := m.Header.Get("Content-Type"); t != "" {
		return t
	}
	return "x-unknown"
}

func post(m Message) *postJSON {
	if m.Body == nil && !m.BodyUnknown {
		return nil
	}
	p := &postJSON{MimeType: mimeType(m)}
	p.Text, p.Encoding = recorded(m)
	return p
}

func content(m Message) contentJSON {
	c := contentJSON{Size: size(m), MimeType: mimeType(m)}
	c.Text, c.Encoding = recorded(m)
	return c
}

func recorded(m Message) (*string, string) {
	if m.Body == nil || m.BodyUnknown {
		return nil, ""
	}
	if utf8.Valid(m.Body) {
		text := string(m.Body)
		return &text, ""
	}
	text := base64.StdEncoding.EncodeToString(m.Body)
	return &text, "base64"
}
