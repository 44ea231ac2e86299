package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// evaluation holds one body against a schema.
type evaluation struct {
	side   Side
	ignore ignoreCase
	out    []Violation
	lesser int  // how many of out are no errors
	ends   bool // stop at the first error: only the answer matters
	failed bool
	effort *effort
	whole  *node // whose allOf is being looked at, if any
}

// effort bounds the work on branches within branches: each looks at a value
// once more, so a hostile body could otherwise multiply its size.
type effort struct {
	steps int
	over  bool
}

// maxSteps bounds how many values are looked at in one body.
const maxSteps = 4 << 20

// spend tells whether there is effort left to look at a value.
func (e *evaluation) spend(v *value) bool {
	e.effort.steps += 1 + len(v.list) + len(v.text)>>5
	e.effort.over = e.effort.over || e.effort.steps > maxSteps
	return !e.effort.over
}

// say notes a violation. Errors and lesser matters are bounded apart, so that
// many of the one kind never hide the other.
func (e *evaluation) say(rule string, severity Severity, at *spot, n *node, format string, args ...any) {
	lesser := severity != Error
	e.failed = e.failed || !lesser
	const most = 4 * maxViolations
	if e.ends || lesser && e.lesser >= most || !lesser && len(e.out)-e.lesser >= most {
		return
	}
	if lesser {
		e.lesser++
	}
	e.out = append(e.out, Violation{
		Rule: string(e.side) + ".body." + rule, Severity: severity, Side: e.side,
		Pointer: at.String(), Message: fmt.Sprintf(format, args...), Spec: n.at,
	})
}

func (e *evaluation) error(rule string, at *spot, n *node, format string, args ...any) {
	e.say(rule, Error, at, n, format, args...)
}

// finish makes sure that what failed is told, also where the effort ended in
// the middle of a comparison that is told to nobody.
func (e *evaluation) finish(n *node) {
	switch {
	case e.effort.over:
		e.error("too-large", nil, n, "the body branches more than the judge follows; the rest was not judged")
	case e.failed && len(e.out) == e.lesser:
		e.error("schema", nil, n, "the value is not what the schema allows")
	}
}

// visit holds v against n and says what is wrong.
func (e *evaluation) visit(n *node, v *value, at *spot) {
	if !e.spend(v) {
		e.failed = true
		return
	}
	if e.ends && e.failed || !e.typed(n, v, at) {
		return
	}
	switch v.kind {
	case kindString:
		e.string(n, v, at)
	case kindNumber:
		e.number(n, v, at)
	case kindArray:
		e.array(n, v, at)
	case kindObject:
		e.object(n, v, at)
	}
	e.enum(n, v, at)
	e.branches(n, v, at)
}

func (e *evaluation) typed(n *node, v *value, at *spot) bool {
	got := v.kind
	if n.kinds == 0 || n.kinds&got != 0 || got == kindNumber && n.kinds&kindInteger != 0 || got == kindNull && n.nullable {
		return true
	}
	want := n.kinds
	if want&kindNumber != 0 {
		want = kindNumber
	}
	e.error("schema", at, n, "want %s, got %s", want, got)
	return false
}

func (e *evaluation) enum(n *node, v *value, at *spot) {
	if len(n.enum) > 0 && !slices.ContainsFunc(n.enum, func(each value) bool { return each.equal(v) }) {
		if documented := e.folded(n, v); documented != "" {
			e.say("value.case", Warning, at, n, "the document spells the value %q", documented)
		} else {
			e.error("schema", at, n, "want one of %s, got %s", show(n.enum), describe(v))
		}
	}
	if n.openEnum != nil && v.kind == kindString && !n.openEnum[v.text] {
		if documented := e.folded(n, v); documented != "" {
			e.say("value.case", Warning, at, n, "the document spells the value %q", documented)
		} else {
			e.say("value.undocumented", Note, at, n, "%s is not among the documented values", quote(v.text))
		}
	}
}

// folded is the documented value that a value of a request stands for in
// another letter case, where the document says that this is understood.
func (e *evaluation) folded(n *node, v *value) string {
	if !e.ignore.values || v.kind != kindString {
		return ""
	}
	for _, each := range n.enum {
		if each.kind == kindString && lower(each.text) == lower(v.text) {
			return each.text
		}
	}
	for _, each := range sortedKeys(n.openEnum) {
		if lower(each) == lower(v.text) {
			return each
		}
	}
	return ""
}

// show lists the values of an enumeration, which stand in the document.
func show(values []value) string {
	names := make([]string, 0, len(values))
	for i, v := range values {
		if i == 8 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(values)-i)
		}
		switch v.kind {
		case kindString, kindNumber:
			names = append(names, label(v.text))
		default:
			names = append(names, describe(&v))
		}
	}
	return strings.Join(names, ", ")
}

func describe(v *value) string {
	switch v.kind {
	case kindString:
		return quote(v.text)
	case kindBoolean:
		return fmt.Sprint(v.truth)
	case kindNumber:
		return "another number"
	}
	return v.kind.String()
}

