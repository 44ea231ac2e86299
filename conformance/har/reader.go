package har

import (
	"bytes"
	"encoding/json"
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
// consumed once.
func (r *Reader) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := r.file(yield); err != nil && !r.stopped {
			yield(Entry{}, err)
		}
	}
}

func (r *Reader) file(yield func(Entry, error) bool) error {
	if r.scan.fill() {
		bom := []byte("\xEF\xBB\xBF")
		r.scan.skip(len(r.scan.buf) - len(bytes.TrimPrefix(r.scan.buf, bom)))
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

func (r *Reader) member(name string, yield func(Entry, error) bool) error {
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
			r.meta.Creator = text(rawjson.Get(raw, "/name"))
			return nil
		}
		for server := range rawjson.Elements(raw) {
			r.meta.Servers = append(r.meta.Servers, text(server))
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

func (r *Reader) entries(yield func(Entry, error) bool) error {
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
		at := r.scan.offset
		entry, err := r.entry()
		if damaged := (*EntryError)(nil); errors.As(err, &damaged) {
			damaged.Index, damaged.Offset = r.index, at
		} else if err != nil {
			return err
		}
		entry.Index = r.index
		if !yield(entry, err) {
			r.stopped = true
			return nil
		}
	}
}

// entry consumes one entry. Of a damaged one that ran into its successors it
// consumes only what comes before the next.
func (r *Reader) entry() (Entry, error) {
	raw, ended := r.scan.value(MaxEntry)
	if ended == complete {
		if json.Valid(raw) {
			return parse(raw)
		}
	} else if ended == cut && r.scan.failed() {
		return Entry{}, r.scan.err
	}
	if at := entryStart(raw); at > 0 {
		if !r.scan.unread(raw[at:]) {
			return Entry{}, fmt.Errorf("%w: too many entries run into each other", ErrDamaged)
		}
		return Entry{}, &EntryError{Problem: "it is not valid JSON, and its end is missing"}
	}
	switch ended {
	case cut:
		return Entry{}, r.end()
	case tooLarge:
		return Entry{}, &EntryError{Problem: fmt.Sprintf("it is larger than %d MiB and was skipped", MaxEntry>>20)}
	default:
		return Entry{}, &EntryError{Problem: "it is not valid JSON"}
	}
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
