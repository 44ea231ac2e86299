package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

const (
	inputError = "https://api.payex.com/psp/errordetail/inputerror"
	payee      = "5cabf558-5283-482f-b252-4d58e06f6f3b"
)

// TestOrderOfRefusals sends requests with several things wrong: the first of address, token, contract and body decides.
func TestOrderOfRefusals(t *testing.T) {
	s := newSandbox(t, server.WithMerchant("good", payee), server.WithMerchant("other", "another-payee"))
	create := "/psp/creditcard/payments"
	made := s.request("POST", create, cardPurchase).with("Authorization", "Bearer good").send()
	require.Equal(t, 201, made.status, made.text)
	id := made.str("payment.id")
	noPayee := strings.Replace(cardPurchase, payee, "unheard-of", 1)
	broken := strings.Replace(cardPurchase, `"SEK"`, `7`, 1)

	tests := []struct {
		name, method, path, body, authorization string
		status                                  int
	}{
		{"unknown address, no token", "POST", "/psp/creditcard/nothing", "{", "", 404},
		{"unknown method, no token", "DELETE", create, "", "", 405},
		{"no token, bad body", "POST", create, "{", "", 401},
		{"empty bearer", "POST", create, cardPurchase, "Bearer ", 401},
		{"bearer and nothing", "POST", create, cardPurchase, "Bearer", 401},
		{"another scheme", "POST", create, cardPurchase, "Basic good", 401},
		{"token without scheme", "POST", create, cardPurchase, "good", 401},
		{"unknown token, bad body", "POST", create, broken, "Bearer bad", 401},
		{"payee of another, bad body", "POST", create, strings.Replace(broken, payee, "unheard-of", 1), "Bearer good", 403},
		{"payee of another", "POST", create, noPayee, "Bearer good", 403},
		{"bad body", "POST", create, broken, "Bearer good", 400},
		{"no JSON", "POST", create, "{", "Bearer good", 400},
		{"no body", "POST", create, "", "Bearer good", 400},
		{"payment of another", "GET", id, "", "Bearer other", 403},
		{"capture of another, bad body", "POST", id + "/captures", "{", "Bearer other", 403},
		{"no such payment", "GET", create + "/nope", "", "Bearer good", 404},
		{"lower-case scheme", "GET", id, "", "bearer good", 200},
		{"several spaces", "GET", id, "", "Bearer    good", 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.request(tt.method, tt.path, tt.body).with("Authorization", tt.authorization).send()
			assert.Equal(t, tt.status, r.status, r.text)
			if tt.status == 401 {
				assert.Equal(t, "Bearer", r.header.Get("WWW-Authenticate"))
			}
			if tt.status > 299 {
				assert.Equal(t, "application/problem+json; charset=utf-8", r.header.Get("Content-Type"))
				assert.NotEmpty(t, r.str("sessionId"), "made when the caller sent none")
			}
		})
	}
}