// within wants a number of characters, items or members between two bounds.
func (e *evaluation) within(n *node, at *spot, count int, least uint64, most *uint64, of string) {
	length := uint64(count)
	if length < least {
		e.error("schema", at, n, "want at least %d %s, got %d", least, of, length)
	}
	if most != nil && length > *most {
		e.error("schema", at, n, "want at most %d %s, got %d", *most, of, length)
	}
}

func (e *evaluation) string(n *node, v *value, at *spot) {
	if n.minLength > 0 || n.maxLength != nil {
		e.within(n, at, utf8.RuneCountInString(v.text), n.minLength, n.maxLength, "characters")
	}
	if n.pattern != nil && !n.pattern.MatchString(v.text) {
		e.error("schema", at, n, WantsPattern+"%s", n.pattern)
	}
	if n.formatOK != nil && !n.formatOK(v.text) {
		e.error("format", at, n, WantsFormat+"%s", n.format)
	}
}

func (e *evaluation) number(n *node, v *value, at *spot) {
	if n.wide {
		if fault := integerFault(v.text, n.format); fault != "" {
			e.error("integer", at, n, "%s", fault)
			return
		}
	}
	if len(v.text) > maxDigits {
		e.error("schema", at, n, "want a number that can be meant, got one of %d digits", len(v.text))
		return
	}
	if _, err := strconv.ParseFloat(v.text, 64); err != nil && !n.wide {
		e.error("schema", at, n, "the number is larger than any that could be meant")
		return
	}
	wholeOnly := !n.wide && n.kinds&(kindInteger|kindNumber) == kindInteger
	if !wholeOnly && n.minimum == nil && n.maximum == nil && n.multipleOf == nil {
		return
	}
	x := parseDecimal(v.text)
	if wholeOnly && !x.whole() {
		e.error("integer", at, n, "want an integer, got a fraction")
	}
	if n.minimum != nil {
		if c := x.compare(n.minimum.decimal); c < 0 || c == 0 && n.exclusive[0] {
			e.error("schema", at, n, "want %s %s", map[bool]string{true: "more than", false: "at least"}[n.exclusive[0]], n.minimum.text)
		}
	}
	if n.maximum != nil {
		if c := x.compare(n.maximum.decimal); c > 0 || c == 0 && n.exclusive[1] {
			e.error("schema", at, n, "want %s %s", map[bool]string{true: "less than", false: "at most"}[n.exclusive[1]], n.maximum.text)
		}
	}
	if n.multipleOf != nil && !x.multipleOf(n.multipleOf) {
		e.error("schema", at, n, "want a multiple of %s", n.multipleOf.RatString())
	}
}

func (e *evaluation) array(n *node, v *value, at *spot) {
	e.within(n, at, len(v.list), n.minItems, n.maxItems, "items")
	if n.unique {
		e.uniqueItems(n, v, at)
	}
	if n.items == nil {
		return
	}
	whole := e.whole
	e.whole = nil
	defer func() { e.whole = whole }()
	here := &spot{parent: at, item: true} // one for all: nobody keeps it
	for i := range v.list {
		here.index = i
		e.visit(n.items, &v.list[i].value, here)
	}
}

func (e *evaluation) uniqueItems(n *node, v *value, at *spot) {
	seen := make(map[string]int, len(v.list))
	for i := range v.list {
		text := string(v.list[i].value.canonical(nil))
		e.effort.steps += len(text) >> 5
		if j, ok := seen[text]; ok {
			e.error("schema", &spot{parent: at, index: i, item: true}, n, "want items that differ; this one equals item %d", j)
			return
		}
		seen[text] = i
	}
}

// find is the documented name that a member of a body stands for, and whether
// it is spelled in other letter case. ok is false for an undocumented member.
func (e *evaluation) find(n *node, name string) (documented string, folded, ok bool) {
	if _, ok := n.properties[name]; ok {
		return name, false, true
	}
	if e.ignore.members {
		if documented, ok := n.folded[lower(name)]; ok {
			return documented, true, true
		}
	}
	return "", false, false
}

func (e *evaluation) object(n *node, v *value, at *spot) {
	e.within(n, at, len(v.list), n.minMembers, n.maxMembers, "members")
	twice := false
	whole := e.whole
	e.whole = nil
	here := &spot{parent: at} // one for all: nobody keeps it
	for i := range v.list {
		m := &v.list[i]
		here.name = m.name
		name, folded, ok := e.find(n, m.name)
		if !ok {
			switch {
			case n.closed:
				e.error("schema", here, n, "the document allows no other members here")
			case n.rest != nil:
				e.visit(n.rest, &m.value, here)
			}
			continue
		}
		twice = twice || folded
		p := n.properties[name]
		switch {
		case p.readOnly && e.side == Request:
			e.error("schema", here, p.node, "the member is read-only and does not belong in a request")
		case p.writeOnly && e.side == Response:
			e.error("schema", here, p.node, "the member is write-only and does not belong in a response")
		}
		e.visit(p.node, &m.value, here)
	}
	e.whole = whole
	if twice {
		e.spelledTwice(n, v, at)
	}
	for _, name := range n.required {
		if v.member(name, e.ignore.members) == nil && !e.excused(n, name) {
			e.error("required", &spot{parent: at, name: name}, n, "the member is required")
		}
	}
	for _, name := range n.expected {
		if v.member(name, e.ignore.members) == nil {
			e.say("expected", Warning, &spot{parent: at, name: name}, n, "the member is documented as mandatory")
		}
	}
	if len(n.oneOfRequired) > 0 && !slices.ContainsFunc(n.oneOfRequired, func(name string) bool { return v.member(name, e.ignore.members) != nil }) {
		e.error("required", at, n, "one of the members %s is required", strings.Join(n.oneOfRequired, ", "))
	}
}

