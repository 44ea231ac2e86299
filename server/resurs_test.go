package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

const (
	tokenURL    = "https://merchant-api.integration.resurs.com/oauth2/token"
	widgetURL   = "https://apigw.integration.resurs.com/api/mock_payment_widget_service"
	credentials = `{"grant_type":"client_credentials","scope":"merchant-api","client_id":"id","client_secret":"secret"}`
	store       = `{"storeId":"550e8400-e29b-41d4-a716-446655440000"}`
	methodTypes = `{"storeId":"550e8400-e29b-41d4-a716-446655440000","customerType":"B2C","paymentMethodId":["550e8400-e29b-41d4-a716-446655440000","6ba7b810-9dad-11d1-80b4-00c04fd430c8"]}`
)

func (s *sandbox) token() string {
	s.t.Helper()
	return s.request("POST", tokenURL, credentials).with("Authorization", "").send().str("access_token")
}

func TestToken(t *testing.T) {
	form := "grant_type=client_credentials&scope=mock-merchant-api&client_id=id&client_secret=secret"
	change := func(from, to string) string { return strings.Replace(credentials, from, to, 1) }
	tests := []struct {
		name, method, body, mediaType string
		status                        int
		code                          string
	}{
		{"JSON", "POST", credentials, "application/json", 200, ""},
		{"JSON with a charset", "POST", credentials, "application/json; charset=utf-8", 200, ""},
		{"a form", "POST", form, "application/x-www-form-urlencoded", 200, ""},
		{"a form with a charset", "POST", form, "Application/X-WWW-Form-URLEncoded; charset=utf-8", 200, ""},
		{"the other scope", "POST", change("merchant-api", "mock-merchant-api"), "application/json", 200, ""},
		{"one scope of several", "POST", change("merchant-api", "openid merchant-api"), "application/json", 200, ""},
		{"no id", "POST", change(`"client_id":"id",`, ""), "application/json", 400, "invalid_client"},
		{"an empty id", "POST", change(`"id"`, `""`), "application/json", 400, "invalid_client"},
		{"an empty secret", "POST", change(`"secret"`, `""`), "application/json", 400, "invalid_client"},
		{"no secret in a form", "POST", strings.TrimSuffix(form, "&client_secret=secret"), "application/x-www-form-urlencoded", 400, "invalid_client"},
		{"another grant", "POST", change("client_credentials", "password"), "application/json", 400, "unsupported_grant_type"},
		{"another grant in a form", "POST", strings.Replace(form, "client_credentials", "password", 1), "application/x-www-form-urlencoded", 400, "unsupported_grant_type"},
		{"no grant", "POST", change(`"grant_type":"client_credentials",`, ""), "application/json", 400, "invalid_request"},
		{"another scope", "POST", change("merchant-api", "everything"), "application/json", 400, "invalid_scope"},
		{"no scope", "POST", change(`"scope":"merchant-api",`, ""), "application/json", 400, "invalid_request"},
		{"not JSON", "POST", "{", "application/json", 400, "invalid_request"},
		{"no body", "POST", "", "application/json", 400, "invalid_request"},
		{"too large", "POST", strings.Repeat(" ", 1<<20+1), "application/json", 413, "invalid_request"},
		{"text", "POST", credentials, "text/plain", 415, "invalid_request"},
		{"no media type", "POST", credentials, "", 415, "invalid_request"},
		{"GET", "GET", "", "", 405, "invalid_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			r := s.request(tt.method, tokenURL, tt.body).with("Authorization", "").with("Content-Type", tt.mediaType).send()
			require.Equal(t, tt.status, r.status, r.text)
			if tt.code != "" {
				assert.Equal(t, tt.code, r.str("error"))
				if missing, ok := strings.CutPrefix(tt.name, "no "); ok && tt.code == "invalid_request" && strings.Contains(credentials, missing) {
					assert.Contains(t, r.str("error_description"), missing, "what is missing")
				}
				return
			}
			assert.Equal(t, "Bearer", r.str("token_type"))
			assert.Equal(t, "3600", r.at("expires_in").(interface{ String() string }).String())
			assert.Equal(t, 2, strings.Count(r.str("access_token"), "."), "a JWT")
		})
	}
}

