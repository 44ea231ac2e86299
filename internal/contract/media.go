package contract

import (
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// media is a documented media type and the schema of its body.
type media struct {
	name     string // as documented
	at       Place
	kind     string // type/subtype, in lower case
	params   map[string]string
	node     *node
	specific int // the more, the better a match
}

const formType = "application/x-www-form-urlencoded"

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

func (c *compiler) content(content openapi3.Content, at Place) ([]*media, error) {
	var list []*media
	for _, name := range slices.Sorted(maps.Keys(content)) {
		kind, params, err := mime.ParseMediaType(name)
		if err != nil {
			return nil, fmt.Errorf("%s: the media type %q cannot be read: %w", at, name, err)
		}
		entry := &media{name: name, at: at, kind: kind, params: params}
		if o := placeOf(content[name].Origin); o.File != "" {
			entry.at = o
		}
		entry.specific = 4 + len(params)
		switch {
		case kind == "*/*":
			entry.specific = 0
		case strings.HasSuffix(kind, "/*"):
			entry.specific = 2
		}
		if entry.node, err = c.node(content[name].Schema); err != nil {
			return nil, err
		}
		if err := entry.readable(content[name]); err != nil {
			return nil, err
		}
		list = append(list, entry)
	}
	slices.SortStableFunc(list, func(a, b *media) int { return b.specific - a.specific })
	return list, nil
}

// readable refuses bodies that could not be judged: those of an encoding of
// their own, forms that are more than a flat object, and objects in anything
// but JSON and forms.
func (m *media) readable(documented *openapi3.MediaType) error {
	n := m.node
	switch {
	case len(documented.Encoding) > 0:
		return unsupported(m.at, "encoding")
	case documented.ItemSchema != nil:
		return unsupported(m.at, "itemSchema")
	case n == nil || isJSON(m.kind) || strings.HasSuffix(m.kind, "/*"):
		return nil
	case m.kind != formType:
		if n.kinds&^kindString != 0 || n.composed() {
			return unsupported(m.at, "a body of "+m.kind+" that is more than text")
		}
		return nil
	case n.kinds != kindObject || n.composed():
		return unsupported(m.at, "a form that is not a plain object")
	}
	for _, name := range sortedKeys(n.properties) {
		if member := n.properties[name].node; !member.plain() && (member.kinds != kindArray || member.items == nil || !member.items.plain()) {
			return unsupported(m.at, fmt.Sprintf("the form member %q, which is neither a plain value nor a list of them,", name))
		}
	}
	return nil
}

// pick finds the documented media type of a Content-Type: the type is the same
// in any letter case, and every documented parameter is there, in any order
// and beside others. charset is no part of the comparison. kind is the type
// that was given, in lower case.
func pick(list []*media, contentType string) (found *media, kind string) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(contentType, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	for _, m := range list {
		major, wild := strings.CutSuffix(m.kind, "/*")
		if m.kind != "*/*" && m.kind != kind && !(wild && strings.HasPrefix(kind, major+"/")) {
			continue
		}
		same := true
		for name, want := range m.params {
			same = same && (name == "charset" || params[name] == want)
		}
		if same {
			return m, kind
		}
	}
	return nil, kind
}

// firstJSON is what a body without Content-Type is taken for.
func firstJSON(list []*media) *media {
	for _, name := range []string{"application/json", ""} {
		for _, m := range slices.Backward(list) { // without parameters before with
			if m.kind == name || name == "" && (isJSON(m.kind) || strings.HasSuffix(m.kind, "/*")) {
				return m
			}
		}
	}
	return nil
}

func names(list []*media) string {
	all := make([]string, len(list))
	for i, m := range list {
		all[i] = m.name
	}
	return strings.Join(all, ", ")
}
