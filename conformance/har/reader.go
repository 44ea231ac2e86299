package har

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// Reader reads one recording.
type Reader struct {
	scan    *scanner
	meta    Meta
	found   bool // log.entries
	stopped bool // the consumer asked for no more
	index   int
}

// NewReader reads from r, which it never reads further than needed.
func NewReader(r io.Reader) *Reader { return &Reader{scan: newScanner(r)} }

// Meta is what stands before the first entry; it is complete once an entry, or
// the end, has been seen.
func (r *Reader) Meta() Meta { return r.meta }

// Entries yields the entries in file order. An [*EntryError] stands for one
// entry; any other error is the last thing yielded. The sequence can be
// consumed once, as Entries or as Pieces.
func (r *Reader) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for piece, err := range r.Pieces() {
			entry := Entry{Index: piece.Index}
			if err == nil {
				entry, err = piece.Read()
			}
			if !yield(entry, err) {
				return
			}
		}
	}
}

// Pieces yields what Entries yields, not read yet. A piece is read once, at any
// time and by any goroutine; the entry that comes of it owns its memory, and
// so does the piece.
func (r *Reader) Pieces() iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		if err := r.file(yield); err != nil && !r.stopped {
			yield(Piece{}, err)
		}
	}
}

func (r *Reader) file(yield func(Piece, error) bool) error {
	for _, c := range []byte("\xEF\xBB\xBF") { // a byte order mark
		if rest := r.scan.rest(); len(rest) > 0 && rest[0] == c {
			r.scan.skip(1)
		}
	}
	c, ok := r.scan.next(0)
	switch {
	case !ok && r.scan.failed():
		return r.scan.err
	case !ok:
		return ErrEmpty
	case c != '{':
		return fmt.Errorf("%w: it begins with %q", ErrNotJSON, c)
	}
	err := r.object(func(name string) error {
		if c, _ := r.scan.next(0); name != "log" || c != '{' {
			return r.ignore()
		}
		return r.object(func(name string) error { return r.member(name, yield) })
	})
	switch {
	case err != nil || r.stopped:
		return err
	case !r.found:
		return ErrNoEntries
	}
	if c, ok := r.scan.next(0); ok {
		return fmt.Errorf("%w: %q follows its end, at byte %d", ErrNotJSON, c, r.scan.offset)
	}
	return nil
}

// object consumes an object whose members' values visit consumes.
func (r *Reader) object(visit func(name string) error) error {
	r.scan.skip(1)
	for !r.stopped {
		c, ok := r.scan.next(',')
		switch {
		case !ok:
			return r.end()
		case c == '}':
			r.scan.skip(1)
			return nil
		case c != '"':
			return fmt.Errorf("%w: %q at byte %d, where a member name should be", ErrNotJSON, c, r.scan.offset)
		}
		quoted, ended := r.scan.value(1 << 20)
		if ended == cut {
			return r.end()
		}
		name := string(rawjson.Unquote(quoted))
		if _, ok := r.scan.next(':'); !ok {
			return r.end()
		}
		if err := visit(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) member(name string, yield func(Piece, error) bool) error {
	c, _ := r.scan.next(0)
	switch {
	case name == "entries" && c == '[':
		r.found = true
		return r.entries(yield)
	case name == "creator" || name == "_servers":
		raw, ended := r.scan.value(64 << 10)
		if ended == cut {
			return r.end()
		}
		if name == "creator" {
			r.meta.Creator = rawjson.Text(rawjson.Get(raw, "/name"))
			return nil
		}
		for server := range rawjson.Elements(raw) {
			r.meta.Servers = append(r.meta.Servers, rawjson.Text(server))
		}
		return nil
	default:
		return r.ignore()
	}
}

func (r *Reader) ignore() error {
	if _, ended := r.scan.value(0); ended == cut {
		return r.end()
	}
	return nil
}

func (r *Reader) entries(yield func(Piece, error) bool) error {
	r.scan.skip(1)
	for ; ; r.index++ {
		c, ok := r.scan.next(',')
		switch {
		case !ok:
			return r.end()
		case c == ']':
			r.scan.skip(1)
			return nil
		case c == '}':
			return fmt.Errorf("%w: \"}\" at byte %d, inside log.entries", ErrNotJSON, r.scan.offset)
		}
		index, at := r.index, r.scan.offset
		raw, err := r.entry()
		if damaged := (*EntryError)(nil); errors.As(err, &damaged) {
			damaged.Index, damaged.Offset = index, at
		} else if err != nil {
			return err
		}
		piece := Piece{Index: index, Offset: at, Size: len(raw), Read: func() (Entry, error) { return read(index, at, raw) }}
		if !yield(piece, err) {
			r.stopped = true
			return nil
		}
	}
}

// entry consumes one entry and returns it as it stands, valid JSON. Of a damaged
// one that ran into its successors it consumes only what comes before the next.
func (r *Reader) entry() ([]byte, error) {
	raw, ended := r.scan.value(MaxEntry)
	if ended == complete {
		if rawjson.Valid(raw) {
			return raw, nil
		}
	} else if ended == cut && r.scan.failed() {
		return nil, r.scan.err
	}
	if at := entryStart(raw); at > 0 {
		if !r.scan.unread(len(raw) - at) {
			return nil, fmt.Errorf("%w: too many entries run into each other", ErrDamaged)
		}
		return nil, &EntryError{Problem: "it is not valid JSON, and its end is missing"}
	}
	switch ended {
	case cut:
		return nil, r.end()
	case tooLarge:
		return nil, &EntryError{Problem: fmt.Sprintf("it is larger than %d MiB and was skipped", MaxEntry>>20)}
	default:
		return nil, &EntryError{Problem: "it is not valid JSON"}
	}
}

func read(index int, at int64, raw []byte) (Entry, error) {
	entry, problem := parse(raw)
	if problem != "" {
		return Entry{Index: index}, &EntryError{index, at, problem}
	}
	entry.Index = index
	return entry, nil
}

func (r *Reader) end() error {
	if r.scan.failed() {
		return r.scan.err
	}
	if !r.found {
		return fmt.Errorf("%w, and before log.entries", ErrTruncated)
	}
	return fmt.Errorf("%w, in or after log.entries[%d]", ErrTruncated, max(0, r.index))
}
