package swedbankpay_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// The endpoint of a merchant, to which a sandbox sends what happens. A shop
// would give it an inbox of package sqlinbox, and call Resume at its start.
func ExampleCallbacks() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	done := make(chan bool)
	callbacks := swedbankpay.NewCallbacks(pay, func(_ context.Context, e swedbankpay.Event) error {
		left := swedbankpay.SEK(e.Payment.Payment.RemainingCaptureAmount)
		fmt.Println(e.Transaction.Type, e.Transaction.State, "and", left, "to capture")
		done <- true
		return nil
	})
	defer callbacks.Close(ctx)
	shop := httptest.NewServer(callbacks) // mux.Handle("/swedbankpay", callbacks), in a shop
	defer shop.Close()

	payment, err := pay.CreditCard.Create(ctx, swedbankpay.Purchase{
		Amount: swedbankpay.SEK(1500), Description: "order 4711",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order4711",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done", CallbackURL: shop.URL},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Decline(ctx, payment.Payment.ID) // the payer, whose first card is empty
	<-done
	_ = sandbox.Pay(ctx, payment.Payment.ID)
	<-done
	// Output:
	// Authorization Failed and 0.00 SEK to capture
	// Authorization Completed and 15.00 SEK to capture
}

// A test of an endpoint delivers what Swedbank Pay would, twice and forged.
func ExampleNewCallbackRequest() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))
	payment, err := pay.Swish.Create(ctx, swedbankpay.Purchase{
		Amount: swedbankpay.SEK(1500), Description: "order 4713",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order4713",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	sale, err := payment.Sell(ctx, swedbankpay.Buyer{MSISDN: "+46739000001"})
	if err != nil {
		log.Fatal(err)
	}

	endpoint := swedbankpay.NewCallbacks(pay, func(_ context.Context, e swedbankpay.Event) error {
		fmt.Println("handled:", e.Transaction.Type, e.Transaction.State)
		return nil
	})
	defer endpoint.Close(ctx)
	deliver := func(payment, transaction string) {
		r, err := swedbankpay.NewCallbackRequest("/callback", swedbankpay.Callback{Payment: payment, Transaction: transaction})
		if err != nil {
			log.Fatal(err)
		}
		w := httptest.NewRecorder()
		endpoint.ServeHTTP(w, r)
		fmt.Println(w.Code, http.StatusText(w.Code))
	}
	deliver(payment.Payment.ID, sale.Resource)
	deliver(payment.Payment.ID, sale.Resource)
	deliver("/psp/swish/payments/of-somebody-else", "")
	// Output:
	// handled: Sale AwaitingActivity
	// 200 OK
	// 200 OK
	// 404 Not Found
}
