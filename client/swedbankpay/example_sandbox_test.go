package swedbankpay_test

import (
	"context"
	"fmt"
	"log"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
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
