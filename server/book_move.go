package server

import (
	"errors"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// What the merchant does with a payment.

// move captures, cancels or reverses, and completes at once; but a Swish reversal is still under way. A cancellation is
// of everything that is left, whatever its amount says.
func (b *book) move(i *instrument, id string, m move) (payment, transaction, error) {
	defer b.enter()()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, transaction{}, err
	}
	if m.op == ledger.Cancellation {
		m.amount, m.vatAmount = p.state.balance.Cancellable(), 0
	}
	if err := b.allows(p, m); err != nil {
		return payment{}, transaction{}, err
	}
	b.references[p.order.reference(m.payeeReference)] = p.id
	if wait := p.instrument.delay(m.op, b.rules.delays); wait > 0 {
		t, err := b.begin(p, m, fact{due: b.now().Add(wait), will: completed})
		return b.read(p), t, err
	}
	return b.at(p, m, fact{event: completed})
}

// allows refuses a move that the state or the balance of the payment rules out.
func (b *book) allows(p *payment, m move) error {
	name := string(m.op)
	if err := p.open(name); err != nil {
		return err
	}
	if b.references[p.order.reference(m.payeeReference)] != "" {
		return duplicate()
	}
	if _, paid := p.paid(); !paid {
		return refuse.Forbidden(name, "The payer has not paid, so there is nothing to move.")
	}
	now := b.read(p)
	switch {
	case p.order.operation == operationPayout:
		return refuse.Forbidden(name, "A payout is neither captured nor cancelled nor reversed.")
	case p.state.strikes >= maxStrikes:
		return refuse.Forbidden(name, "Too many captures or reversals have failed in a row, so the payment is locked.")
	case m.op == ledger.Reversal && p.state.balance.Captured() == 0 && p.instrument.opens == ledger.Authorization:
		return refuse.Forbidden(name, "Nothing has been captured, so there is nothing to reverse.")
	case m.op == ledger.Capture && p.order.intent == intentPreAuthorization && !p.state.finalised:
		return refuse.Forbidden(name, "The authorization has not been finalised, so it cannot be captured.")
	case m.op == ledger.Capture && now.expired():
		return refuse.Forbidden(name, "The authorization is older than 180 days and can no longer be captured.")
	}
	if _, _, left := now.left(); m.op == ledger.Reversal && m.amount > left && p.underWay() > 0 {
		return refuse.Forbidden(name, name+" amount too high: another reversal is under way.")
	}
	balance := p.state.balance // a copy: only tried
	var overdraw *ledger.OverdrawError
	if err := balance.Move(m.op, m.amount); errors.As(err, &overdraw) {
		if m.op == ledger.Cancellation {
			return refuse.Forbidden(name, "Nothing is left to cancel.")
		}
		return refuse.Forbidden(name, name+" amount too high.")
	}
	return nil
}

// finalise makes a pre-authorization one that can be captured.
func (b *book) finalise(i *instrument, id string) (payment, error) {
	defer b.enter()()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, err
	}
	_, paid := p.paid()
	switch {
	case p.order.intent != intentPreAuthorization:
		return payment{}, refuse.Forbidden("Authorization", "Only a PreAuthorization is finalised.")
	case !paid:
		return payment{}, refuse.Forbidden("Authorization", "The payer has not paid, so there is nothing to finalise.")
	case p.state.finalised:
		return payment{}, refuse.Forbidden("Authorization", "The authorization has been finalised already.")
	case p.state.balance.Capturable() == 0:
		return payment{}, refuse.Forbidden("Authorization", "The authorization has been cancelled.")
	}
	if err := b.add(p, fact{at: b.now(), event: finalised}); err != nil {
		return payment{}, err
	}
	return b.read(p), nil
}

// sell begins what then awaits the payer: a sale, or an authorization in an app. By the number the payer is found; it is
// empty when the payer's own phone goes on. Where test data decide, or sales to a number are confirmed by themselves, it
// ends without the payer.
func (b *book) sell(i *instrument, id, msisdn string) (payment, transaction, error) {
	defer b.enter()()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, transaction{}, err
	}
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	m := p.purchase()
	m.msisdn, m.inApp = msisdn, msisdn == ""
	if _, pending := p.pending(); pending {
		return payment{}, transaction{}, refuse.Forbidden(string(m.op), "Another "+strings.ToLower(string(m.op))+" already awaits the payer.")
	}
	failure := p.decided(transaction{move: m}, act{})
	if i == vippsInstrument && failure != nil {
		return payment{}, transaction{}, failure.problem
	}
	var ends fact
	if i == swishInstrument && (failure != nil || b.rules.confirmed && msisdn != "") {
		ends = fact{due: b.now().Add(i.delay(m.op, b.rules.delays)), will: completed, failure: failure}
		if failure != nil {
			ends.will = failed
		}
	}
	t, err := b.begin(p, m, ends)
	return b.read(p), t, err
}

// direct lets the merchant act for the payer: what it brings along is in outcome. The price is the one for a brand of
// card, where a brand is named. A card that takes part in 3-D Secure leaves it to the payer to go on.
func (b *book) direct(i *instrument, id string, op ledger.Op, outcome fact) (payment, transaction, error) {
	defer b.enter()()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, transaction{}, err
	}
	m := p.purchase()
	if m.op != op {
		return payment{}, transaction{}, refuse.Forbidden(string(op), "The payment is a "+p.order.operation+" and has no "+kinds[op].plural+".")
	}
	if op == ledger.Authorization && outcome.card != nil {
		price, ok := p.priceFor(outcome.card.Brand)
		if !ok {
			return payment{}, transaction{}, brandDisabled(outcome.card.Brand)
		}
		m.amount, m.vatAmount = price.Amount, price.VatAmount
	}
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	_, pending := p.pending()
	if pending && p.instrument == creditcardInstrument {
		return payment{}, transaction{}, refuse.Forbidden(string(op), "Another "+strings.ToLower(string(op))+" already awaits the payer.")
	}
	if outcome.card != nil && outcome.card.PanEnrolled && !pending {
		t, err := b.begin(p, m, fact{card: outcome.card})
		return b.read(p), t, err
	}
	if failure := p.decided(transaction{move: m}, act{card: outcome.card}); failure != nil {
		outcome = fact{event: failed, failure: failure}
	}
	return b.attempt(p, m, outcome, true)
}
