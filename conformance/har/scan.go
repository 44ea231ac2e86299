package har

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// scanner cuts JSON text into values without holding more than one of them.
// It balances brackets and knows strings; whether a value is valid JSON is for
// its reader to find out. That is what lets reading go on after damage.
//
// Values are cut out of blocks that are filled once and never written again, so
// that they can be handed on as they are. A block lives as long as its values.
type scanner struct {
	r      io.Reader
	block  []byte // what was read of the current block; its capacity is what fits
	at     int    // the next byte of it to consume
	size   int    // of the blocks
	err    error
	offset int64 // of block[at] in the file
	budget int   // bytes that may still be read a second time after damage
}

// Blocks hold several entries each, and grow with them.
const (
	smallBlock = 256 << 10
	largeBlock = 4 << 20
)

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, size: smallBlock, budget: 2 * MaxEntry}
}

// more reads on. What was read from keep on stays in one piece.
func (s *scanner) more(keep int) bool {
	if len(s.block) == cap(s.block) {
		kept := s.block[keep:]
		block := make([]byte, len(kept), max(s.size, min(2*len(kept), MaxEntry+smallBlock)))
		copy(block, kept)
		s.block, s.at = block, s.at-keep
	}
	for idle := 0; s.err == nil; idle++ {
		var n int
		n, s.err = s.r.Read(s.block[len(s.block):cap(s.block)])
		s.block = s.block[:len(s.block)+n]
		if n > 0 {
			return true
		}
		if idle == 100 {
			s.err = io.ErrNoProgress
		}
	}
	return false
}

// rest is what was read and not consumed, at least one byte unless the input
// has ended.
func (s *scanner) rest() []byte {
	if s.at == len(s.block) && !s.more(len(s.block)) {
		return nil
	}
	return s.block[s.at:]
}

// failed says that reading ended before the file did.
func (s *scanner) failed() bool { return s.err != nil && !errors.Is(s.err, io.EOF) }

func (s *scanner) skip(n int) {
	s.at += n
	s.offset += int64(n)
}

// next is the next byte that is neither white space nor in also; it stays unread.
func (s *scanner) next(also byte) (byte, bool) {
	for rest := s.rest(); len(rest) > 0; rest = s.rest() {
		for i, c := range rest {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != also {
				s.skip(i)
				return c, true
			}
		}
		s.skip(len(rest))
	}
	return 0, false
}

// unread puts back the last n bytes of the value just consumed. It refuses when
// that has happened too often: a file made to be read twice everywhere is hostile.
func (s *scanner) unread(n int) bool {
	if s.budget -= n; s.budget < 0 {
		return false
	}
	s.skip(-n)
	return true
}

type ending int

const (
	complete ending = iota
	tooLarge        // complete, and longer than the limit: not kept
	cut             // the input ended first
)

// value consumes one value and returns its bytes, which are the caller's. A
// limit of zero keeps nothing and calls nothing too large. Too large a value is
// returned only as far as it may be needed to find where the next starts.
func (s *scanner) value(limit int) ([]byte, ending) {
	var l lexer
	kept := 0 // bytes before s.at
	for size, keep := 0, limit > 0; ; {
		if s.at == len(s.block) && !s.more(s.at-kept) {
			if l.scalar && !s.failed() {
				return s.block[s.at-kept:], complete
			}
			return s.block[s.at-kept:], cut
		}
		n, done := l.feed(s.block[s.at:])
		s.skip(n)
		size += n
		if keep {
			kept += n
		}
		raw := s.block[s.at-kept : s.at : s.at]
		switch {
		case done && limit > 0 && size > limit:
			return raw, tooLarge
		case done:
			s.size = max(s.size, min(4*len(raw), largeBlock))
			return raw, complete
		case keep && size > limit:
			if entryStart(raw) > 0 {
				return raw, tooLarge // an unbalanced entry ran into its successors
			}
			keep, kept = false, 0
		}
	}
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
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case l.escaped:
			l.escaped = false
		case l.inside:
			for i+8 <= len(text) && !holds(binary.LittleEndian.Uint64(text[i:])) {
				i += 8
			}
			for i < len(text) && text[i] != '"' && text[i] != '\\' {
				i++
			}
			if i == len(text) {
				break
			}
			l.escaped = text[i] == '\\'
			l.inside = l.escaped
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

// holds says whether one of eight bytes is a quote or a backslash.
func holds(word uint64) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := word^each*'"', word^each*'\\'
	return ((quotes-each)&^quotes|(slashes-each)&^slashes)&high != 0
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
