package server

import (
	"net/http"
	"slices"

	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A till is where one instrument is served: each method does its step in the book of the caller's namespace and answers.
type till struct{ instrument *instrument }

// create answers 201 with the payment and its Location.
func (t till) create(c *call) (answer, error) {
	o, err := t.order(c)
	if err != nil {
		return answer{}, err
	}
	p, err := c.world.book.create(t.instrument, o)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, location: c.base + p.path(), body: p.view(c.base, c.expand)}, nil
}

func (t till) read(c *call) (answer, error) {
	return shown(c)(c.world.book.get(t.instrument, c.payment()))
}

func (t till) abort(c *call) (answer, error) {
	in, err := decoded[psp.AbortRequest](c)
	if err != nil {
		return answer{}, err
	}
	return shown(c)(c.world.book.abort(t.instrument, c.payment(), in.Payment.AbortReason))
}

// shown answers 200 with a payment.
func shown(c *call) func(payment, error) (answer, error) {
	return func(p payment, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return answer{status: http.StatusOK, body: p.view(c.base, c.expand)}, nil
	}
}

// under answers 200 with what belongs to a payment, under its root.
func (p payment) under(root string, what any) (answer, error) {
	return answer{status: http.StatusOK, body: members{{"payment", p.path()}, {root, what}}}, nil
}

// part answers a sub-resource.
func part(root string, part func(payment) any) step {
	return func(t till, c *call) (answer, error) {
		p, err := c.world.book.get(t.instrument, c.payment())
		if err != nil {
			return answer{}, err
		}
		return p.under(root, part(p))
	}
}

// paid, failed and aborted exist once that is what became of the payment.

func (t till) paid(c *call) (answer, error) {
	p, err := c.world.book.get(t.instrument, c.payment())
	if err != nil {
		return answer{}, err
	}
	tx, ok := p.paid()
	if !ok {
		return answer{}, refuse.NotFound("The payment has not been paid.")
	}
	return p.under("paid", p.paidView(tx))
}

func (t till) failed(c *call) (answer, error) {
	p, err := c.world.book.get(t.instrument, c.payment())
	if err != nil {
		return answer{}, err
	}
	tx, ok := p.last(func(t *transaction) bool { return t.failure != nil })
	if !ok || p.status() != stateFailed {
		return answer{}, refuse.NotFound("The payment has not failed.")
	}
	return answer{status: http.StatusOK, body: members{{"problem", tx.failure.problem}}}, nil
}

func (t till) aborted(c *call) (answer, error) {
	p, err := c.world.book.get(t.instrument, c.payment())
	if err != nil {
		return answer{}, err
	}
	if !p.state.aborted {
		return answer{}, refuse.NotFound("The payment has not been aborted.")
	}
	return p.under("aborted", members{{"abortReason", p.state.reason}})
}

// list answers the transactions of one kind; there may be none.
func list(op ledger.Op) step {
	return func(t till, c *call) (answer, error) {
		return part(kinds[op].plural, func(p payment) any { return p.list(c.base, op) })(t, c)
	}
}

// one answers one transaction, looked for among those of its kind.
func one(op ledger.Op) step {
	return func(t till, c *call) (answer, error) {
		p, tx, err := t.find(c, op)
		if err != nil {
			return answer{}, err
		}
		return p.under(kinds[op].single, p.one(c.base, op, tx))
	}
}

func (t till) find(c *call, op ledger.Op) (payment, transaction, error) {
	p, err := c.world.book.get(t.instrument, c.payment())
	if err != nil {
		return p, transaction{}, err
	}
	txs := p.of(op)
	i := slices.IndexFunc(txs, func(tx transaction) bool { return tx.id == c.transaction() })
	if i < 0 {
		return p, transaction{}, refuse.NotFound("The payment has no such " + kinds[op].single + ".")
	}
	return p, txs[i], nil
}

// below answers a sub-resource of a transaction: its id, and what it holds if anything is documented.
func below(root string, holds func(transaction) members) step {
	return func(t till, c *call) (answer, error) {
		p, tx, err := t.find(c, "")
		if err != nil {
			return answer{}, err
		}
		v := members{{"id", c.path}}
		if holds != nil {
			v = append(v, holds(tx)...)
		}
		return p.under(root, v)
	}
}

// itemDescriptions are the order lines of a capture. Only an invoice has any.
func (t transaction) itemDescriptions() members {
	lines := []any{}
	for _, line := range t.items {
		lines = append(lines, members{{"amount", line.Amount}, {"description", line.Description}})
	}
	return members{{"itemDescriptionList", lines}}
}

// A moveRequest is the body of a capture, cancellation or reversal of any instrument, as far as it counts here. The VAT
// summary of an invoice does not, and its rates may be text or numbers.
type moveRequest struct {
	Transaction struct {
		psp.AmountTransactionRequest

		ItemDescriptions []invoice.ItemDescriptionRequest `json:"itemDescriptions"`
	} `json:"transaction"`
}

// moves makes a move of the merchant's.
func moves(op ledger.Op) step {
	return func(t till, c *call) (answer, error) {
		in, err := decoded[moveRequest](c)
		if err != nil {
			return answer{}, err
		}
		r := in.Transaction
		return made(c)(c.world.book.move(t.instrument, c.payment(), move{
			op: op, amount: r.Amount, vatAmount: r.VatAmount, description: r.Description,
			payeeReference: r.PayeeReference, receiptReference: r.ReceiptReference, items: r.ItemDescriptions,
		}))
	}
}

// sell begins what then awaits the payer. Of what it is told, only the payer's number counts.
func (t till) sell(c *call) (answer, error) {
	in, err := decoded[struct {
		Transaction struct {
			Msisdn string `json:"msisdn"`
		} `json:"transaction"`
	}](c)
	if err != nil {
		return answer{}, err
	}
	return made(c)(c.world.book.sell(t.instrument, c.payment(), in.Transaction.Msisdn))
}

// made answers 201 with a new transaction, not with the payment.
func made(c *call) func(payment, transaction, error) (answer, error) {
	return func(p payment, tx transaction, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		a, err := p.under(kinds[tx.op].single, p.one(c.base, tx.op, tx))
		a.status, a.location = http.StatusCreated, c.base+p.transactionPath(tx.op, tx)
		return a, err
	}
}
