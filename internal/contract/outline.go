package contract

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// outline is where the values of a body stand in its bytes. It holds no text:
// most of it is never looked at.
type outline struct {
	body   []byte
	pieces []piece // the body itself is the first
}

// piece is a value. Others are named by their place in the outline; the first
// one is in nothing, so that 0 stands for none.
type piece struct {
	from, to       int // of the value
	named, nameLen int // where its name begins, with its quotes; of a member
	first, next    int
	count          int // of members or items
	kind           kind
}

// pieceKind is 0 for what is no value.
func pieceKind(k jsontext.Kind) kind {
	switch k {
	case 'n':
		return kindNull
	case 't', 'f':
		return kindBoolean
	case '0':
		return kindNumber
	case '"':
		return kindString
	case '[':
		return kindArray
	case '{':
		return kindObject
	}
	return 0
}

// outlineOf reads exactly one JSON value within the bounds of the judge. Names
// may stand more than once.
func outlineOf(body []byte) (o outline, ok bool) {
	o = outline{body: body, pieces: make([]piece, 0, 8+len(body)/24)}
	in := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	if o.read(in, 0) != nil {
		return o, false
	}
	_, err := in.ReadToken()
	return o, errors.Is(err, io.EOF)
}

// read appends the next value and all it holds.
func (o *outline) read(in *jsontext.Decoder, depth int) error {
	at := len(o.pieces)
	if at == maxValues {
		return errLarge
	}
	p := piece{kind: pieceKind(in.PeekKind())}
	if p.kind != kindArray && p.kind != kindObject {
		raw, err := in.ReadValue()
		p.to = int(in.InputOffset())
		p.from = p.to - len(raw)
		o.pieces = append(o.pieces, p)
		return err
	}
	if depth == maxDepth {
		return errDeep
	}
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	p.from = int(in.InputOffset()) - 1
	o.pieces = append(o.pieces, p)
	last, shut := 0, jsontext.Kind(']')
	if p.kind == kindObject {
		shut = '}'
	}
	for in.PeekKind() != shut {
		named, nameLen := 0, 0
		if p.kind == kindObject {
			raw, err := in.ReadValue()
			if err != nil {
				return err
			}
			nameLen = len(raw)
			named = int(in.InputOffset()) - nameLen
		}
		child := len(o.pieces)
		if err := o.read(in, depth+1); err != nil {
			return err
		}
		o.pieces[child].named, o.pieces[child].nameLen = named, nameLen
		if last == 0 {
			o.pieces[at].first = child
		} else {
			o.pieces[last].next = child
		}
		last = child
		o.pieces[at].count++
	}
	_, err := in.ReadToken()
	o.pieces[at].to = int(in.InputOffset())
	return err
}

// name is the name of a member.
func (o *outline) name(at int) []byte {
	p := &o.pieces[at]
	return unquoted(o.body[p.named : p.named+p.nameLen])
}

// text is a string value.
func (o *outline) text(at int) string {
	return string(unquoted(o.body[o.pieces[at].from:o.pieces[at].to]))
}

// last is the last member or item.
func (o *outline) last(at int) int {
	last := 0
	for i := o.pieces[at].first; i != 0; i = o.pieces[i].next {
		last = i
	}
	return last
}

// unquoted is what a JSON string says; the decoder has seen that it is one.
// Without escapes it is a part of raw.
func unquoted(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw)
	return text
}
