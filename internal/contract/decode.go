package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxBody  = 16 << 20 // bytes of a body that is judged
	maxDepth = 512      // levels of nesting
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
	kind    kind
	text    string // of a string, or of a number as it was written
	truth   bool
	items   []value
	members []member
}

type member struct {
	name  string
	value value
}

func (v *value) member(name string) *value {
	for i := range v.members {
		if v.members[i].name == name {
			return &v.members[i].value
		}
	}
	return nil
}

// fault is what is wrong with the text of a body.
type fault struct {
	pointer string
	message string
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
		if _, err = d.in.ReadToken(); err == nil {
			err = errTrailing
		} else if errors.Is(err, io.EOF) {
			return v, d.twice, nil
		} else if !errors.Is(err, errDeep) {
			err = errTrailing
		}
	}
	return v, nil, d.fault(err)
}

var (
	errDeep     = fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	errTrailing = errors.New("something follows the JSON value")
)

type decoder struct {
	in    *jsontext.Decoder
	twice []fault
}

func (d *decoder) fault(err error) *fault {
	switch {
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

func (d *decoder) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errDeep
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
	case '[':
		v := value{kind: kindArray}
		for d.in.PeekKind() != ']' {
			item, err := d.value(depth + 1)
			if err != nil {
				return v, err
			}
			v.items = append(v.items, item)
		}
		_, err := d.in.ReadToken()
		return v, err
	default: // '{': the decoder allows nothing else here
		return d.object(depth)
	}
}

func (d *decoder) object(depth int) (value, error) {
	v := value{kind: kindObject}
	index := map[string]int{}
	for d.in.PeekKind() != '}' {
		token, err := d.in.ReadToken()
		if err != nil {
			return v, err
		}
		name := token.String()
		pointer := string(d.in.StackPointer())
		child, err := d.value(depth + 1)
		if err != nil {
			return v, err
		}
		if i, ok := index[name]; ok {
			if len(d.twice) < maxViolations {
				d.twice = append(d.twice, fault{pointer: pointer, message: "the member stands more than once; readers disagree about which one counts"})
			}
			v.members[i].value = child
			continue
		}
		index[name] = len(v.members)
		v.members = append(v.members, member{name, child})
	}
	_, err := d.in.ReadToken()
	return v, err
}

// spot is where a value stands, built while descending and printed rarely.
type spot struct {
	parent *spot
	name   string
	index  int // when name is empty and parent is an array
	array  bool
}

func (p *spot) member(name string) *spot { return &spot{parent: p, name: name} }
func (p *spot) item(i int) *spot         { return &spot{parent: p, index: i, array: true} }

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// String is the RFC 6901 pointer.
func (p *spot) String() string {
	if p == nil {
		return ""
	}
	if p.array {
		return p.parent.String() + "/" + strconv.Itoa(p.index)
	}
	return p.parent.String() + "/" + pointerEscaper.Replace(p.name)
}
