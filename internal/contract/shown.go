package contract

import (
	"net/url"
	"strings"
)

// Shown notes which items of an inventory one exchange shows. It is for one
// goroutine. A nil Shown notes nothing.
type Shown struct {
	Seen Set // items; the operation itself is not among them

	look *outlook
	of   *Operation
}

// Set is a set of items, by their places in an inventory. Its bits beyond its
// end are 0.
type Set []uint64

// Has tells whether the item is in the set.
func (s Set) Has(item int) bool { return item/64 < len(s) && s[item/64]>>(item%64)&1 == 1 }

// Add puts all of other into the set, which grows if it has to.
func (s *Set) Add(other Set) {
	if len(*s) < len(other) {
		*s = append(*s, make(Set, len(other)-len(*s))...)
	}
	for i, word := range other {
		(*s)[i] |= word
	}
}

// Look begins to look at an exchange with an operation; nil if the operation
// is not of the inventory.
func (v *Inventory) Look(o *Operation) *Shown {
	look := v.outlook[o]
	if look == nil {
		return nil
	}
	return &Shown{Seen: make(Set, (len(v.items)+63)/64), look: look, of: o}
}

// Operation is the item of the operation; -1 of a nil Shown.
func (s *Shown) Operation() int {
	if s == nil {
		return -1
	}
	return s.look.item
}

func (s *Shown) note(item int) { s.Seen[item/64] |= 1 << (item % 64) }

// Request notes what the parameters of a request show. Its body is looked at
// while it is judged, see Message.
func (s *Shown) Request(params map[string]string, m Message) {
	if s == nil {
		return
	}
	var query url.Values
	for _, p := range s.of.parameters {
		words := s.look.words[p]
		if len(words) == 0 {
			continue
		}
		var values []string
		switch p.in {
		case "path":
			values = []string{params[p.name]}
		case "header":
			values = headerValues(m.Header, p.name)
		case "query":
			if query == nil {
				query, _ = url.ParseQuery(m.Query)
			}
			values = query[p.name]
		}
		for _, value := range values {
			for word := range strings.SplitSeq(value, ",") {
				s.word(words, words, strings.TrimSpace(word), s.of.ignore.values)
			}
		}
	}
}

// Response notes the status of a response with its media type. Its body is
// looked at while it is judged.
func (s *Shown) Response(status int, m Message) {
	if s == nil {
		return
	}
	r := s.of.response(status)
	if r == nil {
		return
	}
	documented := s.look.statuses[r]
	if item, ok := documented[nil]; ok {
		s.note(item)
		return
	}
	if len(m.Body) == 0 && !m.BodyUnknown {
		return
	}
	as := firstJSON(r.content)
	if types := headerValues(m.Header, "Content-Type"); len(types) > 0 {
		as, _ = pick(r.content, types[0])
	}
	if item, ok := documented[as]; ok && as != nil {
		s.note(item)
	}
}

// body looks at a body that is being judged.
func (s *Shown) body(side Side, as *media, v *value) {
	switch {
	case s == nil:
	case side == Request:
		s.value(s.look.request[as], v, s.of.ignore)
	default:
		s.value(s.look.response[as], v, ignoreCase{})
	}
}

func (s *Shown) value(at *shape, v *value, ignore ignoreCase) {
	if at == nil {
		return
	}
	switch v.kind {
	case kindString, kindNumber:
		s.word(at.words, at.lower, v.text, ignore.values || at.problem)
	case kindArray:
		if at.items == nil {
			return
		}
		for i := range v.list {
			s.value(at.items, &v.list[i].value, ignore)
		}
	case kindObject:
		for i := range v.list {
			m := &v.list[i]
			b := at.members[m.name]
			if b == nil && ignore.members {
				b = at.folded[lower(m.name)]
			}
			if b != nil {
				s.note(b.item)
				s.value(b.shape, &m.value, ignore)
			}
		}
	}
}

func (s *Shown) word(words, lowered map[string]int, word string, fold bool) {
	if len(words) == 0 {
		return
	}
	item, ok := words[word]
	if !ok && fold {
		item, ok = lowered[lower(word)]
	}
	if ok {
		s.note(item)
	}
}
