package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// own is the contract of the embedded documents.
func own(t testing.TB) *Contract {
	t.Helper()
	c, err := Own()
	require.NoError(t, err)
	return c
}

// loaded is the contract of the files given, names and texts by turns.
func loaded(t testing.TB, files ...string) *Contract {
	t.Helper()
	c, err := load(files...)
	require.NoError(t, err)
	return c
}

func load(files ...string) (*Contract, error) {
	fsys := fstest.MapFS{}
	for pair := range slices.Chunk(files, 2) {
		fsys[pair[0]] = &fstest.MapFile{Data: []byte(pair[1])}
	}
	return Load(fsys)
}

const preamble = "openapi: 3.0.3\ninfo: {title: Test, version: '1'}\nservers: [{url: 'https://api.example'}]\n"

// indented is text in which every line after the first begins with spaces.
func indented(spaces int, text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+strings.Repeat(" ", spaces))
}

// schemaDocument is a document in which the schema is that of a request and a
// response; more is added to it, such as components.
func schemaDocument(schema, more string) string {
	return preamble + more + fmt.Sprintf(`
paths:
  /a:
    post:
      operationId: a
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Tested'}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Tested'}}}}
components:
  schemas:
    Tested:
      %s
`, indented(6, schema))
}

func operation(t testing.TB, c *Contract, id string) *Operation {
	t.Helper()
	for _, o := range c.Operations() {
		if o.ID == id || o.Name() == id {
			return o
		}
	}
	require.Fail(t, "no operation "+id)
	return nil
}

var jsonHeader = http.Header{"Content-Type": {"application/json"}}

func jsonMessage(body string) Message { return Message{Header: jsonHeader, Body: []byte(body)} }

// brief are violations as "severity rule pointer", for comparison.
func brief(list []Violation) []string {
	out := []string{}
	for _, v := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", v.Severity, v.Rule, v.Pointer)))
	}
	return out
}

func parsed(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	return u
}

func TestDocuments(t *testing.T) {
	c := loaded(t, "b/two.yaml", preamble+"paths: {/two: {get: {responses: {'200': {description: d}}}}}",
		"a/one.yaml", preamble+"paths: {/one: {get: {responses: {'200': {description: d}}}}}",
		"a/shared.yaml", "Any: {type: string}", "notes.txt", "openapi: nonsense")
	assert.Equal(t, []Document{
		{Name: "a/one.yaml", Title: "Test", Version: "1", Servers: []string{"https://api.example"}},
		{Name: "b/two.yaml", Title: "Test", Version: "1", Servers: []string{"https://api.example"}},
	}, c.Documents())
	var names []string
	for _, o := range c.Operations() {
		names = append(names, o.Name())
	}
	assert.Equal(t, []string{"a/one get /one", "b/two get /two"}, names)
}

func TestSelect(t *testing.T) {
	c := loaded(t, "a/one.yaml", preamble+"paths: {/one: {get: {operationId: one, x-source: s, responses: {'200': {description: d}}}}}",
		"b/two.yaml", preamble+"paths: {/two: {get: {operationId: two, x-source: s, responses: {'200': {description: d}}}}}",
		"b/words.yaml", preamble+"paths: {}\ncomponents: {schemas: {Word: {type: string, x-source: s}}}")
	for _, tt := range []struct {
		names    []string
		found    int
		evidence int
	}{
		{[]string{"a/one.yaml"}, 1, 1},
		{[]string{"b/"}, 1, 2},
		{[]string{"a/", "b/two.yaml"}, 2, 2},
		{[]string{"b"}, 0, 0},
		{[]string{"/"}, 0, 0},
		{nil, 0, 0},
	} {
		selected := c.Select(tt.names...)
		assert.Len(t, selected.Documents(), tt.found, tt.names)
		assert.Len(t, selected.Evidence(), tt.evidence, tt.names)
	}
	assert.Equal(t, UnknownHost, c.Select().Match("GET", parsed(t, "https://api.example/one")).Outcome)
	assert.Equal(t, UnknownPath, c.Select("a/").Match("GET", parsed(t, "https://api.example/two")).Outcome)
}

func TestWithServer(t *testing.T) {
	c := own(t).WithServer("http://127.0.0.1:8585/sandbox/")
	for _, tt := range []struct {
		method, url string
		outcome     Outcome
	}{
		{"POST", "http://127.0.0.1:8585/sandbox/psp/creditcard/payments", Matched},
		{"POST", "http://127.0.0.1:8585/sandbox/session", Matched},
		{"POST", "http://127.0.0.1:8585/sandbox/api/mock_payment_widget_service/session", Matched},
		{"POST", "http://127.0.0.1:8585/psp/creditcard/payments", UnknownPath},
		{"POST", "http://127.0.0.1:8586/sandbox/session", UnknownHost},
		{"POST", "https://api.payex.com/psp/creditcard/payments", Matched},
	} {
		assert.Equal(t, tt.outcome, c.Match(tt.method, parsed(t, tt.url)).Outcome, tt.url)
	}
	assert.Equal(t, UnknownHost, own(t).Match("POST", parsed(t, "http://127.0.0.1:8585/sandbox/session")).Outcome, "the original is unchanged")
	for _, bad := range []string{"", "sandbox", "://", "/only/path"} {
		assert.Equal(t, own(t).Documents(), own(t).WithServer(bad).Documents(), bad)
	}
}

// TestJudgingIsRepeatable judges one broken message many times, at the same
// time: the answers are the same to the byte.
func TestJudgingIsRepeatable(t *testing.T) {
	o := operation(t, own(t), "swedbankpay/creditcard createPayment")
	m := Message{Header: http.Header{"content-type": {"application/json"}}, Query: "b=1&a=2&c=%3B", Body: []byte(`{"Payment":{"z":1,"y":2,"operation":7,"currency":"sek","prices":[{"q":1}]},"payment":{}}`)}
	want := fmt.Sprint(o.JudgeRequest(nil, m))
	results := make(chan string)
	for range 8 {
		go func() {
			for range 50 {
				results <- fmt.Sprint(o.JudgeRequest(nil, m))
			}
		}()
	}
	for range 8 * 50 {
		require.Equal(t, want, <-results)
	}
}
