package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// fields are the members of an object; the first of a repeated member counts.
type fields map[string][]byte

func fieldsOf(raw []byte) fields {
	f := fields{}
	for name, value := range rawjson.Members(raw) {
		if _, twice := f[name]; !twice {
			f[name] = value
		}
	}
	return f
}

func text(raw []byte) string {
	if len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	return string(rawjson.Unquote(raw))
}

// number reads a number written as one or as a string; fallback otherwise.
func number(raw []byte, fallback float64) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.Trim(string(raw), `"`)), 64)
	if err != nil || n != n {
		return fallback
	}
	return n
}

// parse reads one entry from valid JSON.
func parse(raw []byte) (Entry, error) {
	if raw[0] != '{' {
		return Entry{}, &EntryError{Problem: "it is not an object"}
	}
	f := fieldsOf(raw)
	request, response := fieldsOf(f["request"]), fieldsOf(f["response"])
	e := Entry{
		Method:  strings.ToUpper(text(request["method"])),
		URL:     text(request["url"]),
		Status:  status(response["status"]),
		Inbound: string(f["_inbound"]) == "true",
		Error:   text(f["_error"]),
	}
	if e.Error == "" {
		e.Error = text(response["_error"])
	}
	e.URL, _, _ = strings.Cut(e.URL, "#")
	switch {
	case f["request"] == nil:
		return Entry{}, &EntryError{Problem: "it has no request"}
	case e.Method == "":
		return Entry{}, &EntryError{Problem: "request.method is missing or no string"}
	case e.URL == "":
		return Entry{}, &EntryError{Problem: "request.url is missing or no string"}
	}
	if t, err := time.Parse(time.RFC3339Nano, text(f["startedDateTime"])); err == nil {
		e.Started = t
	}
	e.Request = requestMessage(request)
	if e.Status != 0 {
		e.Response = responseMessage(response, e.Status, e.Method)
	}
	return e, nil
}

func status(raw []byte) int {
	n := number(raw, 0)
	if n < 100 || n > 999 {
		return 0
	}
	return int(n)
}

func requestMessage(request fields) Message {
	m := header(request["headers"])
	post := fieldsOf(request["postData"])
	m.contentType(text(post["mimeType"]))
	size := max(number(request["bodySize"], -1), m.contentLength())
	present := request["postData"] != nil && string(request["postData"]) != "null"
	switch {
	case len(post["text"]) > 0 && post["text"][0] == '"':
		m.Body = body(text(post["text"]), text(post["encoding"]), m.Header.Get("Content-Type"))
		m.BodyUnknown = len(m.Body) == 0 && size > 0
	case present && len(post["params"]) > 2 && !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/"):
		m.Body = form(post["params"])
	default:
		m.BodyUnknown = size > 0 || present && size < 0
	}
	return m
}

func responseMessage(response fields, status int, method string) Message {
	m := header(response["headers"])
	content := fieldsOf(response["content"])
	m.contentType(text(content["mimeType"]))
	if method == http.MethodHead || status < 200 || status == http.StatusNoContent && content["text"] == nil || status == http.StatusNotModified {
		return m
	}
	size := number(content["size"], -1)
	if size <= 0 { // a content size that tells nothing; what went over the wire may tell more
		if wire := max(number(response["bodySize"], -1), m.contentLength()); wire > 0 {
			size = wire
		}
	}
	if raw := content["text"]; len(raw) > 0 && raw[0] == '"' {
		m.Body = body(text(raw), text(content["encoding"]), m.Header.Get("Content-Type"))
		m.BodyUnknown = len(m.Body) == 0 && size > 0
	} else {
		m.BodyUnknown = size != 0
	}
	return m
}

// header reads the header list. HTTP/2 pseudo headers and Host repeat what the
// URL says and are dropped; repeated values joined by line feeds are parted.
func header(raw []byte) Message {
	m := Message{Header: http.Header{}, HeaderUnknown: true}
	for one := range rawjson.Elements(raw) {
		f := fieldsOf(one)
		name := text(f["name"])
		if name == "" {
			continue
		}
		m.HeaderUnknown = false
		if name = textproto.CanonicalMIMEHeaderKey(name); name[0] == ':' || name == "Host" {
			continue
		}
		for value := range strings.SplitSeq(text(f["value"]), "\n") {
			m.Header.Add(name, strings.TrimSpace(value))
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

// body turns recorded text into bytes. Text marked as base64 that is not is
// taken as it stands; text of a JSON body that is base64 and not marked is
// decoded, for both mistakes are made by recorders in use.
func body(recorded, encoding, mediaType string) []byte {
	unmarked := encoding == "" && strings.Contains(mediaType, "json") && looksEncoded(recorded)
	if !unmarked && !strings.EqualFold(encoding, "base64") {
		return []byte(recorded)
	}
	compact := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' {
			return -1
		}
		return r
	}, recorded)
	for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		decoded, err := alphabet.DecodeString(compact)
		if err == nil && (!unmarked || json.Valid(decoded)) {
			return decoded
		}
	}
	return []byte(recorded)
}

// looksEncoded: "{" and "[" followed by anything become these in base64.
func looksEncoded(text string) bool {
	return len(text) >= 4 && (text[0] == 'e' && text[1] >= 'w' && text[1] <= 'z' || text[0] == 'W')
}

// form rebuilds a form body from its parameters, in their order.
func form(params []byte) []byte {
	var out bytes.Buffer
	for one := range rawjson.Elements(params) {
		f := fieldsOf(one)
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(text(f["name"])) + "=" + url.QueryEscape(text(f["value"])))
	}
	return out.Bytes()
}
