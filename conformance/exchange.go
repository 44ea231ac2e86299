package conformance

import (
	"net/http"
	"time"

	"github.com/kassa-dev/kassa/conformance/har"
)

// Exchange is one request and its response, as somebody saw them.
type Exchange struct {
	Request  Request
	Response Response
	Started  time.Time
	File     string // where it was recorded; findings name it
	Entry    int    // its place there, from 0
	Inbound  bool   // recorded by the side that answered
	Error    string // why there is no response
}

// Request is what was asked.
type Request struct {
	Method        string
	URL           string // absolute
	Header        http.Header
	HeaderUnknown bool // no header was recorded; an absent one proves nothing
	AuthUnknown   bool // the recorder removes credentials; absent ones prove nothing
	Body          []byte
	BodyUnknown   bool // the recording does not hold the body
}

// Response is what came back.
type Response struct {
	Status        int // 0: no response was recorded
	Header        http.Header
	HeaderUnknown bool
	Body          []byte // nil: there was none
	BodyUnknown   bool
}

// fromEntry makes an exchange of an entry.
func fromEntry(file string, meta har.Meta, e har.Entry) Exchange {
	sanitised := e.AuthUnknown || sanitised(meta.Creator, &e)
	return Exchange{
		Request: Request{
			Method: e.Method, URL: e.URL,
			Header: e.Request.Header, HeaderUnknown: e.Request.HeaderUnknown,
			AuthUnknown: sanitised || e.Request.HeaderUnknown,
			Body:        e.Request.Body, BodyUnknown: e.Request.BodyUnknown,
		},
		Response: Response{
			Status: e.Status,
			Header: e.Response.Header, HeaderUnknown: e.Response.HeaderUnknown,
			Body: e.Response.Body, BodyUnknown: e.Response.BodyUnknown,
		},
		Started: e.Started, File: file, Entry: e.Index, Inbound: e.Inbound, Error: e.Error,
	}
}

// entry is the way back.
func (x Exchange) entry() har.Entry {
	return har.Entry{
		Index: x.Entry, Started: x.Started, Method: x.Request.Method, URL: x.Request.URL,
		AuthUnknown: x.Request.AuthUnknown,
		Request: har.Message{
			Header: x.Request.Header, HeaderUnknown: x.Request.HeaderUnknown,
			Body: x.Request.Body, BodyUnknown: x.Request.BodyUnknown,
		},
		Status: x.Response.Status,
		Response: har.Message{
			Header: x.Response.Header, HeaderUnknown: x.Response.HeaderUnknown,
			Body: x.Response.Body, BodyUnknown: x.Response.BodyUnknown,
		},
		Inbound: x.Inbound, Error: x.Error,
	}
}
