package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// BenchmarkSandbox measures whole requests, in process: judged, done, answered.
func BenchmarkSandbox(b *testing.B) {
	send := func(b *testing.B, client *http.Client, method, path, body string, want int) string {
		req, err := http.NewRequest(method, "http://sandbox"+path, strings.NewReader(body))
		require.NoError(b, err)
		req.Header.Set("Authorization", "Bearer any")
		req.Header.Set("Content-Type", "application/json")
		if body == "" {
			req.Body = nil
		}
		resp, err := client.Do(req)
		require.NoError(b, err)
		require.Equal(b, want, resp.StatusCode)
		return resp.Header.Get("Location")
	}
	start := func(b *testing.B) (*server.Server, *http.Client, string) {
		s, err := server.New()
		require.NoError(b, err)
		b.ReportAllocs()
		id := send(b, s.Client(), "POST", "/psp/creditcard/payments", strings.Replace(cardPurchase, "10000", "1000000000000", 1), 201)
		require.NoError(b, s.Pay(b.Context(), id))
		return s, s.Client(), strings.TrimPrefix(id, "http://sandbox")
	}
	b.Run("create", func(b *testing.B) {
		_, client, _ := start(b)
		for i := 0; b.Loop(); i++ {
			send(b, client, "POST", "/psp/creditcard/payments", withRef(cardPurchase, fmt.Sprint(i)), 201)
		}
	})
	b.Run("capture", func(b *testing.B) {
		s, client, current := start(b)
		for i := 0; b.Loop(); i++ {
			if i%100 == 0 { // a payment with many captures is another benchmark
				b.StopTimer()
				id := send(b, client, "POST", "/psp/creditcard/payments", withRef(cardPurchase, fmt.Sprint("p", i)), 201)
				require.NoError(b, s.Pay(b.Context(), id))
				b.StartTimer()
				current = strings.TrimPrefix(id, "http://sandbox")
			}
			send(b, client, "POST", current+"/captures", moving(1, fmt.Sprint(i)), 201)
		}
	})
	b.Run("get", func(b *testing.B) {
		_, client, id := start(b)
		for b.Loop() {
			send(b, client, "GET", id, "", 200)
		}
	})
	b.Run("refuse", func(b *testing.B) {
		_, client, id := start(b)
		for b.Loop() {
			send(b, client, "POST", id+"/captures", `{"transaction":{}}`, 400)
		}
	})
}
