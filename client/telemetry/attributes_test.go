package telemetry

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/client"
)

func TestTemplate(t *testing.T) {
	for path, want := range map[string]string{
		"":              "",
		"/":             "/",
		"/oauth2/token": "/oauth2/token",
		"/session":      "/session",
		"/api/mock_payment_widget_service/session":                                                            "/api/mock_payment_widget_service/session",
		"/psp/creditcard/payments":                                                                            "/psp/creditcard/payments",
		"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/captures":                              "/psp/creditcard/payments/{id}/captures",
		"/psp/swish/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/sales/ec2a9b09-601a-42ae-8e33-a5737e1cf177": "/psp/swish/payments/{id}/sales/{id}",
		"/psp/creditcard/payments/instrumentdata/[secret]":                                                    "/psp/creditcard/payments/instrumentdata/{id}",
		"/payments/40101602179":                                                                               "/payments/{id}",
		"/v1/authorizations/42/":                                                                              "/v1/authorizations/{id}/",
	} {
		assert.Equal(t, want, template(path), path)
	}
}

func TestAsked(t *testing.T) {
	tests := []struct {
		call       client.Call
		name, full string
	}{
		{client.Call{Method: "GET", Scheme: "https", Host: "a.se", Port: 443, Path: "/x"}, "GET /x", "https://a.se/x"},
		{client.Call{Method: "PURGE", Scheme: "http", Host: "a.se", Port: 80, Path: "/x"}, "HTTP /x", "http://a.se/x"},
		{client.Call{Method: "POST", Scheme: "https", Host: "::1", Port: 80, Path: "/x"}, "POST /x", "https://[::1]:80/x"},
	}
	for _, tt := range tests {
		a := attempt{call: tt.call, template: template(tt.call.Path), method: known(tt.call.Method)}
		assert.Equal(t, tt.name, a.name())
		got := map[string]string{}
		for _, kv := range a.asked() {
			got[string(kv.Key)] = kv.Value.String()
		}
		assert.Equal(t, tt.full, got["url.full"])
		if a.method == other {
			assert.Equal(t, "PURGE", got["http.request.method_original"])
		}
	}
}
