package contract

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"
)

// evaluation holds one body against a schema.
type evaluation struct {
	side       Side
	ignoreCase bool // of member names
	out        []Violation
	ends       bool // stop at the first error: only the answer matters
	failed     bool
	steps      *int // bounds the work on branches within branches
}

// maxSteps bounds how many values are looked at in one body. Branches look at
// a value once each, so a hostile body could otherwise multiply its size.
const maxSteps = 4 << 20

func (e *evaluation) say(rule string, severity Severity, at *spot, n *node, format string, args ...any) {
	if severity == Error {
		e.failed = true
	}
	if e.ends || len(e.out) > 4*maxViolations {
		return
	}
	e.out = append(e.out, Violation{
		Rule: string(e.side) + ".body." + rule, Severity: severity, Side: e.side,
		Pointer: at.String(), Message: fmt.Sprintf(format, args...), Spec: n.at,
	})
}

func (e *evaluation) error(rule string, at *spot, n *node, format string, args ...any) {
	e.say(rule, Error, at, n, format, args...)
}

// visit holds v against n and says what is wrong.
func (e *evaluation) visit(n *node, v *value, at *spot) {
	if *e.steps++; *e.steps > maxSteps {
		if *e.steps == maxSteps+1 {
			e.error("too-large", at, n, "the body branches more than the judge follows; the rest was not judged")
		}
		e.failed = true
		return
	}
	if e.ends && e.failed {
		return
	}
	if v.kind == kindNull && n.nullable {
		return
	}
	if !e.typed(n, v, at) {
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
	if n.kinds == 0 || n.kinds&got != 0 || got == kindNumber && n.kinds&kindInteger != 0 {
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
	if len(n.enum) > 0 {
		for i := range n.enum {
			if equal(&n.enum[i], v) {
				return
			}
		}
		e.error("schema", at, n, "want one of %s, got %s", show(n.enum), describe(v))
	}
	if n.openEnum != nil && v.kind == kindString && v.text != "" && !n.openEnum[v.text] {
		e.say("value.undocumented", Note, at, n, "%s is not among the documented values", quote(v.text))
	}
}

// show lists the values of an enumeration, which stand in the document.
func show(values []value) string {
	names := make([]string, 0, len(values))
	for i, v := range values {
		if i == 8 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(values)-i)
		}
		names = append(names, v.text)
		if v.kind == kindBoolean {
			names[i] = fmt.Sprint(v.truth)
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

func (e *evaluation) string(n *node, v *value, at *spot) {
	if n.minLength > 0 || n.maxLength != nil {
		length := uint64(utf8.RuneCountInString(v.text))
		if length < n.minLength {
			e.error("schema", at, n, "want at least %d characters, got %d", n.minLength, length)
		}
		if n.maxLength != nil && length > *n.maxLength {
			e.error("schema", at, n, "want at most %d characters, got %d", *n.maxLength, length)
		}
	}
	if n.pattern != nil && !n.pattern.MatchString(v.text) {
		e.error("schema", at, n, "want text that matches %s", n.pattern)
	}
	if n.formatOK != nil && !n.formatOK(v.text) {
		e.error("format", at, n, "want text of the format %s", n.format)
	}
}

func (e *evaluation) number(n *node, v *value, at *spot) {
	if n.format == "int64" || n.format == "int32" {
		if fault := integerFault(v.text, n.format); fault != "" {
			e.error("integer", at, n, "%s", fault)
			return
		}
	}
	wholeOnly := n.kinds&kindInteger != 0 && n.kinds&kindNumber == 0
	if !wholeOnly && n.minimum == nil && n.maximum == nil && n.multipleOf == nil {
		return
	}
	x := numberOf(v.text)
	if x == nil {
		e.error("integer", at, n, "the number is larger or smaller than any that could be meant")
		return
	}
	if wholeOnly && !x.IsInt() {
		e.error("integer", at, n, "want an integer, got a fraction")
	}
	if n.minimum != nil {
		if c := x.Cmp(n.minimum); c < 0 || c == 0 && n.exclusive[0] {
			e.error("schema", at, n, "want %s %s", map[bool]string{true: "more than", false: "at least"}[n.exclusive[0]], n.minimum.RatString())
		}
	}
	if n.maximum != nil {
		if c := x.Cmp(n.maximum); c > 0 || c == 0 && n.exclusive[1] {
			e.error("schema", at, n, "want %s %s", map[bool]string{true: "less than", false: "at most"}[n.exclusive[1]], n.maximum.RatString())
		}
	}
	if n.multipleOf != nil && n.multipleOf.Sign() != 0 && !new(big.Rat).Quo(x, n.multipleOf).IsInt() {
		e.error("schema", at, n, "want a multiple of %s", n.multipleOf.RatString())
	}
}

func (e *evaluation) array(n *node, v *value, at *spot) {
	length := uint64(len(v.items))
	if length < n.minItems {
		e.error("schema", at, n, "want at least %d items, got %d", n.minItems, length)
	}
	if n.maxItems != nil && length > *n.maxItems {
		e.error("schema", at, n, "want at most %d items, got %d", *n.maxItems, length)
	}
	if n.unique {
		e.uniqueItems(n, v, at)
	}
	if n.items == nil {
		return
	}
	for i := range v.items {
		e.visit(n.items, &v.items[i], at.item(i))
	}
}

// maxUnique bounds the quadratic comparison of items.
const maxUnique = 2000

func (e *evaluation) uniqueItems(n *node, v *value, at *spot) {
	if len(v.items) > maxUnique {
		e.error("schema", at, n, "want items that differ, got more than the %d that are compared", maxUnique)
		return
	}
	for i := range v.items {
		for j := range v.items[:i] {
			if equal(&v.items[i], &v.items[j]) {
				e.error("schema", at.item(i), n, "want items that differ; this one equals item %d", j)
				return
			}
		}
	}
}

// find is the documented name that a member of a body stands for, and whether
// it is spelled in other letter case. ok is false for an undocumented member.
func (e *evaluation) find(n *node, name string) (documented string, folded, ok bool) {
	if _, ok := n.properties[name]; ok {
		return name, false, true
	}
	if e.ignoreCase {
		if documented, ok := n.folded[strings.ToLower(name)]; ok {
			return documented, true, true
		}
	}
	return "", false, false
}

func (e *evaluation) object(n *node, v *value, at *spot) {
	length := uint64(len(v.members))
	if length < n.minMembers {
		e.error("schema", at, n, "want at least %d members, got %d", n.minMembers, length)
	}
	if n.maxMembers != nil && length > *n.maxMembers {
		e.error("schema", at, n, "want at most %d members, got %d", *n.maxMembers, length)
	}
	present := make(map[string]bool, len(v.members))
	for i := range v.members {
		m := &v.members[i]
		name, _, ok := e.find(n, m.name)
		if !ok {
			present[m.name] = true
			switch {
			case n.closed:
				e.error("schema", at.member(m.name), n, "the document allows no other members here")
			case n.rest != nil:
				e.visit(n.rest, &m.value, at.member(m.name))
			}
			continue
		}
		present[name] = true
		p := n.properties[name]
		switch {
		case p.readOnly && e.side == Request:
			e.error("schema", at.member(m.name), p.node, "the member is read-only and does not belong in a request")
		case p.writeOnly && e.side == Response:
			e.error("schema", at.member(m.name), p.node, "the member is write-only and does not belong in a response")
		}
		e.visit(p.node, &m.value, at.member(m.name))
	}
	for _, name := range n.required {
		if present[name] || e.excused(n, name) {
			continue
		}
		e.error("required", at.member(name), n, "the member is required")
	}
	for _, name := range n.expected {
		if !present[name] {
			e.say("expected", Warning, at.member(name), n, "the member is documented as mandatory")
		}
	}
}

// excused is a required member that belongs to the other direction.
func (e *evaluation) excused(n *node, name string) bool {
	p := n.properties[name]
	return p != nil && (p.readOnly && e.side == Request || p.writeOnly && e.side == Response)
}

func (e *evaluation) branches(n *node, v *value, at *spot) {
	for _, each := range n.allOf {
		e.visit(each, v, at)
	}
	if n.not != nil && e.accepts(n.not, v) {
		e.error("schema", at, n, "want a value that the document does not exclude (not)")
	}
	e.either(n, n.anyOf, false, v, at)
	e.either(n, n.oneOf, true, v, at)
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
			if !one {
				break
			}
		}
	}
	if len(accepted) == 1 || len(accepted) > 1 && !one {
		e.visit(accepted[0], v, at) // what is less than an error
		return
	}
	if len(accepted) > 1 {
		e.error("schema", at, n, "want a value of one alternative, got one of %d", len(accepted))
		return
	}
	var nearest []Violation
	for _, branch := range e.likely(n, branches, v) {
		trial := evaluation{side: e.side, ignoreCase: e.ignoreCase, steps: e.steps}
		trial.visit(branch, v, at)
		if nearest == nil || countErrors(trial.out) < countErrors(nearest) {
			nearest = trial.out
		}
	}
	e.failed = true
	if !e.ends {
		e.out = append(e.out, nearest...)
	}
}

// likely is the branch that the discriminator names, or all.
func (e *evaluation) likely(n *node, branches []*node, v *value) []*node {
	if n.choice != nil {
		if name := v.member(n.choice.member); name != nil && n.choice.branch[name.text] != nil {
			return []*node{n.choice.branch[name.text]}
		}
	}
	return branches
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
	trial := evaluation{side: e.side, ignoreCase: e.ignoreCase, ends: true, steps: e.steps}
	trial.visit(n, v, nil)
	return !trial.failed
}
