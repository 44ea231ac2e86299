package swedbankpay

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
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
	answer, err := p.client.get(ctx, p.Payment.ID, append(lists[:len(lists):len(lists)], p.expand...))
	if err == nil {
		err = p.read(answer)
	}
	if err != nil {
		return OutcomeUnknown, nil, err
	}
	var body struct {
		Payment map[string]json.RawMessage `json:"payment"`
	}
	if err := answer.Decode(&body); err != nil {
		return OutcomeUnknown, nil, err
	}
	var found *Transaction
	for _, name := range lists {
		entries, err := p.entries(ctx, name, body.Payment[string(name)])
		if err != nil {
			return OutcomeUnknown, nil, err
		}
		for _, t := range entries {
			if t.PayeeReference == payeeReference && (found == nil || t.Number > found.Number) {
				found = t
			}
		}
	}
	if found == nil {
		return OutcomeNotDone, nil, nil
	}
	return OutcomeDone, found, nil
}

// lists are the sub-resources that hold transactions, wrapped in what they are.
var lists = []Expand{ExpandAuthorizations, ExpandCancellations, ExpandCaptures, ExpandReversals, ExpandSales, ExpandVerifications}

// entries are the transactions of a list that a payment shows in full or links
// to; none when it does neither.
func (p *Payment) entries(ctx context.Context, name Expand, node json.RawMessage) ([]*Transaction, error) {
	if node == nil {
		return nil, nil
	}
	id, list := listed(node)
	if list == nil && id != "" {
		answer, err := p.client.get(ctx, id, nil)
		if err != nil {
			return nil, err
		}
		var body map[string]json.RawMessage
		if err := answer.Decode(&body); err != nil {
			return nil, err
		}
		if _, list = listed(body[string(name)]); list == nil {
			return nil, answer.Unreadable(errors.New("no list of " + string(name)))
		}
	}
	var out []*Transaction
	for _, raw := range list {
		var e struct {
			ID          string          `json:"id"`
			Transaction psp.Transaction `json:"transaction"`
		}
		if json.Unmarshal(raw, &e) == nil {
			out = append(out, &Transaction{Transaction: e.Transaction, Resource: e.ID, Raw: raw})
		}
	}
	return out, nil
}

// listed reads the id of a list and its entries, under whatever name they are:
// captureList, saleList and so on. It is nil for a bare link.
func listed(node json.RawMessage) (id string, list []json.RawMessage) {
	var members map[string]json.RawMessage
	if json.Unmarshal(node, &members) != nil {
		return "", nil
	}
	_ = json.Unmarshal(members["id"], &id)
	for name, member := range members {
		if len(name) > len("List") && name[len(name)-len("List"):] == "List" && json.Unmarshal(member, &list) == nil {
			break
		}
	}
	return id, list
}
