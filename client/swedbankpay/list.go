package swedbankpay

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Transactions goes through all transactions of the payment, of every kind and
// in the order the server lists them, failed ones included. Resource of each is
// the id of the transaction itself, which on Swish is no path. Otherwise it is
// as [Payment.List].
func (p *Payment) Transactions(ctx context.Context) iter.Seq2[Transaction, error] {
	return p.List(ctx, ExpandTransactions)
}

// List goes through the transactions of one kind: [ExpandAuthorizations],
// [ExpandCancellations], [ExpandCaptures], [ExpandReversals], [ExpandSales] or
// [ExpandVerifications]. ExpandTransactions is all of them; any other name is
// refused by an [*client.InputError].
//
//	for capture, err := range payment.List(ctx, swedbankpay.ExpandCaptures) {
//
// The list is that of the last reading of the payment. Where it was shown in
// full then, nothing is sent; where it was a link, the link is read once, when
// the loop begins; a payment that had neither has no such transaction. Should
// the payment be out of date ([Payment.Stale]), the list is read whether it was
// shown or not, and the payment before it, if it had no link.
//
// Raw of each is its own entry. An entry with a member of an unexpected type
// comes with a [*client.DecodeError], beside what could be read of it, and the
// others follow. Any other error is the only thing that comes; it is one of
// those of package client.
func (p *Payment) List(ctx context.Context, list Expand) iter.Seq2[Transaction, error] {
	return func(yield func(Transaction, error) bool) {
		answer, entries, err := p.entriesOf(ctx, list)
		if err != nil {
			yield(Transaction{}, err)
			return
		}
		for _, raw := range entries {
			if !yield(entry(answer, list, raw)) {
				return
			}
		}
	}
}

// lists are the sub-resources that hold transactions, wrapped in what they are.
var lists = []Expand{ExpandAuthorizations, ExpandCancellations, ExpandCaptures, ExpandReversals, ExpandSales, ExpandVerifications}

// entriesOf gives the entries of a list and the answer they stand in.
func (p *Payment) entriesOf(ctx context.Context, list Expand) (*wire.Answer, []json.RawMessage, error) {
	if list != ExpandTransactions && !slices.Contains(lists, list) {
		return nil, nil, &client.InputError{Field: "Expand", Reason: "want a list of transactions, such as ExpandCaptures"}
	}
	id, entries, full := inFull(p.node(list), list)
	if id == "" && p.stale != nil {
		if err := p.Refresh(ctx); err != nil {
			return nil, nil, err
		}
		id, entries, full = inFull(p.node(list), list)
	}
	if full && p.stale == nil {
		return &wire.Answer{Request: http.MethodGet + " " + p.Payment.ID, Status: http.StatusOK, Body: p.Raw}, entries, nil
	}
	if id == "" {
		return nil, nil, nil
	}
	answer, err := p.client.get(ctx, id, nil)
	if err != nil {
		return nil, nil, err
	}
	var body map[string]json.RawMessage
	if err := answer.Decode(&body); err != nil {
		return nil, nil, err
	}
	if _, entries, full = inFull(body[string(list)], list); !full {
		return nil, nil, answer.Unreadable(errors.New("no list of " + string(list)))
	}
	return answer, entries, nil
}

// node is what the payment shows of a list.
func (p *Payment) node(list Expand) json.RawMessage {
	node, _ := p.Member("/payment/" + string(list))
	return node
}

// inFull reads a list that is shown in full, as captures are by their member
// captureList, and the id it has in any case.
func inFull(node json.RawMessage, list Expand) (id string, entries []json.RawMessage, full bool) {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(node, &members)
	_ = json.Unmarshal(members["id"], &id)
	full = json.Unmarshal(members[strings.TrimSuffix(string(list), "s")+"List"], &entries) == nil && entries != nil
	return id, entries, full
}

// wrapped is a transaction within what it is: a capture, a sale and so on.
type wrapped struct {
	ID          string          `json:"id"`
	Transaction psp.Transaction `json:"transaction"`
}

// entry reads one entry of a list in an answer.
func entry(answer *wire.Answer, list Expand, raw json.RawMessage) (Transaction, error) {
	part := *answer
	part.Body = raw
	if list == ExpandTransactions {
		var t psp.Transaction
		err := part.Decode(&t)
		return Transaction{Transaction: t, Resource: t.ID, Raw: raw}, err
	}
	var of wrapped
	err := part.Decode(&of)
	return Transaction{Transaction: of.Transaction, Resource: of.ID, Raw: raw}, err
}
