package server

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A book holds every payment and decides what may happen to them. Its one lock makes each decision and the facts that
// follow from it a single step: of two captures racing for the same money, one wins. It keeps all payments until it is
// reset; nothing is evicted.
//
// Its methods refuse with a *refuse.Problem and then nothing has changed: not the payment, and not the references that
// were used.
type book struct {
	now      func() time.Time
	dice     *dice
	attempts int
	told     func(payment, transaction) // called under the lock, after each transaction; must not block

	mu           sync.Mutex
	payments     map[string]*payment // by id
	tokens       map[string]string   // id by front-end token
	ids          []string            // in order of creation
	references   map[reference]bool
	stored       map[string]token // by value
	transactions int64
}

// A reference makes an operation of a payee happen once.
type reference struct{ payee, reference string }

// wipe forgets everything.
func (b *book) wipe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.payments, b.tokens, b.ids = map[string]*payment{}, map[string]string{}, nil
	b.references, b.stored, b.transactions = map[reference]bool{}, map[string]token{}, 0
}

// create opens a payment. One that needs no payer is complete at once.
func (b *book) create(i *instrument, o order) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.redeem(i, &o); err != nil {
		return payment{}, err
	}
	if err := b.use(o.payee.PayeeID, o.payee.PayeeReference); err != nil {
		return payment{}, err
	}
	p := payment{
		instrument: i, order: o, attempts: b.attempts, created: b.now(),
		id: b.dice.guid(), token: b.dice.hex(32), number: i.prefix*1e8 + int64(len(b.ids)) + 1,
	}
	p.state.updated = p.created
	b.payments[p.id], b.tokens[p.token] = &p, p.id
	b.ids = append(b.ids, p.id)
	if o.charges() {
		p.quiet = i == creditcardInstrument // documentation: no callback for a charge of a stored card
		_, _, err := b.attempt(&p, p.purchase(), fact{event: completed})
		p.quiet = false
		return p, err
	}
	return p, nil
}

// get reads a payment of one instrument; nil stands for any.
func (b *book) get(i *instrument, id string) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.current(i, id)
	if err != nil {
		return payment{}, err
	}
	return *p, nil
}

// all lists the payments as they were created.
func (b *book) all() []payment {
	b.mu.Lock()
	defer b.mu.Unlock()
	ps := make([]payment, 0, len(b.ids))
	for _, id := range b.ids {
		ps = append(ps, *b.payments[id])
	}
	return ps
}

// abort ends a payment while no transaction has succeeded. A sale that awaits the payer fails with it.
func (b *book) abort(i *instrument, id, reason string) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.current(i, id)
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
		if p.instrument.offers.pending != nil && !slices.Contains(p.instrument.offers.pending, relAbort) {
			return payment{}, refuse.Forbidden("Abort", "The "+string(t.op)+" awaits the payer, so the payment can no longer be aborted.")
		}
		if err := b.settle(p, fact{event: failed, tx: t.id, failure: abortFailure()}); err != nil {
			return payment{}, err
		}
	}
	if err := p.add(fact{at: b.now(), event: aborted, reason: reason}); err != nil {
		return payment{}, err
	}
	return *p, nil
}

// move captures, cancels or reverses, and completes at once; but a Swish reversal is still under way. A cancellation is
// of everything that is left, whatever its amount says.
func (b *book) move(i *instrument, id string, m move) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.current(i, id)
	if err != nil {
		return payment{}, transaction{}, err
	}
	if m.op == ledger.Cancellation {
		m.amount, m.vatAmount = p.state.balance.Cancellable(), 0
	}
	if err := b.allows(p, m); err != nil {
		return payment{}, transaction{}, err
	}
	if err := b.use(p.order.payee.PayeeID, m.payeeReference); err != nil {
		return payment{}, transaction{}, err
	}
	if m.op == ledger.Reversal && p.instrument.slow {
		t, err := b.begin(p, m)
		return *p, t, err
	}
	return b.at(p, m, fact{event: completed})
}

// allows refuses a move that the state or the balance of the payment rules out.
func (b *book) allows(p *payment, m move) error {
	name := string(m.op)
	if err := p.open(name); err != nil {
		return err
	}
	if b.references[reference{p.order.payee.PayeeID, m.payeeReference}] {
		return duplicate()
	}
	if _, paid := p.paid(); !paid {
		return refuse.Forbidden(name, "The payer has not paid, so there is nothing to move.")
	}
	if p.order.operation == operationPayout {
		return refuse.Forbidden(name, "A payout is neither captured nor cancelled nor reversed.")
	}
	if m.op == ledger.Reversal && p.state.balance.Captured() == 0 && p.instrument.opens == ledger.Authorization {
		return refuse.Forbidden(name, "Nothing has been captured, so there is nothing to reverse.")
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

// sell begins what then awaits the payer: a sale, or an authorization in an app. By the number the payer is found; it is
// empty when the payer's own phone goes on.
func (b *book) sell(i *instrument, id, msisdn string) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.current(i, id)
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
	t, err := b.begin(p, m)
	return *p, t, err
}

// pay lets the payer pay: a pending transaction completes, or a new one does. With intent AutoCapture the capture
// follows at once. A Swish reversal under way completes.
func (b *book) pay(key string) (payment, transaction, error) { return b.act(key, completed) }

// decline lets an attempt of the payer fail, or a Swish reversal under way.
func (b *book) decline(key string) (payment, transaction, error) { return b.act(key, failed) }

func (b *book) act(key string, outcome event) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(nil, b.resolve(key))
	if err != nil {
		return payment{}, transaction{}, err
	}
	if t, ok := p.returning(); ok {
		err := b.settle(p, fact{event: outcome, tx: t.id})
		return *p, *p.state.transactions[p.state.index(t.id)], err
	}
	return b.attempt(p, p.purchase(), fact{event: outcome})
}

