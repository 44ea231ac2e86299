package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// Who spoke: the server, ourselves or the wire.
func Example() {
	bank := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "<h1>no</h1>")
	}))
	defer bank.Close()

	pay := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(bank.URL), client.WithUserAgent("shop", "2.1"))
	for _, id := range []string{"/psp/creditcard/payments/1", "https://evil.example/psp/creditcard/payments/1"} {
		_, err := pay.Payment(context.Background(), id)
		var foreign *client.ForeignHostError
		switch {
		case errors.As(err, &foreign):
			fmt.Println("ourselves:", foreign.Host)
		case client.StatusOf(err) == http.StatusForbidden:
			fmt.Println("the bank:", err)
		}
	}
	// Output:
	// the bank: GET /psp/creditcard/payments/1: 403: Forbidden: the body is text/html, not a problem in JSON
	// ourselves: https://evil.example:443
}
