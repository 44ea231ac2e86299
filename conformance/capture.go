package conformance

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// maxBody bounds what is kept of a body while it passes.
const maxBody = 16 << 20

// capture keeps what passes, up to maxBody. It is safe for concurrent use: a
// transport may still be sending a request when the response is there.
type capture struct {
	length int64  // announced; -1 unknown
	ended  func() // called when the stream ends or is closed; may be nil

	mu   sync.Mutex
	body bytes.Buffer
	over bool
	done bool // the stream's end was seen
	turn int  // counts restarts; what an earlier turn still reads does not count
}

func (c *capture) add(turn int, p []byte, done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return
	}
	c.done = c.done || done
	if c.over = c.over || c.body.Len()+len(p) > maxBody; c.over {
		c.body = bytes.Buffer{}
		return
	}
	c.body.Write(p)
}

// restart forgets what was kept, because the body is sent again.
func (c *capture) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.body, c.over, c.done = bytes.Buffer{}, false, false
	c.turn++
}

// taken is the body that passed, decoded if it was compressed, and whether it
// is unknown.
func (c *capture) taken(header http.Header) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || !c.done && int64(c.body.Len()) != c.length {
		return nil, true
	}
	return decoded(header, bytes.Clone(c.body.Bytes()))
}

// decoded undoes the content encoding, if it is gzip.
func decoded(header http.Header, body []byte) ([]byte, bool) {
	switch encoding := strings.ToLower(strings.Join(header.Values("Content-Encoding"), ",")); {
	case encoding == "" || encoding == "identity" || len(body) == 0:
		return body, false
	case encoding == "gzip" || encoding == "x-gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, true
		}
		plain, err := io.ReadAll(io.LimitReader(r, maxBody+1))
		if err != nil || len(plain) > maxBody {
			return nil, true
		}
		return plain, false
	}
	return nil, true
}

// tee is a body whose bytes are kept as they are read.
func (c *capture) tee(body io.ReadCloser) io.ReadCloser {
	return &tee{body: body, capture: c, turn: c.turn}
}

type tee struct {
	body    io.ReadCloser
	capture *capture
	turn    int
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.body.Read(p)
	t.capture.add(t.turn, p[:n], err == io.EOF)
	if err != nil && t.capture.ended != nil {
		t.capture.ended()
	}
	return n, err
}

func (t *tee) Close() error {
	err := t.body.Close()
	if t.capture.ended != nil {
		t.capture.ended()
	}
	return err
}
