package swedbankpay

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Transaction is a movement on a payment that the server has taken on. Look at
// State: Completed, or for a sale AwaitingActivity until the payer has acted,
// or Failed with a Problem. Amounts are minor units.
type Transaction struct {
	psp.Transaction
	// Resource is the id of the capture, cancellation, reversal or sale, by
	// which a callback names it.
	Resource string
	// Raw is the JSON it was read from, unknown members included.
	Raw json.RawMessage `json:"-"`
}

// Link gives the address the transaction offers for rel, such as
// [RedirectTrustly], to send the payer's browser to.
func (t *Transaction) Link(rel Rel) (string, bool) {
	op, ok := find(t.Operations, rel)
	return op.Href, ok
}

// Capture takes part or all of an authorised amount. It may be repeated until
// nothing is left to capture; asking for more is refused with a
// [*client.Problem] and moves no money.
//
// On success the payment is read again. Should that fail, the capture is
// returned all the same and without an error, because it happened; Stale tells
// why, and the next operation reads the payment first. The same holds for
// Cancel, Reverse and Sell.
//
// Errors: [*UnavailableError] and [*client.InputError] when nothing was sent,
// and those of package client.
func (p *Payment) Capture(ctx context.Context, m Movement) (*Transaction, error) {
	body, err := p.amount(m)
	if err != nil {
		return nil, err
	}
	return transact(ctx, p, CreateCapture, psp.CaptureRequest{Transaction: body},
		func(r psp.CaptureResponse) (string, psp.Transaction) { return r.Capture.ID, r.Capture.Transaction })
}

// Reverse gives back part or all of what was captured or sold. It may be
// repeated until nothing is left to reverse. Success and errors are those of
// Capture.
func (p *Payment) Reverse(ctx context.Context, m Movement) (*Transaction, error) {
	body, err := p.amount(m)
	if err != nil {
		return nil, err
	}
	return transact(ctx, p, CreateReversal, psp.ReversalRequest{Transaction: body},
		func(r psp.ReversalResponse) (string, psp.Transaction) { return r.Reversal.ID, r.Reversal.Transaction })
}

// Cancel releases all that was authorised and not captured. Success and errors
// are those of Capture.
func (p *Payment) Cancel(ctx context.Context, r Release) (*Transaction, error) {
	if err := checkWords(r.Description, r.PayeeReference); err != nil {
		return nil, err
	}
	body := psp.CancellationTransactionRequest{Description: r.Description, PayeeReference: r.PayeeReference}
	return transact(ctx, p, CreateCancellation, psp.CancellationRequest{Transaction: body},
		func(r psp.CancellationResponse) (string, psp.Transaction) {
			return r.Cancellation.ID, r.Cancellation.Transaction
		})
}

// Sell starts the sale of a Trustly payment. It awaits the payer, whom the
// [RedirectTrustly] link of the transaction leads to the bank. Success and
// errors are those of Capture.
func (p *Payment) Sell(ctx context.Context, b Buyer) (*Transaction, error) {
	return transact(ctx, p, CreateSale, trustlySale(b),
		func(r psp.SaleResponse) (string, psp.Transaction) { return r.Sale.ID, r.Sale.Transaction })
}

// amount checks a movement against the payment and spells it out.
func (p *Payment) amount(m Movement) (psp.AmountTransactionRequest, error) {
	err := checkAmounts(m.Amount, m.VAT)
	if err == nil {
		err = checkWords(m.Description, m.PayeeReference)
	}
	if c := p.Payment.Currency; err == nil && c != "" && c != m.Amount.currency {
		err = &client.InputError{Field: "Amount", Reason: "want " + c + ", the currency of the payment"}
	}
	return psp.AmountTransactionRequest{
		Amount: m.Amount.minor, VatAmount: m.VAT.minor,
		Description: m.Description, PayeeReference: m.PayeeReference,
	}, err
}

// transact follows rel and picks the transaction, and the id of what wraps it,
// out of the answer.
func transact[T any](ctx context.Context, p *Payment, rel Rel, body any, pick func(T) (string, psp.Transaction)) (*Transaction, error) {
	answer, err := p.follow(ctx, rel, body)
	if err != nil {
		return nil, err
	}
	var r T
	if err := answer.Decode(&r); err != nil {
		return nil, err
	}
	t := &Transaction{Raw: answer.Body}
	t.Resource, t.Transaction = pick(r)
	if t.ID == "" {
		return nil, answer.Unreadable(errors.New("no transaction.id"))
	}
	if err := p.Refresh(ctx); err != nil {
		p.stale = err
	}
	return t, nil
}
