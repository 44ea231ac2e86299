package contract

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const parameterDocument = preamble + `
paths:
  /p/{n}:
    parameters:
      - {name: n, in: path, required: true, schema: {type: integer, minimum: 1}}
      - {name: limit, in: query, schema: {type: string}}
    get:
      operationId: get
      parameters:
        - {name: limit, in: query, required: true, schema: {type: integer, maximum: 100}}
        - {name: $expand, in: query, style: form, explode: false, schema: {type: array, items: {type: string, enum: [paid, urls]}}}
        - {name: each, in: query, schema: {type: array, maxItems: 2, items: {type: boolean}}}
        - {name: kind, in: query, schema: {type: string, x-open-enum: [a]}}
        - {name: X-Count, in: header, required: true, schema: {type: integer}}
        - {name: X-List, in: header, schema: {type: array, items: {type: integer}}}
        - {name: Authorization, in: header, schema: {type: integer}}
      responses:
        '200':
          description: d
          headers:
            Location: {required: true, schema: {type: string, format: uri}}
            X-List: {schema: {type: array, items: {type: integer}}}
            Content-Type: {required: true, schema: {type: string}}
`

func TestParameters(t *testing.T) {
	o := operation(t, loaded(t, "p.yaml", parameterDocument), "get")
	header := http.Header{"X-Count": {"1"}}
	for _, tt := range []struct {
		name   string
		path   string
		query  string
		header http.Header
		want   []string
	}{
		{"fine", "7", "limit=100", header, nil},
		{"fraction of zero", "7.0", "limit=1e1", header, nil},
		{"path is no number", "x", "limit=1", header, []string{"error request.path.parameter path/n"}},
		{"path too small", "0", "limit=1", header, []string{"error request.path.parameter path/n"}},
		{"path of another base", "0x10", "limit=1", header, []string{"error request.path.parameter path/n"}},
		{"path with a leading zero", "010", "limit=1", header, []string{"error request.path.parameter path/n"}},
		{"path is no UTF-8", "\xff", "limit=1", header, []string{"error request.path.parameter path/n"}},
		{"query is missing", "7", "", header, []string{"error request.query.missing query/limit"}},
		{"query is empty", "7", "limit=", header, []string{"error request.query.schema query/limit"}},
		{"query too large", "7", "limit=101", header, []string{"error request.query.schema query/limit"}},
		{"second value is judged", "7", "limit=1&limit=x", header, []string{"error request.query.schema query/limit"}},
		{"query in another case", "7", "Limit=1&limit=1", header, []string{"warning request.query.undocumented query/Limit"}},
		{"query is no UTF-8", "7", "limit=1&kind=%ff", header, []string{"error request.query.schema query/kind"}},
		{"undocumented", "7", "limit=1&b=1&a=2&a=3", header, []string{"warning request.query.undocumented query/a", "warning request.query.undocumented query/b"}},
		{"broken escape", "7", "limit=1&x=%zz", header, []string{"error request.query.schema query"}},
		{"semicolon", "7", "limit=1;x", header, []string{"error request.query.schema query", "error request.query.missing query/limit"}},
		{"list", "7", "limit=1&$expand=paid,urls", header, nil},
		{"list, name escaped", "7", "limit=1&%24expand=paid%2Curls", header, nil},
		{"list, one is wrong", "7", "limit=1&$expand=paid,bogus", header, []string{"error request.query.schema query/$expand"}},
		{"list repeated (K25)", "7", "limit=1&$expand=paid&$expand=bogus", header, []string{"error request.query.schema query/$expand"}},
		{"exploded list", "7", "limit=1&each=true&each=false", header, nil},
		{"exploded list with a comma", "7", "limit=1&each=true,false", header, []string{"error request.query.schema query/each"}},
		{"exploded list, too many", "7", "limit=1&each=true&each=true&each=true", header, []string{"error request.query.schema query/each"}},
		{"open vocabulary", "7", "limit=1&kind=b", header, []string{"note request.query.schema query/kind"}},
		{"header is missing", "7", "limit=1", nil, []string{"error request.header.missing header/X-Count"}},
		{"header is wrong", "7", "limit=1", http.Header{"X-Count": {"one"}}, []string{"error request.header.schema header/X-Count"}},
		{"header in lower case", "7", "limit=1", http.Header{"x-count": {"1"}}, nil},
		{"header list", "7", "limit=1", http.Header{"X-Count": {"1"}, "X-List": {"1, 2", "3"}}, nil},
		{"header list, one is wrong", "7", "limit=1", http.Header{"X-Count": {"1"}, "X-List": {"1, x"}}, []string{"error request.header.schema header/X-List"}},
		{"Authorization is not a parameter", "7", "limit=1", http.Header{"X-Count": {"1"}, "Authorization": {"x"}}, nil},
	} {
		got := o.JudgeRequest(map[string]string{"n": tt.path}, Message{Header: tt.header, Query: tt.query})
		assert.Equal(t, append([]string{}, tt.want...), brief(got), tt.name)
		for _, v := range got {
			assert.Equal(t, "p.yaml", v.Spec.File, tt.name)
		}
	}
	assert.Empty(t, o.JudgeRequest(nil, Message{Header: header, Query: "limit=1"}), "no parameters: the path is not judged")
}

func TestResponseHeaders(t *testing.T) {
	o := operation(t, loaded(t, "p.yaml", parameterDocument), "get")
	for _, tt := range []struct {
		header http.Header
		want   []string
	}{
		{http.Header{"Location": {"https://api.example/x"}}, nil},
		{http.Header{"location": {"https://api.example/x"}, "x-list": {"1,2"}}, nil},
		{nil, []string{"error response.header.missing header/Location"}},
		{http.Header{"Location": {"/x"}}, []string{"error response.header.schema header/Location"}},
		{http.Header{"Location": {"https://a.example", "/x"}, "X-List": {"1,b"}}, []string{"error response.header.schema header/Location", "error response.header.schema header/X-List"}},
	} {
		assert.Equal(t, append([]string{}, tt.want...), brief(o.JudgeResponse(200, Message{Header: tt.header})), "%v", tt.header)
	}
}

func TestManyQueryParameters(t *testing.T) {
	o := operation(t, loaded(t, "p.yaml", parameterDocument), "get")
	got := o.JudgeRequest(nil, Message{Header: http.Header{"X-Count": {"1"}}, Query: "limit=x&" + strings.ReplaceAll(numbered(2000), ",", "&")})
	require.Len(t, got, maxViolations)
	assert.Contains(t, brief(got), "error request.query.schema query/limit", "many warnings hide no error")
	assert.Contains(t, got[maxViolations-1].Message, "more violations")
}
