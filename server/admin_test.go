package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// admin knocks at the second door.
func (s *sandbox) admin(method, path, body string) reply {
	s.t.Helper()
	w := httptest.NewRecorder()
	http.StripPrefix("/_kassa", s.Admin()).ServeHTTP(w, httptest.NewRequest(method, "/_kassa"+path, strings.NewReader(body)))
	text, err := io.ReadAll(w.Body)
	require.NoError(s.t, err)
	return newReply(s.t, w.Code, w.Header(), text)
}

func TestAdminPayer(t *testing.T) {
	s := newSandbox(t)
	id := s.card("r1")
	guid := lastSegment(id)

	r := s.admin("POST", "/payments/"+guid+"/payer", `{"act":"cancel"}`)
	assert.Equal(t, 200, r.status)
	assert.Equal(t, "https://example.com/cancel", r.str("next"))
	assert.Empty(t, s.must("GET", id+"/transactions", "").at("transactions.transactionList"), "cancelling on the page does nothing")

	r = s.admin("POST", id+"/payer", `{"act":"decline"}`)
	assert.Equal(t, "Failed", r.str("transactionState"))
	assert.Empty(t, r.str("next"), "the payer may try again")

	r = s.admin("POST", id+"/payer", `{"act":"pay"}`)
	assert.Equal(t, "Completed", r.str("transactionState"))
	assert.Equal(t, "Ready", r.str("state"))
	assert.Equal(t, "https://example.com/complete", r.str("next"))
	assert.Equal(t, 200, s.do("GET", r.str("transaction"), "").status)
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())

	other := s.trustly("r2")
	for range 2 {
		s.admin("POST", other+"/payer", `{"act":"decline"}`)
	}
	r = s.admin("POST", other+"/payer", `{"act":"decline"}`)
	assert.Equal(t, "Failed", r.str("state"))
	assert.Equal(t, "https://example.com/complete", r.str("next"), "the last failure ends it")
}

func TestAdminRefuses(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	tests := []struct {
		name, method, path, body string
		status                   int
	}{
		{"paid already", "POST", id + "/payer", `{"act":"pay"}`, 403},
		{"no such payment", "POST", "/payments/none/payer", `{"act":"pay"}`, 404},
		{"no such payment to cancel", "POST", "/payments/none/payer", `{"act":"cancel"}`, 404},
		{"no such act", "POST", id + "/payer", `{"act":"steal"}`, 400},
		{"no act", "POST", id + "/payer", ``, 400},
		{"not JSON", "POST", id + "/payer", `act=pay`, 400},
		{"too large", "POST", id + "/payer", `{"act":"` + strings.Repeat("x", 1<<20) + `"}`, 400},
		{"nothing there", "GET", "/nothing", "", 404},
		{"another method", "GET", "/reset", "", 404},
		{"a way up", "GET", "/payments/../reset", "", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.admin(tt.method, tt.path, tt.body)
			assert.Equal(t, tt.status, r.status, r.text)
			assert.Equal(t, "application/problem+json; charset=utf-8", r.header.Get("Content-Type"))
			assert.NotEmpty(t, r.str("type"))
		})
	}
	assert.Equal(t, 404, s.do("GET", "/_kassa/payments", "").status, "the first door does not lead there")
	assert.Equal(t, 404, s.do("GET", "/payments", "").status)
}

func TestAdminPaymentsAndReset(t *testing.T) {
	s := newSandbox(t)
	ids := []string{s.card("r1"), s.trustly("r2"), s.paidCard("r3")}
	r := s.admin("GET", "/payments", "")
	for i, id := range ids {
		assert.Equal(t, id, r.at("payments").([]any)[i].(map[string]any)["id"])
	}
	assert.Equal(t, "create-cancellation create-capture paid-payment view-payment", r.str("payments.2.offers"))

	reset := s.admin("POST", "/reset", "")
	assert.Equal(t, 204, reset.status)
	assert.Empty(t, s.admin("GET", "/payments", "").at("payments"))
	assert.Empty(t, s.admin("GET", "/callbacks", "").at("callbacks"))
	assert.Equal(t, 404, s.do("GET", ids[0], "").status)
	assert.Equal(t, ids[0], s.card("r1"), "the same seed, the same ids, and the reference is free again")
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		opt  server.Option
		want string
	}{
		{"no clock", server.WithClock(nil), "nil"},
		{"no logger", server.WithLogger(nil), "nil"},
		{"no client", server.WithCallbackClient(nil), "nil"},
		{"no attempts", server.WithPayerAttempts(0), "0 payer attempts; at least one is needed"},
		{"no lifetime", server.WithTokenLifetime(0), "lifetime"},
		{"a base without a scheme", server.WithBaseURL("sandbox.example"), `base URL "sandbox.example" is not an absolute http or https URL`},
		{"a base that is a file", server.WithBaseURL("file:///x"), "base URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := server.New(tt.opt)
			require.ErrorContains(t, err, tt.want)
		})
	}
	a, err := server.New()
	require.NoError(t, err)
	b, err := server.New()
	require.NoError(t, err)
	token := func(s *server.Server) string {
		return (&sandbox{Server: s, t: t, client: s.Client()}).token()
	}
	assert.NotEqual(t, token(a), token(b), "without a seed no two are alike")
}
