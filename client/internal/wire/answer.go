package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// Answer is a complete 2xx answer.
type Answer struct {
	Request string // method and path
	Status  int
	Header  http.Header
	Body    []byte
}

// accept reads a 2xx answer, up to its bound.
func accept(req *http.Request, resp *http.Response) (*Answer, error) {
	var into bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= MaxAnswer {
		into.Grow(int(n) + bytes.MinRead)
	}
	_, err := into.ReadFrom(io.LimitReader(resp.Body, MaxAnswer+1))
	body := into.Bytes()
	if err != nil {
		return nil, broken(req, resp.StatusCode, err)
	}
	a := &Answer{Request: name(req), Status: resp.StatusCode, Header: resp.Header, Body: body}
	if len(body) > MaxAnswer {
		a.Body = bytes.Clone(body[:MaxRefusal])
		return nil, a.Unreadable(fmt.Errorf("more than %d MiB", MaxAnswer>>20))
	}
	return a, nil
}

// Decode reads the body into v. The content type is not consulted: what counts
// is whether the members are there, which the caller checks.
func (a *Answer) Decode(v any) error {
	if len(bytes.TrimSpace(a.Body)) == 0 {
		return a.Unreadable(errors.New("the body is empty"))
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		return a.Unreadable(plain(err))
	}
	return nil
}

// Unreadable is the error of an answer that could not be made sense of.
func (a *Answer) Unreadable(err error) error {
	return &client.DecodeError{Request: a.Request, Status: a.Status, Header: a.Header, Body: a.Body, Err: err}
}

// plain says what is wrong with JSON without quoting values out of it.
func plain(err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(t.Value, " ") // "number 12.5" says too much
		return fmt.Errorf("member %s: want %s, got %s", t.Field, t.Type, kind)
	}
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON from byte %d on", s.Offset)
	}
	return errors.New("not the JSON that is documented")
}

// refusal reads a non-2xx answer, up to its bound, and blanks what the request
// carried of secrets, those in its context among them, and what looks like the
// secret of anybody. That the rest of the body did not arrive changes nothing:
// the server has spoken.
func refusal(req *http.Request, resp *http.Response, secrets ...string) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, MaxRefusal+1))
	cut := len(body) > MaxRefusal
	if cut {
		body = body[:MaxRefusal]
	}
	secrets = append(secrets, secretsOf(req)...)
	p := &client.Problem{Status: resp.StatusCode, Request: name(req), Header: resp.Header, Body: []byte(scrub(hide(string(body), secrets)))}
	switch err := p.UnmarshalJSON(body); {
	case cut:
		p.Detail = fmt.Sprintf("the body is longer than %d KiB", MaxRefusal>>10)
	case err != nil && len(body) > 0:
		kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		if err != nil {
			kind = "something"
		}
		p.Detail = fmt.Sprintf("the body is %s, not a problem in JSON", kind)
	}
	if p.SessionID == "" {
		p.SessionID = req.Header.Get("Session-Id")
	}
	for _, s := range []*string{&p.Type, &p.Title, &p.Detail, &p.Instance, &p.Action, &p.SessionID, &p.TraceID} {
		*s = hide(*s, secrets)
	}
	p.Title, p.Detail = scrub(p.Title), scrub(p.Detail)
	for i, f := range p.Fields {
		p.Fields[i] = client.Field{Name: scrub(hide(f.Name, secrets)), Pointer: hide(f.Pointer, secrets), Detail: scrub(hide(f.Detail, secrets))}
	}
	return p
}

// broken is the error of an exchange the wire cut short. What a transport says
// of it may repeat what it was given.
func broken(req *http.Request, status int, err error, secrets ...string) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // its text repeats the method and the whole URL
	}
	text := err.Error()
	if safe := hide(text, append(secrets, secretsOf(req)...)); safe != text {
		err = &concealed{err, safe}
	}
	return &client.WireError{Request: name(req), Status: status, Err: err}
}

// concealed is an error with secrets blanked out of its text. What it wraps is
// found by errors.Is and errors.As, and not printed.
type concealed struct {
	err  error
	text string
}

func (c *concealed) Error() string                 { return c.text }
func (c *concealed) Unwrap() error                 { return c.err }
func (c *concealed) Format(s fmt.State, verb rune) { _, _ = io.WriteString(s, c.text) }
