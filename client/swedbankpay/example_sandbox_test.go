package swedbankpay_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// A card payment from creation to capture, against a sandbox in the same
// process. The README shows the middle of it.
func Example_sandbox() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()

	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))

	payment, err := pay.CreditCard.Create(ctx, swedbankpay.Purchase{
		Amount: swedbankpay.SEK(1500), Description: "order 4711",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order4711",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Pay(ctx, payment.Payment.ID) // the payer, who else would need a browser
	_ = payment.Refresh(ctx)

	capture, err := payment.Capture(ctx, swedbankpay.Movement{
		Amount: swedbankpay.SEK(1000), Description: "shipped half", PayeeReference: "order4711part1",
	})
	fmt.Println(capture.State, swedbankpay.SEK(payment.Payment.RemainingCaptureAmount), err)
	// Output: Completed 5.00 SEK <nil>
}

// An invoice for a payer the merchant knows, without a page: the address is
// looked up, the payer authorised, and the capture issues the invoice.
func ExamplePayment_Authorize() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()

	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))
	payment, err := pay.Invoice.Create(ctx, swedbankpay.Purchase{
		Amount: swedbankpay.SEK(1500), Description: "order 4712",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order4712",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	address, err := payment.LegalAddress(ctx, "199710202392", "17674")
	if err != nil {
		log.Fatal(err)
	}
	authorization, err := payment.Authorize(ctx, swedbankpay.Consumer{
		SocialSecurityNumber: "199710202392", MSISDN: "+46739000001", IP: "203.0.113.7", LegalAddress: address,
	})
	if err != nil {
		log.Fatal(err)
	}
	invoiced, err := payment.Capture(ctx, swedbankpay.Movement{
		Amount: swedbankpay.SEK(1500), VAT: swedbankpay.SEK(300), Description: "shipped", PayeeReference: "order4712invoice",
		Items:      []invoice.ItemDescriptionRequest{{Amount: 1500, Description: "a book"}},
		VATSummary: []invoice.VatSummaryRequest{{Amount: 1500, VatAmount: 300, VatPercent: "2500"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(address.City)
	fmt.Println(authorization.Type, authorization.State)
	fmt.Println(invoiced.Type, invoiced.State)
	// Output:
	// Järfälla
	// Authorization Completed
	// Capture Completed
}

// A card is verified once, and charged by its token from then on.
func ExampleCreditCard_Recur() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()

	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))
	first, err := pay.CreditCard.Verify(ctx, swedbankpay.Verification{
		Currency: "SEK", Description: "subscription",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "member1",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}, &swedbankpay.CardVerificationOptions{GenerateRecurrenceToken: true})
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Pay(ctx, first.Payment.ID) // the payer types the card
	_ = first.Refresh(ctx)

	month, err := pay.CreditCard.Recur(ctx, swedbankpay.Charge{
		Token: first.Payment.RecurrenceToken, Amount: swedbankpay.SEK(9900), Description: "January",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "member1january",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
	}, &swedbankpay.ChargeOptions{AutoCapture: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(month.Payment.Operation, swedbankpay.SEK(month.Payment.Amount), month.Offers(swedbankpay.CreateReversal))

	err = pay.CreditCard.DeleteToken(ctx, first.Payment.RecurrenceToken, "the member left")
	fmt.Println(err)
	// Output:
	// Recur 99.00 SEK true
	// <nil>
}

// Without a number, a Swish sale opens the app on the payer's own phone.
func ExamplePayment_Sell() {
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
	sale, err := payment.Sell(ctx, swedbankpay.Buyer{})
	if err != nil {
		log.Fatal(err)
	}
	link, _ := sale.Link(swedbankpay.RedirectAppSwish)
	app, _, _ := strings.Cut(link, "?")
	fmt.Println(sale.State, app)

	_ = sandbox.Pay(ctx, payment.Payment.ID) // the payer confirms in the app
	_ = payment.Refresh(ctx)
	fmt.Println(swedbankpay.SEK(payment.Payment.Amount))
	// Output:
	// AwaitingActivity swish://paymentrequest
	// 15.00 SEK
}
