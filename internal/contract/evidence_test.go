package contract

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/openapi"
)

func TestEvidence(t *testing.T) {
	c := loaded(t, "x.yaml", preamble+`paths:
  /a:
    parameters:
      - {name: p, in: query, schema: {type: string}, x-source: path parameter}
    get:
      operationId: get
      x-source: operation
      responses:
        '200':
          description: d
          x-assumed: response
          headers:
            X-A: {schema: {type: string}, x-source: header}
        '400': {$ref: '#/components/responses/Bad'}
components:
  responses:
    Bad: {description: d, x-source: shared response}
  schemas:
    A:
      type: object
      x-source: schema
      x-assumed: too
      properties:
        m: {type: object, x-source: member, properties: {n: {type: string, x-assumed: nested}}}
        l: {type: array, items: {type: string, x-source: item}}
        r: {$ref: '#/components/schemas/B', x-source: reference}
        silent: {type: string}
    B: {type: string}
`)
	var got []string
	for _, e := range c.Evidence() {
		assert.Equal(t, "x.yaml", e.Document)
		got = append(got, strings.Join([]string{e.At.String(), e.Kind, e.Name, e.Source, e.Assumed}, "|"))
	}
	assert.Equal(t, []string{
		"x.yaml:7|parameter|/a p|path parameter|",
		"x.yaml:8|operation|get|operation|",
		"x.yaml:12|response|get 200||response",
		"x.yaml:16|parameter|get 200 X-A|header|",
		"x.yaml:20|response|Bad|shared response|",
		"x.yaml:22|schema|A|schema|too",
		"x.yaml:27|property|A.m|member|",
		"x.yaml:27|property|A.m.n||nested",
		"x.yaml:28|property|A.l[]|item|",
		"x.yaml:29|property|A.r|reference|",
	}, got)
	got[0] = "changed"
	c.Evidence()[0].Name = "changed"
	assert.NotEqual(t, "changed", c.Evidence()[0].Name, "a copy is handed out")
}

// TestNoEvidenceIsLost counts what the documents say, whatever carries it.
func TestNoEvidenceIsLost(t *testing.T) {
	said := regexp.MustCompile(`\bx-(source|assumed):`)
	security := regexp.MustCompile(`(?m)^ {4}\w+: \{type: (http|oauth2|apiKey).*$`)
	counted := map[string]int{}
	for _, e := range own(t).Evidence() {
		if e.Source != "" {
			counted[e.Document]++
		}
		if e.Assumed != "" {
			counted[e.Document]++
		}
	}
	require.NoError(t, fs.WalkDir(openapi.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(openapi.FS, name)
		require.NoError(t, err)
		assert.Equal(t, len(said.FindAll(security.ReplaceAll(data, nil), -1)), counted[name], name)
		return nil
	}))
}
