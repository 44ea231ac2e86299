package contract

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

const securityDocument = preamble + `
security: [{bearer: []}]
paths:
  /bearer: {get: {operationId: bearer, responses: {'200': {description: d}}}}
  /free: {get: {operationId: free, security: [], responses: {'200': {description: d}}}}
  /either: {get: {operationId: either, security: [{bearer: []}, {basic: []}], responses: {'200': {description: d}}}}
  /optional: {get: {operationId: optional, security: [{}, {bearer: []}], responses: {'200': {description: d}}}}
  /keys: {get: {operationId: keys, security: [{head: [], query: []}], responses: {'200': {description: d}}}}
  /oauth: {get: {operationId: oauth, security: [{oauth: []}], responses: {'200': {description: d}}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: Bearer}
    basic: {type: http, scheme: basic}
    head: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: key}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://api.example/token', scopes: {}}}}
`

func TestSecurity(t *testing.T) {
	c := loaded(t, "s.yaml", securityDocument)
	const missing, scheme = "error request.auth.missing header/Authorization", "error request.auth.scheme header/Authorization"
	for _, tt := range []struct {
		operation string
		header    http.Header
		query     string
		unknown   bool
		want      []string
	}{
		{"bearer", http.Header{"Authorization": {"Bearer abc"}}, "", false, nil},
		{"bearer", http.Header{"Authorization": {"bearer abc"}}, "", false, nil},
		{"bearer", http.Header{"authorization": {"Bearer abc"}}, "", false, nil},
		{"bearer", nil, "", false, []string{missing}},
		{"bearer", nil, "", true, []string{"note request.auth.unknown header/Authorization"}},
		{"bearer", http.Header{"Authorization": {"Basic abc"}}, "", false, []string{scheme}},
		{"bearer", http.Header{"Authorization": {"Basic abc"}}, "", true, []string{scheme}},
		{"bearer", http.Header{"Authorization": {"Bearer "}}, "", false, []string{scheme}},
		{"bearer", http.Header{"Authorization": {"Bearer"}}, "", false, []string{scheme}},
		{"bearer", http.Header{"Authorization": {""}}, "", false, []string{scheme}},
		{"bearer", http.Header{"Authorization": {"abc"}}, "", false, []string{scheme}},
		{"bearer", http.Header{"Authorization": {"Bearer a", "Bearer b"}}, "", false, []string{scheme}},
		{"bearer", http.Header{"Authorization": {"Bearer a, Bearer b"}}, "", false, []string{scheme}},
		{"free", nil, "", false, nil},
		{"free", http.Header{"Authorization": {"Basic abc"}}, "", false, nil},
		{"either", http.Header{"Authorization": {"Basic abc"}}, "", false, nil},
		{"either", nil, "", false, []string{missing}},
		{"optional", nil, "", false, nil},
		{"keys", http.Header{"X-Key": {"k"}}, "key=k", false, nil},
		{"keys", http.Header{"X-Key": {"k"}}, "", false, []string{"error request.auth.missing query/key"}},
		{"keys", nil, "key=", false, []string{"error request.auth.missing header/X-Key", "error request.auth.missing query/key"}},
		{"keys", nil, "", true, []string{"note request.auth.unknown header/X-Key", "note request.auth.unknown query/key"}},
		{"oauth", http.Header{"Authorization": {"Bearer abc"}}, "", false, nil},
		{"oauth", nil, "", false, []string{missing}},
	} {
		got := operation(t, c, tt.operation).JudgeRequest(nil, Message{Header: tt.header, Query: tt.query, AuthUnknown: tt.unknown})
		assert.Equal(t, append([]string{}, tt.want...), brief(got), "%s %v %s", tt.operation, tt.header, tt.query)
		for _, v := range got {
			assert.Equal(t, "s.yaml", v.Spec.File)
			assert.NotContains(t, v.Message, "abc")
		}
	}
}
