package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// Client returns a client whose every request ends at this sandbox, whatever its host: there is no port and nothing
// leaves the process. Hrefs are on the host that was asked for, so the vendors' own base URLs work too.
func (s *Server) Client() *http.Client { return &http.Client{Transport: inProcess{s}} }

// inProcess is the way from a client to a handler without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip answers with what the handler wrote. It fails when the request's context has ended.
func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, context.Cause(req.Context())
	}
	r := req.Clone(req.Context())
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.RequestURI, r.RemoteAddr = req.URL.RequestURI(), "127.0.0.1:0"
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := recorder{header: http.Header{}}
	t.handler.ServeHTTP(&w, r)
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if req.Method == http.MethodHead {
		w.body.Reset()
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: r.Proto, ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req,
	}, nil
}

// A recorder keeps an answer. Headers count as they were when the status was written.
type recorder struct {
	status       int
	header, sent http.Header
	body         bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}
