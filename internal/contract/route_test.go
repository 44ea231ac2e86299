package contract

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const routeDocument = `openapi: 3.0.3
info: {title: Routes, version: '1'}
x-ignore-case: {paths: true}
servers:
  - {url: 'https://api.example/v1/'}
  - {url: 'https://{region}.example:8443/v1', variables: {region: {default: eu, enum: [eu, us]}}}
paths:
  /: {get: {operationId: root, responses: {'200': {description: d}}}}
  /orders: {get: {operationId: list, responses: {'200': {description: d}}}}
  /orders/me: {post: {operationId: postMe, responses: {'200': {description: d}}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: read, responses: {'200': {description: d}}}
    delete: {operationId: remove, responses: {'200': {description: d}}}
  /orders/{id}/payeeInfo:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: payee, responses: {'200': {description: d}}}
  /files/{name}.{kind}:
    parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
      - {name: kind, in: path, required: true, schema: {type: string}}
    get: {operationId: file, responses: {'200': {description: d}}}
  /c/$expand: {get: {operationId: dollar, responses: {'200': {description: d}}}}
  /c/a:cancel: {get: {operationId: colon, responses: {'200': {description: d}}}}
`

const strictDocument = `openapi: 3.0.3
info: {title: Strict, version: '1'}
servers: [{url: 'https://strict.example'}]
paths:
  /Orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: strict, responses: {'200': {description: d}}}
`

