package server

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A book holds every payment of a namespace and decides what may happen to them. Its one lock makes each decision and
// the facts that follow from it a single step, in memory and in the journal: of two captures racing for the same money,
// one wins.
//
// Its methods refuse with a *refuse.Problem and then nothing has changed: not the payment, and not the references that
// were used. What they answer is durable once the journal has been waited for.
type book struct {
	now     func() time.Time
	dice    *dice
	rules   rules
	agenda  *agenda
	journal *journal
	told    func(payment, transaction) // called under the lock, after each transaction; must not block
	gone    func(payment)              // called under the lock, when a payment is forgotten
	kept    *atomic.Int64              // payments of the whole sandbox

	mu           sync.Mutex
	unit         []Record             // what happened since the lock was taken
	payments     map[string]*payment  // by id
	tokens       map[string]string    // id by front-end token
	ids          []string             // in order of creation
	references   map[reference]string // id by reference
	stored       map[string]token     // by value
	created      int64
	transactions int64
}

// rules are what the book does not decide itself.
type rules struct {
	attempts  int    // how often a payer may fail
	keep      int64  // how many payments of the sandbox are remembered
	delays    Delays // how long what is asynchronous takes
	confirmed bool   // whether a Swish sale for a number is confirmed without the payer
}

// A reference makes an operation of a payee happen once.
type reference struct{ payee, reference string }

// clear forgets everything but what was told of it. The lock is held, or nobody knows the book yet.
func (b *book) clear() {
	b.kept.Add(-int64(len(b.payments)))
	b.payments, b.tokens, b.ids = map[string]*payment{}, map[string]string{}, nil
	b.references, b.stored, b.created, b.transactions = map[reference]string{}, map[string]token{}, 0, 0
}

// enter takes the lock. What it answers writes the journal and lets go.
func (b *book) enter() (leave func()) {
	b.mu.Lock()
	return func() {
		b.journal.append(b.unit...)
		b.unit = nil
		b.mu.Unlock()
	}
}

// create opens a payment. One that needs no payer is complete at once, or refused.
func (b *book) create(i *instrument, o order) (payment, error) {
	defer b.enter()()
	value, err := b.redeem(i, &o)
	if err != nil {
		return payment{}, err
	}
	if b.references[reference{o.payee.PayeeID, o.payee.PayeeReference}] != "" {
		return payment{}, duplicate()
	}
	p := payment{
		instrument: i, order: o, attempts: b.rules.attempts, created: b.now(),
		id: b.dice.guid(), token: b.dice.hex(32), number: i.prefix*1e8 + b.created + 1,
	}
	if o.charges() {
		if err := b.strike(value, p.purchase()); err != nil {
			return payment{}, err
		}
	}
	p.state.updated = p.created
	b.enlist(&p)
	b.unit = append(b.unit, p.record())
	b.evict(p.id)
	if o.charges() {
		_, _, err := b.attempt(&p, p.purchase(), fact{event: completed}, true)
		return b.read(&p), err
	}
	return b.read(&p), nil
}

// enlist makes a payment known.
func (b *book) enlist(p *payment) {
	b.created = max(b.created, p.number-p.instrument.prefix*1e8)
	b.payments[p.id], b.tokens[p.token] = p, p.id
	b.ids = append(b.ids, p.id)
	b.references[reference{p.order.payee.PayeeID, p.order.payee.PayeeReference}] = p.id
	b.kept.Add(1)
}

// evict forgets the oldest payments while there are more than the sandbox remembers, but never the one just made.
func (b *book) evict(newest string) {
	for b.kept.Load() > b.rules.keep && b.ids[0] != newest {
		b.unit = append(b.unit, recorded(b.ids[0], recordEvicted, struct{}{}))
		b.forgetOldest()
	}
}

func (b *book) forgetOldest() {
	p := b.payments[b.ids[0]]
	b.ids = b.ids[1:]
	delete(b.payments, p.id)
	delete(b.tokens, p.token)
	for _, t := range p.state.transactions {
		delete(b.references, reference{p.order.payee.PayeeID, t.payeeReference})
		for _, made := range t.tokens {
			delete(b.stored, made.value)
		}
	}
	delete(b.references, reference{p.order.payee.PayeeID, p.order.payee.PayeeReference})
	b.kept.Add(-1)
	b.gone(*p)
}

