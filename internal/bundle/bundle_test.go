package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/openapi"
)

// sources are all embedded documents: the contract and the second door.
func sources(t *testing.T) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, embedded := range []fs.FS{openapi.FS, openapi.SecondDoor} {
		require.NoError(t, fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := fs.ReadFile(embedded, name)
			all[name] = &fstest.MapFile{Data: data}
			return err
		}))
	}
	return all
}

// bundles makes every embedded document a single file.
func bundles(t *testing.T) fstest.MapFS {
	t.Helper()
	all := sources(t)
	found, err := documents(all)
	require.NoError(t, err)
	made := fstest.MapFS{}
	for _, name := range found {
		text, err := bundle(all, name)
		require.NoError(t, err)
		made[name] = &fstest.MapFile{Data: text}
	}
	return made
}

func TestBundlesAreByteStable(t *testing.T) {
	first, second := bundles(t), bundles(t)
	require.Len(t, second, len(first))
	for name, file := range first {
		assert.True(t, bytes.Equal(file.Data, second[name].Data), "%s differs from one run to the next", name)
		again, err := bundle(first, name)
		require.NoError(t, err)
		assert.Equal(t, string(file.Data), string(again), "%s: a bundle of a bundle is the bundle", name)
	}
}

// TestBundlesStandAlone loads each bundle with nothing beside it.
func TestBundlesStandAlone(t *testing.T) {
	for name, file := range bundles(t) {
		t.Run(name, func(t *testing.T) {
			c, err := contract.Load(fstest.MapFS{name: file})
			require.NoError(t, err)
			require.Len(t, c.Documents(), 1)
		})
	}
}

// TestBundlesMeanTheSame judges the same messages by the documents and by their bundles.
func TestBundlesMeanTheSame(t *testing.T) {
	want, err := contract.Load(sources(t))
	require.NoError(t, err)
	got, err := contract.Load(bundles(t))
	require.NoError(t, err)
	require.Equal(t, want.Documents(), got.Documents())
	require.Len(t, got.Operations(), len(want.Operations()))

	json := http.Header{"Content-Type": {"application/json"}}
	bodies := []string{
		`{}`, `[]`, `{"payment": {}}`, `{"payment": {"operation": "Purchase", "number": "1", "id": 1}}`,
		`{"transaction": {"amount": "1"}}`, `{"payment": "x", "operations": [{}], "captures": {"captureList": [{}]}}`,
	}
	found := 0
	for i, w := range want.Operations() {
		g := got.Operations()[i]
		require.Equal(t, w.Name(), g.Name())
		require.Equal(t, w.Method+" "+w.Path, g.Method+" "+g.Path)
		for _, body := range bodies {
			m := contract.Message{Header: json, Body: []byte(body)}
			judged := w.JudgeRequest(nil, m)
			assert.Equal(t, unplaced(judged), unplaced(g.JudgeRequest(nil, m)), "%s asked %s", w.Name(), body)
			found += len(judged)
			for _, status := range []int{200, 201, 400} {
				judged := w.JudgeResponse(status, m)
				assert.Equal(t, unplaced(judged), unplaced(g.JudgeResponse(status, m)), "%s answers %d with %s", w.Name(), status, body)
				found += len(judged)
			}
		}
	}
	assert.Greater(t, found, 1000, "hardly anything was found wrong, so hardly anything was compared")
}

// unplaced forgets where the rules stand: in a bundle, that is elsewhere.
func unplaced(all []contract.Violation) []contract.Violation {
	out := make([]contract.Violation, 0, len(all))
	for _, v := range all {
		v.Spec = contract.Place{}
		out = append(out, v)
	}
	return out
}

const shared = `# the shared file
openapi: 3.0.3
paths: {}
components:
  schemas:
    # a comment that stays behind
    Unused: {type: string}
    B: {type: object, properties: {a: {$ref: '#/components/schemas/A'}, self: {$ref: '#/components/schemas/B'}}}
    A: {type: object, properties: {$ref: {type: string}, example: {$ref: '#/components/schemas/C'}}, example: {$ref: text}}
    C: {type: string}
`

