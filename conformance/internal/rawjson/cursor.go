package rawjson

import (
	"bytes"
	"iter"
	"strconv"
	"strings"
)

// Cursor walks valid JSON once, from left to right, and hands out its values as
// they are written.
type Cursor []byte

// Enter goes into an object or an array, if the next value is one and begins
// with open; otherwise it passes the value by.
func (c *Cursor) Enter(open byte) bool {
	if c.Peek() != open {
		c.Value()
		return false
	}
	*c = (*c)[1:]
	return true
}

// More says whether another member or element follows in what was entered. If
// not, it is left.
func (c *Cursor) More() bool {
	switch c.Peek() {
	case '}', ']':
		*c = (*c)[1:]
		return false
	case 0:
		return false
	}
	return true
}

// Peek is the first byte of the next value; 0 at the end.
func (c *Cursor) Peek() byte {
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

// Value is the next value.
func (c *Cursor) Value() []byte {
	c.Peek()
	n := Length(*c)
	value := (*c)[:n:n]
	*c = (*c)[n:]
	return value
}

// Name is the next member's name.
func (c *Cursor) Name() []byte {
	quoted := c.Value()
	if bytes.IndexByte(quoted, '\\') >= 0 {
		return Unquote(quoted)
	}
	return quoted[1 : len(quoted)-1]
}

// Named walks a list of objects that have a name and a value, as written.
func Named(list []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		c := Cursor(list)
		if !c.Enter('[') {
			return
		}
		for c.More() {
			if !c.Enter('{') {
				continue
			}
			var name, value []byte
			for c.More() {
				switch string(c.Name()) {
				case "name":
					c.First(&name)
				case "value":
					c.First(&value)
				default:
					c.Value()
				}
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

// First gives a member its value unless it has one.
func (c *Cursor) First(member *[]byte) {
	if value := c.Value(); *member == nil {
		*member = value
	}
}

// IsText says that a value is a string.
func IsText(value []byte) bool { return len(value) > 0 && value[0] == '"' }

// Text is what a string says; nothing of another value.
func Text(value []byte) string {
	switch {
	case !IsText(value):
		return ""
	case bytes.IndexByte(value, '\\') >= 0:
		return string(Unquote(value))
	}
	return string(value[1 : len(value)-1])
}

// Number reads a number written as one or as a string; fallback otherwise.
func Number(value []byte, fallback float64) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.Trim(string(value), `"`)), 64)
	if err != nil || n != n {
		return fallback
	}
	return n
}
