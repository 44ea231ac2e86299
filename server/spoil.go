package server

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// spoil answers a request as a fault demands. What the sandbox would answer is asked of next, unless the fault stands in
// its place.
func (s *Server) spoil(f Fault, c *call, w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter)) {
	kept := recorder{header: http.Header{}}
	if f.After || f.Status == 0 && f.Cut != CutReset {
		next(&kept)
	}
	if f.Status != 0 {
		kept = recorder{header: http.Header{}}
		s.faulty(f, c, &kept, r)
	}
	if f.RetryAfter > 0 {
		kept.head().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Latency > 0 && !pause(r, f.Latency) {
		return
	}
	if f.Cut == CutReset {
		reset(w)
	}
	for name, values := range kept.head() {
		w.Header()[name] = values
	}
	body := kept.body.Bytes()
	if kept.status == 0 {
		kept.status = http.StatusOK
	}
	if kept.status == http.StatusNoContent || kept.status == http.StatusNotModified {
		body = nil
	} else {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(kept.status)
	if f.Cut == CutTruncate {
		body = body[:len(body)/2]
	}
	if !trickle(w, r, body, f.Slow) {
		return
	}
	if f.Cut == CutTruncate {
		_ = http.NewResponseController(w).Flush() // what can be sent is sent before the end
		panic(http.ErrAbortHandler)
	}
}

// faulty writes the answer that a fault names.
func (s *Server) faulty(f Fault, c *call, w http.ResponseWriter, r *http.Request) {
	plain := f.Type == "" && f.Title == "" && f.Detail == ""
	switch {
	case f.Body != "":
		w.Header().Set("Content-Type", cmp.Or(f.ContentType, "text/html; charset=utf-8"))
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body)) // into memory
		return
	case plain && f.Status < 400:
		w.WriteHeader(f.Status)
		return
	case plain:
		s.refuse(w, r, c.vendor.status(f.Status, "A fault was planned for this request."))
		return
	}
	title := f.Title
	if title == "" {
		title = http.StatusText(f.Status)
	}
	kind := f.Type
	if kind == "" {
		kind = refuse.PSPType("systemerror")
	}
	c.vendor.write(s, w, r, c, refuse.Problem{Type: kind, Title: title, Status: f.Status, Detail: f.Detail})
}

// pause waits, and tells whether the caller is still there.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// trickle writes a body at so many bytes a second; 0 is at once.
func trickle(w http.ResponseWriter, r *http.Request, body []byte, speed int) bool {
	if speed == 0 {
		_, err := w.Write(body)
		return err == nil
	}
	const beats = 10
	piece := max(speed/beats, 1)
	for rest := bytes.NewBuffer(body); rest.Len() > 0; {
		if _, err := w.Write(rest.Next(piece)); err != nil {
			return false
		}
		_ = http.NewResponseController(w).Flush()
		if !pause(r, time.Second*time.Duration(piece)/time.Duration(speed)) {
			return false
		}
	}
	return true
}

// reset ends the connection without an answer: on a socket with a reset, in process with an error.
func reset(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		inner := conn
		for {
			wrapped, ok := inner.(interface{ NetConn() net.Conn }) // such as TLS, which would say goodbye first
			if !ok {
				break
			}
			inner = wrapped.NetConn()
		}
		if tcp, ok := inner.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // so that closing resets
			_ = tcp.Close()
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
