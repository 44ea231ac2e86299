package har

import (
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// written is an entry as it is written: of a repeated member the first. It lets
// an entry be walked once, whatever the order of its members.
type written struct {
	started, inbound, authUnknown, problem []byte
	request, response                      side
}

// side is a request or a response.
type side struct {
	there                        bool
	method, url, status, problem []byte
	bodySize                     []byte
	headers                      []byte
	content                      payload
}

// payload is the body's place.
type payload struct {
	there                                        bool
	size, mimeType, text, encoding, file, params []byte
}

func (w *written) walk(c *rawjson.Cursor) {
	for c.More() {
		switch string(c.Name()) {
		case "startedDateTime":
			c.First(&w.started)
		case "_inbound":
			c.First(&w.inbound)
		case "_authUnknown":
			c.First(&w.authUnknown)
		case "_error":
			c.First(&w.problem)
		case "request":
			w.request.walk(c, "postData")
		case "response":
			w.response.walk(c, "content")
		default:
			c.Value()
		}
	}
}

func (s *side) walk(c *rawjson.Cursor, holder string) {
	if s.there {
		c.Value()
		return
	}
	s.there = true
	if !c.Enter('{') {
		return
	}
	for c.More() {
		switch string(c.Name()) {
		case "method":
			c.First(&s.method)
		case "url":
			c.First(&s.url)
		case "status":
			c.First(&s.status)
		case "_error":
			c.First(&s.problem)
		case "bodySize":
			c.First(&s.bodySize)
		case "headers":
			c.First(&s.headers)
		case holder:
			s.content.walk(c)
		default:
			c.Value()
		}
	}
}

func (p *payload) walk(c *rawjson.Cursor) {
	if p.there || c.Peek() == 'n' { // null
		c.Value()
		return
	}
	p.there = true
	if !c.Enter('{') {
		return
	}
	for c.More() {
		switch string(c.Name()) {
		case "size":
			c.First(&p.size)
		case "mimeType":
			c.First(&p.mimeType)
		case "text":
			c.First(&p.text)
		case "encoding":
			c.First(&p.encoding)
		case "_file":
			c.First(&p.file)
		case "params":
			c.First(&p.params)
		default:
			c.Value()
		}
	}
}

// parse reads one entry from valid JSON, which it may overwrite. It returns what
// is wrong with it, if anything.
func parse(raw []byte) (e Entry, problem string) {
	c := rawjson.Cursor(raw)
	if !c.Enter('{') {
		return Entry{}, "it is not an object"
	}
	var w written
	w.walk(&c)
	e = Entry{
		Method:      strings.ToUpper(rawjson.Text(w.request.method)),
		URL:         rawjson.Text(w.request.url),
		Status:      status(w.response.status),
		Inbound:     string(w.inbound) == "true",
		AuthUnknown: string(w.authUnknown) == "true",
		Error:       rawjson.Text(w.problem),
	}
	if e.Error == "" {
		e.Error = rawjson.Text(w.response.problem)
	}
	e.URL, _, _ = strings.Cut(e.URL, "#")
	switch {
	case !w.request.there:
		return Entry{}, "it has no request"
	case e.Method == "":
		return Entry{}, "request.method is missing or no string"
	case e.URL == "":
		return Entry{}, "request.url is missing or no string"
	}
	if t, err := time.Parse(time.RFC3339Nano, rawjson.Text(w.started)); err == nil {
		e.Started = t
	}
	e.Request = w.request.asked()
	if e.Status != 0 {
		e.Response = w.response.answered(e.Status, e.Method)
	}
	return e, ""
}

func status(raw []byte) int {
	n := rawjson.Number(raw, 0)
	if n < 100 || n > 999 {
		return 0
	}
	return int(n)
}

// asked is the message of a request.
func (s *side) asked() Message {
	m := header(s.headers)
	post := s.content
	m.contentType(rawjson.Text(post.mimeType))
	size := max(rawjson.Number(s.bodySize, -1), m.contentLength())
	switch {
	case rawjson.IsText(post.text):
		m.Body = body(post.text, rawjson.Text(post.encoding), m.Header.Get("Content-Type"))
		m.BodyUnknown = len(m.Body) == 0 && size > 0
	case len(post.params) > 2 && !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/"):
		m.Body = form(post.params)
	default:
		m.File = rawjson.Text(post.file)
		m.BodyUnknown = size > 0 || post.there && size < 0 || m.File != ""
	}
	return m
}

// answered is the message of a response.
func (s *side) answered(status int, method string) Message {
	m := header(s.headers)
	m.contentType(rawjson.Text(s.content.mimeType))
	if method == http.MethodHead || status < 200 || status == http.StatusNotModified || status == http.StatusNoContent && s.content.text == nil {
		return m
	}
	size := rawjson.Number(s.content.size, -1)
	if size <= 0 { // a content size that tells nothing; what went over the wire may tell more
		if wire := max(rawjson.Number(s.bodySize, -1), m.contentLength()); wire > 0 {
			size = wire
		}
	}
	if rawjson.IsText(s.content.text) {
		m.Body = body(s.content.text, rawjson.Text(s.content.encoding), m.Header.Get("Content-Type"))
		m.BodyUnknown = len(m.Body) == 0 && size > 0
	} else {
		m.File = rawjson.Text(s.content.file)
		m.BodyUnknown = size != 0 || m.File != ""
	}
	return m
}

// header reads the header list. HTTP/2 pseudo headers and Host repeat what the
// URL says and are dropped; repeated values joined by line feeds are parted.
func header(raw []byte) Message {
	m := Message{Header: http.Header{}, HeaderUnknown: true}
	for name, value := range rawjson.Named(raw) {
		if rawjson.Text(name) == "" {
			continue
		}
		m.HeaderUnknown = false
		key := textproto.CanonicalMIMEHeaderKey(rawjson.Text(name))
		if key[0] == ':' || key == "Host" {
			continue
		}
		for one := range strings.SplitSeq(rawjson.Text(value), "\n") {
			m.Header[key] = append(m.Header[key], strings.TrimSpace(one))
		}
	}
	return m
}

// contentType fills in the recorder's idea of the media type where no header
// says it. x-unknown is how recorders spell that they have none.
func (m *Message) contentType(mimeType string) {
	if mimeType != "" && !strings.EqualFold(mimeType, "x-unknown") && m.Header.Get("Content-Type") == "" {
		m.Header.Set("Content-Type", mimeType)
	}
}

func (m *Message) contentLength() float64 {
	return rawjson.Number([]byte(m.Header.Get("Content-Length")), -1)
}
