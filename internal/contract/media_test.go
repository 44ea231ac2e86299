package contract

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

const mediaDocument = preamble + `
paths:
  /two:
    post:
      operationId: two
      requestBody:
        content:
          application/json: {schema: {type: object, required: [old]}}
          application/json;version=3.1: {schema: {type: object, required: [new]}}
      responses: {'200': {description: d}}
  /versioned:
    post:
      operationId: versioned
      requestBody: {content: {'application/json;version=3.1': {schema: {type: object, required: [new]}}}}
      responses: {'200': {description: d}}
  /other:
    post:
      operationId: other
      requestBody:
        content:
          application/problem+json: {schema: {type: object}}
          text/plain: {schema: {type: string, maxLength: 3}}
          image/png: {}
      responses: {'200': {description: d}}
  /any:
    post:
      operationId: any
      requestBody: {content: {'application/*': {schema: {type: object, required: [a]}}, '*/*': {schema: {type: string, maxLength: 2}}}}
      responses: {'200': {description: d}}
  /charset:
    post:
      operationId: charset
      requestBody: {content: {'application/json; charset=utf-8': {schema: {type: object}}}}
      responses: {'200': {description: d}}
`

// TestMediaTypes has the spellings that clients of these APIs are known to
// use (K11): which of two schemas judges the body must not depend on spaces.
func TestMediaTypes(t *testing.T) {
	c := loaded(t, "m.yaml", mediaDocument)
	const undocumented = "error request.media-type.undocumented header/Content-Type"
	for _, tt := range []struct {
		operation, contentType, body string
		want                         []string
	}{
		{"two", "application/json", `{"old":1}`, nil},
		{"two", "application/json", `{"new":1}`, []string{"error request.body.required /old"}},
		{"two", "application/json;version=3.1", `{"new":1}`, nil},
		{"two", "application/json; version=3.1", `{"new":1}`, nil},
		{"two", "application/json;version=3.1; charset=utf-8", `{"new":1}`, nil},
		{"two", "application/json; charset=utf-8; version=3.1", `{"new":1}`, nil},
		{"two", `application/json; version="3.1"`, `{"new":1}`, nil},
		{"two", "Application/JSON; Version=3.1", `{"new":1}`, nil},
		{"two", "application/json;version=3.1", `{"old":1}`, []string{"error request.body.required /new"}},
		{"two", "application/json;version=2.0", `{"old":1}`, nil},
		{"two", "application/json;charset=utf-8", `{"old":1}`, nil},
		{"two", "application/json;", `{"old":1}`, nil},
		{"two", " application/json ", `{"old":1}`, nil},
		{"two", "application/json; charset", `{"old":1}`, nil},
		{"two", "application/json; version=3.1; version=3.2", `{"old":1}`, nil},
		{"two", "text/json", `{}`, []string{undocumented}},
		{"two", "application/json, application/json", `{}`, []string{undocumented}},
		{"two", "application/jsonx", `{}`, []string{undocumented}},
		{"two", "application/problem+json", `{}`, []string{undocumented}},
		{"two", "json", `{}`, []string{undocumented}},
		{"two", ";", `{}`, []string{undocumented}},
		{"two", "", `{"old":1}`, []string{"warning request.media-type.missing header/Content-Type"}},
		{"versioned", "application/json", `{}`, []string{undocumented}},
		{"versioned", "application/json; version=3.2", `{}`, []string{undocumented}},
		{"versioned", "application/json; version=3.1", `{}`, []string{"error request.body.required /new"}},
		{"other", "application/problem+json; charset=utf-8", `[]`, []string{"error request.body.schema"}},
		{"other", "application/vnd.x+json", `{}`, []string{undocumented}},
		{"other", "text/plain", "abc", nil},
		{"other", "text/plain", "abcd", []string{"error request.body.schema"}},
		{"other", "image/png", "\x89PNG", nil},
		{"any", "application/vnd.x+json", `{}`, []string{"error request.body.required /a"}},
		{"any", "application/json", `{"a":1}`, nil},
		{"any", "application/pdf", "%PDF", []string{"error request.body.schema"}},
		{"any", "text/html", "ab", nil},
		{"any", "text/html", "abc", []string{"error request.body.schema"}},
		{"charset", "application/json", `{}`, nil},
		{"charset", "application/json; charset=latin1", `{}`, nil},
	} {
		m := Message{Header: http.Header{"Content-Type": {tt.contentType}}, Body: []byte(tt.body)}
		want := append([]string{}, tt.want...)
		assert.Equal(t, want, brief(operation(t, c, tt.operation).JudgeRequest(nil, m)), "%s as %q", tt.operation, tt.contentType)
	}
}

