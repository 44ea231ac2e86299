package swedbankpay_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// order is what the examples below buy.
func order(number string, amount swedbankpay.Amount) swedbankpay.Purchase {
	return swedbankpay.Purchase{
		Amount: amount, Description: "order " + number,
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order" + number,
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done", CancelURL: "https://shop.example/cancelled"},
	}
}

// Half an order is shipped and captured, the rest cancelled, and one thing
// comes back.
func ExamplePayment_Capture() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	payment, err := pay.CreditCard.Create(ctx, order("4711", swedbankpay.SEK(25000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Pay(ctx, payment.Payment.ID)
	_ = payment.Refresh(ctx)

	_, err = payment.Capture(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(99900), Description: "too much", PayeeReference: "order4711a"})
	fmt.Println(client.KindOf(err), client.StatusOf(err))
	_, err = payment.Capture(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(15000), Description: "shipped", PayeeReference: "order4711b"})
	fmt.Println(err)
	_, err = payment.Cancel(ctx, swedbankpay.Release{Description: "out of stock", PayeeReference: "order4711c"})
	fmt.Println(err)
	_, err = payment.Reverse(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(5000), Description: "came back", PayeeReference: "order4711d"})
	fmt.Println(err, swedbankpay.SEK(payment.Payment.RemainingReversalAmount))

	_, err = payment.Capture(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(1), Description: "one more", PayeeReference: "order4711e"})
	fmt.Println(errors.As(err, new(*swedbankpay.UnavailableError)), client.KindOf(err))
	// Output:
	// forbidden 403
	// <nil>
	// <nil>
	// <nil> 100.00 SEK
	// true unsent
}

// Vipps and MobilePay are paid in an app, which the page leads to, and captured
// like a card.
func ExampleVipps_Create() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	vipps, err := pay.Vipps.Create(ctx, order("4712", swedbankpay.NOK(10000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	mobilePay, err := pay.MobilePay.Create(ctx, order("4713", swedbankpay.DKK(10000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, payment := range []*swedbankpay.Payment{vipps, mobilePay} {
		_, ok := payment.Link(swedbankpay.RedirectAuthorization) // where to send the payer
		_ = sandbox.Pay(ctx, payment.Payment.ID)
		_ = payment.Await(ctx, (*swedbankpay.Payment).Decided)
		fmt.Println(payment.Payment.Instrument, ok, payment.Offers(swedbankpay.CreateCapture))
	}
	// Output:
	// Vipps true true
	// MobilePay true true
}

// Trustly leads the payer to the bank.
func ExampleTrustly_Create() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	payment, err := pay.Trustly.Create(ctx, order("4714", swedbankpay.SEK(10000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	sale, err := payment.Sell(ctx, swedbankpay.Buyer{FirstName: "Olivia", LastName: "Nyhuus"})
	if err != nil {
		log.Fatal(err)
	}
	_, ok := sale.Link(swedbankpay.RedirectTrustly)
	fmt.Println(sale.State, ok)
	_ = sandbox.Pay(ctx, payment.Payment.ID)
	_ = payment.Refresh(ctx)
	fmt.Println(payment.Payment.State, payment.Offers(swedbankpay.CreateReversal))
	// Output:
	// AwaitingActivity true
	// Ready true
}

// A payer who leaves the shop leaves a payment that nobody shall pay any more.
func ExamplePayment_Abort() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	payment, err := pay.CreditCard.Create(ctx, order("4715", swedbankpay.SEK(10000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := payment.Abort(ctx, "CancelledByConsumer"); err != nil {
		log.Fatal(err)
	}
	aborted, err := payment.Aborted(ctx)
	fmt.Println(payment.Payment.State, aborted.AbortReason, err)
	// Output: Aborted CancelledByConsumer <nil>
}

// A payer was declined, and the reason can be acted upon.
func ExampleTransaction_Failure() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	payment, err := pay.CreditCard.Create(ctx, order("4716", swedbankpay.SEK(10000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.DeclineFor(ctx, payment.Payment.ID, "acquirerinsufficientfunds")
	_ = payment.Refresh(ctx, swedbankpay.ExpandAuthorizations) // shown in full: going through them asks for nothing
	for attempt, err := range payment.List(ctx, swedbankpay.ExpandAuthorizations) {
		if err != nil {
			log.Fatal(err)
		}
		if why, failed := attempt.Failure(); failed {
			fmt.Println(attempt.State, why.Kind(), why.Reason())
		}
	}
	fmt.Println(payment.Payment.State) // the payer may try again
	// Output:
	// Failed declined acquirerinsufficientfunds
	// Ready
}

// The connection breaks after a capture was sent, and the program dies. The
// next one asks what became of it, by the reference that was written down.
func ExamplePayment_Reconcile() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()), client.WithRetries(0))

	payment, err := pay.CreditCard.Create(ctx, order("4717", swedbankpay.SEK(10000)), nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Pay(ctx, payment.Payment.ID)
	_ = payment.Refresh(ctx)
	_, _ = sandbox.Inject(server.Fault{Method: http.MethodPost, Cut: server.CutReset, After: true}) // done, and never answered
	_, _ = sandbox.Inject(server.Fault{Method: http.MethodGet, Status: http.StatusBadGateway})      // and nobody to ask

	_, err = payment.Capture(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(10000), Description: "shipped", PayeeReference: "order4717a"})
	fmt.Println(client.KindOf(err))

	reopened, err := pay.Payment(ctx, payment.Payment.ID)
	if err != nil {
		log.Fatal(err)
	}
	outcome, capture, err := reopened.Reconcile(ctx, "order4717a")
	fmt.Println(outcome, capture.State, swedbankpay.SEK(capture.Amount), err)
	// Output:
	// outcome_unknown
	// done Completed 100.00 SEK <nil>
}
