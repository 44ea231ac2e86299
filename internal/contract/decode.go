package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxBody   = 16 << 20 // bytes of a body that is judged
	maxDepth  = 512      // levels of nesting
	maxValues = 500_000  // values in a body
)

type kind uint8

const (
	kindNull kind = 1 << iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
	kindInteger // in schemas: a number without a fraction
)

func (k kind) String() string {
	var names []string
	for _, each := range []struct {
		kind kind
		name string
	}{
		{kindString, "string"}, {kindInteger, "integer"}, {kindNumber, "number"}, {kindBoolean, "boolean"},
		{kindArray, "array"}, {kindObject, "object"}, {kindNull, "null"},
	} {
		if k&each.kind != 0 {
			names = append(names, each.name)
		}
	}
	return strings.Join(names, " or ")
}

// value is a JSON value that keeps what judging needs: the text of numbers and
// the order of members.
type value struct {
	kind  kind
	truth bool
	text  string   // of a string, or of a number as it was written
	list  []member // of an object, or of an array, whose items have no names
}

type member struct {
	name  string
	value value
}

// member finds a member of an object. With fold, ASCII letters match in any
// case where no name matches exactly.
func (v *value) member(name string, fold bool) *value {
	var other *value
	for i := range v.list {
		switch m := &v.list[i]; {
		case m.name == name:
			return &m.value
		case fold && other == nil && len(m.name) == len(name) && lower(m.name) == lower(name):
			other = &m.value
		}
	}
	return other
}

// lower is s with its ASCII capitals in lower case. It copies only if it must.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			return strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					r += 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}

// equal compares as JSON does: numbers by what they are worth, objects without
// order.
func (v *value) equal(other *value) bool {
	if v.kind != other.kind || len(v.list) != len(other.list) {
		return false
	}
	switch v.kind {
	case kindBoolean:
		return v.truth == other.truth
	case kindNumber:
		return v.text == other.text || parseDecimal(v.text).compare(parseDecimal(other.text)) == 0
	case kindArray:
		for i := range v.list {
			if !v.list[i].value.equal(&other.list[i].value) {
				return false
			}
		}
	case kindObject:
		for i := range v.list {
			found := other.member(v.list[i].name, false)
			if found == nil || !v.list[i].value.equal(found) {
				return false
			}
		}
	}
	return v.text == other.text || v.kind == kindNumber
}

// canonical appends a spelling that equal values share and others do not.
func (v *value) canonical(out []byte) []byte {
	switch v.kind {
	case kindNull:
		return append(out, 'n')
	case kindBoolean:
		return strconv.AppendBool(out, v.truth)
	case kindNumber:
		d := parseDecimal(v.text)
		if d.negative {
			out = append(out, '-')
		}
		out = append(append(out, d.digits...), 'e')
		return strconv.AppendInt(out, int64(d.exponent), 10)
	case kindString:
		return strconv.AppendQuote(out, v.text)
	case kindArray:
		out = append(out, '[')
		for i := range v.list {
			out = append(v.list[i].value.canonical(out), ',')
		}
		return append(out, ']')
	}
	sorted := make([]*member, len(v.list))
	for i := range v.list {
		sorted[i] = &v.list[i]
	}
	slices.SortFunc(sorted, func(a, b *member) int { return strings.Compare(a.name, b.name) })
	out = append(out, '{')
	for _, m := range sorted {
		out = append(strconv.AppendQuote(out, m.name), ':')
		out = append(m.value.canonical(out), ',')
	}
	return append(out, '}')
}

// fault is what is wrong with the text of a body.
type fault struct {
	pointer string
	message string
	large   bool // it is only too much to be judged
}

// decode reads exactly one JSON value. Names that stand twice are listed; the
// last one counts, as it does for most readers.
func decode(body []byte) (v value, twice []fault, broken *fault) {
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return v, nil, &fault{message: "the body begins with a byte order mark"}
	}
	d := decoder{in: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))}
	v, err := d.value(0)
	if err == nil {
		if _, err = d.in.ReadToken(); errors.Is(err, io.EOF) {
			return v, d.twice, nil
		}
		err = errTrailing
	}
	return v, nil, d.fault(err)
}

var (
	errDeep     = fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	errTrailing = errors.New("something follows the JSON value")
	errLarge    = fmt.Errorf("the body has more than the %d values that are judged", maxValues)
)