func TestSeveralContentTypes(t *testing.T) {
	o := operation(t, loaded(t, "m.yaml", mediaDocument), "two")
	body := []byte(`{"old":1}`)
	for _, tt := range []struct {
		name   string
		header http.Header
		want   []string
	}{
		{"twice the same", http.Header{"Content-Type": {"application/json", "application/json"}}, []string{}},
		{"two types", http.Header{"Content-Type": {"application/json", "text/html"}}, []string{"error request.media-type.undocumented header/Content-Type"}},
		{"two spellings of the name", http.Header{"Content-Type": {"application/json"}, "content-type": {"text/html"}}, []string{"error request.media-type.undocumented header/Content-Type"}},
		{"lower case", http.Header{"content-type": {"application/json"}}, []string{}},
		{"no headers", nil, []string{"warning request.media-type.missing header/Content-Type"}},
		{"spaces", http.Header{"Content-Type": {"  "}}, []string{"warning request.media-type.missing header/Content-Type"}},
	} {
		assert.Equal(t, tt.want, brief(o.JudgeRequest(nil, Message{Header: tt.header, Body: body})), tt.name)
	}
	got := o.JudgeRequest(nil, Message{Header: http.Header{"Content-Type": {"secret-4711-4711-4711/x\ny"}}, Body: body})
	assert.Equal(t, "want application/json;version=3.1, application/json, got a string of 25 bytes", got[0].Message)
}

const formDocument = preamble + `
x-ignore-case: {members: true}
paths:
  /form:
    post:
      operationId: form
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string, minLength: 1}, count: {type: integer}, big: {type: boolean}, tags: {type: array, maxItems: 2, items: {type: integer}}}
      responses: {'200': {description: d}}
`

func TestForms(t *testing.T) {
	o := operation(t, loaded(t, "f.yaml", formDocument), "form")
	for _, tt := range []struct {
		body string
		want []string
	}{
		{"name=a&count=7&big=true&tags=1&tags=2", []string{}},
		{"name=a+b%20c", []string{}},
		{"", []string{"error request.body.missing"}},
		{"count=7", []string{"error request.body.required /name"}},
		{"name=", []string{"error request.body.schema /name"}},
		{"name=a&count=x", []string{"error request.body.schema /count"}},
		{"name=a&count=1.5", []string{"error request.body.integer /count"}},
		{"name=a&big=yes", []string{"error request.body.schema /big"}},
		{"name=a&tags=1&tags=x", []string{"error request.body.schema /tags/1"}},
		{"name=a&tags=1&tags=2&tags=3", []string{"error request.body.schema /tags"}},
		{"name=a&name=b", []string{"error request.body.duplicate-key /name"}},
		{"name=a&other=b", []string{"warning request.body.member.undocumented /other"}},
		{"name=a&COUNT=7", []string{"warning request.body.member.case /COUNT"}},
		{"name=a&COUNT=x", []string{"error request.body.schema /COUNT", "warning request.body.member.case /COUNT"}},
		{"name=%zz", []string{"error request.body.malformed"}},
		{"name=a;count=7", []string{"error request.body.malformed"}},
		{"name=%ff", []string{"error request.body.malformed"}},
		{"name=a&%c3=b", []string{"error request.body.malformed"}},
	} {
		m := Message{Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(tt.body)}
		got := o.JudgeRequest(nil, m)
		assert.ElementsMatch(t, tt.want, brief(got), tt.body)
	}
}
