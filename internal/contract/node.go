package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
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
	wide       bool // an integer of 32 or 64 bits
	minimum    *bound
	maximum    *bound
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
	// oneOfRequired are members of which at least one has to be there.
	oneOfRequired []string
	closed        bool  // additionalProperties: false
	free          bool  // additionalProperties: true, or a schema
	rest          *node // the schema of additional members

	allOf, oneOf, anyOf []*node
	not                 *node
	choice              *choice
}

// composed tells whether other schemas have a say beside n.
func (n *node) composed() bool { return n.allOf != nil || n.oneOf != nil || n.anyOf != nil }

type property struct {
	name      string
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
	if err := alone(ref); err != nil {
		return nil, err
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

// circular refuses a schema that is made of itself: no value could be held
// against it. That a member or an item is of the same schema is fine.
func (c *compiler) circular() error {
	const open, closed = 1, 2
	state := map[*node]int{}
	var walk func(n *node) *node
	walk = func(n *node) *node {
		if n == nil || state[n] == closed {
			return nil
		}
		if state[n] == open {
			return n
		}
		state[n] = open
		for _, each := range slices.Concat(n.allOf, n.oneOf, n.anyOf, []*node{n.not}) {
			if found := walk(each); found != nil {
				return found
			}
		}
		state[n] = closed
		return nil
	}
	all := slices.SortedFunc(maps.Values(c.nodes), func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.at.File, b.at.File), cmp.Compare(a.at.Line, b.at.Line))
	})
	for _, n := range all {
		if found := walk(n); found != nil {
			return fmt.Errorf("%s: the schema is made of itself (allOf, oneOf, anyOf or not lead back to it), so no value could be held against it", found.at)
		}
	}
	return nil
}

// alone refuses what stands beside a $ref and would be ignored there. What
// says where a fact comes from may stand there.
func alone(ref *openapi3.SchemaRef) error {
	if ref.Ref == "" {
		return nil
	}
	text, err := json.Marshal(ref)
	beside := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(text, &beside)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", placeOf(ref.Origin), err)
	}
	for _, name := range sortedKeys(beside) {
		judged := !strings.HasPrefix(name, "x-") || name == "x-expected" || name == "x-open-enum" || name == "x-one-of-required"
		if judged && name != "$ref" && name != "description" && name != "summary" {
			return unsupported(placeOf(ref.Origin), name+" beside $ref")
		}
	}
	return nil
}

func (c *compiler) fill(n *node, s *openapi3.Schema) error {
	if s.Always != nil {
		return unsupported(n.at, "a schema that is true or false")
	}
	for _, step := range []func(*node, *openapi3.Schema) error{
		c.known, c.scalars, c.strings, c.numbers, c.arrays, c.objects, c.branches,
	} {
		if err := step(n, s); err != nil {
			return err
		}
	}
	return nil
}