func TestMatch(t *testing.T) {
	c := loaded(t, "routes.yaml", routeDocument, "strict.yaml", strictDocument)
	for _, tt := range []struct {
		method, url string
		want        string // operation, or outcome
		path        string
		id          string
		slash       bool
	}{
		{"GET", "https://api.example/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://api.example/v1/orders/", "list", "/v1/orders", "", true},
		{"GET", "https://api.example/v1/orders//", "unknown path", "", "", false},
		{"GET", "https://api.example/v1//orders", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/./orders", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/orders/..", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/orders/%2e%2E", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/orders/.", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/ORDERS", "list", "/v1/orders", "", false},
		{"GET", "https://api.example/V1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://api.example/v1/%6Frders", "list", "/v1/orders", "", false},
		{"GET", "https://api.example/v1/orders?a=b#c", "list", "/v1/orders", "", false},
		{"GET", "https://api.example/orders", "unknown path", "", "", false},
		{"GET", "https://api.example/v1", "root", "/v1/", "", false},
		{"GET", "https://api.example/v1/", "root", "/v1/", "", false},
		{"GET", "https://api.example/v11/orders", "unknown path", "", "", false},
		{"GET", "https://api.example", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/orders/a%2Fb", "read", "/v1/orders/a%2Fb", "a/b", false},
		{"GET", "https://api.example/v1/orders/a%20b", "read", "/v1/orders/a%20b", "a b", false},
		{"GET", "https://api.example/v1/orders/Me", "read", "/v1/orders/Me", "Me", false}, // K39: only POST has the literal
		{"POST", "https://api.example/v1/orders/ME", "postMe", "/v1/orders/me", "", false},
		{"PUT", "https://api.example/v1/orders/me", "unknown method: DELETE GET POST", "/v1/orders/me", "", false},
		{"PUT", "https://api.example/v1/orders/7/", "unknown method: DELETE GET", "/v1/orders/7", "", true},
		{"get", "https://api.example/v1/orders", "unknown method: GET", "/v1/orders", "", false},
		{"GET", "https://api.example/v1/orders/7/payeeinfo", "payee", "/v1/orders/7/payeeInfo", "7", false},
		{"GET", "https://api.example/v1/orders/7/payeeinfo/", "payee", "/v1/orders/7/payeeInfo", "7", true},
		{"GET", "https://api.example/v1/orders/7/other", "unknown path", "", "", false},
		{"GET", "https://api.example/v1/orders/%zz", "unknown path", "", "", false}, // no URL; the host is there all the same
		{"GET", "https://api.example/v1/orders/%FF", "read", "/v1/orders/%FF", "\xff", false},
		{"GET", "https://api.example/v1/orders/" + strings.Repeat("x", 9000), "unknown path", "", "", false},
		{"GET", "https://api.example/v1/c/%24expand", "dollar", "/v1/c/$expand", "", false},
		{"GET", "https://api.example/v1/c/a%3Acancel", "colon", "/v1/c/a:cancel", "", false},

		{"GET", "https://API.Example:443/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "http://api.example/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "http://api.example:80/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://api.example:80/v1/orders", "unknown host", "", "", false},
		{"GET", "http://api.example:443/v1/orders", "unknown host", "", "", false},
		{"GET", "https://api.example:8443/v1/orders", "unknown host", "", "", false},
		{"GET", "https://api.example./v1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://user:secret@api.example/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://api.example.evil/v1/orders", "unknown host", "", "", false},
		{"GET", "https://evil/https://api.example/v1/orders", "unknown host", "", "", false},
		{"GET", "https://[::1]/v1/orders", "unknown host", "", "", false},
		{"GET", "/v1/orders", "unknown host", "", "", false},
		{"GET", "https://eu.example:8443/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://US.example:8443/v1/orders", "list", "/v1/orders", "", false},
		{"GET", "https://us.example/v1/orders", "unknown host", "", "", false},
		{"GET", "https://xx.example:8443/v1/orders", "unknown host", "", "", false},

		{"GET", "https://strict.example/Orders/7", "strict", "/Orders/7", "7", false},
		{"GET", "https://strict.example/orders/7", "unknown path", "", "", false},
	} {
		u, err := url.Parse(tt.url)
		if err != nil {
			u = &url.URL{Scheme: "https", Host: "api.example", Path: "/v1/orders/x", RawPath: "/v1/orders/%zz"}
			tt.want, tt.path, tt.id = "read", "/v1/orders/x", "x" // a raw path that is none does not count
		}
		m := c.Match(tt.method, u)
		got := map[Outcome]string{UnknownHost: "unknown host", UnknownPath: "unknown path", UnknownMethod: "unknown method: " + strings.Join(m.Methods, " ")}[m.Outcome]
		if m.Outcome == Matched {
			got = m.Operation.ID
			assert.Equal(t, tt.id, m.Params["id"], tt.url)
		} else {
			assert.Nil(t, m.Operation)
		}
		assert.Equal(t, tt.want, got, "%s %.80s", tt.method, tt.url)
		assert.Equal(t, tt.path, m.Path, "%.80s", tt.url)
		assert.Equal(t, tt.slash, m.TrailingSlash, "%.80s", tt.url)
		switch m.Outcome {
		case UnknownHost:
			assert.Empty(t, m.Documents)
		case UnknownPath, UnknownMethod:
			assert.Len(t, m.Documents, 1, tt.url)
		}
	}
	assert.Equal(t, UnknownHost, c.Match("GET", nil).Outcome)

	m := c.MatchPath("GET", "/v1/files/report.2026.pdf")
	assert.Equal(t, map[string]string{"name": "report", "kind": "2026.pdf"}, m.Params)
	assert.Equal(t, "report\n", c.MatchPath("GET", "/v1/files/report%0A.pdf").Params["name"])
}

func TestMatchPath(t *testing.T) {
	c := own(t)
	for _, tt := range []struct {
		method, path, want string
	}{
		{"POST", "/api/mock_payment_widget_service/session", "createSession"},
		{"POST", "/session", ""},
		{"POST", "/oauth2/token", "createToken"},
		{"GET", "/psp/CreditCard/payments/1/payeeInfo/", "getPayeeInfo"},
		{"POST", "/API/mock_payment_widget_service/session", ""}, // Resurs documents no leniency
		{"GET", "", ""},
		{"GET", "*", ""},
		{"GET", "psp", ""},
	} {
		m := c.MatchPath(tt.method, tt.path)
		if tt.want == "" {
			assert.Equal(t, UnknownPath, m.Outcome, tt.path)
			continue
		}
		if assert.Equal(t, Matched, m.Outcome, tt.path) {
			assert.Equal(t, tt.want, m.Operation.ID)
		}
	}
}

// TestEveryOperationIsFound asks for the path of each documented operation.
func TestEveryOperationIsFound(t *testing.T) {
	c := own(t)
	for _, o := range c.Operations() {
		if o.Callback {
			continue
		}
		for _, base := range c.Select(o.Document).documents[0].bases {
			m := c.MatchPath(o.Method, base+braces.ReplaceAllString(o.Path, "7"))
			if assert.Equal(t, Matched, m.Outcome, o.Name()) {
				assert.Equal(t, o.Name(), m.Operation.Name())
			}
		}
	}
}
