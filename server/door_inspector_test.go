package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInspector(t *testing.T) {
	s := newSandbox(t)
	card, swish := s.card("r1"), s.create("swish", "r2")
	other := s.as("two", "POST", "/psp/creditcard/payments", withRef(cardPurchase, "r1")).str("payment.id")
	s.payer(card, `{"act":"pay"}`)
	s.do("POST", card+"/captures", moving(10001, "c1"))
	srv := httptest.NewServer(s.Admin())
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: judgedDoor{t, http.DefaultTransport}}
	get := func(path string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, string(text)
	}
	tests := []struct {
		path  string
		shows []string
		hides []string
	}{
		{"/", []string{card, swish, other, "amount too high"}, nil},
		{"/?namespace=&instrument=&state=", []string{card, swish, other}, nil},
		{"/?instrument=swish", []string{swish}, []string{">" + lastSegment(card)}},
		{"/inspector/payments/" + lastSegment(card), []string{"<svg", "Authorization"}, []string{lastSegment(swish)}},
	}
	for _, tt := range tests {
		resp, text := get(tt.path)
		require.Equal(t, 200, resp.StatusCode, text)
		assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
		for _, id := range tt.shows {
			assert.Contains(t, text, lastSegment(id), tt.path)
		}
		for _, id := range tt.hides {
			assert.NotContains(t, text, id, tt.path)
		}
	}
	resp, text := get("/payments/" + lastSegment(card) + "/timeline.svg")
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, "image/svg+xml", resp.Header.Get("Content-Type"))
	assert.Contains(t, text, "<svg")
	for _, path := range []string{"/inspector/payments/none", "/payments/none/timeline.svg", "/?namespace=none"} {
		resp, _ := get(path)
		assert.Equal(t, 404, resp.StatusCode, path)
	}
}
