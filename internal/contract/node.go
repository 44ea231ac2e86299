package contract

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// node is a schema, compiled. Nodes may refer to themselves.
type node struct {
	at       Place
	kinds    kind // 0: any
	nullable bool

	enum     []value
	openEnum map[string]bool

	format     string
	formatOK   func(string) bool
	minimum    *big.Rat
	maximum    *big.Rat
	exclusive  [2]bool // minimum, maximum
	multipleOf *big.Rat

	minLength, minItems, minMembers uint64
	maxLength, maxItems, maxMembers *uint64
	pattern                         *regexp.Regexp

	unique bool
	items  *node

	properties map[string]*property
	folded     map[string]string // lower case to the documented spelling
	required   []string
	expected   []string
	closed     bool  // additionalProperties: false
	free       bool  // additionalProperties: true, or a schema
	rest       *node // the schema of additional members

	allOf, oneOf, anyOf []*node
	not                 *node
	choice              *choice
}

type property struct {
	node      *node
	readOnly  bool
	writeOnly bool
}

// choice is a discriminator: the member whose value names the branch.
type choice struct {
	member string
	branch map[string]*node
}

// compiler turns schemas into nodes, each schema once.
type compiler struct {
	nodes map[*openapi3.Schema]*node
}

// unsupported is what a document says and the judge could not hold traffic to.
func unsupported(at Place, what string) error {
	return fmt.Errorf("%s: %s is not supported; the judge would have to ignore it, so the document is refused", at, what)
}

func (c *compiler) node(ref *openapi3.SchemaRef) (*node, error) {
	if ref == nil || ref.Value == nil {
		return nil, nil
	}
	s := ref.Value
	if n, ok := c.nodes[s]; ok {
		return n, nil
	}
	n := &node{at: placeOf(s.Origin)}
	if n.at.File == "" {
		n.at = placeOf(ref.Origin)
	}
	c.nodes[s] = n
	return n, c.fill(n, s)
}

func (c *compiler) fill(n *node, s *openapi3.Schema) error {
	for _, step := range []func(*node, *openapi3.Schema) error{c.scalars, c.strings, c.numbers, c.arrays, c.objects, c.branches} {
		if err := step(n, s); err != nil {
			return err
		}
	}
	return nil
}

var kinds = map[string]kind{
	"string": kindString, "number": kindNumber | kindInteger, "integer": kindInteger,
	"boolean": kindBoolean, "array": kindArray, "object": kindObject,
}

func (c *compiler) scalars(n *node, s *openapi3.Schema) error {
	switch types := s.Type.Slice(); len(types) {
	case 0:
	case 1:
		k, ok := kinds[types[0]]
		if !ok {
			return unsupported(n.at, fmt.Sprintf("the type %q", types[0]))
		}
		n.kinds = k
	default:
		return unsupported(n.at, "a list of types")
	}
	n.nullable = s.Nullable
	for _, each := range s.Enum {
		v, err := valueOf(each)
		if err != nil {
			return fmt.Errorf("%s: enum: %w", n.at, err)
		}
		n.enum = append(n.enum, v)
	}
	open, err := words(s.Extensions, "x-open-enum")
	if err != nil {
		return fmt.Errorf("%s: %w", n.at, err)
	}
	if open != nil {
		n.openEnum = map[string]bool{}
		for _, word := range open {
			n.openEnum[word] = true
		}
	}
	for name, used := range map[string]bool{
		"const": s.Const != nil, "contains": s.Contains != nil, "patternProperties": len(s.PatternProperties) > 0,
		"dependentSchemas": len(s.DependentSchemas) > 0, "propertyNames": s.PropertyNames != nil, "if": s.If != nil,
		"prefixItems": len(s.PrefixItems) > 0, "dependentRequired": len(s.DependentRequired) > 0,
	} {
		if used {
			return unsupported(n.at, name)
		}
	}
	return nil
}

func (c *compiler) strings(n *node, s *openapi3.Schema) error {
	n.minLength, n.maxLength = s.MinLength, s.MaxLength
	n.format = s.Format
	if n.formatOK = formats[s.Format]; n.formatOK == nil && !freeFormats[s.Format] {
		return unsupported(n.at, fmt.Sprintf("the format %q", s.Format))
	}
	if s.Pattern != "" {
		pattern, err := regexp.Compile(s.Pattern)
		if err != nil {
			return fmt.Errorf("%s: the pattern is no RE2 expression: %w", n.at, err)
		}
		n.pattern = pattern
	}
	return nil
}

