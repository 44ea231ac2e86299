package ndjson

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/kassa-dev/kassa/conformance/har"
	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// What can be wrong with a file as a whole, besides what can be with a HAR.
var (
	ErrNoHead  = errors.New(`the first line is not {"schema":"` + Schema + `"}`)
	ErrVersion = errors.New("the file is of a version this program does not know")
)

// Recognises says whether a file that begins with head is in this format, of
// whatever version.
func Recognises(head []byte) bool {
	rest := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	for _, token := range []string{`{`, `"schema"`, `:`, `"` + family} {
		cut, ok := bytes.CutPrefix(rest, []byte(token))
		if !ok {
			return false
		}
		rest = bytes.TrimLeft(cut, " \t")
	}
	return true
}

// Reader reads one recording. Memory is bounded by the longest line, which is
// bounded by [har.MaxEntry].
type Reader struct {
	in     *bufio.Reader
	meta   har.Meta
	headed bool
	ended  bool
	index  int
	offset int64
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader { return &Reader{in: bufio.NewReaderSize(r, 256<<10)} }

// Meta is what the heads read so far say.
func (r *Reader) Meta() har.Meta { return r.meta }

// Pieces yields the exchanges in file order, not read yet; see [har.Reader]. A
// [*har.EntryError] stands for one line, and counts as an entry; any other error
// is the last thing yielded. The sequence can be consumed once.
func (r *Reader) Pieces() iter.Seq2[har.Piece, error] {
	return func(yield func(har.Piece, error) bool) {
		for !r.ended {
			piece, err := r.next()
			if err == nil && piece.Read == nil {
				continue
			}
			damaged := (*har.EntryError)(nil)
			if !yield(piece, err) || err != nil && !errors.As(err, &damaged) {
				return
			}
		}
		if !r.headed {
			yield(har.Piece{}, har.ErrEmpty)
		}
	}
}

// next reads a line. What is no exchange, such as a head, is an empty piece.
func (r *Reader) next() (har.Piece, error) {
	at := r.offset
	line, whole, err := r.line()
	if r.ended = errors.Is(err, io.EOF); err != nil && !r.ended {
		return har.Piece{}, err
	}
	if at == 0 {
		line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
	}
	switch line = bytes.TrimSpace(line); {
	case whole && len(line) == 0:
		return har.Piece{}, nil
	case !r.headed || whole && Recognises(line):
		r.headed = true
		return har.Piece{}, r.head(line)
	}
	return r.piece(line, at, whole)
}

// line is the next line, which belongs to the caller, and whether all of it was
// kept. The error, io.EOF for one, may come with the last line.
func (r *Reader) line() (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.in.ReadSlice('\n')
		r.offset += int64(len(part))
		if whole = whole && len(line)+len(part) <= har.MaxEntry; whole {
			line = append(line, part...)
		} else {
			line = nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, whole, err
		}
	}
}

func (r *Reader) head(line []byte) error {
	switch valid := rawjson.Valid(line); {
	case !valid && r.ended && Recognises(line):
		return fmt.Errorf("%w, in its first line", har.ErrTruncated)
	case !valid || !Recognises(line):
		return ErrNoHead
	}
	if version := rawjson.Text(rawjson.Get(line, "/schema")); version != Schema {
		return ErrVersion
	}
	if r.meta.Creator == "" {
		r.meta.Creator = rawjson.Text(rawjson.Get(line, "/creator"))
	}
	for server := range rawjson.Elements(rawjson.Get(line, "/servers")) {
		r.meta.Servers = append(slices.Clip(r.meta.Servers), rawjson.Text(server))
	}
	return nil
}

func (r *Reader) piece(line []byte, at int64, whole bool) (har.Piece, error) {
	index := r.index
	damaged := func(problem string) *har.EntryError {
		return &har.EntryError{Index: index, Offset: at, Problem: problem}
	}
	r.index++
	switch {
	case !whole:
		return har.Piece{}, damaged(fmt.Sprintf("it is larger than %d MiB and was skipped", har.MaxEntry>>20))
	case !rawjson.Valid(line) && r.ended:
		return har.Piece{}, fmt.Errorf("%w, in exchange %d", har.ErrTruncated, index)
	case !rawjson.Valid(line):
		return har.Piece{}, damaged("the line is not valid JSON")
	}
	return har.Piece{Index: index, Offset: at, Size: len(line), Read: func() (har.Entry, error) {
		entry, problem := parse(line)
		if problem != "" {
			return har.Entry{Index: index}, damaged(problem)
		}
		entry.Index = index
		return entry, nil
	}}, nil
}
