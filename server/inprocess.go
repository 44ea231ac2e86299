package server

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Client returns a client whose every request ends at this sandbox, whatever its host: there is no port and nothing
// leaves the process. Hrefs are on the host that was asked for, so the vendors' own base URLs work too.
func (s *Server) Client() *http.Client { return &http.Client{Transport: inProcess{s}} }

// inProcess is the way from a client to a handler without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip answers with what the handler wrote. It fails when the request's context has ended, and where a fault cuts
// the connection: then the error is the one of a socket, or the body ends too early.
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
	cut := serveCut(t.handler, &w, r)
	if cut && w.status == 0 {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if req.Method == http.MethodHead {
		w.body.Reset()
	}
	length, body := int64(w.body.Len()), io.Reader(&w.body)
	if cut {
		length, body = -1, io.MultiReader(body, broken{io.ErrUnexpectedEOF})
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: r.Proto, ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(body), ContentLength: length, Request: req,
	}, nil
}

// serveCut serves, and tells whether the handler broke off.
func serveCut(h http.Handler, w http.ResponseWriter, r *http.Request) (cut bool) {
	defer func() {
		if v := recover(); v == http.ErrAbortHandler { //nolint:errorlint // it is thrown as it is
			cut = true
		} else if v != nil {
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

// broken is what is left to read of a connection that was cut.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// A recorder keeps an answer. Headers count as they were when the status was written.
type recorder struct {
	status       int
	header, sent http.Header
	body         bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

// head is what was or will be sent as header.
func (w *recorder) head() http.Header {
	if w.sent != nil {
		return w.sent
	}
	return w.header
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}
