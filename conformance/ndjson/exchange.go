package ndjson

import (
	"encoding/base64"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/conformance/har"
	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// parse reads one exchange from valid JSON, which it may overwrite. It returns
// what is wrong with it, if anything.
func parse(line []byte) (e har.Entry, problem string) {
	c := rawjson.Cursor(line)
	if !c.Enter('{') {
		return e, "the line is not an object"
	}
	var method, url, started, inbound, failed []byte
	var request, response message
	for c.More() {
		switch string(c.Name()) {
		case "method":
			given(&c, &method)
		case "url":
			given(&c, &url)
		case "started":
			given(&c, &started)
		case "inbound":
			given(&c, &inbound)
		case "error":
			given(&c, &failed)
		case "request":
			request.walk(&c)
		case "response":
			response.walk(&c)
		default:
			c.Value()
		}
	}
	e = har.Entry{
		Method: strings.ToUpper(rawjson.Text(method)), URL: rawjson.Text(url), Error: rawjson.Text(failed),
		Inbound: truth(inbound), AuthUnknown: truth(request.authUnknown),
	}
	e.URL, _, _ = strings.Cut(e.URL, "#")
	switch {
	case e.Method == "":
		return e, "method is missing or no string"
	case e.URL == "":
		return e, "url is missing or no string"
	}
	if started != nil {
		t, err := time.Parse(time.RFC3339Nano, rawjson.Text(started))
		if err != nil {
			return e, "started is no time of RFC 3339"
		}
		e.Started = t
	}
	if e.Request, problem = request.message(); problem != "" {
		return e, "request." + problem
	}
	status := rawjson.Number(response.status, 0)
	if status != 0 && (status < 100 || status > 999 || status != float64(int(status))) {
		return e, "response.status is no status"
	}
	if e.Status = int(status); e.Status == 0 {
		return e, ""
	}
	if e.Response, problem = response.message(); problem != "" {
		return e, "response." + problem
	}
	return e, ""
}

// given gives a member its value; null is none.
func given(c *rawjson.Cursor, member *[]byte) {
	if value := c.Value(); *member == nil && string(value) != "null" {
		*member = value
	}
}

func truth(value []byte) bool { return string(value) == "true" }

// message is a request or a response as it is written.
type message struct {
	status, headers, headersUnknown, authUnknown, body, bodyBase64, bodyUnknown []byte
}

func (m *message) walk(c *rawjson.Cursor) {
	if !c.Enter('{') {
		return
	}
	for c.More() {
		switch string(c.Name()) {
		case "status":
			given(c, &m.status)
		case "headers":
			given(c, &m.headers)
		case "headersUnknown":
			given(c, &m.headersUnknown)
		case "authUnknown":
			given(c, &m.authUnknown)
		case "body":
			given(c, &m.body)
		case "bodyBase64":
			given(c, &m.bodyBase64)
		case "bodyUnknown":
			given(c, &m.bodyUnknown)
		default:
			c.Value()
		}
	}
}

// message is strict, unlike the reader of HAR: nobody's habits are to be guessed.
func (m *message) message() (out har.Message, problem string) {
	out = har.Message{Header: http.Header{}, BodyUnknown: truth(m.bodyUnknown)}
	out.HeaderUnknown = m.headers == nil || truth(m.headersUnknown)
	if c := rawjson.Cursor(m.headers); m.headers != nil && !c.Enter('{') {
		return out, "headers is no object"
	} else if m.headers != nil {
		for c.More() {
			name := textproto.CanonicalMIMEHeaderKey(string(c.Name()))
			values := c.Value()
			if rawjson.IsText(values) {
				out.Header[name] = append(out.Header[name], rawjson.Text(values))
				continue
			}
			for value := range rawjson.Elements(values) {
				out.Header[name] = append(out.Header[name], rawjson.Text(value))
			}
		}
		delete(out.Header, "Host") // which the URL tells
	}
	switch {
	case m.body != nil && !rawjson.IsText(m.body):
		return out, "body is no string"
	case m.body != nil:
		out.Body = rawjson.Unescape(m.body[1 : len(m.body)-1])
	case m.bodyBase64 != nil:
		body, err := base64.StdEncoding.DecodeString(rawjson.Text(m.bodyBase64))
		if err != nil || !rawjson.IsText(m.bodyBase64) {
			return out, "bodyBase64 is no base64"
		}
		out.Body = body
	}
	return out, ""
}