// known refuses the keywords of later versions, and keywords of one type
// beside another: nothing would be judged by them.
func (c *compiler) known(n *node, s *openapi3.Schema) error {
	later := map[string]bool{
		"const": s.Const != nil, "contains": s.Contains != nil, "minContains": s.MinContains != nil, "maxContains": s.MaxContains != nil,
		"prefixItems": len(s.PrefixItems) > 0, "patternProperties": len(s.PatternProperties) > 0, "propertyNames": s.PropertyNames != nil,
		"dependentSchemas": len(s.DependentSchemas) > 0, "dependentRequired": len(s.DependentRequired) > 0,
		"unevaluatedItems":      s.UnevaluatedItems.Has != nil || s.UnevaluatedItems.Schema != nil,
		"unevaluatedProperties": s.UnevaluatedProperties.Has != nil || s.UnevaluatedProperties.Schema != nil,
		"if":                    s.If != nil, "then": s.Then != nil, "else": s.Else != nil,
		"$defs": len(s.Defs) > 0, "$schema": s.SchemaDialect != "", "$id": s.SchemaID != "", "$anchor": s.Anchor != "",
		"$dynamicRef": s.DynamicRef != "", "$dynamicAnchor": s.DynamicAnchor != "",
		"contentMediaType": s.ContentMediaType != "", "contentEncoding": s.ContentEncoding != "", "contentSchema": s.ContentSchema != nil,
		"allowEmptyValue": s.AllowEmptyValue,
	}
	for _, name := range sortedKeys(later) {
		if later[name] {
			return unsupported(n.at, name)
		}
	}
	typed := s.Type.Slice()
	if len(typed) != 1 {
		return nil
	}
	for _, each := range []struct {
		kinds string
		used  bool
	}{
		{"string", s.MinLength > 0 || s.MaxLength != nil || s.Pattern != ""},
		{"number integer", s.Min != nil || s.Max != nil || s.MultipleOf != nil || s.ExclusiveMin.IsSet() || s.ExclusiveMax.IsSet()},
		{"array", s.MinItems > 0 || s.MaxItems != nil || s.UniqueItems || s.Items != nil},
		{"object", s.MinProps > 0 || s.MaxProps != nil || len(s.Properties) > 0 || len(s.Required) > 0 ||
			s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil},
	} {
		if each.used && !slices.Contains(strings.Fields(each.kinds), typed[0]) {
			return unsupported(n.at, fmt.Sprintf("a keyword of %s beside the type %s", strings.ReplaceAll(each.kinds, " ", " or "), typed[0]))
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
	if n.nullable = s.Nullable; n.nullable && n.kinds == 0 {
		return unsupported(n.at, "nullable without a type")
	}
	if s.Enum != nil && len(s.Enum) == 0 {
		return unsupported(n.at, "an enum without values")
	}
	for _, each := range s.Enum {
		if f, ok := each.(float64); ok {
			if _, ok := exact(f); !ok {
				return unsupported(n.at, "a number past 53 bits")
			}
		}
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
		if n.kinds != kindString {
			return fmt.Errorf("%s: x-open-enum belongs beside the type string", n.at)
		}
		n.openEnum = map[string]bool{}
		for _, word := range open {
			n.openEnum[word] = true
		}
	}
	return nil
}

// strings compiles what is said about text, and the formats of all types.
func (c *compiler) strings(n *node, s *openapi3.Schema) error {
	n.minLength, n.maxLength = s.MinLength, s.MaxLength
	if n.format = s.Format; n.format != "" {
		numeric, isNumeric := numberFormats[n.format]
		n.formatOK = formats[n.format]
		switch {
		case isNumeric:
			if n.kinds == 0 || n.kinds&numeric == 0 || numeric == kindInteger && n.kinds != kindInteger {
				return unsupported(n.at, fmt.Sprintf("the format %q without the type it belongs to", n.format))
			}
			n.wide = numeric == kindInteger
		case n.formatOK == nil && !freeFormats[n.format]:
			return unsupported(n.at, fmt.Sprintf("the format %q", n.format))
		case n.kinds != kindString:
			return unsupported(n.at, fmt.Sprintf("the format %q without the type it belongs to", n.format))
		}
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
	for _, each := range []struct {
		from *float64
		to   **bound
	}{{s.Min, &n.minimum}, {s.Max, &n.maximum}} {
		if each.from == nil {
			continue
		}
		b, ok := exact(*each.from)
		if !ok {
			return unsupported(n.at, "a number past 53 bits (say format: int64)")
		}
		*each.to = &b
	}
	if s.MultipleOf != nil {
		b, ok := exact(*s.MultipleOf)
		if !ok || b.sign() <= 0 {
			return unsupported(n.at, "multipleOf a number that is not above zero, or past 53 bits")
		}
		n.multipleOf, _ = new(big.Rat).SetString(b.text)
	}
	if s.ExclusiveMin.Value != nil || s.ExclusiveMax.Value != nil {
		return unsupported(n.at, "a numeric exclusive bound")
	}
	n.exclusive = [2]bool{s.ExclusiveMin.Bool != nil && *s.ExclusiveMin.Bool, s.ExclusiveMax.Bool != nil && *s.ExclusiveMax.Bool}
	if n.exclusive[0] && n.minimum == nil || n.exclusive[1] && n.maximum == nil {
		return unsupported(n.at, "an exclusive bound without the bound")
	}
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
		n.properties[name] = &property{name: name, node: child, readOnly: ref.Value.ReadOnly, writeOnly: ref.Value.WriteOnly}
		n.folded[lower(name)] = name
	}
	if n.oneOfRequired, err = words(s.Extensions, "x-one-of-required"); err != nil {
		return fmt.Errorf("%s: %w", n.at, err)
	}
	for _, name := range slices.Concat(n.expected, n.oneOfRequired) {
		if n.properties[name] == nil {
			return fmt.Errorf("%s: x-expected or x-one-of-required names %q, which is no property", n.at, name)
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
	return c.discriminator(n, s)
}

// discriminator compiles the member that names the alternative. Every
// alternative has to have a name: that of its component, or those that a
// mapping gives; if there is a mapping, only its names count.
func (c *compiler) discriminator(n *node, s *openapi3.Schema) error {
	d := s.Discriminator
	if (len(s.OneOf) > 0) == (len(s.AnyOf) > 0) {
		return unsupported(n.at, "a discriminator that stands beside neither oneOf nor anyOf, or both")
	}
	n.choice = &choice{member: d.PropertyName, branch: map[string]*node{}}
	targets := map[string]string{}
	for name, target := range d.Mapping {
		targets[name] = target.Ref
	}
	for _, ref := range slices.Concat(s.OneOf, s.AnyOf) {
		component := ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
		named := false
		if len(targets) == 0 && ref.Ref != "" {
			n.choice.branch[component], named = c.nodes[ref.Value], true
		}
		for _, name := range sortedKeys(targets) {
			// A target is the alternative's own reference, or its bare name.
			if target := targets[name]; ref.Ref != "" && (target == ref.Ref || target == component) {
				n.choice.branch[name], named = c.nodes[ref.Value], true
				delete(targets, name)
			}
		}
		if !named {
			return unsupported(n.at, "a discriminator that gives an alternative no name")
		}
	}
	if len(targets) > 0 {
		return unsupported(n.at, fmt.Sprintf("a discriminator that maps %q to no alternative", sortedKeys(targets)[0]))
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
