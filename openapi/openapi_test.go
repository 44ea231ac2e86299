package openapi_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/kassa-dev/kassa/openapi"
)

// document is one YAML file as nodes, so that a complaint can name its line.
type document struct {
	name string
	root *yaml.Node
}

func documents(t *testing.T) []document {
	t.Helper()
	var all []document
	for _, embedded := range []fs.FS{openapi.FS, openapi.SecondDoor} {
		before := len(all)
		err := fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := fs.ReadFile(embedded, name)
			if err != nil {
				return err
			}
			var node yaml.Node
			if err := yaml.Unmarshal(data, &node); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, document{name: name, root: node.Content[0]})
			return nil
		})
		require.NoError(t, err)
		require.Greater(t, len(all), before, "no document is embedded")
	}
	return all
}

// ownDesign says whether a document describes something of ours. Its source is
// itself, which its info says once; its facts need no evidence.
func (d document) ownDesign() bool { return child(d.root, "info", "x-source") != nil }

// TestOnlyTheSecondDoorIsOurDesign keeps a document about somebody else's API
// from excusing itself.
func TestOnlyTheSecondDoorIsOurDesign(t *testing.T) {
	ours := 0
	for _, doc := range documents(t) {
		_, err := fs.Stat(openapi.SecondDoor, doc.name)
		assert.Equal(t, err == nil, doc.ownDesign(), "%s: info.x-source is for documents of the second door, and for nothing else", doc.name)
		if err == nil {
			ours++
		}
	}
	assert.Positive(t, ours, "the second door has no document")
}

// child returns the value of a key of a mapping, or nil.
func child(node *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		var found *yaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				found = node.Content[i+1]
			}
		}
		node = found
	}
	return node
}

// pairs walks a mapping in the order of the file.
func pairs(node *yaml.Node, visit func(key, value *yaml.Node)) {
	if node == nil || node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		visit(node.Content[i], node.Content[i+1])
	}
}

// operations visits every operation of a document, those of callbacks included.
func operations(doc document, visit func(where string, path string, node *yaml.Node)) {
	var walk func(paths *yaml.Node)
	walk = func(paths *yaml.Node) {
		pairs(paths, func(path, item *yaml.Node) {
			pairs(item, func(method, operation *yaml.Node) {
				switch method.Value {
				case "get", "post", "patch", "put", "delete":
				default:
					return
				}
				visit(fmt.Sprintf("%s:%d %s %s", doc.name, method.Line, method.Value, path.Value), path.Value, operation)
				pairs(child(operation, "callbacks"), func(_, callback *yaml.Node) { walk(callback) })
			})
		})
	}
	walk(child(doc.root, "paths"))
}

func TestOperationsTellWhatTheyAre(t *testing.T) {
	camel := regexp.MustCompile(`^[a-z][A-Za-z]+$`)
	for _, doc := range documents(t) {
		secured := child(doc.root, "security") != nil
		operations(doc, func(where, _ string, node *yaml.Node) {
			id := child(node, "operationId")
			if assert.NotNil(t, id, "%s: add an operationId", where) {
				assert.Regexp(t, camel, id.Value, "%s: operationId is lowerCamelCase", where)
			}
			assert.NotNil(t, child(node, "summary"), "%s: add a summary", where)
			assert.NotNil(t, child(node, "tags"), "%s: add a tag", where)
			assert.True(t, doc.ownDesign() || child(node, "x-source") != nil, "%s: say where the operation is documented (x-source)", where)
			assert.True(t, secured || child(node, "security") != nil, "%s: say who may call it (security)", where)
			if doc.ownDesign() {
				assert.NotNil(t, child(node, "description"), "%s: add a description: nobody else documents it", where)
			}
			pairs(child(node, "requestBody", "content"), func(media, value *yaml.Node) {
				assert.True(t, child(value, "example") != nil || child(value, "examples") != nil, "%s: add an example to the %s request", where, media.Value)
			})
			responses := child(node, "responses")
			if assert.NotNil(t, responses, "%s: add responses", where) {
				pairs(responses, func(status, response *yaml.Node) {
					pairs(child(response, "content"), func(media, value *yaml.Node) {
						assert.NotNil(t, child(value, "example"), "%s: add an example to the %s %s response", where, status.Value, media.Value)
					})
				})
			}
		})
		pairs(child(doc.root, "components", "responses"), func(name, response *yaml.Node) {
			pairs(child(response, "content"), func(media, value *yaml.Node) {
				assert.NotNil(t, child(value, "example"), "%s:%d: add an example to response %s as %s", doc.name, name.Line, name.Value, media.Value)
			})
		})
	}
}

