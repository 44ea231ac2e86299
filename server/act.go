package server

import (
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// An act is what a payer does.
type act struct {
	do     string
	reason string   // of a decline; empty for the instrument's usual one
	card   *card    // that the payer chose; nil for one that fits the price
	msisdn string   // that the payer typed
	person *parties // who the payer is, where an invoice asks
	now    bool     // what is asynchronous ends at once

	attempt int // which of the payer's attempts it belongs to, from 1; once that has failed it does nothing. 0 for the present one
}

// What payers do.
const (
	actPay     = "pay"     // goes through with it: with card and 3-D Secure, in the app, at the bank
	actStart   = "start"   // gets as far as the app, the bank or 3-D Secure, which then awaits them
	actDecline = "decline" // fails, for a reason
	actTimeout = "timeout" // lets it pass
	actCancel  = "cancel"  // goes back to the shop: nothing happens to the payment
)

// act lets the payer of a payment act. A Swish reversal that is under way ends by it, since no payer is there then.
func (b *book) act(key string, a act) (payment, transaction, error) {
	defer b.enter()()
	p, err := b.find(nil, b.resolve(key))
	if err != nil {
		return payment{}, transaction{}, err
	}
	if t, ok := p.returning(); ok && a.do != actCancel && a.do != actStart {
		outcome, err := p.outcome(t, a)
		if err != nil {
			return payment{}, transaction{}, err
		}
		outcome.tx = t.id
		err = b.settle(p, outcome)
		return b.read(p), *p.state.transactions[p.state.index(t.id)], err
	}
	t, pending := p.pending()
	if a.do == actCancel {
		return b.read(p), t, nil
	}
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	if a.attempt != 0 && a.attempt != p.attempt() {
		return b.read(p), t, nil
	}
	m := p.purchase()
	if a.msisdn != "" {
		m.msisdn = a.msisdn
	}
	if a.card != nil && p.opens() == ledger.Authorization {
		price, ok := p.priceFor(a.card.Brand)
		if !ok {
			return payment{}, transaction{}, brandDisabled(a.card.Brand)
		}
		m.amount, m.vatAmount = price.Amount, price.VatAmount
	}
	if !pending {
		t = transaction{move: m}
	}
	if t.coming != nil && !a.now {
		return b.read(p), t, nil // decided already
	}
	if a.do == actStart {
		if !pending {
			t, err = b.begin(p, m, fact{card: a.card})
		}
		return b.read(p), t, err
	}
	outcome, err := p.outcome(t, a)
	if err != nil {
		return payment{}, transaction{}, err
	}
	return b.attempt(p, m, outcome, a.now)
}

// outcome is how a transaction ends by an act. Test data decide before the payer does.
func (p *payment) outcome(t transaction, a act) (fact, error) {
	if t.coming != nil && a.do == actPay {
		return t.coming.ended(p.asOf), nil
	}
	if failure := p.decided(t, a); failure != nil {
		return fact{event: failed, failure: failure}, nil
	}
	name := a.reason
	switch a.do {
	case actPay:
		return fact{event: completed, card: a.card, parties: a.person}, nil
	case actTimeout:
		name = p.instrument.late
	case actDecline:
	default:
		return fact{}, refuse.Status(400, "A payer's act is pay, start, decline, timeout or cancel.")
	}
	failure, err := p.instrument.failing(t, name)
	return fact{event: failed, failure: failure}, err
}
