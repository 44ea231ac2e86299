package swedbankpay

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Invoice creates invoice payments and deletes stored payers.
type Invoice struct{ client *Client }

// InvoiceOptions are what only an invoice knows. All are optional.
type InvoiceOptions struct {
	// Type is the kind of invoice. By default it is that of the country whose
	// currency is used: PayExFinancingSe for SEK, PayExFinancingNo for NOK and
	// PayExFinancingFi for EUR. Other currencies have none.
	Type string
	// GeneratePaymentToken and GenerateRecurrenceToken ask for a token of the
	// payer, the latter for [Invoice.Recur].
	GeneratePaymentToken    bool
	GenerateRecurrenceToken bool
}

// invoiceTypes are the kinds of invoice by currency.
var invoiceTypes = map[string]string{"SEK": "PayExFinancingSe", "NOK": "PayExFinancingNo", "EUR": "PayExFinancingFi"}

// of gives the kind of invoice, and the options that are never nil.
func (o *InvoiceOptions) of(currency string) (InvoiceOptions, error) {
	var given InvoiceOptions
	if o != nil {
		given = *o
	}
	if given.Type == "" {
		given.Type = invoiceTypes[currency]
	}
	if given.Type == "" {
		return given, &client.InputError{Field: "Type", Reason: "want a kind of invoice: only SEK, NOK and EUR have one by default"}
	}
	return given, nil
}

// Create starts an invoice payment; nil options are the defaults. Nothing is
// owed yet: send the payer to the [Payment.Link] of [RedirectAuthorization], show the
// script of [ViewAuthorization], or authorise with [Payment.Authorize]. The
// invoice is issued by [Payment.Capture]. What cannot be sent as it stands is
// refused by a [*client.InputError].
func (i *Invoice) Create(ctx context.Context, p Purchase, o *InvoiceOptions) (*Payment, error) {
	refused := p.check()
	given, err := o.of(p.Amount.currency)
	if refused == nil {
		refused = err
	}
	return i.create(ctx, "Purchase", refused, given.Type, func(kind *invoice.NewPayment) error {
		return become(kind, invoice.FinancingConsumerRequest{
			Operation:               invoice.FinancingConsumerRequestOperationFinancingConsumer,
			Intent:                  invoice.FinancingConsumerRequestIntentAuthorization,
			Currency:                p.Amount.currency,
			Prices:                  p.price("Invoice"),
			Description:             p.Description,
			UserAgent:               p.UserAgent,
			Language:                p.Language,
			Urls:                    p.URLs,
			PayeeInfo:               p.payee(),
			Payer:                   p.payer(),
			Metadata:                p.Metadata,
			GeneratePaymentToken:    given.GeneratePaymentToken,
			GenerateRecurrenceToken: given.GenerateRecurrenceToken,
		})
	})
}

// Verify starts the verification of a payer, of whom nothing is asked yet; nil
// options are the defaults. Send the payer to the [Payment.Link] of
// [RedirectVerification], show the script of [ViewVerification], or verify with
// [Payment.Verify].
func (i *Invoice) Verify(ctx context.Context, v Verification, o *InvoiceOptions) (*Payment, error) {
	refused := v.check()
	given, err := o.of(v.Currency)
	if refused == nil {
		refused = err
	}
	return i.create(ctx, "Verification", refused, given.Type, func(kind *invoice.NewPayment) error {
		return become(kind, invoice.VerifyRequest{
			Operation:               invoice.VerifyRequestOperationVerify,
			Currency:                v.Currency,
			Description:             v.Description,
			UserAgent:               v.UserAgent,
			Language:                v.Language,
			Urls:                    v.URLs,
			PayeeInfo:               v.terms().payee(),
			Payer:                   v.terms().payer(),
			Metadata:                v.Metadata,
			GeneratePaymentToken:    given.GeneratePaymentToken,
			GenerateRecurrenceToken: given.GenerateRecurrenceToken,
		})
	})
}

// Recur authorises another invoice to a payer by the recurrence token. A charge
// that was declined is a [*client.Problem] or a payment whose amount is still
// nothing, for no source settles which.
func (i *Invoice) Recur(ctx context.Context, charge Charge) (*Payment, error) {
	return i.create(wire.Hide(ctx, charge.Token), "Charge", charge.check(), "", func(kind *invoice.NewPayment) error {
		return become(kind, invoice.RecurRequest{
			Operation:       invoice.RecurRequestOperationRecur,
			Intent:          invoice.RecurRequestIntentAuthorization,
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

// DeleteToken deletes the stored token of a payer. Everything else is as with
// [CreditCard.DeleteToken].
func (i *Invoice) DeleteToken(ctx context.Context, token, comment string) error {
	return i.client.deleteToken(ctx, token, comment, func(server string, body psp.DeleteTokenRequest) (*http.Request, error) {
		return invoice.NewDeleteTokenRequest(server, token, nil, body)
	})
}

func (i *Invoice) create(ctx context.Context, what string, refused error, invoiceType string, fill func(*invoice.NewPayment) error) (*Payment, error) {
	return i.client.create(ctx, what, refused, func(server string) (*http.Request, error) {
		var kind invoice.NewPayment
		if err := fill(&kind); err != nil {
			return nil, err
		}
		return invoice.NewCreatePaymentRequest(server, nil, invoice.CreatePaymentRequest{
			Invoice: invoice.InvoiceOptions{InvoiceType: invoiceType}, Payment: kind,
		})
	})
}
