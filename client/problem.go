package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is a refusal the server spoke: any answer whose status is not 2xx.
// Its members are filled from whichever form the body has, RFC 7807 with the
// problems of Swedbank Pay, RFC 9457 with errors, an error of Resurs's Merchant
// API, or an OAuth error; a body that is none of them, HTML included, leaves
// them empty and is kept in Body.
//
// Branch on Kind, Reason, Status and Type. Everything else is meant for people
// and changes without notice.
type Problem struct {
	Status    int         `json:"status"`
	Request   string      `json:"request,omitempty"` // method and path of what was refused, such as "POST /session"
	Type      string      `json:"type,omitempty"`    // URI of the kind of problem; for OAuth its code, such as invalid_client
	Title     string      `json:"title,omitempty"`
	Detail    string      `json:"detail,omitempty"`
	Instance  string      `json:"instance,omitempty"`
	Action    string      `json:"action,omitempty"` // advice of Swedbank Pay, such as RetryNewData
	Fields    []Field     `json:"fields,omitempty"`
	SessionID string      `json:"sessionId,omitempty"` // Swedbank Pay's sessionId, else the Session-Id that was sent: quote it to support
	TraceID   string      `json:"traceId,omitempty"`   // Resurs's name for the request: quote it to support
	Header    http.Header `json:"-"`
	// Body is what arrived, at most 64 KiB of it. A token, card or identity
	// number we sent is blanked out should the server repeat it, and so is what
	// looks like the card number, Nordic identity number or bearer token of
	// anybody. It may hold other personal data, so it is never part of Error or
	// JSON.
	Body []byte `json:"-"`
}

// Field is one narrow reason of a [Problem].
type Field struct {
	Name    string `json:"name,omitempty"`    // problems[].name of Swedbank Pay, validationErrors[].fieldName of Resurs
	Pointer string `json:"pointer,omitempty"` // errors[].pointer of Resurs, such as #/storeId
	Detail  string `json:"detail,omitempty"`
}

// Error is one line of at most 512 bytes: the request, the status and what the
// server gave as reason. It never holds the body or a token.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Request != "" {
		b.WriteString(p.Request + ": ")
	}
	fmt.Fprintf(&b, "%d", p.Status)
	title := p.Title
	if title == "" {
		title = p.Type
	}
	if title == "" {
		title = http.StatusText(p.Status)
	}
	for _, s := range []string{title, p.Detail} {
		if s != "" {
			b.WriteString(": " + s)
		}
	}
	for _, f := range p.Fields {
		b.WriteString("; " + strings.TrimSpace(f.Name+f.Pointer+" "+f.Detail))
	}
	return clean(b.String())
}

// Format writes the one line of Error, whatever the verb: header and body stay
// out.
func (p *Problem) Format(s fmt.State, verb rune) { format(s, verb, p.Error()) }

// UnmarshalJSON reads a problem by the members that are present. A member of an
// unexpected type is passed over; only a body that is no JSON object is an
// error. Status is taken from the body only while it is 0.
func (p *Problem) UnmarshalJSON(body []byte) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	text := func(name string, into *string) {
		var s string
		if json.Unmarshal(m[name], &s) == nil && s != "" {
			*into = s
		}
	}
	text("error", &p.Type)
	text("message", &p.Detail)
	text("traceId", &p.TraceID)
	text("type", &p.Type)
	text("error_description", &p.Detail)
	text("detail", &p.Detail)
	text("title", &p.Title)
	text("instance", &p.Instance)
	text("action", &p.Action)
	text("sessionId", &p.SessionID)
	if p.Status == 0 {
		_ = json.Unmarshal(m["status"], &p.Status)
	}
	if p.Status == 0 { // the code of a Merchant API is a status, as a number or as text
		_ = json.Unmarshal(bytes.Trim(m["code"], `"`), &p.Status)
	}
	p.Fields = slices.Concat(fields(m["problems"]), fields(m["errors"]), fields(m["validationErrors"]))
	return nil
}

// fields reads problems[], errors[] and validationErrors[], entry by entry: a strange one does not
// hide its neighbours. At most 100 are kept.
func fields(list json.RawMessage) []Field {
	var entries []json.RawMessage
	if json.Unmarshal(list, &entries) != nil {
		return nil
	}
	var out []Field
	for _, entry := range entries {
		var f struct{ Name, FieldName, Description, Pointer, Detail, Message string }
		_ = json.Unmarshal(entry, &f)
		field := Field{Name: cmp.Or(f.Name, f.FieldName), Pointer: f.Pointer, Detail: cmp.Or(f.Detail, f.Description, f.Message)}
		if field != (Field{}) && len(out) < 100 {
			out = append(out, field)
		}
	}
	return out
}

// clean makes one bounded line of s.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	const limit = 512
	if len(s) <= limit {
		return s
	}
	cut := limit - len("…")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

func format(s fmt.State, verb rune, line string) {
	if verb == 'q' {
		line = fmt.Sprintf("%q", line)
	}
	_, _ = io.WriteString(s, line)
}

func quoted(s string) ([]byte, error) { return json.Marshal(s) }
