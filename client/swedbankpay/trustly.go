package swedbankpay

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/gen/swedbankpay/trustly"
)

// Trustly creates Trustly payments.
type Trustly struct{ client *Client }

// TrustlyOptions are what only a Trustly payment knows. All are optional.
type TrustlyOptions struct {
	FirstName, LastName string // of the payer, filled in for them
}

// Create starts a Trustly payment; nil options are the defaults. No money moves
// yet: send the payer to the [Payment.Link] of [RedirectSale], or start the sale with
// [Payment.Sell]. Trustly takes SEK and EUR; another currency, like anything
// that cannot be sent as it stands, is refused by a [*client.InputError].
func (t *Trustly) Create(ctx context.Context, p Purchase, o *TrustlyOptions) (*Payment, error) {
	if o == nil {
		o = &TrustlyOptions{}
	}
	return t.client.create(ctx, "Purchase", p.checkIn("Trustly", "SEK", "EUR"), func(server string) (*http.Request, error) {
		return trustly.NewCreatePaymentRequest(server, nil, trustly.CreatePaymentRequest{
			Payment: trustly.PurchaseRequest{
				Operation:   trustly.PurchaseRequestOperationPurchase,
				Intent:      trustly.PurchaseRequestIntentSale,
				Currency:    p.Amount.currency,
				Prices:      p.price("Trustly"),
				Description: p.Description,
				UserAgent:   p.UserAgent,
				Language:    p.Language,
				Urls:        p.URLs,
				PayeeInfo:   p.payee(),
				Payer:       p.payer(),
				Metadata:    p.Metadata,
				PrefillInfo: psp.PrefillInfoRequest{FirstName: o.FirstName, LastName: o.LastName},
			},
		})
	})
}
