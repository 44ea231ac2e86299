package contract

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// route is a segment of the documented paths and what may follow it.
type route struct {
	literals map[string]*route // by decoded text; lower case where letter case is ignored
	patterns []*pattern
	methods  map[string]*Operation
	template string
}

// pattern is a segment with parameters in it, most often one and nothing else.
type pattern struct {
	text  string
	whole *regexp.Regexp // nil: one parameter is the whole segment
	names []string
	next  *route
}

var braces = regexp.MustCompile(`\{([^{}]+)\}`)

func (r *route) add(template string, ignoreCase bool) (*route, error) {
	at := r
	for _, segment := range strings.Split(strings.TrimPrefix(template, "/"), "/") {
		if !strings.ContainsAny(segment, "{}") {
			literal := decoded(segment)
			if ignoreCase {
				literal = lower(literal)
			}
			if at.literals == nil {
				at.literals = map[string]*route{}
			}
			if at.literals[literal] == nil {
				at.literals[literal] = &route{}
			}
			at = at.literals[literal]
			continue
		}
		i := slices.IndexFunc(at.patterns, func(p *pattern) bool { return p.text == segment })
		if i < 0 {
			p, err := patternOf(segment)
			if err != nil {
				return nil, err
			}
			at.patterns = append(at.patterns, p)
			// A segment with text around its parameters is the closer match.
			slices.SortStableFunc(at.patterns, func(a, b *pattern) int { return len(b.text)*weight(b) - len(a.text)*weight(a) })
			i = slices.Index(at.patterns, p)
		}
		at = at.patterns[i].next
	}
	return at, nil
}

func weight(p *pattern) int {
	if p.whole == nil {
		return 0
	}
	return 1
}

func patternOf(segment string) (*pattern, error) {
	p := &pattern{text: segment, next: &route{}}
	for _, found := range braces.FindAllStringSubmatch(segment, -1) {
		p.names = append(p.names, found[1])
	}
	rest := braces.ReplaceAllString(segment, "")
	if strings.ContainsAny(rest, "{}") || len(p.names) == 0 {
		return nil, fmt.Errorf("the path segment %q has braces that do not match", segment)
	}
	if rest == "" && len(p.names) == 1 {
		return p, nil
	}
	expression, last := "(?s)^", 0
	for _, at := range braces.FindAllStringIndex(segment, -1) {
		expression += regexp.QuoteMeta(segment[last:at[0]]) + "(.+?)"
		last = at[1]
	}
	whole, err := regexp.Compile(expression + regexp.QuoteMeta(segment[last:]) + "$")
	p.whole = whole
	return p, err
}

// decoded is a segment without percent escapes; one that cannot be decoded
// stands for itself.
func decoded(segment string) string {
	if text, err := url.PathUnescape(segment); err == nil {
		return text
	}
	return segment
}

// find walks the segments of a path. Among the routes that fit, one with the
// method is preferred, then one with more literal segments.
func (r *route) find(segments []string, method string, ignoreCase bool) (found *route, params map[string]string) {
	params = map[string]string{}
	var walk func(at *route, i int) bool
	walk = func(at *route, i int) bool {
		if i == len(segments) {
			if len(at.methods) == 0 {
				return false
			}
			if found == nil {
				found = at
			}
			if at.methods[method] != nil {
				found = at
				return true
			}
			return false
		}
		text := decoded(segments[i])
		literal := text
		if ignoreCase {
			literal = lower(text)
		}
		if next := at.literals[literal]; next != nil && walk(next, i+1) {
			return true
		}
		if text == "" || text == "." || text == ".." {
			return false // neither nothing nor a step in the tree is a parameter
		}
		for _, p := range at.patterns {
			values := []string{text}
			if p.whole != nil {
				if values = p.whole.FindStringSubmatch(text); values == nil {
					continue
				}
				values = values[1:]
			}
			if walk(p.next, i+1) {
				for k, name := range p.names {
					params[name] = values[k]
				}
				return true
			}
		}
		return false
	}
	walk(r, 0)
	if found != nil && found.methods[method] == nil {
		return found, nil
	}
	return found, params
}

// methodsOf is every method documented for a path, whichever of the templates
// that fit has it.
func (r *route) methodsOf(segments []string, ignoreCase bool) []string {
	return slices.DeleteFunc(slices.Clone(methods), func(method string) bool {
		found, _ := r.find(segments, method, ignoreCase)
		return found.methods[method] == nil
	})
}
