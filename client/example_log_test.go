package client_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// One line for each attempt, and no secret in it: not even the stored token in
// the path.
func ExampleWithLogger() {
	bank := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"type":"https://api.payex.com/psp/errordetail/notfound","title":"Not found","sessionId":"5f2c0d2e"}`))
	}))
	defer bank.Close()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" { // which differ each time
			return slog.Attr{}
		}
		return a
	}}))

	pay := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(bank.URL), client.WithLogger(logger))
	_ = pay.CreditCard.DeleteToken(context.Background(), "5a17c24e-d459-4567-bbad-aa0f17a76119", "the payer asked for it")
	// Output:
	// level=WARN msg=request method=PATCH host=127.0.0.1 path=/psp/creditcard/payments/instrumentdata/[secret] attempt=1 status=404 session=5f2c0d2e kind=not_found reason=notfound
}
