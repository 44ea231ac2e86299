package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is a documented parameter, or a documented response header.
type parameter struct {
	name     string
	in       string // path, query, header
	at       Place
	required bool
	explode  bool
	node     *node
}

func (p *parameter) pointer() string { return p.in + "/" + p.name }

func (c *compiler) parameters(lists ...openapi3.Parameters) ([]*parameter, error) {
	var all []*parameter
	for _, list := range lists {
		for _, ref := range list {
			p, err := c.parameter(ref.Value)
			if err != nil {
				return nil, err
			}
			if p == nil {
				continue
			}
			// What stands at the operation replaces what stands at the path.
			all = slices.DeleteFunc(all, func(other *parameter) bool { return other.name == p.name && other.in == p.in })
			all = append(all, p)
		}
	}
	return all, nil
}

// parameter is nil for the three headers that OpenAPI describes elsewhere.
func (c *compiler) parameter(p *openapi3.Parameter) (*parameter, error) {
	at := placeOf(p.Origin)
	if p.In == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.Name)) {
		return nil, nil
	}
	if p.In == "cookie" {
		return nil, unsupported(at, "a cookie parameter")
	}
	if p.AllowEmptyValue || p.AllowReserved {
		return nil, unsupported(at, "allowEmptyValue or allowReserved")
	}
	style, err := p.SerializationMethod()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if want := map[string]string{"path": "simple", "header": "simple", "query": "form"}[p.In]; style.Style != want {
		return nil, unsupported(at, fmt.Sprintf("the style %q", style.Style))
	}
	out := &parameter{name: p.Name, in: p.In, at: at, required: p.Required, explode: style.Explode}
	return out, c.parameterSchema(out, p.Schema, p.Content)
}

func (c *compiler) parameterSchema(p *parameter, schema *openapi3.SchemaRef, content openapi3.Content) (err error) {
	if len(content) > 0 {
		return unsupported(p.at, "a parameter with content")
	}
	if p.node, err = c.node(schema); err != nil || p.node == nil {
		return err
	}
	if !p.node.plain() && (p.node.kinds != kindArray || p.node.items == nil || !p.node.items.plain()) {
		return unsupported(p.at, "a parameter that is neither a plain value nor a list of them")
	}
	return nil
}

// plain tells whether n says by itself that its values are text, numbers or
// booleans, so that text can be read as such.
func (n *node) plain() bool {
	return n.kinds != 0 && n.kinds&(kindArray|kindObject) == 0 && !n.composed() && n.not == nil
}

// judge holds the values a message has for the parameter against its schema.
func (p *parameter) judge(side Side, values []string) []Violation {
	if p.node == nil {
		return nil
	}
	if p.in != "header" && slices.ContainsFunc(values, func(s string) bool { return !utf8.ValidString(s) }) {
		return []Violation{{Rule: p.rule(side), Severity: Error, Side: side, Pointer: p.pointer(), Message: "the value is not UTF-8", Spec: p.at}}
	}
	var v value
	if p.node.kinds == kindArray {
		v.kind = kindArray
		for _, each := range values {
			parts := []string{each}
			if !p.explode || p.in != "query" {
				parts = strings.Split(each, ",")
			}
			for _, part := range parts {
				v.list = append(v.list, member{value: coerced(p.node.items, strings.TrimSpace(part))})
			}
		}
		return p.evaluate(side, &v)
	}
	var out []Violation
	for _, each := range values {
		v := coerced(p.node, each)
		out = append(out, p.evaluate(side, &v)...)
	}
	return out
}

func (p *parameter) evaluate(side Side, v *value) []Violation {
	e := evaluation{side: side, effort: &effort{}}
	e.visit(p.node, v, nil)
	e.finish(p.node)
	rule := p.rule(side)
	for i := range e.out {
		e.out[i].Rule, e.out[i].Pointer, e.out[i].Spec = rule, p.pointer(), p.at
	}
	return e.out
}

func (p *parameter) rule(side Side) string {
	if p.in == "path" {
		return "request.path.parameter"
	}
	return string(side) + "." + p.in + ".schema"
}

// coerced reads text as the type the schema wants, or leaves it text, which
// then breaks the schema.
func coerced(n *node, text string) value {
	switch {
	case n == nil:
	case n.kinds&(kindInteger|kindNumber) != 0 && isNumber(text):
		return value{kind: kindNumber, text: text}
	case n.kinds == kindBoolean && (text == "true" || text == "false"):
		return value{kind: kindBoolean, truth: text == "true"}
	}
	return value{kind: kindString, text: text}
}

// headerValues finds the values of a header in any letter case: recordings
// keep the lower case of HTTP/2.
func headerValues(h http.Header, name string) []string {
	var keys []string
	for key := range h {
		if strings.EqualFold(key, name) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 1 {
		return h[keys[0]]
	}
	slices.Sort(keys)
	var all []string
	for _, key := range keys {
		all = append(all, h[key]...)
	}
	return all
}

// judgeParameters holds path, query and headers of a request against the
// documented parameters. The query of a callback is the merchant's own.
func (o *Operation) judgeParameters(params map[string]string, m Message) []Violation {
	var out []Violation
	missing := func(p *parameter) {
		out = append(out, Violation{
			Rule: "request." + p.in + ".missing", Severity: Error, Side: Request, Pointer: p.pointer(),
			Message: "the parameter is required", Spec: p.at,
		})
	}
	query, err := url.ParseQuery(m.Query)
	if err != nil && !o.Callback {
		out = append(out, Violation{Rule: "request.query.schema", Severity: Error, Side: Request, Pointer: "query",
			Message: "the query cannot be read: a broken escape, a semicolon, or too many parameters", Spec: o.At})
	}
	for _, p := range o.parameters {
		var values []string
		switch p.in {
		case "path":
			if params == nil {
				continue
			}
			values = []string{params[p.name]}
		case "query":
			values = query[p.name]
			delete(query, p.name)
		case "header":
			values = headerValues(m.Header, p.name)
		}
		if len(values) == 0 {
			if p.required {
				missing(p)
			}
			continue
		}
		out = append(out, p.judge(Request, values)...)
	}
	if o.Callback {
		return out
	}
	for i, name := range sortedKeys(query) {
		if i > maxViolations {
			break
		}
		if o.security.queryKeys[name] {
			continue
		}
		out = append(out, Violation{Rule: "request.query.undocumented", Severity: Warning, Side: Request,
			Pointer: "query/" + label(name), Message: "the query parameter is not documented", Spec: o.At})
	}
	return out
}
