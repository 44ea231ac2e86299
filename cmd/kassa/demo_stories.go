package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/resurs"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

const (
	demoStore   = "550e8400-e29b-41d4-a716-446655440000"
	demoInvoice = "550e8400-e29b-41d4-a716-446655440000"
	demoPart    = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	demoPayee   = "5cabf558-5283-482f-b252-4d58e06f6f3b"
)

// resurs gets a widget session twice, which asks once, and tells the types of
// two payment methods.
func (d *demo) resurs(ctx context.Context) error {
	d.chapter("Resurs: what the payment widget needs")
	credentials := resurs.Credentials("demo-client", "demo-secret", d.options("")...)
	widget := resurs.New(credentials, d.options("/api/mock_payment_widget_service")...)

	shopper := resurs.Shopper{StoreID: demoStore, ShopperID: "cookie-4711"}
	first, err := widget.CreateSession(ctx, shopper)
	if err != nil {
		return err
	}
	d.tell("session", "good until %s", first.ExpiresAt.UTC().Format("15:04:05 MST"))
	second, err := widget.CreateSession(ctx, shopper)
	if err != nil {
		return err
	}
	if second.Token != first.Token {
		return errors.New("the shopper got a second session while the first was good")
	}
	d.tell("the same shopper again", "the same session, without a request")

	types, err := widget.PaymentMethodTypes(ctx, demoStore, resurs.B2C, demoInvoice, demoPart)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(types))
	for id := range types {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		d.tell("method "+id[:8], "%s", types[id])
	}
	return nil
}

// card takes 150 of 250 kronor, once the payer has money, gives 50 back, and
// releases the rest.
func (d *demo) card(ctx context.Context) error {
	d.chapter("Swedbank Pay: half an order by card")
	pay := d.swedbankpay()
	payment, err := pay.CreditCard.Create(ctx, d.purchase(swedbankpay.SEK(25000), "card4711"), nil)
	if err != nil {
		return err
	}
	d.show("created", payment)
	if err := d.sandbox.DeclineFor(ctx, payment.Payment.ID, "acquirerinsufficientfunds"); err != nil {
		return err
	}
	d.tell("the bank says no", "insufficient funds; the payer may try again")
	if err := d.sandbox.Pay(ctx, payment.Payment.ID); err != nil {
		return err
	}
	if err := payment.Refresh(ctx, swedbankpay.ExpandTransactions, swedbankpay.ExpandPayeeInfo); err != nil {
		return err
	}
	d.show("the payer authorises", payment)

	_, err = payment.Capture(ctx, move(swedbankpay.SEK(99900), "card4711toomuch"))
	var problem *client.Problem
	if !errors.As(err, &problem) {
		return fmt.Errorf("999.00 of 250.00 SEK should have been refused, and %w", orNil(err))
	}
	d.tell("capture 999.00 SEK", "refused with %d: %s", problem.Status, problem.Fields[0].Detail)

	if _, err := payment.Capture(ctx, move(swedbankpay.SEK(15000), "card4711capture")); err != nil {
		return err
	}
	d.show("capture 150.00 SEK", payment)
	if _, err := payment.Reverse(ctx, move(swedbankpay.SEK(5000), "card4711reversal")); err != nil {
		return err
	}
	d.show("reverse 50.00 SEK", payment)
	if _, err := payment.Cancel(ctx, swedbankpay.Release{Description: "the rest", PayeeReference: "card4711cancel"}); err != nil {
		return err
	}
	d.show("cancel the rest", payment)

	var unavailable *swedbankpay.UnavailableError
	if _, err := payment.Capture(ctx, move(swedbankpay.SEK(100), "card4711late")); !errors.As(err, &unavailable) {
		return fmt.Errorf("a capture of nothing left should be unavailable, and %w", orNil(err))
	}
	d.tell("capture 1.00 SEK", "not offered, so nothing was sent")

	// Each of the five transactions is told to the merchant, the failed one too.
	for range 5 {
		if _, err := d.merchant.await(ctx, payment.Payment.ID); err != nil {
			return err
		}
	}
	d.tell("callbacks", "5 came, one for each transaction")
	return nil
}

// trustly starts a sale, waits for its callback, and believes it only after
// reading the payment.
func (d *demo) trustly(ctx context.Context) error {
	d.chapter("Swedbank Pay: a sale by Trustly")
	pay := d.swedbankpay()
	payment, err := pay.Trustly.Create(ctx, d.purchase(swedbankpay.SEK(10000), "trustly4711"), nil)
	if err != nil {
		return err
	}
	d.show("created", payment)
	sale, err := payment.Sell(ctx, swedbankpay.Buyer{FirstName: "Olivia", LastName: "Nyhuus"})
	if err != nil {
		return err
	}
	d.tell("sale started", "%s, the payer is at the bank", sale.State)
	if err := d.sandbox.Pay(ctx, payment.Payment.ID); err != nil {
		return err
	}
	callback, err := d.merchant.await(ctx, payment.Payment.ID)
	if err != nil {
		return err
	}
	d.tell("callback", "transaction %d; the payment is read before it is believed", callback.TransactionNumber)
	payment, err = pay.Payment(ctx, callback.Payment)
	if err != nil {
		return err
	}
	d.show("read again", payment)
	paid, err := payment.Paid(ctx)
	if err != nil {
		return err
	}
	d.tell("paid", "%v", swedbankpay.SEK(paid.Amount))
	return nil
}

