package openapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/kassa-dev/kassa/internal/contract"
)

// TestExamplesKeepTheContract judges every example of a request and of a
// response as if it had been sent: what readers copy must not be refused.
func TestExamplesKeepTheContract(t *testing.T) {
	docs := documents(t)
	compiled := map[string]*contract.Operation{}
	for _, load := range []func() (*contract.Contract, error){contract.Own, contract.SecondDoor} {
		loaded, err := load()
		require.NoError(t, err)
		for _, o := range loaded.Operations() {
			compiled[o.Name()] = o
		}
	}
	judged := map[string]bool{}
	count := 0
	for _, doc := range docs {
		operations(doc, func(where, _ string, node *yaml.Node) {
			name := strings.TrimSuffix(doc.name, ".yaml") + " " + child(node, "operationId").Value
			o := compiled[name]
			require.NotNil(t, o, "%s: %s is not compiled", where, name)
			judged[name] = true
			request, home := resolved(t, docs, doc, child(node, "requestBody"))
			contents(t, docs, home, request, func(media string, at *yaml.Node, body []byte) {
				count++
				m := contract.Message{Header: http.Header{"Content-Type": {media}}, Body: body, AuthUnknown: true}
				clean(t, fmt.Sprintf("%s:%d", home.name, at.Line), o.JudgeRequest(nil, m))
			})
			pairs(child(node, "responses"), func(status, response *yaml.Node) {
				response, home := resolved(t, docs, doc, response)
				header := http.Header{}
				pairs(child(response, "headers"), func(name, documented *yaml.Node) {
					documented, _ = resolved(t, docs, home, documented)
					if example := child(documented, "example"); example != nil {
						header.Set(name.Value, example.Value)
					}
				})
				contents(t, docs, home, response, func(media string, at *yaml.Node, body []byte) {
					count++
					header := header.Clone()
					header.Set("Content-Type", media)
					clean(t, fmt.Sprintf("%s:%d", home.name, at.Line), o.JudgeResponse(statusOf(status.Value, body), contract.Message{Header: header, Body: body}))
				})
			})
		})
	}
	assert.Len(t, judged, len(compiled), "operations without a place in the files")
	assert.Greater(t, count, 100, "examples judged")
}

// clean wants no error and no warning. Notes are explained by the vocabulary
// that is open, and by nothing else.
func clean(t *testing.T, where string, list []contract.Violation) {
	t.Helper()
	for _, v := range list {
		if v.Severity != contract.Note || !strings.HasSuffix(v.Rule, ".body.value.undocumented") && v.Rule != "request.auth.unknown" {
			t.Errorf("%s: the example breaks the contract: %s %s %s: %s", where, v.Severity, v.Rule, v.Pointer, v.Message)
		}
	}
}

// statusOf is a status that the documented one stands for; that of a problem
// is the one it tells.
func statusOf(documented string, body []byte) int {
	if status, err := strconv.Atoi(strings.ReplaceAll(documented, "XX", "99")); err == nil {
		return status
	}
	var problem struct{ Status int }
	if json.Unmarshal(body, &problem) == nil && problem.Status >= 300 {
		return problem.Status
	}
	return http.StatusTeapot
}

// contents visits the examples of every media type of a body.
func contents(t *testing.T, docs []document, home document, node *yaml.Node, visit func(media string, at *yaml.Node, body []byte)) {
	t.Helper()
	pairs(child(node, "content"), func(media, value *yaml.Node) {
		var examples []*yaml.Node
		if example := child(value, "example"); example != nil {
			examples = append(examples, example)
		}
		pairs(child(value, "examples"), func(_, named *yaml.Node) {
			named, _ = resolved(t, docs, home, named)
			examples = append(examples, child(named, "value"))
		})
		for _, example := range examples {
			if media.Value == "application/x-www-form-urlencoded" {
				form := url.Values{}
				pairs(example, func(name, value *yaml.Node) { form.Set(name.Value, value.Value) })
				visit(media.Value, example, []byte(form.Encode()))
				continue
			}
			visit(media.Value, example, asJSON(t, example))
		}
	})
}

// resolved follows a reference to the file it leads to.
func resolved(t *testing.T, docs []document, home document, node *yaml.Node) (*yaml.Node, document) {
	t.Helper()
	for {
		ref := child(node, "$ref")
		if ref == nil {
			return node, home
		}
		file, pointer, _ := strings.Cut(ref.Value, "#/")
		if file != "" {
			name := path.Join(path.Dir(home.name), file)
			for _, doc := range docs {
				if doc.name == name {
					home = doc
				}
			}
			require.Equal(t, name, home.name, "%s leads nowhere", ref.Value)
		}
		node = child(home.root, strings.Split(pointer, "/")...)
		require.NotNil(t, node, "%s leads nowhere", ref.Value)
	}
}

// asJSON writes a value as a client would send it: the order of the members
// and the spelling of numbers are kept, and what looks like a date is text.
func asJSON(t *testing.T, node *yaml.Node) []byte {
	t.Helper()
	switch node.Kind {
	case yaml.AliasNode:
		return asJSON(t, node.Alias)
	case yaml.MappingNode:
		var members []string
		pairs(node, func(key, value *yaml.Node) {
			name, err := json.Marshal(key.Value)
			require.NoError(t, err)
			members = append(members, string(name)+":"+string(asJSON(t, value)))
		})
		return []byte("{" + strings.Join(members, ",") + "}")
	case yaml.SequenceNode:
		items := make([]string, len(node.Content))
		for i, item := range node.Content {
			items[i] = string(asJSON(t, item))
		}
		return []byte("[" + strings.Join(items, ",") + "]")
	}
	switch node.Tag {
	case "!!int", "!!float", "!!bool", "!!null":
		return []byte(node.Value)
	}
	text, err := json.Marshal(node.Value)
	require.NoError(t, err)
	return text
}
