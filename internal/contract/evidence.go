package contract

import (
	"cmp"
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
func evidenceOf(name string, doc *openapi3.T) []Evidence {
	var list []Evidence
	add := func(kind, what string, extensions map[string]any, at Place) {
		source, _ := extensions["x-source"].(string)
		assumed, _ := extensions["x-assumed"].(string)
		if source != "" || assumed != "" {
			list = append(list, Evidence{Document: name, Kind: kind, Name: what, Source: source, Assumed: assumed, At: at})
		}
	}
	if doc.Components != nil {
		for key, ref := range doc.Components.Schemas {
			if ref.Ref != "" {
				continue
			}
			add("schema", key, ref.Value.Extensions, placeOf(ref.Value.Origin))
			propertyEvidence(key, ref.Value, add)
		}
		for key, ref := range doc.Components.Parameters {
			add("parameter", key, ref.Value.Extensions, placeOf(ref.Value.Origin))
		}
		for key, ref := range doc.Components.Responses {
			add("response", key, ref.Value.Extensions, placeOf(ref.Value.Origin))
		}
	}
	for _, item := range doc.Paths.Map() {
		operationEvidence(item, add)
	}
	slices.SortFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return list
}

type addEvidence func(kind, what string, extensions map[string]any, at Place)

func propertyEvidence(prefix string, s *openapi3.Schema, add addEvidence) {
	for key, ref := range s.Properties {
		if ref.Ref != "" || ref.Value == nil {
			continue
		}
		name := prefix + "." + key
		add("property", name, ref.Value.Extensions, placeOf(ref.Value.Origin))
		propertyEvidence(name, ref.Value, add)
	}
}

func operationEvidence(item *openapi3.PathItem, add addEvidence) {
	for _, op := range item.Operations() {
		add("operation", op.OperationID, op.Extensions, placeOf(op.Origin))
		for status, ref := range op.Responses.Map() {
			if ref.Ref == "" {
				add("response", op.OperationID+" "+status, ref.Value.Extensions, placeOf(ref.Value.Origin))
			}
		}
		for _, callback := range op.Callbacks {
			for _, called := range callback.Value.Map() {
				operationEvidence(called, add)
			}
		}
	}
}
