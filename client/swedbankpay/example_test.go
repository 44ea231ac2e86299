package swedbankpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// bank plays Swedbank Pay for one card payment of 15.00 kronor that the payer
// has authorised.
func bank() *httptest.Server {
	const id = "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1"
	captured := false
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/captures") {
			captured = true
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"payment":%q,"capture":{"id":"%s/captures/1","transaction":{"id":"%s/transactions/1","type":"Capture","state":"Completed","amount":1500}}}`, id, id, id)
			return
		}
		rel, tail := "create-capture", "/captures"
		if captured {
			rel, tail = "create-reversal", "/reversals"
		}
		fmt.Fprintf(w, `{"payment":{"id":%q,"state":"Ready","currency":"SEK","amount":1500},"operations":[
			{"method":"POST","rel":%q,"href":"%s%s%s"},
			{"method":"GET","rel":"redirect-authorization","href":"https://ecom.example/pay"}]}`, id, rel, server.URL, id, tail)
	}))
	return server
}

func Example() {
	server := bank()
	defer server.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(server.URL))

	payment, err := pay.CreditCard.Create(swedbankpay.WithPayer(ctx, "203.0.113.7"), swedbankpay.Purchase{
		Amount:         swedbankpay.SEK(1500),
		VAT:            swedbankpay.SEK(300),
		Description:    "order 4711",
		PayeeID:        "5cabf558-5283-482f-b252-4d58e06f6f3b",
		PayeeReference: "order4711",
		UserAgent:      "Mozilla/5.0",
		Language:       "sv-SE",
		URLs:           psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	page, _ := payment.Link(swedbankpay.RedirectAuthorization)
	fmt.Println("send the payer to", page)

	shipped := swedbankpay.Movement{
		Amount:         swedbankpay.SEK(1500),
		VAT:            swedbankpay.SEK(300),
		Description:    "order 4711",
		PayeeReference: "capture4711",
	}
	capture, err := payment.Capture(ctx, shipped)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(capture.Type, capture.State, shipped.Amount)

	_, err = payment.Capture(ctx, shipped)
	var unavailable *swedbankpay.UnavailableError
	fmt.Println(errors.As(err, &unavailable), unavailable.Offered)
	// Output:
	// send the payer to https://ecom.example/pay
	// Capture Completed 15.00 SEK
	// true [create-reversal redirect-authorization]
}

func ExampleParseCallback() {
	server := bank()
	defer server.Close()
	pay := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(server.URL))

	receive := func(w http.ResponseWriter, r *http.Request) {
		callback, err := swedbankpay.ParseCallback(r.Body)
		if err != nil {
			http.Error(w, "not a callback", http.StatusBadRequest)
			return
		}
		// The callback proves nothing; the payment does.
		payment, err := pay.Payment(r.Context(), callback.Payment)
		if err != nil {
			http.Error(w, "later, please", http.StatusServiceUnavailable)
			return
		}
		fmt.Println(payment.Payment.ID, payment.Payment.State)
	}
	for _, id := range []string{"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1", "//evil.example/psp/x"} {
		w := httptest.NewRecorder()
		receive(w, httptest.NewRequest(http.MethodPost, "/callback", strings.NewReader(`{"payment":{"id":"`+id+`","number":1}}`)))
		fmt.Println(w.Code)
	}
	// Output:
	// /psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1 Ready
	// 200
	// 400
}

func ExampleAmount() {
	fmt.Println(swedbankpay.SEK(1500), swedbankpay.EUR(5))
	// Output: 15.00 SEK 0.05 EUR
}
