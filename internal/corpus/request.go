package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// A request is one that the corpus has, with a body. It is told apart from samples because a request may be good where
// the exchange it belongs to cannot be judged.
type request struct {
	id                    string
	grade                 grade
	instrument, operation string
	file                  string
	index                 int
	method, url           string
	body                  []byte
	why                   string // it cannot be sent
}

// requests are those of a corpus that have a body, in the order of its files.
func requests(corpus fs.FS) ([]request, error) {
	var all []request
	for _, file := range files {
		data, err := fs.ReadFile(corpus, file.name)
		if err != nil {
			return nil, fmt.Errorf("the corpus is not complete: %w", err)
		}
		read := fragmentRequests
		if filepath.Ext(file.name) == ".har" {
			read = archiveRequests
		}
		more, err := read(file.name, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.name, err)
		}
		all = append(all, more...)
	}
	return all, nil
}

func archiveRequests(name string, data []byte) ([]request, error) {
	samples, _, err := readArchive(name, data)
	if err != nil {
		return nil, err
	}
	var all []request
	for _, one := range samples {
		var x archived
		if err := json.Unmarshal(one.entry, &x); err != nil {
			return nil, fmt.Errorf("entry %d: %w", one.index, err)
		}
		if x.Request.Post == nil || x.Request.Post.Text == "" {
			continue
		}
		r := request{
			id: one.id, grade: one.grade, instrument: one.instrument, operation: one.operation, file: name, index: one.index,
			method: x.Request.Method, url: x.Request.URL, body: []byte(x.Request.Post.Text),
		}
		if !json.Valid(r.body) {
			r.why = notJSON
		}
		all = append(all, r)
	}
	return all, nil
}

func fragmentRequests(name string, data []byte) ([]request, error) {
	var all []request
	lines := bufio.NewReader(bytes.NewReader(data))
	for i := 0; ; i++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var f fragment
			if err := json.Unmarshal(line, &f); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			if r, ok := f.request(); ok {
				r.file, r.index = name, i
				all = append(all, r)
			}
		}
		if err == io.EOF {
			return all, nil
		}
	}
}

// request is that of a fragment; ok is false where it has none, or one without a body.
func (f fragment) request() (r request, ok bool) {
	if f.Request == nil || !f.Request.present() && f.Request.Unparsed == "" {
		return r, false
	}
	r = request{
		id: f.ID, grade: f.Grade, instrument: f.Instrument, operation: f.Operation,
		method: f.Request.Method, url: cmp.Or(f.Request.Raw, "https://"+host+f.Request.Path), body: f.Request.Body,
	}
	if f.Request.Unparsed != "" {
		r.body, r.why = nil, notJSON
	}
	if f.Grade != live {
		mended := mend(fmt.Appendf(nil, `{"url":%q}`, r.url), f.Instrument)
		var address struct{ URL string }
		if json.Unmarshal(mended, &address) == nil {
			r.url = address.URL
		}
	}
	return r, true
}

const notJSON = "is not JSON"

// A target is what a request is sent to: an operation below a payment, or a stored token.
type target struct {
	instrument string
	prefix     string // "" or "confined/"
	below      string // of a payment: "captures"; "" for the payment itself
	kind       targetKind
}

type targetKind int

const (
	collection targetKind = iota // where payments are made
	onPayment
	onToken
)

// instruments are the six whose payments the sandbox makes.
var instruments = []string{"creditcard", "invoice", "mobilepay", "swish", "trustly", "vipps"}

// target finds out what a request is sent to. Pages that print another address than the one they mean are known by what
// they send: a new payment is sent to the collection, a person or an address to the payment. Why says what stands against
// it, "" for nothing.
func (r request) target() (t target, why string) {
	u, err := url.Parse(r.url)
	if err != nil {
		return t, "has an address that cannot be read"
	}
	parts := strings.Split(strings.ToLower(strings.Trim(u.Path, "/")), "/")
	if len(parts) < 3 || parts[0] != "psp" || !slices.Contains(instruments, parts[1]) {
		return t, "is for another API"
	}
	t.instrument, parts = parts[1], parts[2:]
	if parts[0] == "confined" {
		t.prefix, parts = "confined/", parts[1:]
	}
	if len(parts) == 0 || parts[0] != "payments" {
		return t, "names its instrument twice"
	}
	var body map[string]json.RawMessage
	_ = json.Unmarshal(r.body, &body) // what is no object has no members
	switch parts = parts[1:]; {
	case len(parts) == 2 && parts[0] == "instrumentdata":
		t.kind = onToken
	case len(parts) == 0 && body["addressee"] != nil:
		t.kind, t.below = onPayment, "approvedlegaladdress"
	case len(parts) == 0 && body["consumer"] != nil:
		t.kind, t.below = onPayment, "authorizations"
	case len(parts) == 0, len(parts) == 1 && r.method == http.MethodPost:
		t.kind = collection
	case len(parts) <= 2:
		t.kind, t.below = onPayment, strings.Join(parts[1:], "/")
	default:
		return t, "is for a part of a transaction"
	}
	return t, ""
}

// accepts tells whether a status means that a request was taken: 201 where payments are made, elsewhere any of success.
func (t target) accepts(status int) bool {
	if t.kind == collection {
		return status == http.StatusCreated
	}
	return status >= 200 && status < 300
}