func (c *compiler) numbers(n *node, s *openapi3.Schema) error {
	rat := func(f *float64) *big.Rat {
		if f == nil {
			return nil
		}
		r, _ := new(big.Rat).SetString(fmt.Sprint(*f))
		return r
	}
	n.minimum, n.maximum, n.multipleOf = rat(s.Min), rat(s.Max), rat(s.MultipleOf)
	if s.ExclusiveMin.Value != nil || s.ExclusiveMax.Value != nil {
		return unsupported(n.at, "a numeric exclusive bound")
	}
	n.exclusive = [2]bool{s.ExclusiveMin.Bool != nil && *s.ExclusiveMin.Bool, s.ExclusiveMax.Bool != nil && *s.ExclusiveMax.Bool}
	return nil
}

func (c *compiler) arrays(n *node, s *openapi3.Schema) (err error) {
	n.minItems, n.maxItems, n.unique = s.MinItems, s.MaxItems, s.UniqueItems
	n.items, err = c.node(s.Items)
	return err
}

func (c *compiler) objects(n *node, s *openapi3.Schema) (err error) {
	n.minMembers, n.maxMembers = s.MinProps, s.MaxProps
	n.required = slices.Sorted(slices.Values(s.Required))
	if n.expected, err = words(s.Extensions, "x-expected"); err != nil {
		return fmt.Errorf("%s: %w", n.at, err)
	}
	if len(s.Properties) > 0 {
		n.properties, n.folded = map[string]*property{}, map[string]string{}
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		ref := s.Properties[name]
		child, err := c.node(ref)
		if err != nil {
			return err
		}
		n.properties[name] = &property{node: child, readOnly: ref.Value.ReadOnly, writeOnly: ref.Value.WriteOnly}
		n.folded[strings.ToLower(name)] = name
	}
	for _, name := range n.expected {
		if n.properties[name] == nil {
			return fmt.Errorf("%s: x-expected names %q, which is no property", n.at, name)
		}
	}
	extra := s.AdditionalProperties
	switch {
	case extra.Schema != nil:
		n.free = true
		n.rest, err = c.node(extra.Schema)
	case extra.Has != nil:
		n.free, n.closed = *extra.Has, !*extra.Has
	}
	return err
}

func (c *compiler) branches(n *node, s *openapi3.Schema) (err error) {
	list := func(refs openapi3.SchemaRefs) (nodes []*node) {
		for _, ref := range refs {
			if err != nil {
				return nil
			}
			var child *node
			child, err = c.node(ref)
			nodes = append(nodes, child)
		}
		return nodes
	}
	n.allOf, n.oneOf, n.anyOf = list(s.AllOf), list(s.OneOf), list(s.AnyOf)
	if err != nil {
		return err
	}
	if n.not, err = c.node(s.Not); err != nil || s.Discriminator == nil {
		return err
	}
	n.choice = &choice{member: s.Discriminator.PropertyName, branch: map[string]*node{}}
	for _, refs := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		for _, ref := range refs {
			if ref.Ref != "" {
				n.choice.branch[ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]] = c.nodes[ref.Value]
			}
			for name, target := range s.Discriminator.Mapping {
				if target.Ref == ref.Ref || "#/components/schemas/"+target.Ref == ref.Ref {
					n.choice.branch[name] = c.nodes[ref.Value]
				}
			}
		}
	}
	return nil
}

// words reads a list of strings from an extension, nil if it is not there.
func words(extensions map[string]any, name string) ([]string, error) {
	raw, ok := extensions[name]
	if !ok {
		return nil, nil
	}
	list, ok := raw.([]any)
	out := make([]string, 0, len(list))
	for _, each := range list {
		word, isString := each.(string)
		ok = ok && isString
		out = append(out, word)
	}
	if !ok {
		return nil, fmt.Errorf("%s is a list of strings", name)
	}
	return out, nil
}

// valueOf is a value of a document as the judge compares it.
func valueOf(v any) (value, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return value{}, err
	}
	out, _, broken := decode(text)
	if broken != nil {
		return value{}, fmt.Errorf("%s", broken.message)
	}
	return out, nil
}

// equal compares as JSON does: numbers by what they are worth, objects without
// order.
func equal(a, b *value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case kindBoolean:
		return a.truth == b.truth
	case kindNumber:
		if a.text == b.text {
			return true
		}
		x, y := numberOf(a.text), numberOf(b.text)
		return x != nil && y != nil && x.Cmp(y) == 0
	case kindArray:
		return slices.EqualFunc(a.items, b.items, func(x, y value) bool { return equal(&x, &y) })
	case kindObject:
		if len(a.members) != len(b.members) {
			return false
		}
		for i := range a.members {
			other := b.member(a.members[i].name)
			if other == nil || !equal(&a.members[i].value, other) {
				return false
			}
		}
		return true
	}
	return a.text == b.text
}