// TestVendorsClient sends what the vendor's own PHP client does, byte for byte as far as its habits are known: a token by
// JSON, lower-case header names, a language, the token on every call, and types without a kind of customer.
func TestVendorsClient(t *testing.T) {
	s := newSandbox(t, server.WithTokenLifetime(time.Minute))
	listening := httptest.NewServer(s.Server)
	defer listening.Close()
	ask := func(path, host, authorization, body string) reply {
		t.Helper()
		conn, err := net.Dial("tcp", listening.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\naccept: */*\r\ncontent-type: application/json; charset=utf-8\r\naccept-language: en\r\n"+
			"user-agent: ECom2 | PHP-8.3\r\n%scontent-length: %d\r\nconnection: close\r\n\r\n%s", path, host, authorization, len(body), body)
		require.NoError(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return newReply(t, resp.StatusCode, resp.Header, text)
	}
	r := ask("/oauth2/token", "merchant-api.integration.resurs.com", "", `{"client_id":"id","client_secret":"secret","grant_type":"client_credentials","scope":"mock-merchant-api"}`)
	require.Equal(t, 200, r.status, r.text)
	assert.Equal(t, "Bearer", r.str("token_type"), "in this letter case")
	assert.Equal(t, "60", r.at("expires_in").(json.Number).String())
	bearer := "authorization: Bearer " + r.str("access_token") + "\r\n"

	const host, base = "apigw.integration.resurs.com", "/api/mock_payment_widget_service"
	r = ask(base+"/session", host, bearer, store)
	require.Equal(t, 200, r.status, r.text)
	assert.NotEmpty(t, r.str("data.token"))
	assert.NotEmpty(t, r.str("data.expiresAt"))
	r = ask(base+"/payment-methods/types", host, bearer, `{"storeId":"550e8400-e29b-41d4-a716-446655440000","paymentMethodId":["550e8400-e29b-41d4-a716-446655440000"]}`)
	assert.JSONEq(t, `{"types":{"550e8400-e29b-41d4-a716-446655440000":"RESURS_INVOICE"}}`, r.text)

	r = ask(base+"/session", host, bearer, `[]`)
	assert.Equal(t, 400, r.status, "an empty list of PHP has no fields to be wrong")
	s.clock.Add(int64(time.Minute))
	assert.Equal(t, 401, ask(base+"/session", host, bearer, store).status, "the token has expired")
	assert.Equal(t, 401, ask(base+"/payment-methods/types", host, bearer, methodTypes).status)
}

func TestCredentials(t *testing.T) {
	s := newSandbox(t, server.WithCredentials("id", "secret"))
	for body, code := range map[string]string{
		credentials: "",
		strings.Replace(credentials, `"secret"`, `"guess"`, 1): "invalid_client",
		strings.Replace(credentials, `"id"`, `"stranger"`, 1):  "invalid_client",
	} {
		r := s.do("POST", tokenURL, body)
		if code == "" {
			assert.Equal(t, 200, r.status)
			continue
		}
		assert.Equal(t, 400, r.status)
		assert.Equal(t, code, r.str("error"))
	}
}

func TestSession(t *testing.T) {
	s := newSandbox(t, server.WithTokenLifetime(10*time.Minute), server.WithSessionLifetime(time.Hour))
	token := s.token()
	ask := func(authorization string) reply {
		return s.request("POST", widgetURL+"/session", store).with("Authorization", authorization).send()
	}
	r := ask("Bearer " + token)
	require.Equal(t, 200, r.status, r.text)
	assert.Regexp(t, "^rpmw_[0-9A-Za-z]{21}$", r.str("data.token"))
	assert.Equal(t, "2025-10-04T10:30:00Z", r.str("data.expiresAt"))
	assert.NotEqual(t, r.str("data.token"), ask("Bearer "+token).str("data.token"), "each call makes a session")

	header, payload, _ := strings.Cut(token, ".")
	refused := map[string]string{
		"":                                  "The request has no Authorization header; send \"Bearer\" and an access token.",
		"Bearer":                            "The Authorization header holds no bearer token.",
		"Basic " + token:                    "The Authorization header holds no bearer token.",
		"Bearer stranger":                   "The access token is not known.",
		"Bearer a.b.c":                      "The access token is not known.",
		"Bearer " + token + "x":             "The access token is not known.",
		"Bearer x" + header + "." + payload: "The access token is not known.",
	}
	check := func() {
		t.Helper()
		for authorization, detail := range refused {
			r := ask(authorization)
			assert.Equal(t, 401, r.status, authorization)
			assert.Equal(t, "https://api.resurs.se/errors/unauthorized", r.str("type"))
			assert.Equal(t, detail, r.str("detail"), authorization)
			assert.Equal(t, "/api/mock_payment_widget_service/session", r.str("instance"))
		}
	}
	check()
	s.clock.Add(int64(10*time.Minute - 1))
	assert.Equal(t, 200, ask("Bearer "+token).status)
	s.clock.Add(1)
	refused["Bearer "+token] = "The access token has expired."
	check()
	s.Reset()
	assert.Equal(t, 200, ask("Bearer "+s.token()).status)
}

func TestPaymentMethodTypes(t *testing.T) {
	s := newSandbox(t)
	ask := func(body, authorization string) reply {
		return s.request("POST", widgetURL+"/payment-methods/types", body).with("Authorization", authorization).send()
	}
	want := `{"types":{"550e8400-e29b-41d4-a716-446655440000":"RESURS_INVOICE","6ba7b810-9dad-11d1-80b4-00c04fd430c8":"RESURS_PART_PAYMENT_SELECT_NOW"}}`
	assert.JSONEq(t, want, ask(methodTypes, "").text, "as the founding page prints it, without a token")
	assert.JSONEq(t, want, ask(methodTypes, "Bearer "+s.token()).text)
	assert.Equal(t, 401, ask(methodTypes, "Bearer stranger").status, "a token that is sent has to be good")

	other := strings.Replace(methodTypes, "6ba7b810", "6ba7b811", 1)
	first := ask(other, "").str("types.6ba7b811-9dad-11d1-80b4-00c04fd430c8")
	assert.Contains(t, first, "RESURS_")
	assert.Equal(t, first, ask(other, "").str("types.6ba7b811-9dad-11d1-80b4-00c04fd430c8"), "always the same")
}

// The founding page's two error examples, byte for byte.
const invalidStore = `{
  "type": "https://api.resurs.se/errors/validation-failed",
  "title": "Validation Failed",
  "status": 422,
  "detail": "One or more fields failed validation. Please check the provided data.",
  "instance": "/api/mock_payment_widget_service/PATH",
  "errors": [
    {
      "pointer": "#/storeId",
      "detail": "Field must be a valid UUID format"
    }
  ]
}`

func TestWidgetValidation(t *testing.T) {
	s := newSandbox(t)
	bearer := "Bearer " + s.token()
	for path, body := range map[string]string{
		"session":               `{"storeId":"not-a-uuid"}`,
		"payment-methods/types": strings.Replace(methodTypes, `"550e8400-e29b-41d4-a716-446655440000","customerType"`, `"1","customerType"`, 1),
	} {
		r := s.request("POST", widgetURL+"/"+path, body).with("Authorization", bearer).send()
		assert.Equal(t, 422, r.status)
		assert.Equal(t, "application/problem+json; charset=utf-8", r.header.Get("Content-Type"))
		assert.Equal(t, strings.Replace(invalidStore, "PATH", path, 1), r.text)
	}

	tests := []struct {
		name, path, body string
		status           int
		pointers         string
	}{
		{"no store", "session", `{}`, 422, "#/storeId"},
		{"a number", "session", `{"storeId":7}`, 422, "#/storeId"},
		{"nothing", "session", ``, 400, ""},
		{"not JSON", "session", `{"storeId":`, 400, ""},
		{"an array", "session", `[]`, 400, ""},
		{"a string", "session", `"550e8400-e29b-41d4-a716-446655440000"`, 400, ""},
		{"a second method that is no UUID", "payment-methods/types", strings.Replace(methodTypes, `"6ba7b810-`, `"x`, 1), 422, "#/paymentMethodId/1"},
		{"no methods", "payment-methods/types", store, 422, "#/paymentMethodId"},
		{"an empty list", "payment-methods/types", `{"storeId":"550e8400-e29b-41d4-a716-446655440000","paymentMethodId":[]}`, 422, "#/paymentMethodId"},
		{"an unknown customer", "payment-methods/types", strings.Replace(methodTypes, "B2C", "C2C", 1), 422, "#/customerType"},
		{"three at once", "payment-methods/types", `{"storeId":"x","customerType":"y","paymentMethodId":["z"]}`, 422, "#/customerType #/paymentMethodId/0 #/storeId"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.request("POST", widgetURL+"/"+tt.path, tt.body).with("Authorization", bearer).with("Content-Type", "application/json").send()
			require.Equal(t, tt.status, r.status, r.text)
			var pointers []string
			errors, _ := r.at("errors").([]any)
			for _, e := range errors {
				pointers = append(pointers, e.(map[string]any)["pointer"].(string))
				assert.NotEmpty(t, e.(map[string]any)["detail"])
			}
			assert.ElementsMatch(t, strings.Fields(tt.pointers), pointers, r.text)
		})
	}
}

func TestWidgetAddresses(t *testing.T) {
	s := newSandbox(t)
	r := s.do("GET", widgetURL+"/session", "")
	assert.Equal(t, 405, r.status)
	assert.Equal(t, "https://api.resurs.se/errors/method-not-allowed", r.str("type"))
	assert.Equal(t, "POST", r.header.Get("Allow"))
	r = s.do("POST", widgetURL+"/nothing", "{}")
	assert.Equal(t, 404, r.status)
	assert.Equal(t, "https://api.resurs.se/errors/not-found", r.str("type"))
	assert.Equal(t, "/api/mock_payment_widget_service/nothing", r.str("instance"))
}