// TestInputErrors names each wrong field the vendor's way.
func TestInputErrors(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("paid")
	create := "/psp/creditcard/payments"
	change := func(from, to string) string { return strings.Replace(cardPurchase, from, to, 1) }
	tests := []struct {
		name, path, body string
		names            []string
	}{
		{"currency of the wrong type", create, change(`"SEK"`, `7`), []string{"Payment.Currency"}},
		{"no such currency", create, change(`"SEK"`, `"kronor"`), []string{"Payment.Currency"}},
		{"no currency", create, change(`"currency":"SEK",`, ``), []string{"Payment.Currency"}},
		{"two at once", create, strings.Replace(change(`"SEK"`, `7`), `"sv-SE"`, `"Swedish"`, 1), []string{"Payment.Currency", "Payment.Language"}},
		{"no payee", create, change(`"payeeInfo"`, `"nobody"`), []string{"Payment.PayeeInfo"}},
		{"no payeeReference", create, change(`"payeeReference":"REF",`, ``), []string{"Payment.PayeeInfo.PayeeReference"}},
		{"no urls", create, change(`"urls"`, `"links"`), []string{"Payment.Urls"}},
		{"no completeUrl", create, change(`"completeUrl"`, `"completed"`), []string{"Payment.Urls.CompleteUrl"}},
		{"amount with a fraction", create, change(`10000`, `100.5`), []string{"Payment.Prices[0].Amount"}},
		{"amount as text", create, change(`10000`, `"10000"`), []string{"Payment.Prices[0].Amount"}},
		{"amount beyond 64 bits", create, change(`10000`, `99999999999999999999`), []string{"Payment.Prices[0].Amount"}},
		{"every brand and one", create, change(`"vatAmount":2000}`, `"vatAmount":2000},{"type":"Visa","amount":1,"vatAmount":0}`), []string{"Payment.Prices"}},
		{"not an operation", create, change(`"Purchase"`, `"Theft"`), []string{"Payment.Operation"}},
		{"capture of nothing", id + "/captures", moving(0, "r1"), []string{"Transaction.Amount"}},
		{"capture of less than nothing", id + "/captures", moving(-1, "r1"), []string{"Transaction.Amount"}},
		{"capture without a reference", id + "/captures", moving(1, ""), []string{"Transaction.PayeeReference"}},
		{"not JSON", id + "/captures", `{"transaction":`, []string{"Body"}},
		{"an array", id + "/captures", `[]`, []string{"Body"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.must("GET", id, "").text
			r := s.request("POST", tt.path, tt.body).with("Session-Id", "779da454399742248f2942bb064c4707").send()
			require.Equal(t, 400, r.status, r.text)
			assert.Equal(t, inputError, r.str("type"))
			assert.Equal(t, "Error in input data", r.str("title"))
			assert.Equal(t, "Input validation failed, error description in problems node!", r.str("detail"))
			assert.Equal(t, apiHost+tt.path, r.str("instance"))
			assert.Equal(t, "779da454399742248f2942bb064c4707", r.str("sessionId"))
			var names []string
			for _, p := range r.at("problems").([]any) {
				names = append(names, p.(map[string]any)["name"].(string))
				assert.NotEmpty(t, p.(map[string]any)["description"])
			}
			assert.Equal(t, tt.names, names, r.text)
			assert.Equal(t, before, s.must("GET", id, "").text)
		})
	}
}

func TestAddresses(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	tests := []struct {
		name, method, path string
		status             int
	}{
		{"as it stands", "GET", id, 200},
		{"a trailing slash", "GET", id + "/", 200},
		{"a trailing slash before a query", "GET", id + "/?$expand=paid", 200},
		{"two trailing slashes", "GET", id + "//", 404},
		{"other letters", "GET", strings.ToUpper(id[:4]) + strings.ToUpper(id[4:]), 200},
		{"documentation's letters", "GET", id + "/payeeInfo", 200},
		{"an encoded expand", "GET", id + "?%24expand=prices", 200},
		{"an odd query", "GET", id + "?a=b&$expand=nonsense&&c", 200},
		{"a broken query", "GET", id + "?a=%zz", 400},
		{"HEAD", "HEAD", id, 200},
		{"HEAD of nothing", "HEAD", id + "x", 404},
		{"another instrument", "GET", strings.Replace(id, "creditcard", "trustly", 1), 404},
		{"an instrument to come", "GET", strings.Replace(id, "creditcard", "swish", 1), 404},
		{"a transaction that is none", "GET", id + "/transactions/none", 404},
		{"an authorization under captures", "GET", id + "/captures/" + lastSegment(s.must("GET", id+"/authorizations", "").str("authorizations.authorizationList.0.id")), 404},
		{"a transaction in other letters", "GET", strings.ToUpper(s.must("GET", id+"/authorizations", "").str("authorizations.authorizationList.0.id")), 200},
		{"a way up", "GET", id + "/..", 404},
		{"a way up in place of an id", "GET", "/psp/creditcard/payments/..", 404},
		{"nothing in place of an id", "GET", "/psp/creditcard/payments/./prices", 404},
		{"a hidden way up", "GET", id + "/%2e%2e", 404},
		{"an encoded slash", "GET", "/psp/creditcard/payments/a%2Fb", 404},
		{"a NUL", "GET", "/psp/creditcard/payments/a%00b", 404},
		{"nothing", "GET", "/", 404},
		{"another API", "GET", "/psp/paymentorders", 404},
		{"a method nobody takes", "DELETE", id, 405},
		{"a method of another address", "POST", id, 405},
		{"a method that is none", "BREW", id, 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.do(tt.method, tt.path, "")
			assert.Equal(t, tt.status, r.status, r.text)
			if tt.status == 404 && tt.method == "GET" {
				assert.Equal(t, "https://api.payex.com/psp/errordetail/notfound", r.str("type"))
			}
		})
	}
	assert.Equal(t, "GET, HEAD, PATCH", s.do("DELETE", id, "").header.Get("Allow"))
	assert.Equal(t, "POST", s.do("GET", "/psp/creditcard/payments", "").header.Get("Allow"))
}