// get reads a payment of one instrument; nil stands for any.
func (b *book) get(i *instrument, id string) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, err
	}
	return b.read(p), nil
}

// all lists the payments as they were created.
func (b *book) all() []payment {
	b.mu.Lock()
	defer b.mu.Unlock()
	ps := make([]payment, 0, len(b.ids))
	for _, id := range b.ids {
		ps = append(ps, b.read(b.payments[id]))
	}
	return ps
}

// abort ends a payment while no transaction has succeeded. A sale that awaits the payer fails with it.
func (b *book) abort(i *instrument, id, reason string) (payment, error) {
	defer b.enter()()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, err
	}
	if err := p.open("Abort"); err != nil {
		return payment{}, err
	}
	if _, paid := p.paid(); paid {
		return payment{}, refuse.Forbidden("Abort", "The payment has a successful transaction and can no longer be aborted.")
	}
	if t, pending := p.pending(); pending {
		if !p.abortable() {
			return payment{}, refuse.Forbidden("Abort", "The "+string(t.op)+" awaits the payer, so the payment can no longer be aborted.")
		}
		if err := b.settle(p, fact{event: failed, tx: t.id, failure: abortFailure()}); err != nil {
			return payment{}, err
		}
	}
	if err := b.add(p, fact{at: b.now(), event: aborted, reason: reason}); err != nil {
		return payment{}, err
	}
	return b.read(p), nil
}

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
	b.references[reference{p.order.payee.PayeeID, m.payeeReference}] = p.id
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
	if b.references[reference{p.order.payee.PayeeID, m.payeeReference}] != "" {
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

// lookUp notes the address of a payer who is known, and refuses with 404 one who is not.
func (b *book) lookUp(i *instrument, id string, found address, known bool) (payment, error) {
	defer b.enter()()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, err
	}
	if err := p.payable(); err != nil {
		return payment{}, err
	}
	if !known {
		return payment{}, refuse.NotFound("Nobody has this socialSecurityNumber and zipCode. The sandbox knows the vendor's published test persons.")
	}
	err = b.add(p, fact{at: b.now(), event: addressed, address: &found})
	return b.read(p), err
}

// payer reads the payment that a payer's key names: its id in any form, its front-end token, or a link with either.
func (b *book) payer(key string) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(nil, b.resolve(key))
	if err != nil {
		return payment{}, err
	}
	return b.read(p), nil
}

// resolve finds the id in a key.
func (b *book) resolve(key string) string {
	for part := range strings.FieldsFuncSeq(key, func(r rune) bool { return strings.ContainsRune("/?&=", r) }) {
		part = strings.ToLower(part)
		if id, ok := b.tokens[part]; ok {
			return id
		}
		if _, ok := b.payments[part]; ok {
			return part
		}
	}
	return ""
}

// The rest runs under the lock.

// read is a payment as it is now.
func (b *book) read(p *payment) payment {
	now := *p
	now.asOf = b.now()
	return now
}

// attempt is one try of the payer's, begun now unless one is pending. It ends at once, or after the instrument's delay.
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
	outcome.tx = t.id
	if wait := p.instrument.delay(t.op, b.rules.delays); !now && wait > 0 {
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

func (b *book) find(i *instrument, id string) (*payment, error) {
	p, ok := b.payments[strings.ToLower(id)]
	if !ok || i != nil && p.instrument != i {
		return nil, refuse.NotFound("There is no such payment.")
	}
	return p, nil
}

func duplicate() error {
	return refuse.Forbidden("PayeeReference", "The payee has used this payeeReference for another operation.")
}

// at begins a move and settles it with one outcome.
func (b *book) at(p *payment, m move, outcome fact) (payment, transaction, error) {
	t, err := b.begin(p, m, fact{})
	if err != nil {
		return payment{}, transaction{}, err
	}
	outcome.tx = t.id
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
	b.unit = append(b.unit, f.record(p.id))
	return nil
}

func (b *book) tell(p *payment, t transaction, f *fact) {
	if p.instrument.tells != nil {
		p.instrument.tells(b.dice, p, t, f)
	}
}
