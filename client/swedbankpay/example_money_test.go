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

// Sums are exact or refused, and so is what is read from text.
func ExampleParseAmount() {
	shipping, err := swedbankpay.ParseAmount("49.90 SEK")
	if err != nil {
		log.Fatal(err)
	}
	total, err := swedbankpay.SEK(150000).Add(shipping)
	fmt.Println(total, err)

	_, err = total.Add(swedbankpay.EUR(100))
	fmt.Println(err)
	_, err = swedbankpay.ParseAmount("1.500 SEK")
	fmt.Println(err)
	// Output:
	// 1549.90 SEK <nil>
	// Amount: want one currency, not SEK and EUR; exchange one of them first (nothing was sent)
	// ParseAmount: want at most 2 decimals, which is what SEK has (nothing was sent)
}

// Currencies write the decimals they have.
func ExampleNewAmount() {
	for _, currency := range []string{"SEK", "JPY", "KWD"} {
		fmt.Println(swedbankpay.NewAmount(1500, currency))
	}
	_, err := swedbankpay.NewAmount(1500, "kr")
	fmt.Println(err)
	// Output:
	// 15.00 SEK <nil>
	// 1500 JPY <nil>
	// 1.500 KWD <nil>
	// Currency: want the code of a currency in use, by ISO 4217 and in upper case, as in SEK (nothing was sent)
}

// A merchant that settles with the acquirer counts its references.
func ExamplePayeeReferenceRule() {
	reference, _ := swedbankpay.NumberedPayeeReference(4711)
	fmt.Println(reference, swedbankpay.SettledByMerchant.Check(reference))
	fmt.Println(swedbankpay.SettledByMerchant.Check("order-4711"))
	fmt.Println(swedbankpay.SettledBySwedbankPay.Check("order-4711"))
	// Output:
	// 000000004711 <nil>
	// PayeeReference: want 1 to 12 digits, as the merchant settles; NumberedPayeeReference makes one (nothing was sent)
	// <nil>
}

// What was captured of a payment, and all that happened to it.
func ExamplePayment_List() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()

	ctx := context.Background()
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))
	payment, err := pay.CreditCard.Create(ctx, swedbankpay.Purchase{
		Amount: swedbankpay.SEK(1500), Description: "order 4714",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: swedbankpay.NewPayeeReference(),
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Pay(ctx, payment.Payment.ID) // the payer, who else would need a browser
	if err := payment.Await(ctx, (*swedbankpay.Payment).Decided); err != nil {
		log.Fatal(err)
	}
	for _, part := range []int64{1000, 300} {
		_, _ = payment.Capture(ctx, swedbankpay.Movement{
			Amount: swedbankpay.SEK(part), Description: "a part", PayeeReference: swedbankpay.NewPayeeReference(),
		})
	}

	var taken swedbankpay.Amount
	for capture, err := range payment.List(ctx, swedbankpay.ExpandCaptures) {
		if err != nil {
			log.Fatal(err)
		}
		if capture.State == "Completed" {
			taken, _ = taken.Add(swedbankpay.SEK(capture.Amount))
		}
	}
	fmt.Println("taken", taken)
	for transaction, err := range payment.Transactions(ctx) {
		fmt.Println(transaction.Type, swedbankpay.SEK(transaction.Amount), err)
	}
	// Output:
	// taken 13.00 SEK
	// Authorization 15.00 SEK <nil>
	// Capture 10.00 SEK <nil>
	// Capture 3.00 SEK <nil>
}

// A member that has no name in Go yet.
func ExamplePayment_Member() {
	api := bank()
	defer api.Close()
	pay := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(api.URL))
	payment, err := pay.Payment(context.Background(), "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1")
	if err != nil {
		log.Fatal(err)
	}
	rel, ok := payment.Member("/operations/0/rel")
	fmt.Println(string(rel), ok)
	_, ok = payment.Member("/payment/surcharge")
	fmt.Println(ok)
	// Output:
	// "create-capture" true
	// false
}
