package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOverTheNetwork: behind a port the sandbox is what it is in process.
func TestOverTheNetwork(t *testing.T) {
	s := newSandbox(t)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	s.client = &http.Client{Transport: judged{t, s.client.Transport.(judged).own, http.DefaultTransport}}

	created := s.do("POST", web.URL+"/psp/creditcard/payments", cardPurchase)
	require.Equal(t, 201, created.status, created.text)
	at := created.header.Get("Location")
	assert.Equal(t, web.URL+created.str("payment.id"), at)
	require.NoError(t, s.Pay(t.Context(), at))
	assert.Equal(t, "10000 10000 10000 -", s.do("GET", at+"/", "").amounts())
	head := s.do("HEAD", at, "")
	assert.Equal(t, 200, head.status)
	assert.Equal(t, "application/json; charset=utf-8", head.header.Get("Content-Type"))

	captured := s.request("POST", at+"/captures", moving(1, "r1")).with("Expect", "100-continue").send()
	assert.Equal(t, 201, captured.status, captured.text)
	huge := s.request("POST", at+"/captures", strings.Repeat(" ", 1<<20+1)).with("Content-Type", "application/json").send()
	assert.Equal(t, 413, huge.status)
	nothing := s.request("POST", at+"/captures", "").with("Content-Length", "0").with("Content-Type", "application/json").send()
	assert.Equal(t, 400, nothing.status)
}