type decoder struct {
	in     *jsontext.Decoder
	twice  []fault
	values int
}

func (d *decoder) fault(err error) *fault {
	switch {
	case errors.Is(err, errLarge):
		return &fault{message: err.Error(), large: true}
	case errors.Is(err, errDeep), errors.Is(err, errTrailing):
		return &fault{message: "the body is not one JSON value: " + err.Error()}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &fault{message: "the body is not JSON: it ends too early"}
	}
	at := fmt.Sprintf(" at byte %d", d.in.InputOffset())
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		at = fmt.Sprintf(" at byte %d", syntactic.ByteOffset)
		if strings.Contains(err.Error(), "UTF-8") || strings.Contains(err.Error(), "surrogate") {
			return &fault{message: "the body is not JSON: invalid UTF-8" + at}
		}
	}
	return &fault{message: "the body is not JSON: invalid syntax" + at}
}

// value reads a value that stands in depth arrays and objects.
func (d *decoder) value(depth int) (value, error) {
	if d.values++; d.values > maxValues {
		return value{}, errLarge
	}
	token, err := d.in.ReadToken()
	if err != nil {
		return value{}, err
	}
	switch token.Kind() {
	case 'n':
		return value{kind: kindNull}, nil
	case 't', 'f':
		return value{kind: kindBoolean, truth: token.Bool()}, nil
	case '"':
		return value{kind: kindString, text: token.String()}, nil
	case '0':
		return value{kind: kindNumber, text: token.String()}, nil
	}
	if depth == maxDepth {
		return value{}, errDeep
	}
	if token.Kind() == '[' {
		return d.array(depth + 1)
	}
	return d.object(depth + 1) // the decoder allows nothing else here
}

func (d *decoder) array(depth int) (value, error) {
	v := value{kind: kindArray}
	for d.in.PeekKind() != ']' {
		item, err := d.value(depth)
		if err != nil {
			return v, err
		}
		v.list = append(v.list, member{value: item})
	}
	_, err := d.in.ReadToken()
	return v, err
}

// small is how many members are searched one by one.
const small = 16

func (d *decoder) object(depth int) (value, error) {
	v := value{kind: kindObject}
	var index map[string]int // once there are many
	find := func(name string) (int, bool) {
		if index == nil {
			i := slices.IndexFunc(v.list, func(m member) bool { return m.name == name })
			return i, i >= 0
		}
		i, ok := index[name]
		return i, ok
	}
	for d.in.PeekKind() != '}' {
		token, err := d.in.ReadToken()
		if err != nil {
			return v, err
		}
		name := token.String()
		child, err := d.value(depth)
		if err != nil {
			return v, err
		}
		if i, ok := find(name); ok {
			if len(d.twice) < maxViolations {
				d.twice = append(d.twice, fault{
					pointer: shortPointer(string(d.in.StackPointer())),
					message: "the member stands more than once; readers disagree about which one counts",
				})
			}
			v.list[i].value = child
			continue
		}
		if index != nil {
			index[name] = len(v.list)
		}
		if v.list = append(v.list, member{name, child}); index == nil && len(v.list) > small {
			index = make(map[string]int, 4*small)
			for i := range v.list {
				index[v.list[i].name] = i
			}
		}
	}
	_, err := d.in.ReadToken()
	return v, err
}

// spot is where a value stands, built while descending and printed rarely.
type spot struct {
	parent *spot // nil: the body
	name   string
	index  int // of an item
	item   bool
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// String is the RFC 6901 pointer, save that a long name is cut and that
// control characters are replaced: what a stranger sent is printed on one
// line, however long.
func (p *spot) String() string {
	if p == nil {
		return ""
	}
	text := strconv.Itoa(p.index)
	if !p.item {
		text = pointerEscaper.Replace(label(p.name))
	}
	return p.parent.String() + "/" + text
}

// shortPointer is a pointer with its names made fit for print.
func shortPointer(pointer string) string {
	names := strings.Split(pointer, "/")
	for i, name := range names {
		names[i] = label(name)
	}
	return strings.Join(names, "/")
}

// label makes a name out of a message fit for one line: at most 100 bytes, no
// control characters.
func label(name string) string {
	const most = 100
	if len(name) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + "…"
	}
	for _, r := range name {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return strings.Map(func(r rune) rune {
				if !unicode.IsPrint(r) {
					return utf8.RuneError
				}
				return r
			}, name)
		}
	}
	return name
}
