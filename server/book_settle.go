package server

import (
	"time"

	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// How transactions begin and end. All of it runs under the book's lock, but fall, which takes it.

// attempt is one try of the payer's, begun now unless one is pending. It fails at once; it completes at once, or after the
// instrument's delay.
func (b *book) attempt(p *payment, m move, outcome fact, now bool) (payment, transaction, error) {
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	t, pending := p.pending()
	if !pending {
		var err error
		if t, err = b.begin(p, m, fact{}); err != nil {
			return payment{}, transaction{}, err
		}
	}
	outcome.tx, outcome.fresh = t.id, !pending
	if wait := p.instrument.delay(t.op, b.rules.delays); !now && wait > 0 && outcome.event == completed {
		outcome.at, outcome.will, outcome.event = b.now(), outcome.event, acted
		outcome.due = outcome.at.Add(wait)
		if err := b.add(p, outcome); err != nil {
			return payment{}, transaction{}, err
		}
		b.await(p, outcome)
	} else if err := b.settle(p, outcome); err != nil {
		return payment{}, transaction{}, err
	}
	return b.read(p), *p.state.transactions[p.state.index(t.id)], nil
}

// at begins a move and settles it with one outcome.
func (b *book) at(p *payment, m move, outcome fact) (payment, transaction, error) {
	t, err := b.begin(p, m, fact{})
	if err != nil {
		return payment{}, transaction{}, err
	}
	outcome.tx, outcome.fresh = t.id, true
	if err := b.settle(p, outcome); err != nil {
		return payment{}, transaction{}, err
	}
	return b.read(p), p.latest(), nil
}

// begin adds a transaction. With a due it ends by itself, as the fact says.
func (b *book) begin(p *payment, m move, f fact) (transaction, error) {
	b.transactions++
	m.number = p.instrument.prefix*1e8 + 5e7 + b.transactions
	f.at, f.event, f.tx, f.move = b.now(), begun, b.dice.guid(), &m
	b.tell(p, transaction{move: m, id: f.tx, created: f.at}, &f)
	if err := b.add(p, f); err != nil {
		return transaction{}, err
	}
	b.await(p, f)
	return p.latest(), nil
}

// await puts what will happen by itself on the agenda.
func (b *book) await(p *payment, f fact) {
	if f.will == "" {
		return
	}
	id := p.id
	b.agenda.put(f.due, func(at time.Time) { b.fall(id, f, at) })
}

// fall lets a transaction end that was to end by itself, unless it has ended otherwise since.
func (b *book) fall(id string, f fact, at time.Time) {
	defer b.enter()()
	p, ok := b.payments[id]
	if !ok {
		return
	}
	i := p.state.index(f.tx)
	if i < 0 || p.state.transactions[i].state != awaitingActivity || p.state.transactions[i].coming == nil {
		return
	}
	// A book that refuses its own plan is a mistake that no caller waits for; the payment then stays as it was.
	_ = b.settle(p, p.state.transactions[i].coming.ended(at))
}

// ended is the end that a fact announced.
func (f fact) ended(at time.Time) fact {
	return fact{at: at, event: f.will, tx: f.tx, card: f.card, parties: f.parties, failure: f.failure}
}

func (b *book) settle(p *payment, f fact) error {
	if f.at.IsZero() {
		f.at = b.now()
	}
	t := *p.state.transactions[p.state.index(f.tx)]
	if f.event == failed && f.failure == nil {
		f.failure, _ = p.instrument.failing(t, "") // the instrument's own reason is one of its reasons
	}
	if f.card == nil && f.event == completed {
		f.card = t.card
	}
	b.tell(p, t, &f)
	if err := b.add(p, f); err != nil {
		return err
	}
	b.keep(p, f)
	t = *p.state.transactions[p.state.index(f.tx)]
	if !p.silent(t) {
		b.told(*p, t)
	}
	if f.event == completed && t.byPayer() && p.order.intent == intentAutoCapture && t.amount > 0 {
		capture := move{
			op: ledger.Capture, amount: t.amount, vatAmount: t.vatAmount, description: t.description, payeeReference: t.payeeReference,
		}
		_, _, err := b.at(p, capture, fact{at: f.at, event: completed})
		return err
	}
	return nil
}

// add is the one way facts get into a payment, and into the journal.
func (b *book) add(p *payment, f fact) error {
	if err := p.add(f); err != nil {
		return err
	}
	b.write(func() Record { return f.record(p.id) })
	return nil
}

func (b *book) tell(p *payment, t transaction, f *fact) {
	if p.instrument.tells != nil {
		p.instrument.tells(b.dice, p, t, f)
	}
}
