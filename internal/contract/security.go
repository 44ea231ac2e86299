package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// security is who may call an operation: one of several alternatives, each a
// list of schemes that are all wanted. No alternatives, or an empty one, let
// anybody.
type security struct {
	alternatives [][]scheme
	queryKeys    map[string]bool // apiKey parameters in the query
}

type scheme struct {
	kind string // bearer, basic, header, query
	name string // of an apiKey
	at   Place
}

func securityOf(doc *openapi3.T, op *openapi3.Operation) (security, error) {
	s := security{queryKeys: map[string]bool{}}
	wanted := doc.Security
	if op.Security != nil {
		wanted = *op.Security
	}
	for _, requirement := range wanted {
		var all []scheme
		for name := range requirement {
			var ref *openapi3.SecuritySchemeRef
			if doc.Components != nil {
				ref = doc.Components.SecuritySchemes[name]
			}
			if ref == nil || ref.Value == nil {
				return s, fmt.Errorf("%s: security scheme %q is not defined", placeOf(op.Origin), name)
			}
			each, err := schemeOf(ref.Value)
			if err != nil {
				return s, err
			}
			if each.kind == "query" {
				s.queryKeys[each.name] = true
			}
			all = append(all, each)
		}
		slices.SortFunc(all, func(a, b scheme) int { return strings.Compare(a.kind+a.name, b.kind+b.name) })
		s.alternatives = append(s.alternatives, all)
	}
	return s, nil
}

func schemeOf(s *openapi3.SecurityScheme) (scheme, error) {
	at := placeOf(s.Origin)
	switch s.Type {
	case "http":
		switch kind := strings.ToLower(s.Scheme); kind {
		case "bearer", "basic":
			return scheme{kind: kind, at: at}, nil
		}
		return scheme{}, unsupported(at, fmt.Sprintf("the HTTP authentication scheme %q", s.Scheme))
	case "oauth2", "openIdConnect":
		return scheme{kind: "bearer", at: at}, nil
	case "apiKey":
		if s.In == "header" || s.In == "query" {
			return scheme{kind: s.In, name: s.Name, at: at}, nil
		}
	}
	return scheme{}, unsupported(at, fmt.Sprintf("a security scheme of type %q", s.Type))
}

// judge reports what keeps every alternative from being met, told of the first.
func (s security) judge(m Message) []Violation {
	var first []Violation
	for i, alternative := range s.alternatives {
		var broken []Violation
		for _, scheme := range alternative {
			broken = append(broken, scheme.judge(m)...)
		}
		if len(broken) == 0 {
			return nil
		}
		if i == 0 {
			first = broken
		}
	}
	return first
}

func (s scheme) judge(m Message) []Violation {
	violation := func(rule, pointer, message string) []Violation {
		return []Violation{{Rule: rule, Severity: Error, Side: Request, Pointer: pointer, Message: message, Spec: s.at}}
	}
	missing := func(pointer, message string) []Violation {
		list := violation("request.auth.missing", pointer, message)
		if m.AuthUnknown {
			list[0].Rule, list[0].Severity = "request.auth.unknown", Note
			list[0].Message = "the recording does not show whether there were credentials"
		}
		return list
	}
	switch s.kind {
	case "header":
		if strings.Join(headerValues(m.Header, s.name), "") == "" {
			return missing("header/"+s.name, "the API key is missing")
		}
		return nil
	case "query":
		if query, _ := url.ParseQuery(m.Query); query.Get(s.name) == "" {
			return missing("query/"+s.name, "the API key is missing")
		}
		return nil
	}
	given := headerValues(m.Header, "Authorization")
	if len(given) == 0 {
		return missing("header/Authorization", "want "+title(s.kind)+" credentials, got none")
	}
	kind, token, _ := strings.Cut(strings.TrimSpace(given[0]), " ")
	switch {
	case len(given) > 1:
		return violation("request.auth.scheme", "header/Authorization", "the header stands more than once")
	case !strings.EqualFold(kind, s.kind):
		return violation("request.auth.scheme", "header/Authorization", "want the scheme "+title(s.kind)+", got another")
	case strings.TrimSpace(token) == "":
		return violation("request.auth.scheme", "header/Authorization", "the "+title(s.kind)+" credentials are empty")
	case strings.ContainsAny(strings.TrimSpace(token), " ,") && !m.AuthUnknown:
		return violation("request.auth.scheme", "header/Authorization", "want one credential after "+title(s.kind)+", got more")
	}
	return nil
}

func title(kind string) string { return http.CanonicalHeaderKey(kind) }
