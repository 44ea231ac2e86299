package main

import (
	"context"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// read makes a reading of a payment, and tells the fate of every operation in it. Everything the shop believes of a payment
// comes through here, whether a callback, a payer's return or our own operation made us look. A transaction that cannot be
// read is an error: sums that lack one would be wrong.
func read(ctx context.Context, p *swedbankpay.Payment) (reading, []fate, error) {
	var r reading
	var fates []fate
	var authorised, captured, released, reversed int64
	for t, err := range p.Transactions(ctx) {
		if err != nil {
			return reading{}, nil, err
		}
		o := outcomeOf(t.State)
		why := ""
		if p, failed := t.Failure(); failed {
			why = inWords(p, t.FailedReason)
		}
		if t.PayeeReference != "" {
			fates = append(fates, fate{t.PayeeReference, o, why})
		}
		r.Progress += 2
		if !o.settled() {
			r.Progress--
		}
		switch t.Type {
		case "Authorization", "Sale": // the payer's attempts
			r.Pending = r.Pending || o == underWay
			if why != "" {
				r.Failure = why
			}
		}
		if o != done {
			continue
		}
		switch t.Type {
		case "Authorization":
			authorised += t.Amount
		case "Sale":
			authorised += t.Amount
			captured += t.Amount
		case string(capture):
			captured += t.Amount
		case string(cancellation):
			released += t.Amount
		case string(reversal):
			reversed += t.Amount
		}
	}
	r.Authorised, r.Captured = swedbankpay.SEK(authorised), swedbankpay.SEK(captured)
	r.Released, r.Reversed = swedbankpay.SEK(released), swedbankpay.SEK(reversed)
	if s := p.Payment.State; s == stateAborted || s == stateFailed {
		r.Ended = s
		r.Progress++
	}
	return r, fates, nil
}