func TestOperationIDsAreUnique(t *testing.T) {
	for _, doc := range documents(t) {
		seen := map[string]string{}
		operations(doc, func(where, _ string, node *yaml.Node) {
			id := child(node, "operationId").Value
			assert.Empty(t, seen[id], "%s: operationId %s stands at %s too", where, id, seen[id])
			seen[id] = where
		})
	}
}

func TestSchemasSayWhereTheyComeFrom(t *testing.T) {
	pascal := regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	for _, doc := range documents(t) {
		for _, kind := range []string{"schemas", "parameters", "responses"} {
			pairs(child(doc.root, "components", kind), func(name, node *yaml.Node) {
				where := fmt.Sprintf("%s:%d %s", doc.name, name.Line, name.Value)
				assert.Regexp(t, pascal, name.Value, "%s: component names are PascalCase", where)
				if child(node, "$ref") != nil {
					return
				}
				assert.True(t, doc.ownDesign() || child(node, "x-source") != nil || child(node, "x-assumed") != nil,
					"%s: say where the fact stands (x-source) or why it was assumed (x-assumed)", where)
				assert.NotNil(t, child(node, "description"), "%s: add a description", where)
			})
		}
	}
}

// TestResponsesStayOpen keeps clients alive when a server says more than it
// did yesterday: no object of a response closes itself, no vocabulary there is
// closed, and no id is held to the form it has today.
func TestResponsesStayOpen(t *testing.T) {
	answered := answeredSchemas(t)
	require.Contains(t, answered, "swedbankpay/psp.yaml#/components/schemas/Transaction", "schemas are found through references")
	for name, node := range answered {
		file, _, _ := strings.Cut(name, "#")
		properties(node, func(path string, property *yaml.Node) {
			where := fmt.Sprintf("%s:%d %s%s", file, property.Line, name[strings.LastIndex(name, "/")+1:], path)
			if closed := child(property, "additionalProperties"); closed != nil {
				assert.NotEqual(t, "false", closed.Value, "%s: a response object stays open", where)
			}
			if format := child(property, "format"); format != nil {
				assert.NotEqual(t, "uuid", format.Value, "%s: an id in a response is opaque", where)
			}
			if child(property, "enum") != nil {
				assert.Fail(t, where+": a response vocabulary is open; use x-open-enum")
			}
		})
	}
}

// answeredSchemas is every component schema that a response leads to, by file
// and pointer.
func answeredSchemas(t *testing.T) map[string]*yaml.Node {
	t.Helper()
	docs := map[string]*yaml.Node{}
	for _, doc := range documents(t) {
		docs[doc.name] = doc.root
	}
	found := map[string]*yaml.Node{}
	var follow func(file string, node *yaml.Node)
	follow = func(file string, node *yaml.Node) {
		if node == nil {
			return
		}
		if ref := child(node, "$ref"); ref != nil {
			other, pointer, _ := strings.Cut(ref.Value, "#")
			if other != "" {
				file = file[:strings.LastIndex(file, "/")+1] + other
			}
			name := file + "#" + pointer
			if _, seen := found[name]; seen {
				return
			}
			target := child(docs[file], strings.Split(strings.TrimPrefix(pointer, "/"), "/")...)
			if assert.NotNil(t, target, "%s leads nowhere", name) && strings.Contains(pointer, "/schemas/") {
				found[name] = target
			}
			follow(file, target)
			return
		}
		for _, content := range node.Content {
			follow(file, content)
		}
	}
	for name, root := range docs {
		operations(document{name, root}, func(_, _ string, node *yaml.Node) { follow(name, child(node, "responses")) })
	}
	return found
}

