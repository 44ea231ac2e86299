package har

import (
	"bytes"
	"iter"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// cursor walks valid JSON once, from left to right, and hands out its values as
// they are written.
type cursor []byte

// enter goes into an object or an array, if the next value is one and begins
// with open; otherwise it passes the value by.
func (c *cursor) enter(open byte) bool {
	if c.peek() != open {
		c.value()
		return false
	}
	*c = (*c)[1:]
	return true
}

// more says whether another member or element follows in what was entered. If
// not, it is left.
func (c *cursor) more() bool {
	switch c.peek() {
	case '}', ']':
		*c = (*c)[1:]
		return false
	case 0:
		return false
	}
	return true
}

// peek is the first byte of the next value; 0 at the end.
func (c *cursor) peek() byte {
	for i, b := range *c {
		switch b {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			*c = (*c)[i:]
			return b
		}
	}
	*c = nil
	return 0
}

// value is the next value.
func (c *cursor) value() []byte {
	c.peek()
	n := rawjson.Length(*c)
	value := (*c)[:n:n]
	*c = (*c)[n:]
	return value
}

// name is the next member's name.
func (c *cursor) name() []byte {
	quoted := c.value()
	if bytes.IndexByte(quoted, '\\') >= 0 {
		return rawjson.Unquote(quoted)
	}
	return quoted[1 : len(quoted)-1]
}

// named walks a list of objects that have a name and a value, as written.
func named(list []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		c := cursor(list)
		if !c.enter('[') {
			return
		}
		for c.more() {
			if !c.enter('{') {
				continue
			}
			var name, value []byte
			for c.more() {
				switch string(c.name()) {
				case "name":
					c.first(&name)
				case "value":
					c.first(&value)
				default:
					c.value()
				}
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

// first gives a member its value unless it has one.
func (c *cursor) first(member *[]byte) {
	if value := c.value(); *member == nil {
		*member = value
	}
}

func isText(value []byte) bool { return len(value) > 0 && value[0] == '"' }

// text is what a string says; nothing of another value.
func text(value []byte) string {
	switch {
	case !isText(value):
		return ""
	case bytes.IndexByte(value, '\\') >= 0:
		return string(rawjson.Unquote(value))
	}
	return string(value[1 : len(value)-1])
}

// number reads a number written as one or as a string; fallback otherwise.
func number(value []byte, fallback float64) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.Trim(string(value), `"`)), 64)
	if err != nil || n != n {
		return fallback
	}
	return n
}