// swish starts a sale that the payer turns down, then one that is confirmed,
// and gives 40 of 100 kronor back, which is under way before it is done.
func (d *demo) swish(ctx context.Context) error {
	d.chapter("Swedbank Pay: a sale by Swish")
	payment, err := d.swedbankpay().Swish.Create(ctx, d.purchase(swedbankpay.SEK(10000), "swish4711"), nil)
	if err != nil {
		return err
	}
	d.show("created", payment)
	payer := swedbankpay.Buyer{MSISDN: "+46739000001"}
	for _, turn := range []struct {
		what string
		act  func(context.Context, string) error
	}{
		{"the payer declines", func(ctx context.Context, id string) error { return d.sandbox.DeclineFor(ctx, id, "swishdeclined") }},
		{"the payer confirms", d.sandbox.Pay},
	} {
		sale, err := payment.Sell(ctx, payer)
		if err != nil {
			return err
		}
		d.tell("sale started", "%s, the payer is in the app", sale.State)
		if err := turn.act(ctx, payment.Payment.ID); err != nil {
			return err
		}
		if _, err := d.merchant.await(ctx, payment.Payment.ID); err != nil {
			return err
		}
		if err := payment.Refresh(ctx); err != nil {
			return err
		}
		d.show(turn.what, payment)
	}

	reversal, err := payment.Reverse(ctx, move(swedbankpay.SEK(4000), "swish4711reversal"))
	if err != nil {
		return err
	}
	d.tell("reverse 40.00 SEK", "%s, as the live environment answers", reversal.State)
	if err := d.sandbox.Pay(ctx, payment.Payment.ID); err != nil {
		return err
	}
	if _, err := d.merchant.await(ctx, payment.Payment.ID); err != nil {
		return err
	}
	if err := payment.Refresh(ctx); err != nil {
		return err
	}
	d.show("the bank has moved it", payment)
	return nil
}

func (d *demo) swedbankpay() *swedbankpay.Client {
	return swedbankpay.New(client.StaticToken("demo-token"), d.options("")...)
}

// options point a client at the sandbox, below a base path, and have its
// traffic recorded.
func (d *demo) options(path string) []client.Option {
	return []client.Option{client.WithBaseURL(d.sandbox.url + path), client.WithHTTPClient(d.http), client.WithUserAgent("kassa-demo", "1")}
}

func (d *demo) purchase(amount swedbankpay.Amount, reference string) swedbankpay.Purchase {
	return swedbankpay.Purchase{
		Amount:         amount,
		Description:    "Order 4711",
		PayeeID:        demoPayee,
		PayeeReference: reference,
		UserAgent:      "Mozilla/5.0",
		Language:       "sv-SE",
		URLs: psp.UrlsRequest{
			HostUrls:    []string{"https://shop.example"},
			CompleteURL: "https://shop.example/done",
			CancelURL:   "https://shop.example/cart",
			CallbackURL: d.merchant.url,
		},
	}
}

// show tells what the payment leaves to do, and the operations it offers.
func (d *demo) show(what string, payment *swedbankpay.Payment) {
	p := payment.Payment
	var left []string
	for _, each := range []struct {
		verb  string
		minor int64
	}{
		{"capture", p.RemainingCaptureAmount},
		{"cancel", p.RemainingCancellationAmount},
		{"reverse", p.RemainingReversalAmount},
	} {
		if each.minor > 0 {
			left = append(left, fmt.Sprintf("%v to %s", swedbankpay.SEK(each.minor), each.verb))
		}
	}
	if len(left) == 0 {
		left = []string{"nothing to move yet"}
	}
	rels := make([]string, len(payment.Operations))
	for i, op := range payment.Operations {
		rels[i] = op.Rel
	}
	d.tell(what, "leaves %s", strings.Join(left, ", "))
	d.tell("", "offers %s", strings.Join(rels, ", "))
}

func move(amount swedbankpay.Amount, reference string) swedbankpay.Movement {
	return swedbankpay.Movement{Amount: amount, Description: "Order 4711", PayeeReference: reference}
}

// orNil keeps "and <nil>" out of what the demo says.
func orNil(err error) error {
	if err == nil {
		return errors.New("it was not")
	}
	return err
}
