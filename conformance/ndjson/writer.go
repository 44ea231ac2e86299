package ndjson

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/kassa-dev/kassa/conformance/har"
)

// Writer writes one recording. It is not safe for concurrent use.
type Writer struct {
	lines *json.Encoder
	err   error
}

// NewWriter writes the head of a recording to w. Errors come from Write. By
// default the creator is named kassa.
func NewWriter(w io.Writer, meta har.Meta) *Writer {
	if meta.Creator == "" {
		meta.Creator = "kassa"
	}
	out := &Writer{lines: json.NewEncoder(w)}
	out.lines.SetEscapeHTML(false)
	out.err = out.lines.Encode(headJSON{Schema, meta.Creator, meta.Servers})
	return out
}

// Write appends an entry in one write of a whole line; its index is its place in
// the file, not e.Index. There is nothing to close. After an error every later
// call returns the same error and writes nothing.
func (w *Writer) Write(e har.Entry) error {
	if w.err == nil {
		w.err = w.lines.Encode(lineOf(e))
	}
	return w.err
}

type headJSON struct {
	Schema  string   `json:"schema"`
	Creator string   `json:"creator"`
	Servers []string `json:"servers,omitempty"`
}

type lineJSON struct {
	Started  *time.Time   `json:"started,omitempty"`
	Method   string       `json:"method"`
	URL      string       `json:"url"`
	Inbound  bool         `json:"inbound,omitempty"`
	Error    string       `json:"error,omitempty"`
	Request  messageJSON  `json:"request"`
	Response *messageJSON `json:"response,omitempty"`
}

type messageJSON struct {
	Status         int         `json:"status,omitempty"`
	Headers        http.Header `json:"headers"`
	HeadersUnknown bool        `json:"headersUnknown,omitempty"`
	AuthUnknown    bool        `json:"authUnknown,omitempty"`
	Body           *string     `json:"body,omitempty"`
	BodyBase64     []byte      `json:"bodyBase64,omitempty"`
	BodyUnknown    bool        `json:"bodyUnknown,omitempty"`
}

func lineOf(e har.Entry) lineJSON {
	line := lineJSON{Method: e.Method, URL: e.URL, Inbound: e.Inbound, Error: e.Error, Request: messageOf(e.Request)}
	line.Request.AuthUnknown = e.AuthUnknown
	if !e.Started.IsZero() {
		started := e.Started.UTC()
		line.Started = &started
	}
	if e.Status != 0 {
		response := messageOf(e.Response)
		response.Status = e.Status
		line.Response = &response
	}
	return line
}

func messageOf(m har.Message) messageJSON {
	out := messageJSON{Headers: m.Header, HeadersUnknown: m.HeaderUnknown, BodyUnknown: m.BodyUnknown}
	if out.Headers == nil {
		out.Headers = http.Header{}
	}
	switch {
	case m.Body == nil:
	case utf8.Valid(m.Body):
		text := string(m.Body)
		out.Body = &text
	default:
		out.BodyBase64 = m.Body
	}
	return out
}
