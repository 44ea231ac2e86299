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
	// Resource is the id of the authorization, capture, cancellation, reversal,
	// sale or verification, by which a callback names it. [Client.Get] reads
	// there what the instrument has to tell, such as the tokens of a card.
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
// why, and the next operation reads the payment first. The same holds for all
// methods that give a Transaction.
//
// An outcome that is unknown is looked into at once, as [Payment.Reconcile] does: should
// the payment show the capture, it is returned as if nothing had been wrong.
// Otherwise the error is a [*client.OutcomeUnknownError].
//
// Capturing is what issues an invoice; see the members of [Movement] that
// belong to it.
//
// Errors: [*UnavailableError] and [*client.InputError] when nothing was sent,
// and those of package client.
func (p *Payment) Capture(ctx context.Context, m Movement) (*Transaction, error) {
	if err := p.checkMovement(m, true); err != nil {
		return nil, err
	}
	return transact(ctx, p, CreateCapture, p.capture(m),
		func(r psp.CaptureResponse) (string, psp.Transaction) { return r.Capture.ID, r.Capture.Transaction })
}

// Reverse gives back part or all of what was captured or sold. It may be
// repeated until nothing is left to reverse. Success and errors are those of
// Capture.
func (p *Payment) Reverse(ctx context.Context, m Movement) (*Transaction, error) {
	if err := p.checkMovement(m, false); err != nil {
		return nil, err
	}
	return transact(ctx, p, CreateReversal, p.reversal(m),
		func(r psp.ReversalResponse) (string, psp.Transaction) { return r.Reversal.ID, r.Reversal.Transaction })
}

// Cancel releases all that was authorised and not captured. Success and errors
// are those of Capture.
func (p *Payment) Cancel(ctx context.Context, r Release) (*Transaction, error) {
	if err := checkWords(r.Description, r.PayeeReference); err != nil {
		return nil, err
	}
	if r.Activity != "" && p.instrument() != "invoice" {
		return nil, &client.InputError{Field: "Activity", Reason: "want none: this is no invoice"}
	}
	return transact(ctx, p, CreateCancellation, p.cancellation(r),
		func(r psp.CancellationResponse) (string, psp.Transaction) {
			return r.Cancellation.ID, r.Cancellation.Transaction
		})
}

// transact follows rel and picks the transaction, and the id of what wraps it,
// out of the answer.
func transact[T any](ctx context.Context, p *Payment, rel Rel, body any, pick func(T) (string, psp.Transaction)) (*Transaction, error) {
	answer, err := p.follow(ctx, rel, body)
	if err != nil {
		if t := p.done(ctx, err); t != nil {
			return t, nil
		}
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
	p.reread(ctx)
	return t, nil
}

// done is the transaction of an operation that ended in err, and that the
// payment shows to have been done all the same; nil when it does not, or when
// nobody can tell.
func (p *Payment) done(ctx context.Context, err error) *Transaction {
	unknown, ok := errors.AsType[*client.OutcomeUnknownError](err)
	if !ok || unknown.PayeeReference == "" || ctx.Err() != nil {
		return nil
	}
	_, t, _ := p.Reconcile(ctx, unknown.PayeeReference)
	return t
}

// reread reads the payment again after something happened, which a failure to
// do so does not undo.
func (p *Payment) reread(ctx context.Context) {
	if err := p.Refresh(ctx); err != nil {
		p.stale = err
	}
}
