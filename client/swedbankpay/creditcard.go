package swedbankpay

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
)

// CreditCard creates card payments.
type CreditCard struct{ client *Client }

// CardOptions are what only a card payment knows. All are optional.
type CardOptions struct {
	// AutoCapture captures by itself as soon as the payer has authorised. By
	// default the merchant captures.
	AutoCapture bool
	// GeneratePaymentToken and GenerateRecurrenceToken ask for a token of the
	// card, for one-click and recurring payments; see [Payment.Paid].
	GeneratePaymentToken    bool
	GenerateRecurrenceToken bool
	// PaymentToken is a card stored before, prefilled for the payer.
	PaymentToken string
	// Card says which cards are taken, and how.
	Card creditcard.CardOptions
}

// Create starts a card payment; nil options are the defaults. No money is
// reserved yet: send the payer to the [Payment.Link] of [RedirectAuthorization], or show
// the script of [ViewAuthorization] (which wants URLs.HostUrls). What cannot be
// sent as it stands is refused by a [*client.InputError].
func (c *CreditCard) Create(ctx context.Context, p Purchase, o *CardOptions) (*Payment, error) {
	if o == nil {
		o = &CardOptions{}
	}
	intent := creditcard.PaymentRequestIntentAuthorization
	if o.AutoCapture {
		intent = creditcard.PaymentRequestIntentAutoCapture
	}
	return c.client.create(ctx, p, func(server string) (*http.Request, error) {
		return creditcard.NewCreatePaymentRequest(server, nil, creditcard.CreatePaymentRequest{
			CreditCard: o.Card,
			Payment: creditcard.PaymentRequest{
				Operation:               creditcard.PaymentRequestOperationPurchase,
				Intent:                  intent,
				Currency:                p.Amount.currency,
				Prices:                  p.price("CreditCard"),
				Description:             p.Description,
				UserAgent:               p.UserAgent,
				Language:                p.Language,
				Urls:                    p.URLs,
				PayeeInfo:               p.payee(),
				Payer:                   p.payer(),
				Metadata:                p.Metadata,
				GeneratePaymentToken:    o.GeneratePaymentToken,
				GenerateRecurrenceToken: o.GenerateRecurrenceToken,
				PaymentToken:            o.PaymentToken,
			},
		})
	})
}
