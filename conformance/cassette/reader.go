package cassette

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/kassa-dev/kassa/conformance/har"
)

// Reader reads one cassette.
type Reader struct {
	in     *bufio.Reader
	line   []byte // the one read last; valid until the next
	offset int64  // after it
	number int    // of it, from 1
	err    error
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader { return &Reader{in: bufio.NewReaderSize(r, 64<<10)} }

// Meta is what a cassette says about itself: nothing.
func (r *Reader) Meta() har.Meta { return har.Meta{Creator: "go-vcr"} }

// Pieces yields the interactions in file order, not read yet; see [har.Reader].
// A [*har.EntryError] stands for one interaction; any other error is the last
// thing yielded. The sequence can be consumed once.
func (r *Reader) Pieces() iter.Seq2[har.Piece, error] {
	return func(yield func(har.Piece, error) bool) {
		if err := r.head(); err != nil {
			yield(har.Piece{}, err)
			return
		}
		dash := -1 // how far the list is indented
		for index := 0; r.item(&dash); index++ {
			at, first := r.offset-int64(len(r.line)), r.number
			text, whole := r.interaction(dash)
			if r.failed() {
				break
			}
			piece := har.Piece{Index: index, Offset: at, Size: len(text), Read: func() (har.Entry, error) {
				entry, problem := parse(text, first)
				if entry.Index = index; problem != "" {
					return entry, &har.EntryError{Index: index, Offset: at, Problem: problem}
				}
				return entry, nil
			}}
			var err error
			if !whole {
				piece, err = har.Piece{}, &har.EntryError{Index: index, Offset: at,
					Problem: fmt.Sprintf("it is larger than %d MiB and was skipped", MaxInteraction>>20)}
			}
			if !yield(piece, err) {
				return
			}
		}
		if r.failed() {
			yield(har.Piece{}, r.err)
		}
	}
}

func (r *Reader) failed() bool { return r.err != nil && !errors.Is(r.err, io.EOF) }

// next reads a line, or of one longer than the buffer the next part: only its
// beginning is looked at, and a line that goes on begins with no dash of the list.
func (r *Reader) next() bool {
	if r.err != nil {
		r.line = nil
		return false
	}
	long := len(r.line) > 0 && r.line[len(r.line)-1] != '\n'
	r.line, r.err = r.in.ReadSlice('\n')
	r.offset += int64(len(r.line))
	if errors.Is(r.err, bufio.ErrBufferFull) {
		r.err = nil
	}
	if !long {
		r.number++
	}
	return len(r.line) > 0
}

// head reads up to the list of interactions.
func (r *Reader) head() error {
	var head []byte
	for r.next() && len(head) < 64<<10 {
		head = append(head, bytes.TrimPrefix(r.line, []byte("\xEF\xBB\xBF"))...)
		if !listed.Match(r.line) {
			continue
		}
		found := version.FindSubmatch(head)
		switch {
		case !Recognises(head):
			return ErrNoCassette
		case string(found[1]) != "1" && string(found[1]) != "2":
			return ErrVersion
		}
		r.next()
		return nil
	}
	switch {
	case r.failed():
		return r.err
	case len(bytes.TrimSpace(head)) == 0:
		return har.ErrEmpty
	}
	return ErrNoCassette
}

// item passes over what stands between interactions, and says whether another
// one begins with the line read last. The first says how far they are indented;
// what is indented otherwise is taken for one too, and told if it is none.
func (r *Reader) item(dash *int) bool {
	for ; len(r.line) > 0; r.next() {
		at, ok := dashOf(r.line)
		switch rest := bytes.TrimSpace(r.line); {
		case len(rest) == 0 || rest[0] == '#':
		case ok && *dash < 0:
			*dash = at
			return true
		case at > 0 || ok:
			return true
		case bytes.HasPrefix(rest, []byte("---")) || listed.Match(r.line):
			r.err = ErrSeveral
			return false
		}
	}
	return false
}

// interaction is the text of the one that begins with the line read last, and
// whether all of it was kept.
func (r *Reader) interaction(dash int) (text []byte, whole bool) {
	text, whole = bytes.Clone(r.line), true
	for continued := r.line[len(r.line)-1] != '\n'; r.next(); continued = r.line[len(r.line)-1] != '\n' {
		blank := len(bytes.TrimSpace(r.line)) == 0
		if at, _ := dashOf(r.line); !continued && !blank && at <= dash && r.line[0] != '#' {
			return text, whole
		}
		if whole = whole && len(text)+len(r.line) <= MaxInteraction; whole {
			text = append(text, r.line...)
		} else {
			text = nil
		}
	}
	return text, whole
}

// dashOf is how far a line is indented, and whether an element of a list begins
// there.
func dashOf(line []byte) (int, bool) {
	rest := bytes.TrimLeft(line, " ")
	return len(line) - len(rest), bytes.HasPrefix(rest, []byte("- ")) || bytes.HasPrefix(rest, []byte("-\n")) || bytes.HasPrefix(rest, []byte("-\r"))
}
