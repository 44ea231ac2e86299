package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A till is what the strict servers of all instruments share: each method does its step in the book and answers.
type till struct {
	book       *book
	instrument *instrument
}

// create answers 201 with the payment and its Location.
func (t till) create(ctx context.Context, o order, x psp.Expand) (answer, error) {
	c := callOf(ctx)
	o.systemAgent = c.agent
	o.metadata = c.metadata()
	p, err := t.book.create(t.instrument, o)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, c.base + p.path(), p.view(c.base, expand(x))}, nil
}

// metadata is the map the merchant sent, its values byte for byte.
func (c *call) metadata() map[string]json.RawMessage {
	var body struct {
		Payment struct {
			Metadata map[string]json.RawMessage `json:"metadata"`
		} `json:"payment"`
	}
	_ = json.Unmarshal(c.body, &body) // judged and decoded once already
	return body.Payment.Metadata
}

func (t till) read(ctx context.Context, id string, x psp.Expand) (answer, error) {
	return shown(ctx, x)(t.book.get(t.instrument, id))
}

func (t till) abort(ctx context.Context, id string, body *psp.AbortRequest, x psp.Expand) (answer, error) {
	return shown(ctx, x)(t.book.abort(t.instrument, id, body.Payment.AbortReason))
}

// shown answers 200 with a payment.
func shown(ctx context.Context, x psp.Expand) func(payment, error) (answer, error) {
	return func(p payment, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return answer{status: http.StatusOK, body: p.view(callOf(ctx).base, expand(x))}, nil
	}
}

// part answers a sub-resource under its root.
func (t till) part(id, root string, part func(payment) any) (answer, error) {
	p, err := t.book.get(t.instrument, id)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: members{{"payment", p.path()}, {root, part(p)}}}, nil
}

// paid, failed and aborted exist once that is what became of the payment.

func (t till) paid(id string) (answer, error) {
	p, err := t.book.get(t.instrument, id)
	if err != nil {
		return answer{}, err
	}
	tx, ok := p.paid()
	if !ok {
		return answer{}, refuse.NotFound("The payment has not been paid.")
	}
	return answer{status: http.StatusOK, body: members{{"payment", p.path()}, {"paid", p.paidView(tx)}}}, nil
}

func (t till) failed(id string) (answer, error) {
	p, err := t.book.get(t.instrument, id)
	if err != nil {
		return answer{}, err
	}
	tx, ok := p.last(func(t transaction) bool { return t.failure != nil })
	if !ok || p.status() != stateFailed {
		return answer{}, refuse.NotFound("The payment has not failed.")
	}
	return answer{status: http.StatusOK, body: members{{"problem", tx.failure.problem}}}, nil
}

func (t till) aborted(id string) (answer, error) {
	p, err := t.book.get(t.instrument, id)
	if err != nil {
		return answer{}, err
	}
	if !p.state.aborted {
		return answer{}, refuse.NotFound("The payment has not been aborted.")
	}
	return answer{status: http.StatusOK, body: members{
		{"payment", p.path()}, {"aborted", members{{"abortReason", p.state.reason}}},
	}}, nil
}

// list answers the transactions of one kind; there may be none.
func (t till) list(ctx context.Context, id string, op ledger.Op) (answer, error) {
	return t.part(id, kinds[op].plural, func(p payment) any { return p.list(callOf(ctx).base, op) })
}

// one answers one transaction, looked for among those of its kind.
func (t till) one(ctx context.Context, id string, op ledger.Op, tid string) (answer, error) {
	p, tx, err := t.find(id, op, tid)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: p.oneOf(callOf(ctx).base, op, tx)}, nil
}

func (t till) find(id string, op ledger.Op, tid string) (payment, transaction, error) {
	p, err := t.book.get(t.instrument, id)
	if err != nil {
		return p, transaction{}, err
	}
	txs := p.of(op)
	i := slices.IndexFunc(txs, func(tx transaction) bool { return tx.id == tid })
	if i < 0 {
		return p, transaction{}, refuse.NotFound("The payment has no such " + kinds[op].single + ".")
	}
	return p, txs[i], nil
}

func (p payment) oneOf(base string, op ledger.Op, tx transaction) any {
	return members{{"payment", p.path()}, {kinds[op].single, p.one(base, op, tx)}}
}

// itemDescriptions answers the order lines of a transaction. Cards have none.
func (t till) itemDescriptions(id, tid string) (answer, error) {
	p, tx, err := t.find(id, "", tid)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: members{{"payment", p.path()}, {"itemDescriptions", members{
		{"id", p.transactionPath("", tx) + "/itemdescriptions"}, {"itemDescriptionList", []any{}},
	}}}}, nil
}

// amount makes a move of the merchant's.
func (t till) amount(ctx context.Context, id string, op ledger.Op, r psp.AmountTransactionRequest) (answer, error) {
	return t.made(ctx)(t.book.move(t.instrument, id, move{
		op: op, amount: r.Amount, vatAmount: r.VatAmount, description: r.Description,
		payeeReference: r.PayeeReference, receiptReference: r.ReceiptReference,
	}))
}

// cancel releases what is left.
func (t till) cancel(ctx context.Context, id string, r psp.CancellationTransactionRequest) (answer, error) {
	return t.made(ctx)(t.book.move(t.instrument, id, move{
		op: ledger.Cancellation, description: r.Description, payeeReference: r.PayeeReference,
	}))
}

// made answers 201 with a new transaction, not with the payment.
func (t till) made(ctx context.Context) func(payment, transaction, error) (answer, error) {
	return func(p payment, tx transaction, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		base := callOf(ctx).base
		return answer{http.StatusCreated, base + p.transactionPath(tx.op, tx), p.oneOf(base, tx.op, tx)}, nil
	}
}