func properties(node *yaml.Node, visit func(path string, node *yaml.Node)) {
	var walk func(path string, node *yaml.Node)
	walk = func(path string, node *yaml.Node) {
		if node == nil {
			return
		}
		visit(path, node)
		pairs(child(node, "properties"), func(name, property *yaml.Node) { walk(path+"/"+name.Value, property) })
		walk(path+"/*", child(node, "items"))
		if extra := child(node, "additionalProperties"); extra != nil && extra.Kind == yaml.MappingNode {
			walk(path+"/*", extra)
		}
	}
	walk("", node)
}

// TestNumbersAreExact keeps money and numbers 64 bits wide in every language
// that generates code from the documents.
func TestNumbersAreExact(t *testing.T) {
	for _, doc := range documents(t) {
		pairs(child(doc.root, "components", "schemas"), func(name, node *yaml.Node) {
			properties(node, func(path string, property *yaml.Node) {
				kind := child(property, "type")
				if kind == nil {
					return
				}
				where := fmt.Sprintf("%s:%d %s%s", doc.name, property.Line, name.Value, path)
				if format := child(property, "format"); kind.Value == "number" {
					assert.True(t, doc.ownDesign() && format != nil && format.Value == "double", "%s: amounts are integers of minor units; a likelihood of our own is a double", where)
				}
				if kind.Value == "integer" {
					assert.NotNil(t, child(property, "format"), "%s: say how wide the integer is (int64, or int32 for an HTTP status)", where)
				}
			})
		})
	}
}

// TestNoComponentIsOrphan reports components that nothing refers to.
func TestNoComponentIsOrphan(t *testing.T) {
	docs := documents(t)
	used := map[string]bool{}
	for _, doc := range docs {
		var walk func(node *yaml.Node)
		walk = func(node *yaml.Node) {
			if ref := child(node, "$ref"); ref != nil {
				file, pointer, _ := strings.Cut(ref.Value, "#")
				if file == "" {
					file = doc.name
				} else {
					file = doc.name[:strings.LastIndex(doc.name, "/")+1] + file
				}
				used[file+"#"+pointer] = true
			}
			for _, content := range node.Content {
				walk(content)
			}
		}
		walk(doc.root)
	}
	var orphans []string
	for _, doc := range docs {
		for _, kind := range []string{"schemas", "parameters", "responses"} {
			pairs(child(doc.root, "components", kind), func(name, _ *yaml.Node) {
				if !used[doc.name+"#/components/"+kind+"/"+name.Value] {
					orphans = append(orphans, fmt.Sprintf("%s:%d %s", doc.name, name.Line, name.Value))
				}
			})
		}
	}
	sort.Strings(orphans)
	assert.Empty(t, orphans, "nothing refers to these: remove them or use them")
}

// TestNothingIsEmpty catches prose that a comma cut in two: the rest of the
// sentence becomes a member without a value.
func TestNothingIsEmpty(t *testing.T) {
	for _, doc := range documents(t) {
		var walk func(node *yaml.Node)
		walk = func(node *yaml.Node) {
			pairs(node, func(key, value *yaml.Node) {
				assert.NotEqual(t, "!!null", value.Tag, "%s:%d: %q has no value; quote the text it is part of", doc.name, key.Line, key.Value)
			})
			for _, content := range node.Content {
				walk(content)
			}
		}
		walk(doc.root)
	}
}
