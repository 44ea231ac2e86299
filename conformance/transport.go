package conformance

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// Transport hands every exchange of an HTTP client to sink. By default, that
// is if next is nil, requests are sent by http.DefaultTransport.
//
// The client notices nothing: requests, responses and errors pass unchanged,
// and bodies stream. An exchange ends, and reaches the sink, when the client
// has read or closed the response's body, or at once if there is no response.
// Of a body longer than 16 MiB, not read to its end, or in an encoding other
// than gzip, the exchange says that it is unknown.
func Transport(next http.RoundTripper, sink Sink) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{next, sink}
}

type transport struct {
	next http.RoundTripper
	sink Sink
}

// CloseIdleConnections is what http.Client.CloseIdleConnections asks for.
func (t *transport) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	started, asked := time.Now(), &capture{length: req.ContentLength}
	header, address := req.Header.Clone(), *req.URL
	out := req
	if req.Body != nil && req.Body != http.NoBody {
		if asked.length == 0 {
			asked.length = -1 // a body of unknown length
		}
		out = new(http.Request)
		*out = *req
		out.Body = asked.tee(req.Body)
		if get := req.GetBody; get != nil {
			out.GetBody = func() (io.ReadCloser, error) {
				body, err := get()
				if err != nil {
					return nil, err
				}
				asked.restart()
				return asked.tee(body), nil
			}
		}
	}
	res, err := t.next.RoundTrip(out)
	if res != nil && res.Request == out {
		res.Request = req
	}
	record := func(fill func(*Response), problem string) {
		x := Exchange{Started: started, Error: problem}
		x.Request = Request{Method: req.Method, URL: address.String(), Header: header}
		if x.Request.Method == "" {
			x.Request.Method = http.MethodGet
		}
		if out != req {
			x.Request.Body, x.Request.BodyUnknown = asked.taken(header)
		}
		fill(&x.Response)
		t.sink.Record(x)
	}
	if err != nil {
		record(func(*Response) {}, err.Error())
		return res, err
	}
	status, answered := res.StatusCode, res.Header.Clone()
	if res.Body == nil || res.Body == http.NoBody || req.Method == http.MethodHead || status == http.StatusSwitchingProtocols {
		record(func(r *Response) { r.Status, r.Header = status, answered }, "")
		return res, nil
	}
	told := &capture{length: res.ContentLength}
	told.ended = sync.OnceFunc(func() {
		record(func(r *Response) {
			r.Status, r.Header = status, answered
			r.Body, r.BodyUnknown = told.taken(answered)
		}, "")
	})
	res.Body = told.tee(res.Body)
	return res, nil
}
