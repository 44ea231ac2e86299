package swedbankpay

import (
	"context"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
)

// ChargeOptions are what a charge of a stored card may add. All are optional.
type ChargeOptions struct {
	// AutoCapture captures at once. By default the merchant captures.
	AutoCapture bool
	// UnscheduledToken says that the token came of GenerateUnscheduledToken, for
	// [CreditCard.ChargeUnscheduled] alone. By default it is a payment token.
	UnscheduledToken bool
}

// Recur charges a card by its recurrence token; nil options are the defaults.
// The payment that comes back is authorised, or captured with AutoCapture; a
// charge that was declined is a [*client.Problem] or a payment whose amount is
// still nothing, for no source settles which. No callback comes of it.
func (c *CreditCard) Recur(ctx context.Context, charge Charge, o *ChargeOptions) (*Payment, error) {
	if o == nil {
		o = &ChargeOptions{}
	}
	refused := charge.check()
	if o.UnscheduledToken {
		refused = &client.InputError{Field: "UnscheduledToken", Reason: "want a recurrence token, or ChargeUnscheduled"}
	}
	intent := creditcard.RecurRequestIntentAuthorization
	if o.AutoCapture {
		intent = creditcard.RecurRequestIntentAutoCapture
	}
	return c.charge(ctx, charge, refused, func(kind *creditcard.NewPayment) error {
		return become(kind, creditcard.RecurRequest{
			Operation:       creditcard.RecurRequestOperationRecur,
			Intent:          intent,
			RecurrenceToken: charge.Token,
			Currency:        charge.Amount.currency,
			Amount:          charge.Amount.minor,
			VatAmount:       charge.VAT.minor,
			Description:     charge.Description,
			UserAgent:       charge.UserAgent,
			Language:        charge.Language,
			Urls:            charge.urls(),
			PayeeInfo:       charge.terms().payee(),
			Payer:           charge.terms().payer(),
			Metadata:        charge.Metadata,
		})
	})
}

// ChargeUnscheduled charges a stored card outside any schedule; nil options are
// the defaults. What comes back is as with Recur.
func (c *CreditCard) ChargeUnscheduled(ctx context.Context, charge Charge, o *ChargeOptions) (*Payment, error) {
	if o == nil {
		o = &ChargeOptions{}
	}
	intent := creditcard.UnscheduledPurchaseRequestIntentAuthorization
	if o.AutoCapture {
		intent = creditcard.UnscheduledPurchaseRequestIntentAutoCapture
	}
	paymentToken, unscheduledToken := charge.Token, ""
	if o.UnscheduledToken {
		paymentToken, unscheduledToken = "", charge.Token
	}
	return c.charge(ctx, charge, charge.check(), func(kind *creditcard.NewPayment) error {
		return become(kind, creditcard.UnscheduledPurchaseRequest{
			Operation:        creditcard.UnscheduledPurchaseRequestOperationUnscheduledPurchase,
			Intent:           intent,
			PaymentToken:     paymentToken,
			UnscheduledToken: unscheduledToken,
			Currency:         charge.Amount.currency,
			Amount:           charge.Amount.minor,
			VatAmount:        charge.VAT.minor,
			Description:      charge.Description,
			UserAgent:        charge.UserAgent,
			Language:         charge.Language,
			Urls:             charge.urls(),
			PayeeInfo:        charge.terms().payee(),
			Payer:            charge.terms().payer(),
			Metadata:         charge.Metadata,
		})
	})
}

// Payout pays money out to the card behind a payment token, at once. Current
// documentation no longer describes it for this API.
func (c *CreditCard) Payout(ctx context.Context, charge Charge) (*Payment, error) {
	return c.charge(ctx, charge, charge.check(), func(kind *creditcard.NewPayment) error {
		return become(kind, creditcard.PayoutRequest{
			Operation:    creditcard.PayoutRequestOperationPayout,
			Intent:       creditcard.PayoutRequestIntentAutoCapture,
			PaymentToken: charge.Token,
			Currency:     charge.Amount.currency,
			Amount:       charge.Amount.minor,
			VatAmount:    charge.VAT.minor,
			Description:  charge.Description,
			UserAgent:    charge.UserAgent,
			Language:     charge.Language,
			Urls:         charge.urls(),
			PayeeInfo:    charge.terms().payee(),
			Payer:        charge.terms().payer(),
			Metadata:     charge.Metadata,
		})
	})
}

func (c *CreditCard) charge(ctx context.Context, charge Charge, refused error, fill func(*creditcard.NewPayment) error) (*Payment, error) {
	return c.create(wire.Hide(ctx, charge.Token), "Charge", refused, creditcard.CardOptions{}, fill)
}
