package contract

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Evidence is what a document says about where one of its facts comes from.
type Evidence struct {
	Document string
	Kind     string // schema, property, operation, parameter, response
	Name     string // such as Payment.amount, or createPayment
	Source   string // x-source
	Assumed  string // x-assumed: why, where nothing documents the fact
	At       Place
}

// evidenceOf collects what a document itself defines; what it refers to in
// other files is theirs to say.
func evidenceOf(name string, doc *openapi3.T) ([]Evidence, error) {
	var list []Evidence
	var wrong error
	add := func(kind, what string, extensions map[string]any, at Place) {
		text := func(key string) string {
			raw, there := extensions[key]
			text, ok := raw.(string)
			if there && !ok && wrong == nil {
				wrong = fmt.Errorf("%s: %s is a text", at, key)
			}
			return text
		}
		source, assumed := text("x-source"), text("x-assumed")
		if source != "" || assumed != "" {
			list = append(list, Evidence{Document: name, Kind: kind, Name: what, Source: source, Assumed: assumed, At: at})
		}
	}
	if doc.Components != nil {
		for key, ref := range doc.Components.Schemas {
			if ref.Ref != "" {
				add("schema", key, ref.Extensions, placeOf(ref.Origin))
				continue
			}
			add("schema", key, ref.Value.Extensions, placeOf(ref.Value.Origin))
			propertyEvidence(key, ref.Value, add)
		}
		for key, ref := range doc.Components.Parameters {
			if ref.Ref == "" {
				add("parameter", key, ref.Value.Extensions, placeOf(ref.Value.Origin))
			}
		}
		for key, ref := range doc.Components.Responses {
			if ref.Ref == "" {
				responseEvidence(key, ref.Value, add)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		operationEvidence(path, item, add)
	}
	slices.SortFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return list, wrong
}

type addEvidence func(kind, what string, extensions map[string]any, at Place)

// propertyEvidence descends into what a schema itself holds: members, items
// ("[]"), the values of a map ("*") and alternatives.
func propertyEvidence(prefix string, s *openapi3.Schema, add addEvidence) {
	inline := func(name string, ref *openapi3.SchemaRef) {
		switch {
		case ref == nil || ref.Value == nil:
			return
		case ref.Ref != "": // what stands beside it is said here
			add("property", name, ref.Extensions, placeOf(ref.Origin))
			return
		}
		add("property", name, ref.Value.Extensions, placeOf(ref.Value.Origin))
		propertyEvidence(name, ref.Value, add)
	}
	for key, ref := range s.Properties {
		inline(prefix+"."+key, ref)
	}
	inline(prefix+"[]", s.Items)
	inline(prefix+".*", s.AdditionalProperties.Schema)
	for _, refs := range []openapi3.SchemaRefs{s.AllOf, s.OneOf, s.AnyOf} {
		for _, ref := range refs {
			inline(prefix, ref)
		}
	}
}

func operationEvidence(path string, item *openapi3.PathItem, add addEvidence) {
	parameterEvidence(path, item.Parameters, add)
	for _, op := range item.Operations() {
		add("operation", op.OperationID, op.Extensions, placeOf(op.Origin))
		parameterEvidence(op.OperationID, op.Parameters, add)
		if op.RequestBody != nil && op.RequestBody.Ref == "" {
			contentEvidence(op.OperationID+" request", op.RequestBody.Value.Content, add)
		}
		for status, ref := range op.Responses.Map() {
			if ref.Ref == "" {
				responseEvidence(op.OperationID+" "+status, ref.Value, add)
			}
		}
		for _, callback := range op.Callbacks {
			for expression, called := range callback.Value.Map() {
				operationEvidence(expression, called, add)
			}
		}
	}
}

func parameterEvidence(prefix string, list openapi3.Parameters, add addEvidence) {
	for _, ref := range list {
		if ref.Ref == "" {
			add("parameter", prefix+" "+ref.Value.Name, ref.Value.Extensions, placeOf(ref.Value.Origin))
		}
	}
}

func responseEvidence(name string, r *openapi3.Response, add addEvidence) {
	add("response", name, r.Extensions, placeOf(r.Origin))
	for key, ref := range r.Headers {
		if ref.Ref == "" {
			add("parameter", name+" "+key, ref.Value.Extensions, placeOf(ref.Value.Origin))
		}
	}
	contentEvidence(name, r.Content, add)
}

func contentEvidence(name string, content openapi3.Content, add addEvidence) {
	for _, media := range content {
		if media.Schema != nil && media.Schema.Ref == "" {
			add("schema", name, media.Schema.Value.Extensions, placeOf(media.Schema.Value.Origin))
			propertyEvidence(name, media.Schema.Value, add)
		}
	}
}
