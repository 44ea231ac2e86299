package contract

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Liberal reads a JSON request body as the vendor's service does and writes it
// as the contract spells it, before it is judged:
//
//   - a member that is null where the contract takes no null is left out, and
//     so is an optional one that is an empty string the contract refuses;
//   - a number or a boolean becomes text where text is documented, "true" and
//     "FALSE" become booleans, and the text of a number becomes a number, but
//     not where money is meant;
//   - one text stands for a list of one;
//   - a member in another letter case gets the documented spelling where the
//     document says that this is understood.
//
// What the contract accepts without complaint comes back byte for byte, and
// whatever is not understood stays as it is, for the judge to refuse: unknown
// members, members that stand twice, malformed JSON, and bodies past the
// bounds of the judge. The order of members and the digits of numbers are
// kept. When nothing changes the result is body itself.
func (o *Operation) Liberal(body []byte) []byte {
	if o.body == nil || len(body) > maxBody {
		return body
	}
	as := firstJSON(o.body.content)
	if as == nil || as.node == nil {
		return body
	}
	outline, ok := outlineOf(body)
	if !ok {
		return body
	}
	l := liberal{outline: outline, judge: evaluation{side: Request, ignore: o.ignore, effort: &effort{}}}
	l.visit(as.node, 0)
	if len(l.edits) == 0 || l.judge.effort.over {
		return body
	}
	return l.rewritten()
}

// liberal is one reading of a body.
type liberal struct {
	outline

	judge evaluation // what a value is tried with
	edits []edit     // in the order of the body, none within another
	parts []*node    // a stack, shared by all objects on the way
}

// edit puts text in the place of body[from:to].
type edit struct {
	from, to int
	text     string
}

func (l *liberal) rewritten() []byte {
	size := len(l.body)
	for _, e := range l.edits {
		size += len(e.text)
	}
	out, done := make([]byte, 0, size), 0
	for _, e := range l.edits {
		out = append(append(out, l.body[done:e.from]...), e.text...)
		done = e.to
	}
	return append(out, l.body[done:]...)
}

// visit looks at what is inside a value that has a schema.
func (l *liberal) visit(n *node, at int) {
	p := &l.pieces[at]
	if !l.spend(1 + p.count) {
		return
	}
	switch p.kind {
	case kindArray:
		if n.items == nil {
			return
		}
		for i := p.first; i != 0; i = l.pieces[i].next {
			if text, ok := l.other(n.items, i, ""); ok {
				l.edits = append(l.edits, edit{l.pieces[i].from, l.pieces[i].to, text})
				continue
			}
			l.visit(n.items, i)
		}
	case kindObject:
		bottom := len(l.parts)
		l.gather(n, at)
		l.object(at, l.parts[bottom:])
		l.parts = l.parts[:bottom]
	}
}

// spend tells whether there is effort left for so many steps.
func (l *liberal) spend(steps int) bool {
	e := l.judge.effort
	e.steps += steps
	e.over = e.over || e.steps > maxSteps
	return !e.over
}

// gather stacks the schemas that have a say about an object: n, those of its
// allOf, and the alternative that a discriminator names. Alternatives without
// one are left to the judge.
func (l *liberal) gather(n *node, at int) {
	l.parts = append(l.parts, n)
	for _, each := range n.allOf {
		l.gather(each, at)
	}
	if n.choice == nil {
		return
	}
	chosen := 0
	for i := l.pieces[at].first; i != 0; i = l.pieces[i].next {
		switch name := l.name(i); {
		case string(name) == n.choice.member:
			chosen = i
		case chosen == 0 && l.same(name, n.choice.member):
			chosen = i
		}
	}
	if chosen == 0 || l.pieces[chosen].kind != kindString {
		return
	}
	if branch := l.judge.named(n.choice, &value{kind: kindString, text: l.text(chosen)}); branch != nil {
		l.gather(branch, at)
	}
}

// same compares names as the document wants it.
func (l *liberal) same(name []byte, other string) bool {
	return string(name) == other || l.judge.ignore.members && len(name) == len(other) && lower(string(name)) == lower(other)
}

