// Package httptext reads recorded HTTP traffic from text that people write and
// read: fixtures, and conversations in tests.
//
// A recording is a txtar archive. It opens with a sentence saying what it
// shows. An exchange is a section whose name ends in "request" and, unless no
// response was recorded, the section after it, of the same name ending in
// "response":
//
//	-- 01 create request --
//	POST https://api.example.com/payments HTTP/1.1
//	Content-Type: application/json
//
//	{"amount": 1500}
//	-- 01 create response --
//	HTTP/1.1 201 Created
//	Location: https://api.example.com/payments/1
//
// A message starts with its request or status line; the URL is absolute.
// Headers follow. Without a single one the message counts as one whose headers
// were not recorded, which is not the same as having none. After an empty line
// comes the body, as it stands but for the line end before the next section;
// with the empty line and nothing after it the body is empty, without the empty
// line there is none. A body that holds a line like "-- x --" cannot be written
// this way.
//
// Sections of other names belong to whoever reads the recording.
package httptext

import (
	"bytes"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kassa-dev/kassa/conformance/har"
)

// Recording is the content of one archive.
type Recording struct {
	Comment   string // what stands before the first section
	Exchanges []Exchange
	Sections  map[string]string // those that are no part of an exchange, by name
}

// Exchange is one request and its response under the name its sections have.
type Exchange struct {
	Name  string // "01 create"
	Entry har.Entry
}

// Parse reads an archive. Exchanges are numbered from 0 in the order of the
// archive. An error names the section and, where there is one, the line in it.
func Parse(archive []byte) (*Recording, error) {
	files := txtar.Parse(archive)
	r := &Recording{Comment: string(files.Comment), Sections: map[string]string{}}
	seen := map[string]bool{}
	last := "" // the exchange that a response may belong to
	for _, f := range files.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("section %q stands twice", f.Name)
		}
		seen[f.Name] = true
		name, side := split(f.Name)
		switch {
		case side == "request":
			entry, err := request(f.Data)
			if err != nil {
				return nil, fmt.Errorf("section %q: %w", f.Name, err)
			}
			entry.Index = len(r.Exchanges)
			r.Exchanges = append(r.Exchanges, Exchange{name, entry})
			last = name
		case side == "response" && name == last && last != "":
			if err := response(&r.Exchanges[len(r.Exchanges)-1].Entry, f.Data); err != nil {
				return nil, fmt.Errorf("section %q: %w", f.Name, err)
			}
			last = ""
		case side == "response":
			return nil, fmt.Errorf("section %q does not follow its request", f.Name)
		default:
			r.Sections[f.Name] = string(f.Data)
			last = ""
		}
	}
	return r, nil
}

// split parts the name of a section into that of the exchange and the side.
func split(section string) (name, side string) {
	at := strings.LastIndexByte(section, ' ')
	if at < 0 {
		return section, ""
	}
	return section[:at], section[at+1:]
}

func request(text []byte) (har.Entry, error) {
	line, m, err := message(text)
	if err != nil {
		return har.Entry{}, err
	}
	parts := strings.Fields(line)
	if len(parts) != 2 && len(parts) != 3 {
		return har.Entry{}, fmt.Errorf("line 1: want METHOD URL HTTP/1.1, got %q", line)
	}
	if u, err := url.Parse(parts[1]); err != nil || u.Host == "" {
		return har.Entry{}, fmt.Errorf("line 1: %q is no absolute URL; write scheme and host before the path", parts[1])
	}
	return har.Entry{Method: parts[0], URL: parts[1], Request: m}, nil
}

func response(e *har.Entry, text []byte) error {
	line, m, err := message(text)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 999 {
		return fmt.Errorf("line 1: want HTTP/1.1 and a status of three digits, got %q", line)
	}
	e.Status, e.Response = status, m
	return nil
}

// message reads what requests and responses have in common.
func message(text []byte) (first string, m har.Message, err error) {
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	m = har.Message{Header: http.Header{}, HeaderUnknown: true}
	for n := 2; len(rest) > 0; n++ {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if len(bytes.TrimRight(line, "\r")) == 0 {
			m.Body = append([]byte{}, bytes.TrimSuffix(rest, []byte("\n"))...)
			break
		}
		name, value, found := strings.Cut(string(line), ":")
		if !found || name == "" || strings.ContainsAny(name, "(){}[]<>@,;\\\"/?= \t") {
			return "", m, fmt.Errorf("line %d: want a header (Name: value) or an empty line, got %q", n, line)
		}
		m.Header.Add(textproto.CanonicalMIMEHeaderKey(name), strings.TrimSpace(value))
		m.HeaderUnknown = false
	}
	return strings.TrimSpace(string(head)), m, nil
}
