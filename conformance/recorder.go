package conformance

import (
	"io"
	"sync"

	"github.com/kassa-dev/kassa/conformance/har"
)

// Sink takes exchanges as they end. It must be safe for concurrent use, and
// must not modify what it is given.
type Sink interface {
	Record(Exchange)
}

// Recorder is a Sink that judges what it is given and writes it down. It
// numbers exchanges in the order in which they ended.
type Recorder struct {
	session *Session

	mu     sync.Mutex
	next   int
	writer *har.Writer // nil: nothing is written, or no longer
	err    error
}

// NewRecorder judges with c. If recording is not nil, every exchange is
// written to it as HAR, redacted, as soon as it has ended; the file is complete
// after Close. The recording names the checker's extra servers, so that it will
// be judged alike when it is read.
func NewRecorder(c *Checker, recording io.Writer) *Recorder {
	r := &Recorder{session: c.Session()}
	if recording != nil {
		r.writer = har.NewWriter(recording, har.Meta{Servers: c.servers})
	}
	return r
}

// Record judges the exchange, and writes it down. It replaces the exchange's
// entry number, and an empty file name by "live".
func (r *Recorder) Record(x Exchange) {
	entry := Redact(x).entry() // outside the lock: it may be large
	r.mu.Lock()
	defer r.mu.Unlock()
	x.Entry = r.next
	r.next++
	if x.File == "" {
		x.File = "live"
	}
	r.session.Check(x)
	if r.writer != nil {
		if err := r.writer.Write(entry); r.err == nil {
			r.err = err
		}
	}
}

// Findings returns what was found so far.
func (r *Recorder) Findings() []Finding { return r.session.Findings() }

// Report returns the report so far.
func (r *Recorder) Report() Report { return r.session.Report() }

// Close completes the recording and returns the first error of writing it. It
// does not close the writer it was given. What is recorded afterwards is judged
// but not written.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writer != nil {
		if err := r.writer.Close(); r.err == nil {
			r.err = err
		}
		r.writer = nil
	}
	return r.err
}
