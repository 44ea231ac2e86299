package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

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
	if p.node.kinds&kindObject != 0 {
		return unsupported(p.at, "a parameter that is an object")
	}
	return nil
}

// judge holds the values a message has for the parameter against its schema.
func (p *parameter) judge(side Side, values []string) []Violation {
	if p.node == nil {
		return nil
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
				v.items = append(v.items, coerced(p.node.items, strings.TrimSpace(part)))
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
	steps := 0
	e := evaluation{side: side, steps: &steps}
	e.visit(p.node, v, nil)
	rule := string(side) + "." + p.in + ".schema"
	if p.in == "path" {
		rule = "request.path.parameter"
	}
	for i := range e.out {
		e.out[i].Rule, e.out[i].Pointer, e.out[i].Spec = rule, p.pointer(), p.at
	}
	return e.out
}

var numberText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// coerced reads text as the type the schema wants, or leaves it text, which
// then breaks the schema.
func coerced(n *node, text string) value {
	switch {
	case n == nil:
	case n.kinds&(kindInteger|kindNumber) != 0 && numberText.MatchString(text):
		return value{kind: kindNumber, text: text}
	case n.kinds == kindBoolean && (text == "true" || text == "false"):
		return value{kind: kindBoolean, truth: text == "true"}
	}
	return value{kind: kindString, text: text}
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
	if err != nil {
		out = append(out, Violation{Rule: "request.query.schema", Severity: Error, Side: Request, Pointer: "query",
			Message: "the query cannot be read: a broken escape or a semicolon", Spec: o.At})
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
			values = m.Header.Values(http.CanonicalHeaderKey(p.name))
		}
		if len(values) == 0 {
			if p.required {
				missing(p)
			}
			continue
		}
		out = append(out, p.judge(Request, values)...)
	}
	for name := range query {
		if o.Callback || o.security.queryKeys[name] {
			continue
		}
		if len(name) > 64 {
			name = name[:64]
		}
		out = append(out, Violation{Rule: "request.query.undocumented", Severity: Warning, Side: Request,
			Pointer: "query/" + name, Message: "the query parameter is not documented", Spec: o.At})
	}
	return out
}
