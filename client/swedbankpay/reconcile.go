package swedbankpay

import (
	"context"
	"slices"

	"github.com/kassa-dev/kassa/client"
)

// Outcome is what became of an operation.
type Outcome string

// The outcomes.
const (
	OutcomeUnknown Outcome = "unknown"  // nobody could tell; ask again later
	OutcomeDone    Outcome = "done"     // the server has taken it on; its transaction says how it went
	OutcomeNotDone Outcome = "not done" // the payment, read just now, has no transaction of that reference
)

// Reconcile finds out what became of an operation whose outcome is unknown (a
// [*client.OutcomeUnknownError], or a program that died while it was waiting).
// It reads the payment again, with its lists of transactions, and looks for the
// payee reference the operation carried.
//
// OutcomeDone comes with the transaction: look at its State, for one that
// Failed was done in vain. OutcomeNotDone is as true as the moment it was read:
// a request may still be on its way in. Doing the same again with the same
// reference and the same content is safe, a new reference is not before the
// time an answer may take is over. OutcomeUnknown comes with the error of the
// reading.
//
// Sell and the authorizations without a page carry no reference of their own:
// their transactions have that of the payment, and the last of them is given.
//
// Creating a payment cannot be reconciled this way, since no address is known
// and the API finds none by reference. Create it again with the same reference:
// what is answered is the new payment, or a refusal if it exists already. A
// payment that its payer was never led to takes no money.
func (p *Payment) Reconcile(ctx context.Context, payeeReference string) (Outcome, *Transaction, error) {
	if payeeReference == "" {
		return OutcomeUnknown, nil, &client.InputError{Field: "payeeReference", Reason: "want the reference that the operation carried"}
	}
	answer, err := p.client.get(ctx, p.Payment.ID, slices.Concat(lists, p.expand))
	if err == nil {
		err = p.read(answer)
	}
	if err != nil {
		return OutcomeUnknown, nil, err
	}
	var found *Transaction
	for _, list := range lists {
		for t, err := range p.List(ctx, list) {
			if err != nil {
				return OutcomeUnknown, nil, err
			}
			if t.PayeeReference == payeeReference && (found == nil || t.Number > found.Number) {
				found = &t
			}
		}
	}
	if found == nil {
		return OutcomeNotDone, nil, nil
	}
	return OutcomeDone, found, nil
}