// spelledTwice reports members that are one to a reader who ignores letter
// case.
func (e *evaluation) spelledTwice(n *node, v *value, at *spot) {
	seen := map[string]bool{}
	for i := range v.list {
		name, _, ok := e.find(n, v.list[i].name)
		if ok && seen[name] {
			e.error("duplicate-key", &spot{parent: at, name: v.list[i].name}, n, "the member stands more than once, in two spellings; readers disagree about which one counts")
		}
		seen[name] = true
	}
}

// excused is a required member that belongs to the other direction, as this
// schema or another of the same allOf says.
func (e *evaluation) excused(n *node, name string) bool {
	seen := map[*node]bool{}
	var other func(n *node) bool
	other = func(n *node) bool {
		if n == nil || seen[n] {
			return false
		}
		seen[n] = true
		p := n.properties[name]
		return p != nil && (p.readOnly && e.side == Request || p.writeOnly && e.side == Response) || slices.ContainsFunc(n.allOf, other)
	}
	return other(n) || other(e.whole)
}

func (e *evaluation) branches(n *node, v *value, at *spot) {
	if len(n.allOf) > 0 {
		whole := e.whole
		if whole == nil {
			e.whole = n
		}
		for _, each := range n.allOf {
			e.visit(each, v, at)
		}
		e.whole = whole
	}
	if n.not != nil && e.accepts(n.not, v) {
		e.error("schema", at, n, "want a value that the document does not exclude (not)")
	}
	if n.choice != nil && v.kind == kindObject {
		if branch := e.chosen(n, v, at); branch != nil {
			e.visit(branch, v, at)
		}
		return
	}
	e.either(n, n.anyOf, false, v, at)
	e.either(n, n.oneOf, true, v, at)
}

// chosen is the branch that the discriminator names.
func (e *evaluation) chosen(n *node, v *value, at *spot) *node {
	here := &spot{parent: at, name: n.choice.member}
	name := v.member(n.choice.member, e.ignore.members)
	if name == nil {
		e.error("required", here, n, "the member tells the alternatives apart and is required")
		return nil
	}
	branch := e.named(n.choice, name)
	if branch == nil {
		e.error("schema", here, n, "want one of %s, got %s", strings.Join(sortedKeys(n.choice.branch), ", "), describe(name))
		return nil
	}
	return branch
}

// named is the branch a discriminating value names, in any letter case where
// the document says that values of requests are understood so.
func (e *evaluation) named(c *choice, name *value) *node {
	if name.kind != kindString {
		return nil
	}
	if branch := c.branch[name.text]; branch != nil || !e.ignore.values {
		return branch
	}
	for _, each := range sortedKeys(c.branch) {
		if lower(each) == lower(name.text) {
			return c.branch[each]
		}
	}
	return nil
}

// either wants one branch to accept, or exactly one. If none does, it says
// what the nearest branch has against the value.
func (e *evaluation) either(n *node, branches []*node, one bool, v *value, at *spot) {
	if len(branches) == 0 {
		return
	}
	var accepted []*node
	for _, branch := range branches {
		if e.accepts(branch, v) {
			accepted = append(accepted, branch)
		}
		if len(accepted) > 0 && !one {
			break
		}
	}
	switch {
	case len(accepted) == 1:
		if !e.ends {
			e.visit(accepted[0], v, at) // for what is less than an error
		}
		return
	case len(accepted) > 1:
		e.error("schema", at, n, "want a value of one alternative, got one of %d", len(accepted))
		return
	}
	e.failed = true
	if e.ends {
		return
	}
	var nearest []Violation
	for _, branch := range branches {
		trial := evaluation{side: e.side, ignore: e.ignore, effort: e.effort}
		trial.visit(branch, v, at)
		if nearest == nil || countErrors(trial.out) < countErrors(nearest) {
			nearest = trial.out
		}
	}
	for _, violation := range nearest {
		if len(e.out) < 8*maxViolations {
			e.out = append(e.out, violation)
		}
		if violation.Severity != Error {
			e.lesser++
		}
	}
}

func countErrors(list []Violation) (count int) {
	for _, v := range list {
		if v.Severity == Error {
			count++
		}
	}
	return count
}

// accepts tells whether v keeps to n.
func (e *evaluation) accepts(n *node, v *value) bool {
	trial := evaluation{side: e.side, ignore: e.ignore, ends: true, effort: e.effort}
	trial.visit(n, v, nil)
	return !trial.failed
}
