package server

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

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

// A reference makes an operation of a payee happen once. Its payee is in lower case.
type reference struct{ payee, reference string }

// reference is one of the order's payee.
func (o order) reference(payeeReference string) reference {
	return reference{strings.ToLower(o.payee.PayeeID), payeeReference}
}

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

// write adds to what is written when the lock is let go, if anything is.
func (b *book) write(r func() Record) {
	if b.journal.keeps() {
		b.unit = append(b.unit, r())
	}
}

// create opens a payment. One that needs no payer is complete at once, or refused.
func (b *book) create(i *instrument, o order) (payment, error) {
	defer b.enter()()
	value, err := b.redeem(i, &o)
	if err != nil {
		return payment{}, err
	}
	if b.references[o.reference(o.payee.PayeeReference)] != "" {
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
	b.write(p.record)
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
	b.references[p.order.reference(p.order.payee.PayeeReference)] = p.id
	b.kept.Add(1)
}

// evict forgets the oldest payments while there are more than the sandbox remembers, but never the one just made.
func (b *book) evict(newest string) {
	for b.kept.Load() > b.rules.keep && b.ids[0] != newest {
		b.write(func() Record { return recorded(b.ids[0], recordEvicted, struct{}{}) })
		b.forgetOldest()
	}
}

func (b *book) forgetOldest() {
	p := b.payments[b.ids[0]]
	b.ids = b.ids[1:]
	delete(b.payments, p.id)
	delete(b.tokens, p.token)
	for _, t := range p.state.transactions {
		delete(b.references, p.order.reference(t.payeeReference))
		for _, made := range t.tokens {
			delete(b.stored, made.value)
		}
	}
	delete(b.references, p.order.reference(p.order.payee.PayeeReference))
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
	if p.order.verifies() {
		return payment{}, refuse.Forbidden("ApprovedLegalAddress", "The payment is a Verify, for which no address is looked up.")
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
