package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/har"
	"github.com/kassa-dev/kassa/server"
)

// addresses are the base URLs at which a listener is reached, as far as one can
// tell: by its address and, on loopback or everywhere, by localhost.
func addresses(l net.Listener, base string, public string) []string {
	found := []string{base}
	if u, err := url.Parse(base); err == nil {
		if addr, ok := l.Addr().(*net.TCPAddr); ok && (addr.IP.IsLoopback() || addr.IP.IsUnspecified()) {
			hosts := []string{"localhost"}
			if addr.IP.IsUnspecified() {
				hosts = append(hosts, "127.0.0.1", "[::1]")
			}
			for _, host := range hosts {
				found = append(found, fmt.Sprintf("%s://%s:%s", u.Scheme, host, u.Port()))
			}
		}
	}
	if public != "" {
		found = append(found, public)
	}
	return found
}

// A recording is a file that everything is written to that merchants ask of the
// first door.
type recording struct {
	*conformance.Recorder

	name string
	file *os.File
}

// record begins a recording.
func record(name string, checker *conformance.Checker) (*recording, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, &exit{code: exitFindings, err: fmt.Errorf("%s cannot be written (%w); choose another file with --record", name, cause(err))}
	}
	return &recording{Recorder: conformance.NewRecorder(checker, file), name: name, file: file}, nil
}

// copyTo writes what was recorded so far.
func (r *recording) copyTo(w io.Writer) error {
	file, err := os.Open(r.name)
	if err != nil {
		return err
	}
	defer file.Close()
	return har.Copy(w, file)
}

// close completes the file.
func (r *recording) close() error {
	if err := errors.Join(r.Recorder.Close(), r.file.Sync(), r.file.Close()); err != nil {
		return &exit{code: exitFindings, err: fmt.Errorf("%s could not be written to its end; check the disk, or choose another with --record: %w", r.name, err)}
	}
	return nil
}

// A judge holds every exchange against the contract as it ends, and says what
// it finds once for each kind and place.
type judge struct {
	session *conformance.Session
	base    *url.URL // stands for whatever address the caller used
	out     io.Writer

	mu   sync.Mutex
	next int
	said map[[4]string]bool
}

func newJudge(base string, out io.Writer) (*judge, error) {
	checker, err := newChecker([]string{base})
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return &judge{session: checker.Session(), base: u, out: out, said: map[[4]string]bool{}}, nil
}

// maxSaid is how many different findings are printed.
const maxSaid = 1000

// Record judges an exchange.
func (j *judge) Record(x conformance.Exchange) {
	if u, err := url.Parse(x.Request.URL); err == nil {
		u.Scheme, u.Host = j.base.Scheme, j.base.Host
		x.Request.URL = u.String()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	x.File, x.Entry = "live", j.next
	j.next++
	for _, f := range j.session.Check(x) {
		key := [4]string{f.Rule, f.Operation, f.Side + " " + f.Pointer, f.Message}
		if j.said[key] || len(j.said) == maxSaid {
			continue
		}
		j.said[key] = true
		fmt.Fprintln(j.out, f)
	}
}

// close tells what was judged in all, and fails when there were errors.
func (j *judge) close() error {
	report := j.session.Report()
	report.Findings = nil // they have been said
	if err := report.WriteText(j.out); err != nil {
		return err
	}
	if report.Summary.Errors > 0 {
		return &exit{code: exitFindings}
	}
	return nil
}

// several sinks get everything.
type several []conformance.Sink

func (s several) Record(x conformance.Exchange) {
	for _, sink := range s {
		sink.Record(x)
	}
}

// watched surrounds a sandbox with sinks. What is for the payer's browser passes
// them by: no document describes it.
func watched(box *server.Server, sinks []conformance.Sink) http.Handler {
	if len(sinks) == 0 {
		return box
	}
	seen := conformance.Middleware(box, several(sinks))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if server.Front(r.Method, r.URL.Path) {
			box.ServeHTTP(w, r)
			return
		}
		seen.ServeHTTP(w, r)
	})
}
