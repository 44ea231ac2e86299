package swedbankpay

import (
	"context"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/gen/swedbankpay/swish"
	"github.com/kassa-dev/kassa/gen/swedbankpay/trustly"
)

// Buyer is what a sale may say about the payer; the zero Buyer says nothing.
type Buyer struct {
	// FirstName and LastName belong to Trustly. Both are optional; the bank asks
	// again.
	FirstName string
	LastName  string
	// MSISDN belongs to Swish: the payer's number with the code of the country,
	// as in +46739000001. Swish then asks the payer on that phone. Without it
	// the sale is made for the app on the phone the payer shops with.
	MSISDN string
}

// Sell starts the sale of a Swish or Trustly payment. It awaits the payer, whom
// a link of the transaction leads on: [RedirectTrustly] to the bank,
// [RedirectAppSwish] into the app, unless a number was given. What b says of
// the other instrument is refused by a [*client.InputError]. Success and errors
// are those of Capture.
func (p *Payment) Sell(ctx context.Context, b Buyer) (*Transaction, error) {
	body, err := p.sale(b)
	if err != nil {
		return nil, err
	}
	return transact(ctx, p, CreateSale, body,
		func(r psp.SaleResponse) (string, psp.Transaction) { return r.Sale.ID, r.Sale.Transaction })
}

func (p *Payment) sale(b Buyer) (any, error) {
	if p.instrument() == "swish" {
		if b.FirstName != "" || b.LastName != "" {
			return nil, &client.InputError{Field: "Buyer", Reason: "want no name: Swish knows the payer by number"}
		}
		return swish.CreateSaleRequest{Transaction: swish.SaleTransactionRequest{Msisdn: b.MSISDN}}, nil
	}
	if b.MSISDN != "" {
		return nil, &client.InputError{Field: "Buyer", Reason: "want no MSISDN: this is no Swish payment"}
	}
	return trustly.CreateSaleRequest{
		Transaction: trustly.SaleTransactionRequest{FirstName: b.FirstName, LastName: b.LastName},
	}, nil
}