func lastSegment(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func TestHostileBodies(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	tests := []struct {
		name, body, mediaType string
		status                int
	}{
		{"deeply nested", strings.Repeat("[", 200000) + strings.Repeat("]", 200000), "application/json", 400},
		{"deeply nested member", `{"transaction":` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000) + "}", "application/json", 400},
		{"a mebibyte and one", strings.Repeat(" ", 1<<20+1), "application/json", 413},
		{"much more", strings.Repeat("x", 20<<20), "application/json", 413},
		{"invalid UTF-8", "{\"transaction\":\"\xff\xfe\"}", "application/json", 400},
		{"NUL bytes", strings.Repeat("\x00", 1000), "application/json", 400},
		{"trailing garbage", moving(1, "g1") + "garbage", "application/json", 400},
		{"a member twice", `{"transaction":{},"transaction":{}}`, "application/json", 400},
		{"text", "hello", "text/plain", 415},
		{"a form", "a=b", "application/x-www-form-urlencoded", 415},
		{"no media type at all", "hello", "", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.request("POST", id+"/captures", tt.body).with("Content-Type", tt.mediaType).send()
			assert.Equal(t, tt.status, r.status, r.text)
			assert.Equal(t, inputError, r.str("type"))
		})
	}
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts(), "nothing was captured")
}

func TestMediaTypes(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	for i, mediaType := range []string{"application/json", "application/json;charset=UTF-8", "Application/JSON", "application/json; version=3.1", ""} {
		r := s.request("POST", id+"/captures", moving(1, "m"+string(rune('0'+i)))).with("Content-Type", mediaType).send()
		assert.Equal(t, 201, r.status, "%q: %s", mediaType, r.text)
	}
}

// TestBase: hrefs and Location begin with the address that the caller used, ids never do.
func TestBase(t *testing.T) {
	tests := []struct {
		name, url, proto, want string
		opts                   []server.Option
	}{
		{"the vendor's host", apiHost, "", apiHost, nil},
		{"a port", "http://127.0.0.1:8585", "", "http://127.0.0.1:8585", nil},
		{"behind a proxy", "http://shop.test", "https", "https://shop.test", nil},
		{"behind two proxies", "http://shop.test", "HTTPS , http", "https://shop.test", nil},
		{"a proxy's nonsense", "http://shop.test", "gopher", "http://shop.test", nil},
		{"configured", "http://shop.test", "https", "https://sandbox.example/pay", []server.Option{server.WithBaseURL("https://sandbox.example/pay/")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t, tt.opts...)
			r := s.request("POST", tt.url+"/psp/creditcard/payments", cardPurchase).with("X-Forwarded-Proto", tt.proto).send()
			id := r.str("payment.id")
			assert.Equal(t, tt.want+id, r.header.Get("Location"))
			assert.Equal(t, tt.want+id, r.href("update-payment-abort"))
			assert.Regexp(t, "^"+tt.want+"/creditcardv2/payments/authorize/[0-9a-f]{64}$", r.href("redirect-authorization"))
			assert.Regexp(t, "^/psp/creditcard/payments/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", id)
		})
	}
}

// TestMistakesAreOurs: a crash is answered as a problem and logged, and what it was stays in the log.
func TestMistakesAreOurs(t *testing.T) {
	var log bytes.Buffer
	s := newSandbox(t, server.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	id := s.card("r1")
	for path, body := range map[string]string{
		id: "", "/oauth2/token": `{"grant_type":"client_credentials","scope":"merchant-api","client_id":"a","client_secret":"b"}`,
		"/api/mock_payment_widget_service/payment-methods/types": methodTypes,
	} {
		repair := s.Break("the clock fell off the wall")
		r := s.request(map[bool]string{true: "GET", false: "POST"}[body == ""], path, body).with("Authorization", bearerFor(path)).send()
		repair()
		assert.Equal(t, http.StatusInternalServerError, r.status, path)
		assert.NotContains(t, r.text, "clock")
		assert.Contains(t, log.String(), "the clock fell off the wall")
		log.Reset()
	}
	assert.Equal(t, 200, s.do("GET", id, "").status)
}

func bearerFor(path string) string {
	if strings.HasPrefix(path, "/psp/") {
		return "Bearer test"
	}
	return ""
}
