package contract

import (
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Place is a line of a document, and the column where something begins there.
type Place struct {
	File   string
	Line   int
	Column int // from 1; 0: unknown
}

// String is file:line, "" for no place.
func (p Place) String() string {
	if p.File == "" {
		return ""
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

func placeOf(o *openapi3.Origin) Place {
	if o == nil || o.Key == nil {
		return Place{}
	}
	return Place{File: o.Key.File, Line: o.Key.Line, Column: o.Key.Column}
}
