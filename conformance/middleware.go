package conformance

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"
)

// Middleware hands every exchange that next answers to sink: what a merchant's
// server is asked, callbacks above all. The handler is called once the first
// 16 MiB of the request's body have arrived; the response streams. The address
// is the one the caller used, as a reverse proxy reports it in X-Forwarded-Proto
// and X-Forwarded-Host.
func Middleware(next http.Handler, sink Sink) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := Exchange{Started: time.Now(), Inbound: true}
		x.Request = Request{Method: r.Method, URL: calledAt(r), Header: r.Header.Clone()}
		if r.Body != nil && r.Body != http.NoBody {
			body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
			if x.Request.BodyUnknown = err != nil || len(body) > maxBody; !x.Request.BodyUnknown {
				x.Request.Body, x.Request.BodyUnknown = decoded(r.Header, body)
			}
			rest := io.Reader(r.Body)
			if err != nil {
				rest = failing{err}
			}
			again := r.WithContext(r.Context())
			again.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(body), rest), r.Body}
			r = again
		}
		seen := &responseWriter{ResponseWriter: w, capture: capture{length: -1}}
		defer func() { // also when the handler panics
			x.Response = seen.response(r.Method)
			sink.Record(x)
		}()
		next.ServeHTTP(seen, r)
		seen.returned = true
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// calledAt is the absolute address a request was sent to.
func calledAt(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	u := *r.URL
	u.Scheme = cmp.Or(outermost(r, "X-Forwarded-Proto"), scheme)
	u.Host = cmp.Or(outermost(r, "X-Forwarded-Host"), r.Host, u.Host)
	return u.String()
}

// outermost is what the first of several proxies has written.
func outermost(r *http.Request, name string) string {
	first, _, _ := strings.Cut(r.Header.Get(name), ",")
	return strings.TrimSpace(first)
}

// responseWriter keeps what a handler answers.
type responseWriter struct {
	http.ResponseWriter
	capture  capture
	status   int
	header   http.Header
	returned bool
}

// Unwrap lets http.ResponseController reach the connection.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush flushes if the server can.
func (w *responseWriter) Flush() {
	w.begin(http.StatusOK)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *responseWriter) WriteHeader(status int) {
	if status >= 200 {
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *responseWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	w.capture.add(0, p[:n], false)
	return n, err
}

func (w *responseWriter) begin(status int) {
	if w.status == 0 {
		w.status, w.header = status, w.Header().Clone()
	}
}

// response is what was answered. A handler that returns without a word has
// said 200; one that panics first has broken the connection.
func (w *responseWriter) response(method string) Response {
	if w.returned {
		w.begin(http.StatusOK)
	}
	r := Response{Status: w.status, Header: w.header}
	if w.status == 0 || method == http.MethodHead || w.status == http.StatusNoContent {
		return r
	}
	w.capture.done = w.returned
	r.Body, r.BodyUnknown = w.capture.taken(w.header)
	return r
}
