package har

import (
	"net/http"
	"net/textproto"
	"strings"
	"time"
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

func (w *written) walk(c *cursor) {
	for c.more() {
		switch string(c.name()) {
		case "startedDateTime":
			c.first(&w.started)
		case "_inbound":
			c.first(&w.inbound)
		case "_authUnknown":
			c.first(&w.authUnknown)
		case "_error":
			c.first(&w.problem)
		case "request":
			w.request.walk(c, "postData")
		case "response":
			w.response.walk(c, "content")
		default:
			c.value()
		}
	}
}

func (s *side) walk(c *cursor, holder string) {
	if s.there {
		c.value()
		return
	}
	s.there = true
	if !c.enter('{') {
		return
	}
	for c.more() {
		switch string(c.name()) {
		case "method":
			c.first(&s.method)
		case "url":
			c.first(&s.url)
		case "status":
			c.first(&s.status)
		case "_error":
			c.first(&s.problem)
		case "bodySize":
			c.first(&s.bodySize)
		case "headers":
			c.first(&s.headers)
		case holder:
			s.content.walk(c)
		default:
			c.value()
		}
	}
}

func (p *payload) walk(c *cursor) {
	if p.there || c.peek() == 'n' { // null
		c.value()
		return
	}
	p.there = true
	if !c.enter('{') {
		return
	}
	for c.more() {
		switch string(c.name()) {
		case "size":
			c.first(&p.size)
		case "mimeType":
			c.first(&p.mimeType)
		case "text":
			c.first(&p.text)
		case "encoding":
			c.first(&p.encoding)
		case "_file":
			c.first(&p.file)
		case "params":
			c.first(&p.params)
		default:
			c.value()
		}
	}
}

// parse reads one entry from valid JSON, which it may overwrite. It returns what
// is wrong with it, if anything.
func parse(raw []byte) (e Entry, problem string) {
	c := cursor(raw)
	if !c.enter('{') {
		return Entry{}, "it is not an object"
	}
	var w written
	w.walk(&c)
	e = Entry{
		Method:      strings.ToUpper(text(w.request.method)),
		URL:         text(w.request.url),
		Status:      status(w.response.status),
		Inbound:     string(w.inbound) == "true",
		AuthUnknown: string(w.authUnknown) == "true",
		Error:       text(w.problem),
	}
	if e.Error == "" {
		e.Error = text(w.response.problem)
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
	if t, err := time.Parse(time.RFC3339Nano, text(w.started)); err == nil {
		e.Started = t
	}
	e.Request = w.request.asked()
	if e.Status != 0 {
		e.Response = w.response.answered(e.Status, e.Method)
	}
	return e, ""
}

func status(raw []byte) int {
	n := number(raw, 0)
	if n < 100 || n > 999 {
		return 0
	}
	return int(n)
}

// asked is the message of a request.
func (s *side) asked() Message {
	m := header(s.headers)
	post := s.content
	m.contentType(text(post.mimeType))
	size := max(number(s.bodySize, -1), m.contentLength())
	switch {
	case isText(post.text):
		m.Body = body(post.text, text(post.encoding), m.Header.Get("Content-Type"))
		m.BodyUnknown = len(m.Body) == 0 && size > 0
	case len(post.params) > 2 && !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/"):
		m.Body = form(post.params)
	default:
		m.File = text(post.file)
		m.BodyUnknown = size > 0 || post.there && size < 0 || m.File != ""
	}
	return m
}

// answered is the message of a response.
func (s *side) answered(status int, method string) Message {
	m := header(s.headers)
	m.contentType(text(s.content.mimeType))
	if method == http.MethodHead || status < 200 || status == http.StatusNotModified || status == http.StatusNoContent && s.content.text == nil {
		return m
	}
	size := number(s.content.size, -1)
	if size <= 0 { // a content size that tells nothing; what went over the wire may tell more
		if wire := max(number(s.bodySize, -1), m.contentLength()); wire > 0 {
			size = wire
		}
	}
	if isText(s.content.text) {
		m.Body = body(s.content.text, text(s.content.encoding), m.Header.Get("Content-Type"))
		m.BodyUnknown = len(m.Body) == 0 && size > 0
	} else {
		m.File = text(s.content.file)
		m.BodyUnknown = size != 0 || m.File != ""
	}
	return m
}

// header reads the header list. HTTP/2 pseudo headers and Host repeat what the
// URL says and are dropped; repeated values joined by line feeds are parted.
func header(raw []byte) Message {
	m := Message{Header: http.Header{}, HeaderUnknown: true}
	for name, value := range named(raw) {
		if text(name) == "" {
			continue
		}
		m.HeaderUnknown = false
		key := textproto.CanonicalMIMEHeaderKey(text(name))
		if key[0] == ':' || key == "Host" {
			continue
		}
		for one := range strings.SplitSeq(text(value), "\n") {
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
	return number([]byte(m.Header.Get("Content-Length")), -1)
}
