package swedbankpay

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Payment is a payment as the server last showed it, with the operations it
// offered then. Amounts are minor units of Payment.Currency; a remaining amount
// of zero is left out by the server.
//
// Methods that change the payment read it again and update it in place, so one
// Payment must not be used from two goroutines at once. Open it twice instead.
//
// After an operation that was sent, whatever came of it, the payment is out of
// date until it has been read again; the next operation does so first, should
// it still be needed.
type Payment struct {
	psp.PaymentResponse
	// Raw is the JSON the payment was read from, unknown members included.
	Raw json.RawMessage `json:"-"`

	client *Client
	expand []Expand
	stale  error
}

var errChanged = errors.New("an operation was sent since the payment was read")

// Refresh reads the payment again. By default what was shown in full stays so;
// names in expand replace the earlier ones.
func (p *Payment) Refresh(ctx context.Context, expand ...Expand) error {
	if len(expand) == 0 {
		expand = p.expand
	}
	answer, err := p.client.get(ctx, p.Payment.ID, expand)
	if err != nil {
		return err
	}
	if err := p.read(answer); err != nil {
		return err
	}
	p.expand = expand
	return nil
}

// Stale says why the payment may be out of date, nil when it is not known to
// be: it was not read again since an operation was sent, because the operation
// or the reading failed.
func (p *Payment) Stale() error { return p.stale }

// Offers says whether the payment offered rel when it was last read.
func (p *Payment) Offers(rel Rel) bool {
	_, ok := p.Operation(rel)
	return ok
}

// Link gives the address offered for rel, to send the payer's browser to.
func (p *Payment) Link(rel Rel) (string, bool) {
	op, ok := p.Operation(rel)
	return op.Href, ok
}

// Operation gives what was offered for rel, which may be one this package has
// no name for.
func (p *Payment) Operation(rel Rel) (psp.Operation, bool) { return find(p.Operations, rel) }

// Follow performs any operation the payment offers on the configured host, with
// the offered method: body, unless nil, is sent as JSON, and the answer is read
// into v, unless nil. The payment itself is read again before its next
// operation.
//
// Errors: [*UnavailableError], [*client.ForeignHostError] for a link meant for
// a browser, and those of package client.
func (p *Payment) Follow(ctx context.Context, rel Rel, body, v any) error {
	answer, err := p.follow(ctx, rel, body)
	if err != nil || v == nil {
		return err
	}
	return answer.Decode(v)
}

// Abort ends the payment for good, which works until a transaction has
// succeeded. The reason is free text, such as CancelledByConsumer, and wanted.
// On success the payment is as the server answered it.
func (p *Payment) Abort(ctx context.Context, reason string) error {
	if reason == "" {
		return &client.InputError{Field: "reason", Reason: "want a reason, such as CancelledByConsumer"}
	}
	answer, err := p.follow(ctx, AbortPayment, psp.AbortRequest{
		Payment: psp.AbortPayment{Operation: psp.AbortPaymentOperationAbort, AbortReason: reason},
	})
	if err != nil {
		return err
	}
	return p.read(answer)
}

// Paid reads the summary of a payment that was paid, with the tokens of a card
// if some were asked for.
func (p *Payment) Paid(ctx context.Context) (*psp.Paid, error) {
	var body psp.PaidResponse
	answer, err := p.ask(ctx, PaidPayment, &body)
	if err == nil && body.Paid.ID == "" {
		err = answer.Unreadable(errors.New("no paid.id"))
	}
	if err != nil {
		return nil, err
	}
	return &body.Paid, nil
}

// Failed reads why the payment failed. Status is that of the failure, not of
// the reading.
func (p *Payment) Failed(ctx context.Context) (*client.Problem, error) {
	var body struct {
		Problem *client.Problem `json:"problem"`
	}
	answer, err := p.ask(ctx, FailedPayment, &body)
	if err == nil && (body.Problem == nil || body.Problem.Type == "") {
		err = answer.Unreadable(errors.New("no problem.type"))
	}
	if err != nil {
		return nil, err
	}
	return body.Problem, nil
}

// Aborted reads why the payment was aborted.
func (p *Payment) Aborted(ctx context.Context) (*psp.Aborted, error) {
	var body struct {
		Aborted *psp.Aborted `json:"aborted"`
	}
	answer, err := p.ask(ctx, AbortedPayment, &body)
	if err == nil && body.Aborted == nil {
		err = answer.Unreadable(errors.New("no member aborted"))
	}
	return body.Aborted, err
}

func (p *Payment) ask(ctx context.Context, rel Rel, v any) (*wire.Answer, error) {
	answer, err := p.follow(ctx, rel, nil)
	if err != nil {
		return nil, err
	}
	return answer, answer.Decode(v)
}

// read makes p what answer shows, or leaves it as it was.
func (p *Payment) read(answer *wire.Answer) error {
	var body psp.PaymentResponse
	if err := answer.Decode(&body); err != nil {
		return err
	}
	if body.Payment.ID == "" {
		return answer.Unreadable(errors.New("no payment.id"))
	}
	p.PaymentResponse, p.Raw, p.stale = body, answer.Body, nil
	return nil
}