// direct lets the merchant act for the payer: what it brings along is in outcome. The price is the one for a brand of
// card, where a brand is named.
func (b *book) direct(i *instrument, id string, op ledger.Op, brand string, outcome fact) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.current(i, id)
	if err != nil {
		return payment{}, transaction{}, err
	}
	m := p.purchase()
	if m.op != op {
		return payment{}, transaction{}, refuse.Forbidden(string(op), "The payment is a "+p.order.operation+" and has no "+kinds[op].plural+".")
	}
	if op == ledger.Authorization && brand != "" {
		price, ok := p.priceFor(brand)
		if !ok {
			return payment{}, transaction{}, brandDisabled(brand)
		}
		m.amount, m.vatAmount = price.Amount, price.VatAmount
	}
	return b.attempt(p, m, outcome)
}

// lookUp notes the address of a payer who is known, and refuses with 404 one who is not.
func (b *book) lookUp(i *instrument, id string, found address, known bool) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.current(i, id)
	if err != nil {
		return payment{}, err
	}
	if err := p.payable(); err != nil {
		return payment{}, err
	}
	if !known {
		return payment{}, refuse.NotFound("Nobody has this socialSecurityNumber and zipCode. The sandbox knows the vendor's published test persons.")
	}
	return *p, p.add(fact{at: b.now(), event: addressed, address: &found})
}

// payer reads the payment that a payer's key names: its id in any form, its front-end token, or a link with either.
func (b *book) payer(key string) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(nil, b.resolve(key))
	if err != nil {
		return payment{}, err
	}
	return *p, nil
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

// current finds a payment for a request. What was under way when the last one was answered has completed since: nothing
// here waits on a clock.
func (b *book) current(i *instrument, id string) (*payment, error) {
	p, err := b.find(i, id)
	if err != nil {
		return nil, err
	}
	if t, ok := p.returning(); ok {
		return p, b.settle(p, fact{event: completed, tx: t.id})
	}
	return p, nil
}

// attempt is one try of the payer's, begun now unless one is pending.
func (b *book) attempt(p *payment, m move, outcome fact) (payment, transaction, error) {
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	t, pending := p.pending()
	if !pending {
		var err error
		if t, err = b.begin(p, m); err != nil {
			return payment{}, transaction{}, err
		}
	}
	outcome.tx = t.id
	if err := b.settle(p, outcome); err != nil {
		return payment{}, transaction{}, err
	}
	if outcome.event == completed && p.order.intent == intentAutoCapture && t.amount > 0 {
		capture := move{
			op: ledger.Capture, amount: t.amount, vatAmount: t.vatAmount, description: t.description, payeeReference: t.payeeReference,
		}
		if _, _, err := b.at(p, capture, fact{event: completed}); err != nil {
			return payment{}, transaction{}, err
		}
	}
	return *p, *p.state.transactions[p.state.index(t.id)], nil
}

func (b *book) find(i *instrument, id string) (*payment, error) {
	p, ok := b.payments[strings.ToLower(id)]
	if !ok || i != nil && p.instrument != i {
		return nil, refuse.NotFound("There is no such payment.")
	}
	return p, nil
}

// use takes a payee's reference, once.
func (b *book) use(payee, ref string) error {
	key := reference{payee, ref}
	if b.references[key] {
		return duplicate()
	}
	b.references[key] = true
	return nil
}

func duplicate() error {
	return refuse.Forbidden("PayeeReference", "The payee has used this payeeReference for another operation.")
}

// at begins a move and settles it with one outcome.
func (b *book) at(p *payment, m move, outcome fact) (payment, transaction, error) {
	t, err := b.begin(p, m)
	if err != nil {
		return payment{}, transaction{}, err
	}
	outcome.tx = t.id
	if err := b.settle(p, outcome); err != nil {
		return payment{}, transaction{}, err
	}
	return *p, p.latest(), nil
}

func (b *book) begin(p *payment, m move) (transaction, error) {
	b.transactions++
	m.number = p.instrument.prefix*1e8 + 5e7 + b.transactions
	f := fact{at: b.now(), event: begun, tx: b.dice.guid(), move: &m}
	b.tell(p, transaction{move: m, id: f.tx, created: f.at}, &f)
	err := p.add(f)
	return p.latest(), err
}

func (b *book) settle(p *payment, f fact) error {
	f.at = b.now()
	t := *p.state.transactions[p.state.index(f.tx)]
	if f.event == failed && f.failure == nil {
		f.failure = p.instrument.decline(t)
	}
	b.tell(p, t, &f)
	if err := p.add(f); err != nil {
		return err
	}
	b.keep(p, f)
	if !p.quiet {
		b.told(*p, *p.state.transactions[p.state.index(f.tx)])
	}
	return nil
}

func (b *book) tell(p *payment, t transaction, f *fact) {
	if p.instrument.tells != nil {
		p.instrument.tells(b.dice, p, t, f)
	}
}
