package har

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// scanner cuts JSON text into values without holding more than one of them.
// It balances brackets and knows strings; whether a value is valid JSON is for
// its reader to find out. That is what lets reading go on after damage.
type scanner struct {
	r      io.Reader
	buf    []byte // read and not yet consumed
	store  []byte
	err    error
	offset int64  // of buf[0] in the file
	raw    []byte // the value last kept; reused
	budget int    // bytes that may still be read a second time after damage
}

const chunk = 64 << 10

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, store: make([]byte, chunk), budget: 2 * MaxEntry}
}

func (s *scanner) fill() bool {
	for idle := 0; len(s.buf) == 0 && s.err == nil; idle++ {
		var n int
		n, s.err = s.r.Read(s.store)
		s.buf = s.store[:n]
		if idle == 100 {
			s.err = io.ErrNoProgress
		}
	}
	return len(s.buf) > 0
}

// failed says that reading ended before the file did.
func (s *scanner) failed() bool { return s.err != nil && !errors.Is(s.err, io.EOF) }

func (s *scanner) skip(n int) {
	s.buf = s.buf[n:]
	s.offset += int64(n)
}

// next is the next byte that is neither white space nor in also; it stays unread.
func (s *scanner) next(also byte) (byte, bool) {
	for s.fill() {
		for i, c := range s.buf {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != also {
				s.skip(i)
				return c, true
			}
		}
		s.skip(len(s.buf))
	}
	return 0, false
}

// unread puts text back in front of what is left to read. It refuses when that
// has happened too often: a file made to be read twice everywhere is hostile.
func (s *scanner) unread(text []byte) bool {
	if s.budget -= len(text); s.budget < 0 {
		return false
	}
	s.offset -= int64(len(text))
	joined := make([]byte, 0, len(text)+len(s.buf))
	s.buf = append(append(joined, text...), s.buf...)
	return true
}

type ending int

const (
	complete ending = iota
	tooLarge        // complete, and longer than the limit: not kept
	cut             // the input ended first
)

// value consumes one value and returns its bytes, valid until the next call.
// A limit of zero keeps nothing and calls nothing too large. Too large a value
// is returned only as far as it may be needed to find where the next starts.
func (s *scanner) value(limit int) ([]byte, ending) {
	if cap(s.raw) > 8<<20 {
		s.raw = nil
	}
	s.raw = s.raw[:0]
	var l lexer
	keep, size := limit > 0, 0
	for s.fill() {
		n, done := l.feed(s.buf)
		size += n
		if keep {
			s.raw = append(s.raw, s.buf[:n]...)
		}
		s.skip(n)
		switch {
		case done && limit > 0 && size > limit:
			return s.raw, tooLarge
		case done:
			return s.raw, complete
		case keep && size > limit:
			if entryStart(s.raw) > 0 {
				return s.raw, tooLarge // an unbalanced entry ran into its successors
			}
			keep, s.raw = false, nil
		}
	}
	if l.scalar && !s.failed() {
		return s.raw, complete
	}
	return s.raw, cut
}

// lexer finds the end of one value, fed in pieces.
type lexer struct {
	stack           []byte // open brackets, outermost first
	beyond          int    // brackets open deeper than the stack goes
	inside, escaped bool   // of a string
	begun, scalar   bool
}

const maxStack = 1024

// feed consumes text up to the end of the value and says whether it ended.
// A closing bracket of the wrong kind closes everything down to its own kind;
// one that closes nothing ends the value before it.
func (l *lexer) feed(text []byte) (int, bool) {
	quote := -1 // the next one, while inside a string
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case l.escaped:
			l.escaped = false
		case l.inside:
			if quote < i {
				if quote = bytes.IndexByte(text[i:], '"'); quote < 0 {
					quote = len(text)
				} else {
					quote += i
				}
			}
			if escape := bytes.IndexByte(text[i:quote], '\\'); escape >= 0 {
				i += escape
				l.escaped = true
				break
			}
			i = quote
			l.inside = i == len(text)
			if !l.inside && len(l.stack) == 0 {
				return i + 1, true
			}
		case c == '"':
			if l.scalar {
				return i, true
			}
			l.inside = true
		case c == '{' || c == '[':
			if l.scalar {
				return i, true
			}
			if len(l.stack) < maxStack {
				l.stack = append(l.stack, c)
			} else {
				l.beyond++
			}
		case c == '}' || c == ']':
			if l.beyond > 0 {
				l.beyond--
				break
			}
			if !l.begun {
				return i + 1, true
			}
			if !l.close(c - 2) { // '[' and '{' stand two before their partners
				return i, true
			}
			if len(l.stack) == 0 {
				return i + 1, true
			}
		case len(l.stack) == 0:
			if l.scalar && (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n') {
				return i, true
			}
			l.scalar = true
		}
		l.begun = true
	}
	return len(text), false
}

func (l *lexer) close(open byte) bool {
	for n := len(l.stack); n > 0; n-- {
		if l.stack[n-1] == open {
			l.stack = l.stack[:n-1]
			return true
		}
	}
	return false
}

// firstMembers are the members that recorders write first in an entry, besides
// those of their own, which begin with an underscore.
var firstMembers = []string{"startedDateTime", "pageref", "request", "time", "cache"}

// entryStart is where, after its first byte, a damaged entry holds the start
// of another one; -1 if nowhere. It goes by the first member, where no member
// value can stand. Inside a recorded body the quote would be escaped, so what
// is found is not data.
func entryStart(raw []byte) int {
	for at := 1; at < len(raw); at++ {
		brace := bytes.IndexByte(raw[at:], '{')
		if brace < 0 {
			return -1
		}
		at += brace
		before := bytes.TrimRight(raw[:at], " \t\r\n")
		if n := len(before); n == 0 || before[n-1] == ':' || before[n-1] == '[' {
			continue
		}
		first, ok := bytes.CutPrefix(bytes.TrimLeft(raw[at+1:], " \t\r\n"), []byte{'"'})
		if !ok {
			continue
		}
		name, _, ok := bytes.Cut(first[:min(len(first), 64)], []byte{'"'})
		if ok && (bytes.HasPrefix(name, []byte{'_'}) || slices.Contains(firstMembers, string(name))) {
			return at
		}
	}
	return -1
}