func (l *liberal) object(at int, parts []*node) {
	const none = -1
	dropped, kept := none, none // where a run of dropped members begins; where the last kept one ends
	for i := l.pieces[at].first; i != 0; i = l.pieces[i].next {
		m := l.pieces[i]
		name, n, required := l.documented(parts, l.name(i))
		drop, text, replace := false, "", false
		if n != nil {
			if drop = l.empty(n, i, required || isMoney(name)); !drop {
				text, replace = l.other(n, i, name)
			}
		}
		rename := n != nil && name != "" && name != string(l.name(i))
		if (drop || replace || rename) && l.twice(at, i) {
			drop, replace, rename = false, false, false
		}
		if drop {
			if dropped == none {
				dropped = m.named
			}
			continue
		}
		if dropped != none {
			l.edits = append(l.edits, edit{dropped, m.named, ""})
			dropped = none
		}
		if rename {
			l.edits = append(l.edits, edit{m.named, m.named + m.nameLen, quoted(name)})
		}
		switch {
		case replace:
			l.edits = append(l.edits, edit{m.from, m.to, text})
		case n != nil:
			l.visit(n, i)
		}
		kept = m.to
	}
	if dropped == none {
		return
	}
	from := dropped
	if kept != none {
		from = kept // with the comma before
	}
	l.edits = append(l.edits, edit{from, l.pieces[l.last(at)].to, ""})
}

// documented finds the schema of a member and its spelling, which is "" for a
// member of a free map. Without a schema the member is nobody's.
func (l *liberal) documented(parts []*node, name []byte) (spelling string, n *node, required bool) {
	for _, part := range parts {
		if p, ok := part.properties[string(name)]; ok {
			spelling, n = p.name, p.node
			break
		}
	}
	for _, part := range parts {
		if n == nil && l.judge.ignore.members {
			if folded, ok := part.folded[lower(string(name))]; ok {
				spelling, n = folded, part.properties[folded].node
			}
		}
	}
	for _, part := range parts {
		if n == nil {
			n = part.rest
		}
		required = required || spelling != "" && slices.Contains(part.required, spelling)
	}
	return spelling, n, required
}

// isMoney tells the members that hold amounts: amount, vatAmount, feeAmount.
func isMoney(name string) bool { return strings.HasSuffix(lower(name), "amount") }

// empty tells a member that says nothing and that the schema refuses. Empty
// text is not nothing where a text is needed.
func (l *liberal) empty(n *node, at int, needed bool) bool {
	switch p := &l.pieces[at]; {
	case p.kind == kindNull:
		return !n.nullable && !l.accepts(n, value{kind: kindNull})
	case p.kind == kindString && p.to-p.from == len(`""`) && !needed:
		return !l.accepts(n, value{kind: kindString})
	}
	return false
}

// other is what a scalar is meant for where the schema wants another type. The
// name is that of the member, if it is one.
func (l *liberal) other(n *node, at int, name string) (text string, ok bool) {
	p := &l.pieces[at]
	plain := !n.composed()
	switch p.kind {
	case kindString:
		if plain && (n.kinds == 0 || n.kinds&kindString != 0) {
			return "", false
		}
	case kindNumber, kindBoolean:
		if plain && n.kinds != kindString && (n.kinds == 0 || n.kinds&p.kind != 0 || p.kind == kindNumber && n.kinds&kindInteger != 0) {
			return "", false
		}
		return l.written(n, p)
	default:
		return "", false
	}
	given := value{kind: kindString, text: l.text(at)}
	if l.accepts(n, given) {
		return "", false
	}
	switch word := lower(given.text); {
	case (word == "true" || word == "false") && l.accepts(n, value{kind: kindBoolean, truth: word == "true"}):
		return word, true
	case isNumber(given.text) && !isMoney(name) && l.accepts(n, value{kind: kindNumber, text: given.text}):
		return given.text, true
	case plain && n.kinds == kindArray && l.accepts(n, value{kind: kindArray, list: []member{{value: given}}}):
		return "[" + string(l.body[p.from:p.to]) + "]", true
	}
	return "", false
}

// written is the text of a number or a boolean where text is meant. Where text
// alone is documented nothing else is asked: what more is wanted of it is told
// by the judge.
func (l *liberal) written(n *node, p *piece) (text string, ok bool) {
	raw := string(l.body[p.from:p.to])
	if n.composed() || n.kinds != kindString {
		given := value{kind: p.kind, text: raw}
		if p.kind == kindBoolean {
			given = value{kind: kindBoolean, truth: raw == "true"}
		}
		if l.accepts(n, given) || !l.accepts(n, value{kind: kindString, text: raw}) {
			return "", false
		}
	}
	return quoted(raw), true
}

func (l *liberal) accepts(n *node, v value) bool { return l.judge.accepts(n, &v) }

// twice tells whether a member stands more than once: then it is not for us to
// say which one counts.
func (l *liberal) twice(at, member int) bool {
	if !l.spend(l.pieces[at].count) {
		return true
	}
	name := string(l.name(member))
	for i := l.pieces[at].first; i != 0; i = l.pieces[i].next {
		if i != member && l.same(l.name(i), name) {
			return true
		}
	}
	return false
}

func quoted(text string) string {
	out, err := jsontext.AppendQuote(nil, text)
	if err != nil { // neither a documented name nor a number is anything but UTF-8
		return `""`
	}
	return string(out)
}
