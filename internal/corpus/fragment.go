package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A fragment is one message, or two of which something is missing.
type fragment struct {
	ID         string
	Grade      grade
	Instrument string
	Operation  string
	Bugs       []string `json:"doc_bugs"`
	Request    *struct {
		Method, Path string
		Raw          string `json:"raw_url"`
		Query        string
		message
	}
	Response *struct {
		Status int
		message
	}
}

type message struct {
	Headers  map[string]string
	Body     json.RawMessage
	Unparsed string `json:"body_unparsed"`
}

func (m message) present() bool { return len(m.Body) > 0 && string(m.Body) != "null" }

// An exchange as a HAR file writes it; only what a judge reads.
type (
	archived struct {
		Request  archivedMessage `json:"request"`
		Response archivedMessage `json:"response"`
	}
	archivedMessage struct {
		Method  string   `json:"method,omitempty"`
		URL     string   `json:"url,omitempty"`
		Status  int      `json:"status,omitempty"`
		Headers []header `json:"headers"`
		Post    *content `json:"postData,omitempty"`
		Content *content `json:"content,omitempty"`
	}
	header struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	content struct {
		Text string `json:"text"`
		Size int    `json:"size"`
	}
)

// mendable are the defects that a fragment may be known for and judged nonetheless: mend undoes them, or nobody minds.
var mendable = map[string]bool{"empty instrument in path": true, "empty instrument in response hrefs": true}

// entry makes an exchange of the fragment, with the address that its body names where none is recorded. Why says what
// stands against it, "" for nothing; half that there is no response.
func (f fragment) entry() (entry json.RawMessage, half bool, why string) {
	for _, bug := range f.Bugs {
		if !mendable[bug] {
			return nil, false, "is known to be wrong: " + bug
		}
	}
	switch {
	case f.Request != nil && f.Request.Unparsed != "" || f.Response != nil && f.Response.Unparsed != "":
		return nil, false, "is not JSON"
	case f.Request == nil && (f.Response == nil || !f.Response.present()):
		return nil, false, "holds nothing"
	}
	x := archived{Request: archivedMessage{Headers: []header{}}, Response: archivedMessage{Headers: []header{}}}
	if f.Response != nil && f.Response.present() {
		x.Response.Headers = headers(f.Response.Headers)
		x.Response.Content = text(f.Response.Body)
		x.Response.Status = f.Response.Status
	}
	if f.Request != nil {
		x.Request.Method, x.Request.Headers = f.Request.Method, headers(f.Request.Headers)
		x.Request.URL = cmp.Or(f.Request.Raw, "https://"+host+f.Request.Path)
		if f.Request.Query != "" && f.Request.Raw == "" {
			x.Request.URL += "?" + f.Request.Query
		}
		if f.Request.present() {
			x.Request.Post = text(f.Request.Body)
		}
		half = x.Response.Content == nil
	} else if why = f.address(&x); why != "" {
		return nil, false, why
	}
	if !half && x.Response.Status == 0 { // not recorded: what the vendor answers when it is content
		x.Response.Status = http.StatusOK
		if x.Request.Method == http.MethodPost {
			x.Response.Status = http.StatusCreated
		}
	}
	entry, err := json.Marshal(x)
	if err != nil {
		return nil, false, "cannot be written: " + err.Error()
	}
	if f.Grade != live {
		entry = mend(entry, f.Instrument)
	}
	return entry, half, ""
}

// address finds out what was asked, by the answer. A resource was read, by the id it carries; a problem was the answer
// to reading, or to whatever else it says was tried.
func (f fragment) address(x *archived) (why string) {
	var body map[string]json.RawMessage
	if json.Unmarshal(f.Response.Body, &body) != nil {
		return "is no object"
	}
	payment := "/psp/" + f.Instrument + "/payments/" + anyID
	get := func(path string) string {
		x.Request.Method, x.Request.URL = http.MethodGet, "https://"+host+path
		return ""
	}
	var problem struct {
		Type, Instance string
		Status         int
	}
	if json.Unmarshal(f.Response.Body, &problem) == nil && problem.Type != "" && problem.Status != 0 {
		x.Response.Status = cmp.Or(f.Response.Status, problem.Status)
		if u, err := url.Parse(problem.Instance); err == nil && strings.HasPrefix(u.Path, "/psp/"+f.Instrument+"/") && problem.Status < 500 {
			x.Request.Method, x.Request.URL = http.MethodPost, "https://"+host+u.Path
			return ""
		}
		return get(payment)
	}
	if body["operations"] != nil && body["payment"] != nil || onlyMembers(body, "payment") {
		return get(cmp.Or(idOf(body["payment"]), payment))
	}
	if onlyMembers(body, "problem") {
		return get(payment + "/failed")
	}
	if id := idOf(f.Response.Body); transaction.MatchString(id) {
		parent, _, _ := strings.Cut(id, "/transactions/")
		x.Response.Content = text(fmt.Appendf(nil, `{"payment":%q,"transaction":%s}`, parent, f.Response.Body))
		return get(id)
	}
	if body["payment"] != nil && len(body) == 2 {
		for name, resource := range body {
			if id := idOf(resource); name != "payment" && strings.HasPrefix(id, "/psp/") {
				return get(id)
			}
		}
	}
	return "does not say what it answers"
}

var transaction = regexp.MustCompile(`^/psp/[a-z]+/payments/[^/]+/transactions/[^/]+$`)

func onlyMembers(body map[string]json.RawMessage, name string) bool {
	return len(body) == 1 && body[name] != nil
}

// idOf is the member id of an object, "" if it has none.
func idOf(object json.RawMessage) string {
	var resource struct{ ID string }
	if json.Unmarshal(object, &resource) != nil {
		return ""
	}
	return resource.ID
}

func text(body []byte) *content { return &content{Text: string(body), Size: len(body)} }

func headers(of map[string]string) []header {
	list := []header{}
	for name, value := range of {
		list = append(list, header{name, value})
	}
	slices.SortFunc(list, func(a, b header) int { return strings.Compare(a.Name, b.Name) })
	return list
}
