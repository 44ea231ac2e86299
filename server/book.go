package server

import (
	"errors"
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
	transactions int64
}

// A reference makes an operation of a payee happen once.
type reference struct{ payee, reference string }

// wipe forgets everything.
func (b *book) wipe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.payments, b.tokens, b.ids = map[string]*payment{}, map[string]string{}, nil
	b.references, b.transactions = map[reference]bool{}, 0
}

// create opens a payment.
func (b *book) create(i *instrument, o order) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
	return p, nil
}

// get reads a payment of one instrument; nil stands for any.
func (b *book) get(i *instrument, id string) (payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(i, id)
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
		if err := b.settle(p, fact{event: failed, tx: t.id, failure: abortFailure()}); err != nil {
			return payment{}, err
		}
	}
	if err := p.add(fact{at: b.now(), event: aborted, reason: reason}); err != nil {
		return payment{}, err
	}
	return *p, nil
}

// move captures, cancels or reverses, and completes at once. A cancellation is of everything that is left, whatever
// its amount says.
func (b *book) move(i *instrument, id string, m move) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
	if err := b.use(p.order.payee.PayeeID, m.payeeReference); err != nil {
		return payment{}, transaction{}, err
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

// sell begins a sale that awaits the payer.
func (b *book) sell(i *instrument, id string) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(i, id)
	if err != nil {
		return payment{}, transaction{}, err
	}
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	if _, pending := p.pending(); pending {
		return payment{}, transaction{}, refuse.Forbidden(string(ledger.Sale), "A sale already awaits the payer.")
	}
	t, err := b.begin(p, p.purchase())
	return *p, t, err
}

// pay lets the payer pay: a pending transaction completes, or a new one does. With intent AutoCapture the capture
// follows at once.
func (b *book) pay(key string) (payment, transaction, error) {
	return b.attempt(key, func(p *payment, f fact) fact {
		f.event = completed
		if p.instrument.pays != nil {
			f.card = p.instrument.pays(b.dice, p, f)
		}
		return f
	})
}

// decline lets an attempt of the payer fail.
func (b *book) decline(key string) (payment, transaction, error) {
	return b.attempt(key, func(p *payment, f fact) fact {
		f.event, f.failure = failed, p.instrument.decline()
		return f
	})
}

func (b *book) attempt(key string, outcome func(*payment, fact) fact) (payment, transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, err := b.find(nil, b.resolve(key))
	if err != nil {
		return payment{}, transaction{}, err
	}
	if err := p.payable(); err != nil {
		return payment{}, transaction{}, err
	}
	t, pending := p.pending()
	if !pending {
		if t, err = b.begin(p, p.purchase()); err != nil {
			return payment{}, transaction{}, err
		}
	}
	if err := b.settle(p, outcome(p, fact{at: b.now(), tx: t.id})); err != nil {
		return payment{}, transaction{}, err
	}
	if _, paid := p.paid(); paid && p.order.intent == intentAutoCapture {
		capture := p.purchase()
		capture.op = ledger.Capture
		if _, _, err := b.at(p, capture, fact{event: completed}); err != nil {
			return payment{}, transaction{}, err
		}
	}
	return *p, *p.state.transactions[p.state.index(t.id)], nil
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
	err := p.add(fact{at: b.now(), event: begun, tx: b.dice.guid(), move: &m})
	return p.latest(), err
}

func (b *book) settle(p *payment, f fact) error {
	f.at = b.now()
	if err := p.add(f); err != nil {
		return err
	}
	b.told(*p, *p.state.transactions[p.state.index(f.tx)])
	return nil
}