func TestBundle(t *testing.T) {
	tests := []struct {
		name, document, want string
	}{
		{
			"what is reached comes along, in the order of its file", `
openapi: 3.0.3
paths:
  /a: {get: {responses: {default: {$ref: 'shared.yaml#/components/schemas/B'}}}} # odd, and no affair of the bundler
`, `
openapi: 3.0.3
paths:
  /a: {get: {responses: {default: {$ref: '#/components/schemas/B'}}}}
components:
  schemas:
    B: {type: object, properties: {a: {$ref: '#/components/schemas/A'}, self: {$ref: '#/components/schemas/B'}}}
    A: {type: object, properties: {$ref: {type: string}, example: {$ref: '#/components/schemas/C'}}, example: {$ref: text}}
    C: {type: string}
`,
		},
		{
			"own components come first, and a forwarding one is filled in", `
openapi: 3.0.3
paths: {/a: {$ref: '#/components/schemas/C'}}
components:
  schemas:
    C: {$ref: './shared.yaml#/components/schemas/C'}
    D: {oneOf: [{$ref: 'shared.yaml#/components/schemas/A'}], discriminator: {propertyName: k, mapping: {a: 'shared.yaml#/components/schemas/A', d: D}}}
`, `
openapi: 3.0.3
paths: {/a: {$ref: '#/components/schemas/C'}}
components:
  schemas:
    C: {type: string}
    D: {oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/A', d: D}}}
    A: {type: object, properties: {$ref: {type: string}, example: {$ref: '#/components/schemas/C'}}, example: {$ref: text}}
`,
		},
		{
			"a reference may lead below a component", `
openapi: 3.0.3
paths: {/a: {$ref: 'shared.yaml#/components/schemas/A/properties/example'}}
components: {}
`, `
openapi: 3.0.3
paths: {/a: {$ref: '#/components/schemas/A/properties/example'}}
components: {schemas: {A: {type: object, properties: {$ref: {type: string}, example: {$ref: '#/components/schemas/C'}}, example: {$ref: text}}, C: {type: string}}}
`,
		},
		{
			"data is copied as it stands", `
openapi: 3.0.3
paths: {/a: {example: {$ref: 'shared.yaml#/a'}, x-note: {$ref: nowhere.yaml}, enum: [{$ref: gone.yaml}], examples: {one: {value: {$ref: gone.yaml}}}}}
`, `
openapi: 3.0.3
paths: {/a: {example: {$ref: 'shared.yaml#/a'}, x-note: {$ref: nowhere.yaml}, enum: [{$ref: gone.yaml}], examples: {one: {value: {$ref: gone.yaml}}}}}
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{"own.yaml": {Data: []byte(tt.document)}, "shared.yaml": {Data: []byte(shared)}}
			found, err := documents(fsys)
			require.NoError(t, err)
			require.Equal(t, []string{"own.yaml"}, found)
			text, err := bundle(fsys, "own.yaml")
			require.NoError(t, err)
			assert.Equal(t, "# Made by `make bundle` from openapi/own.yaml and what it refers to."+tt.want, string(text))
		})
	}
}

func TestBundleRefuses(t *testing.T) {
	const head = "openapi: 3.0.3\npaths: {/a: {get: {}}}\n"
	tests := []struct{ name, document, want string }{
		{
			"a component of its own with a shared name",
			head + "components:\n  schemas:\n    A: {type: integer}\n    B: {$ref: 'shared.yaml#/components/schemas/A'}\n",
			"own.yaml:5 and shared.yaml:9 are both called schemas/A, and a bundle has room for one; remedy: rename one",
		},
		{
			"two shared components of one name",
			head + "x: [{$ref: 'shared.yaml#/components/schemas/C'}, {$ref: 'other.yaml#/components/schemas/C'}]\n",
			`own.yaml:3: the reference "other.yaml#/components/schemas/C": shared.yaml:10 and other.yaml:3 are both called schemas/C`,
		},
		{"a component nobody has", head + "x: {$ref: 'shared.yaml#/components/schemas/Z'}\n", "own.yaml:3: the reference \"shared.yaml#/components/schemas/Z\": shared.yaml has no such component"},
		{"a file nobody has", head + "x: {$ref: 'gone.yaml#/components/schemas/Z'}\n", "own.yaml:3: the reference \"gone.yaml#/components/schemas/Z\": open gone.yaml"},
		{"a whole file", head + "x: {$ref: shared.yaml}\n", "own.yaml:3: the reference \"shared.yaml\" names a whole file; remedy: "},
		{"what is no component", head + "x: {$ref: 'shared.yaml#/paths/~1a'}\n", "it does not name a component; remedy: "},
		{"an address", head + "x: {$ref: 'https://example.com/a.yaml#/components/schemas/A'}\n", "leaves the documents; nothing is fetched; remedy: "},
		{"a file outside", head + "x: {$ref: '../a.yaml#/components/schemas/A'}\n", "leaves the documents; nothing is fetched; remedy: "},
		{"an alias", head + "x: [&a {}, *a]\n", "own.yaml:3: a bundle takes no YAML anchors and aliases; remedy: "},
		{"what is no mapping", "- 1\n", "own.yaml:1: the file is not a mapping"},
		{"what is no YAML", "a: [\n", "own.yaml: yaml: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bundle(fstest.MapFS{
				"own.yaml":    {Data: []byte(tt.document)},
				"shared.yaml": {Data: []byte(shared)},
				"other.yaml":  {Data: []byte("components:\n  schemas:\n    C: {type: integer}\n")},
			}, "own.yaml")
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestRun(t *testing.T) {
	from, out := t.TempDir(), t.TempDir()
	require.NoError(t, os.CopyFS(from, sources(t)))
	require.NoError(t, os.CopyFS(filepath.Join(from, "dist"), sources(t))) // bundles of an earlier day are no documents
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"-o", out, from}, &stdout, &stderr), stderr.String())
	want := bundles(t)
	require.NoError(t, fs.WalkDir(os.DirFS(out), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(out, name))
		require.Contains(t, want, name)
		assert.Equal(t, string(want[name].Data), string(text))
		delete(want, name)
		return err
	}))
	assert.Empty(t, want, "not written")

	assert.Equal(t, 2, run([]string{"a", "b"}, &stdout, &stderr))
	assert.Equal(t, 2, run([]string{"-nonsense"}, &stdout, &stderr))
	stderr.Reset()
	assert.Equal(t, 1, run([]string{out + "/none"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "bundle: ")
	stderr.Reset()
	assert.Equal(t, 1, run([]string{t.TempDir()}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "no OpenAPI document with paths")
}
