package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kassa-dev/kassa/conformance"
)

// maxFile is how large a file may be.
const maxFile = 16 << 20

// reader walks the YAML of a file, so that a mistyped key is refused with its
// line and changes nothing silently.
type reader struct {
	file     string
	entries  []*yaml.Node
	problems []error
}

// open reads a file that is a schema and one list of entries.
func open(file string, from io.Reader, schema, list string) (*reader, error) {
	r := &reader{file: file}
	text, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: reading failed: %w", file, err)
	case len(text) > maxFile:
		return nil, fmt.Errorf("%s: the file is larger than %d MiB", file, maxFile>>20)
	}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := documents.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: the file is empty; it begins with schema: %s", file, schema)
	case err != nil:
		return nil, fmt.Errorf("%s: the file is no YAML: %s", file, conformance.RedactText(strings.TrimPrefix(err.Error(), "yaml: ")))
	}
	if err := documents.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file goes on after its end; it is one document of YAML", file)
	}
	top := document.Content[0]
	r.walk(top, []string{"schema", list}, func(name string, value *yaml.Node) {
		switch {
		case name == list && value.Kind == yaml.SequenceNode:
			r.entries = value.Content
		case name == list && value.Tag != "!!null":
			r.refuse(value, "%s is a list", list)
		case name == "schema" && value.Value != schema:
			r.refuse(value, "the schema is not %s; is this the right file?", schema)
		}
	})
	if len(r.problems) == 0 && (len(top.Content) == 0 || !slices.ContainsFunc(top.Content, func(n *yaml.Node) bool { return n.Value == schema })) {
		r.refuse(top, "the schema is missing; the file begins with schema: %s", schema)
	}
	return r, errors.Join(r.problems...)
}

func (r *reader) refuse(at *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", r.file, at.Line, fmt.Sprintf(format, args...)))
}

// walk calls each for every key of an object, and refuses others than those
// known, and what is no object.
func (r *reader) walk(n *yaml.Node, known []string, each func(name string, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.refuse(n, "want an object with %s", strings.Join(known, ", "))
		return
	}
	seen := map[string]bool{}
	for pair := range slices.Chunk(n.Content, 2) {
		name := pair[0].Value
		switch {
		case !slices.Contains(known, name):
			r.refuse(pair[0], "there is no key %q; there is %s", conformance.RedactText(name), strings.Join(known, ", "))
		case seen[name]:
			r.refuse(pair[0], "%s stands twice", name)
		default:
			each(name, pair[1])
		}
		seen[name] = true
	}
}

// fields are the texts of an entry. Those wanted may not be missing or empty.
func (r *reader) fields(entry *yaml.Node, wanted, others []string) map[string]string {
	fields := map[string]string{}
	before := len(r.problems)
	r.walk(entry, slices.Concat(wanted, others), func(name string, value *yaml.Node) {
		if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
			r.refuse(value, "%s is a text", name)
			return
		}
		fields[name] = value.Value
	})
	for _, name := range wanted {
		if before == len(r.problems) && strings.TrimSpace(fields[name]) == "" {
			r.refuse(entry, "%s is missing", name)
			break
		}
	}
	return fields
}
