package contract

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const operationDocument = preamble + `
paths:
  /a:
    post:
      operationId: post
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: integer}}}}
        '201': {description: d, x-body-optional: true, content: {application/json: {schema: {type: integer}}}}
        '202': {description: d, x-body-optional: true}
        '203': {description: d}
        '204': {description: d, content: {application/json: {schema: {type: integer}}}}
        '304': {description: d}
        4XX: {description: d, content: {application/problem+json: {schema: {type: object, required: [title]}}}}
        '404': {description: d}
        default: {description: d, content: {application/json: {schema: {type: object, required: [error]}}}}
    head:
      operationId: head
      responses: {'200': {description: d, content: {application/json: {schema: {type: integer}}}}}
    get:
      operationId: get
      responses: {'200': {description: d}, 2XX: {description: d, content: {application/json: {schema: {type: string}}}}}
  /hook:
    post:
      operationId: hook
      responses: {'200': {description: d}}
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      callbacks:
        happened:
          '{$request.body#/url}':
            post:
              operationId: happened
              requestBody: {required: true, content: {application/json: {schema: {type: object, required: [id]}}}}
              responses: {'200': {description: d}}
              callbacks: {again: {'{$request.body#/url}': {put: {operationId: again, responses: {'200': {description: d}}}}}}
`

func TestStatusAndBody(t *testing.T) {
	c := loaded(t, "o.yaml", operationDocument)
	problem := http.Header{"Content-Type": {"application/problem+json"}}
	for _, tt := range []struct {
		operation string
		status    int
		m         Message
		want      string
	}{
		{"post", 200, jsonMessage("7"), ""},
		{"post", 200, jsonMessage(`"x"`), "error response.body.schema"},
		{"post", 200, Message{Header: jsonHeader}, "error response.body.missing"},
		{"post", 200, Message{Header: jsonHeader, Body: []byte{}}, "error response.body.missing"},
		{"post", 200, Message{Body: []byte("7")}, "error response.media-type.missing header/Content-Type"},
		{"post", 200, Message{Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html>")}, "error response.media-type.undocumented header/Content-Type"},
		{"post", 200, Message{Header: jsonHeader, BodyUnknown: true}, "warning response.body.unknown"},
		{"post", 200, Message{BodyUnknown: true}, "warning response.body.unknown"},
		{"post", 201, jsonMessage("7"), ""},
		{"post", 201, Message{}, ""},
		{"post", 201, Message{Body: []byte{}}, ""},
		{"post", 201, jsonMessage(`"x"`), "error response.body.schema"},
		{"post", 202, jsonMessage(`"anything"`), ""},
		{"post", 203, Message{}, ""},
		{"post", 203, Message{Body: []byte{}}, ""},
		{"post", 203, Message{Body: []byte("x")}, "error response.body.unexpected"},
		{"post", 204, Message{}, ""},
		{"post", 204, jsonMessage("7"), "error response.body.unexpected"},
		{"post", 304, jsonMessage("7"), "error response.body.unexpected"},
		{"post", 404, Message{}, ""},
		{"post", 404, Message{Header: problem, Body: []byte(`{}`)}, "error response.body.unexpected"},
		{"post", 400, Message{Header: problem, Body: []byte(`{}`)}, "error response.body.required /title"},
		{"post", 499, Message{Header: problem, Body: []byte(`{"title":""}`)}, ""},
		{"post", 500, jsonMessage(`{}`), "error response.body.required /error"},
		{"post", 302, jsonMessage(`{"error":1}`), ""},
		{"post", 206, jsonMessage("7"), "error response.status.undocumented"}, // default documents no success
		{"get", 200, Message{}, ""},
		{"get", 299, jsonMessage(`7`), "error response.body.schema"},
		{"get", 404, Message{}, "warning response.status.undocumented"},
		{"get", 0, Message{}, "warning response.status.undocumented"},
		{"get", 99999, Message{}, "warning response.status.undocumented"},
		{"head", 200, Message{}, ""},
		{"head", 200, jsonMessage("7"), "error response.body.unexpected"},
	} {
		want := []string{}
		if tt.want != "" {
			want = append(want, tt.want)
		}
		assert.Equal(t, want, brief(operation(t, c, tt.operation).JudgeResponse(tt.status, tt.m)), "%s %d %s", tt.operation, tt.status, tt.m.Body)
	}
	got := operation(t, c, "get").JudgeResponse(404, Message{})
	assert.Equal(t, "documented are 200, 2XX", got[0].Hint)
}

func TestRequestBodies(t *testing.T) {
	c := loaded(t, "o.yaml", operationDocument)
	for _, tt := range []struct {
		operation string
		m         Message
		want      string
	}{
		{"post", Message{}, ""}, // not required
		{"hook", Message{}, "error request.body.missing"},
		{"hook", Message{Header: jsonHeader, Body: []byte{}}, "error request.body.missing"},
		{"hook", Message{Header: jsonHeader, BodyUnknown: true}, "warning request.body.unknown"},
		{"get", Message{}, ""},
		{"get", Message{Body: []byte{}}, ""},
		{"get", jsonMessage(`{}`), "error request.body.unexpected"},
	} {
		want := []string{}
		if tt.want != "" {
			want = append(want, tt.want)
		}
		assert.Equal(t, want, brief(operation(t, c, tt.operation).JudgeRequest(nil, tt.m)), "%s %s", tt.operation, tt.m.Body)
	}
}

func TestCallbacks(t *testing.T) {
	c := loaded(t, "o.yaml", operationDocument)
	hook := operation(t, c, "hook")
	require.Len(t, hook.Callbacks(), 1)
	callback := hook.Callbacks()[0]
	assert.Equal(t, "{$request.body#/url}", callback.Expression)
	assert.True(t, callback.Operation.Callback)
	assert.Equal(t, "o happened", callback.Operation.Name())
	assert.Equal(t, []string{"error request.body.required /id"}, brief(callback.Operation.JudgeRequest(nil, jsonMessage(`{}`))))
	own := Message{Header: jsonHeader, Body: []byte(`{"id":1}`), Query: "shop=7&%zz"}
	assert.Empty(t, callback.Operation.JudgeRequest(nil, own), "the query of a callback is the merchant's own")
	assert.True(t, operation(t, c, "again").Callback)
	assert.Equal(t, UnknownPath, c.MatchPath("POST", "/{$request.body").Outcome)
}

func TestOwnOperations(t *testing.T) {
	for _, o := range own(t).Operations() {
		assert.NotEmpty(t, o.ID)
		assert.Equal(t, o.Document, o.At.File, o.Name())
		assert.NotZero(t, o.At.Line, o.Name())
		assert.Equal(t, strings.TrimSuffix(o.Document, ".yaml")+" "+o.ID, o.Name())
	}
}
