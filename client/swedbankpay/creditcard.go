package swedbankpay

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// CreditCard creates card payments and deletes stored cards.
type CreditCard struct{ client *Client }

// CardOptions are what only a card payment knows. All are optional.
type CardOptions struct {
	// AutoCapture captures by itself as soon as the payer has authorised. By
	// default the merchant captures.
	AutoCapture bool
	// GeneratePaymentToken, GenerateRecurrenceToken and GenerateUnscheduledToken
	// ask for a token of the card, for one-click payments, for [CreditCard.Recur]
	// and for [CreditCard.ChargeUnscheduled]; see [Payment.Paid].
	GeneratePaymentToken     bool
	GenerateRecurrenceToken  bool
	GenerateUnscheduledToken bool
	// PaymentToken is a card stored before, prefilled for the payer.
	PaymentToken string
	// MailOrder says that the merchant types the card for the payer, who wrote
	// or telephoned.
	MailOrder bool
	// Card says which cards are taken, and how.
	Card creditcard.CardOptions
	// Cardholder and Risk are what 3-D Secure may know of the payer and of the
	// order; the more it knows, the less it asks.
	Cardholder creditcard.Cardholder
	Risk       creditcard.RiskIndicator
}

// CardVerificationOptions are what only the verification of a card knows. All
// are optional.
type CardVerificationOptions struct {
	// The tokens to ask for; see [Payment.Paid]. Documentation discourages a
	// recurrence token made this way, because its first amount is nothing.
	GeneratePaymentToken           bool
	GenerateRecurrenceToken        bool
	GenerateUnscheduledToken       bool
	GenerateTransactionOnFileToken bool
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
	intent := creditcard.PurchaseRequestIntentAuthorization
	if o.AutoCapture {
		intent = creditcard.PurchaseRequestIntentAutoCapture
	}
	return c.create(wire.Hide(ctx, o.PaymentToken), "Purchase", p.check(), o.Card, func(kind *creditcard.NewPayment) error {
		return become(kind, creditcard.PurchaseRequest{
			Operation:                creditcard.PurchaseRequestOperationPurchase,
			Intent:                   intent,
			Currency:                 p.Amount.currency,
			Prices:                   p.price("CreditCard"),
			Description:              p.Description,
			UserAgent:                p.UserAgent,
			Language:                 p.Language,
			Urls:                     p.URLs,
			PayeeInfo:                p.payee(),
			Payer:                    p.payer(),
			Metadata:                 p.Metadata,
			GeneratePaymentToken:     o.GeneratePaymentToken,
			GenerateRecurrenceToken:  o.GenerateRecurrenceToken,
			GenerateUnscheduledToken: o.GenerateUnscheduledToken,
			GenerateMotoPayment:      o.MailOrder,
			PaymentToken:             o.PaymentToken,
			Cardholder:               o.Cardholder,
			RiskIndicator:            o.Risk,
		})
	})
}

// Verify starts the verification of a card, which takes no money and usually
// asks for a token; nil options are the defaults. Send the payer to the
// [Payment.Link] of [RedirectVerification], which is not offered when
// URLs.PaymentURL is given, or show the script of [ViewVerification].
func (c *CreditCard) Verify(ctx context.Context, v Verification, o *CardVerificationOptions) (*Payment, error) {
	if o == nil {
		o = &CardVerificationOptions{}
	}
	return c.create(ctx, "Verification", v.check(), o.Card, func(kind *creditcard.NewPayment) error {
		return become(kind, creditcard.VerifyRequest{
			Operation:                      creditcard.VerifyRequestOperationVerify,
			Currency:                       v.Currency,
			Description:                    v.Description,
			UserAgent:                      v.UserAgent,
			Language:                       v.Language,
			Urls:                           v.URLs,
			PayeeInfo:                      v.terms().payee(),
			Payer:                          v.terms().payer(),
			Metadata:                       v.Metadata,
			GeneratePaymentToken:           o.GeneratePaymentToken,
			GenerateRecurrenceToken:        o.GenerateRecurrenceToken,
			GenerateUnscheduledToken:       o.GenerateUnscheduledToken,
			GenerateTransactionOnFileToken: o.GenerateTransactionOnFileToken,
		})
	})
}

// DeleteToken deletes a stored card, whatever its token was made for; the
// comment says why and is wanted. Nil means that the server said so. The token
// is a part of the address, which is built here: the collection of tokens is an
// entry point, as that of payments is. Errors do not show the token.
func (c *CreditCard) DeleteToken(ctx context.Context, token, comment string) error {
	return c.client.deleteToken(ctx, token, comment, func(server string, body psp.DeleteTokenRequest) (*http.Request, error) {
		return creditcard.NewDeleteTokenRequest(server, token, nil, body)
	})
}

func (c *CreditCard) create(ctx context.Context, what string, refused error, card creditcard.CardOptions, fill func(*creditcard.NewPayment) error) (*Payment, error) {
	return c.client.create(ctx, what, refused, func(server string) (*http.Request, error) {
		var kind creditcard.NewPayment
		if err := fill(&kind); err != nil {
			return nil, err
		}
		return creditcard.NewCreatePaymentRequest(server, nil, creditcard.CreatePaymentRequest{CreditCard: card, Payment: kind})
	})
}
