package server

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A payment is what the merchant ordered and the facts since. Everything else about it is computed from those, so
// nothing about it can disagree. A payment is read by value: what the book hands out never changes afterwards.
type payment struct {
	instrument *instrument
	id         string // the last segment of its path, a GUID
	number     int64
	token      string // what the payer's browser knows it by
	created    time.Time
	attempts   int // how often the payer may fail
	order      order
	facts      []fact
	state      state     // what the facts add up to
	asOf       time.Time // when it was read
}

// A fact is one thing that happened to a payment. Facts are added and never changed.
type fact struct {
	at      time.Time
	event   event
	tx      string   // the transaction it is about; empty for aborted
	move    *move    // of begun
	card    *card    // of a completed card authorization or verification
	tokens  []token  // made by a completed transaction
	extra   members  // what only the instrument says of the transaction, from then on; nil leaves it as it was
	parties *parties // of a completed invoice authorization or verification
	address *address // of addressed
	failure *failure // of failed
	reason  string   // of aborted

	fresh bool // it ends a transaction that nobody has read yet; not kept

	due  time.Time // of acted, and of a begun transaction that ends by itself: when it does
	will event     // and how
}

type event string

const (
	begun     event = "begun"     // a transaction was asked for
	acted     event = "acted"     // the payer did what decides it; it ends by itself when that is due
	completed event = "completed" // it succeeded, and money moved
	failed    event = "failed"    // it did not, and none did
	aborted   event = "aborted"   // the merchant ended the payment
	addressed event = "addressed" // the payer's legal address was looked up
	finalised event = "finalised" // a pre-authorization may be captured now
)

// A move is what was asked of one transaction.
type move struct {
	op                ledger.Op
	number            int64
	amount, vatAmount int64
	description       string
	payeeReference    string
	receiptReference  string
	msisdn            string // of the payer, where a phone is what pays
	inApp             bool   // Swish: the payer's own phone starts the sale
	items             []invoice.ItemDescriptionRequest
}

// A failure is why a transaction failed.
type failure struct {
	reason, activity, code, description string
	problem                             *refuse.Problem
}

// A transaction is what the facts say about one movement.
type transaction struct {
	move
	id               string
	created, updated time.Time
	state            string // AwaitingActivity, Completed or Failed
	card             *card
	tokens           []token
	extra            members
	failure          *failure
	coming           *fact // what will end it by itself; nil when nothing will
}

const (
	awaitingActivity = "AwaitingActivity"
	stateCompleted   = "Completed"
	stateFailed      = "Failed"
	stateReady       = "Ready"
	stateAborted     = "Aborted"
)

// A state is the sum of facts. It is a value: with answers a new one and leaves the old as it was, save that a transaction
// which nobody has read yet ends in its place.
type state struct {
	balance      ledger.Balance
	transactions []*transaction // as they were begun; what a pointer leads to never changes
	declines     int            // failed attempts of the payer
	awaiting     int            // how many of them have not ended
	opened       int            // where the payer's successful one stands, counted from one; zero while there is none
	strikes      int            // failed transactions of the merchant's since one succeeded
	aborted      bool
	finalised    bool     // a pre-authorization that may be captured
	reason       string   // why it was aborted
	address      *address // that was looked up
	parties      *parties // to the invoice
	updated      time.Time
}

// with is the state after one more fact. A fact that would overdraw the balance is refused with *ledger.OverdrawError.
func (s state) with(f fact) (state, error) {
	s.updated = f.at
	switch f.event {
	case begun:
		t := &transaction{move: *f.move, id: f.tx, created: f.at, updated: f.at, state: awaitingActivity, extra: f.extra, card: f.card}
		if f.will != "" {
			t.coming = &f
		}
		s.transactions = append(s.transactions, t) // readers do not see beyond their own length
		s.awaiting++
		return s, nil
	case addressed:
		s.address = f.address
		return s, nil
	case aborted:
		s.aborted, s.reason = true, f.reason
		return s, nil
	case finalised:
		s.finalised = true
		s.balance.Allow(s.balance.Amount() / preAuthorizationSurplus)
		return s, nil
	case acted, completed, failed:
	}
	i := s.index(f.tx)
	if i < 0 {
		return s, fmt.Errorf("transaction %s %s before it was begun", f.tx, f.event)
	}
	t := *s.transactions[i]
	if f.event == acted {
		s.transactions = slices.Clone(s.transactions)
		t.updated, t.coming = f.at, &f
		s.transactions[i] = &t
		return s, nil
	}
	t.updated, t.card, t.tokens, t.failure, t.coming = f.at, f.card, f.tokens, f.failure, nil
	if f.extra != nil {
		t.extra = f.extra
	}
	if f.parties != nil {
		s.parties = f.parties
	}
	if !f.fresh {
		s.transactions = slices.Clone(s.transactions)
	}
	s.transactions[i] = &t
	s.awaiting--
	if f.event == completed {
		t.state, s.strikes = stateCompleted, 0
		if t.byPayer() {
			s.opened = i + 1
		}
		return s, s.balance.Move(t.op, t.amount)
	}
	t.state = stateFailed
	if t.byPayer() {
		s.declines++
	} else {
		s.strikes++
	}
	return s, nil
}

// index is where a transaction stands; -1 when there is none. It is most often the last.
func (s state) index(id string) int {
	for i, t := range slices.Backward(s.transactions) {
		if t.id == id {
			return i
		}
	}
	return -1
}

// byPayer tells the payer's moves from the merchant's.
func (t *transaction) byPayer() bool {
	return t.op == ledger.Authorization || t.op == ledger.Sale || t.op == ledger.Verification
}

// replay is the state that facts add up to.
func replay(facts []fact) (state, error) {
	var s state
	for _, f := range facts {
		var err error
		if s, err = s.with(f); err != nil {
			return s, err
		}
	}
	return s, nil
}

// path is the payment's id on the wire, host-relative.
func (p payment) path() string { return "/psp/" + p.instrument.segment + "/payments/" + p.id }

// status is the payment's state on the wire. A paid payment is still Ready; it is Failed when the payer's attempts are
// used up.
func (p payment) status() string {
	switch {
	case p.state.aborted:
		return stateAborted
	case p.state.declines >= p.attempts:
		return stateFailed
	default:
		return stateReady
	}
}

// of lists the transactions of one kind, or all of them for "".
func (p payment) of(op ledger.Op) []transaction {
	var found []transaction
	for _, t := range p.state.transactions {
		if op == "" || t.op == op {
			found = append(found, *t)
		}
	}
	return found
}

// has tells whether there is any transaction of one kind, or at all for "".
func (p payment) has(op ledger.Op) bool {
	return slices.ContainsFunc(p.state.transactions, func(t *transaction) bool { return op == "" || t.op == op })
}

// paid is the authorization, sale or verification that succeeded.
func (p payment) paid() (transaction, bool) {
	if p.state.opened == 0 {
		return transaction{}, false
	}
	return *p.state.transactions[p.state.opened-1], true
}

// pending is the transaction that awaits the payer.
func (p payment) pending() (transaction, bool) {
	return p.waiting(func(t *transaction) bool { return t.byPayer() })
}

// returning is the reversal that is under way.
func (p payment) returning() (transaction, bool) {
	return p.waiting(func(t *transaction) bool { return t.op == ledger.Reversal })
}

// underWay is what the reversals under way will give back.
func (p payment) underWay() int64 {
	if p.state.awaiting == 0 {
		return 0
	}
	var sum int64
	for _, t := range p.state.transactions {
		if t.op == ledger.Reversal && t.state == awaitingActivity {
			sum += t.amount
		}
	}
	return sum
}

// opens is what the payer does.
func (p payment) opens() ledger.Op {
	if p.order.verifies() {
		return ledger.Verification
	}
	return p.instrument.opens
}

// left is what may still be captured, cancelled and reversed. A payout went the other way and leaves nothing; a
// pre-authorization is captured once it is final, and any authorization for so many days. A reversal under way counts.
func (p payment) left() (capture, cancellation, reversal int64) {
	if p.order.operation == operationPayout {
		return 0, 0, 0
	}
	balance := p.state.balance
	capture, cancellation, reversal = balance.Capturable(), balance.Cancellable(), balance.Reversible()-p.underWay()
	if p.expired() || p.order.intent == intentPreAuthorization && !p.state.finalised {
		capture = 0
	}
	return capture, cancellation, reversal
}

// expired tells an authorization that has waited too long for its capture.
func (p payment) expired() bool {
	t, ok := p.paid()
	return ok && t.op == ledger.Authorization && p.asOf.Sub(t.updated) > capturableFor
}

// silent tells transactions of which no callback tells, by documentation: a charge of a stored card, and the capture
// that comes with it under the same reference.
func (p payment) silent(t transaction) bool {
	return p.instrument == creditcardInstrument && p.order.charges() && t.payeeReference == p.order.payee.PayeeReference
}

const (
	capturableFor           = 180 * 24 * time.Hour // documentation
	preAuthorizationSurplus = 5                    // by a fifth more than was authorised may be captured
	maxStrikes              = 5                    // failed captures or reversals in a row; documentation has support unlock it
)

func (p payment) last(is func(*transaction) bool) (transaction, bool) {
	for _, t := range slices.Backward(p.state.transactions) {
		if is(t) {
			return *t, true
		}
	}
	return transaction{}, false
}

// waiting is the last transaction of some that has not ended.
func (p payment) waiting(is func(*transaction) bool) (transaction, bool) {
	if p.state.awaiting == 0 {
		return transaction{}, false
	}
	return p.last(func(t *transaction) bool { return t.state == awaitingActivity && is(t) })
}

// add is the one way facts get into a payment.
func (p *payment) add(f fact) error {
	next, err := p.state.with(f)
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.id, err)
	}
	p.facts, p.state = append(p.facts, f), next
	return nil
}

// latest is the transaction begun last.
func (p *payment) latest() transaction { return *p.state.transactions[len(p.state.transactions)-1] }

// open refuses any step on a payment that has ended.
func (p *payment) open(name string) error {
	switch p.status() {
	case stateAborted:
		return refuse.Forbidden(name, "The payment is aborted.")
	case stateFailed:
		return refuse.Forbidden(name, "The payment has failed: the payer's attempts are used up.")
	default:
		return nil
	}
}

// payable refuses a payer's step on a payment that has ended or is paid.
func (p *payment) payable() error {
	name := string(p.opens())
	if err := p.open(name); err != nil {
		return err
	}
	if _, paid := p.paid(); paid {
		return refuse.Forbidden(name, "The payment is already paid.")
	}
	return nil
}

// attempt is which of the payer's attempts comes next or is under way, from 1.
func (p *payment) attempt() int { return p.state.declines + 1 }

// purchase is the move that the payer makes: the price, under the payment's own reference.
func (p *payment) purchase() move {
	price := p.price()
	return move{
		op: p.opens(), amount: price.Amount, vatAmount: price.VatAmount,
		description: p.order.description, payeeReference: p.order.payee.PayeeReference, msisdn: p.order.msisdn,
	}
}

// abortable tells whether the merchant may still end the payment while a transaction awaits the payer.
func (p payment) abortable() bool {
	t, ok := p.pending()
	by := p.instrument.offers.pending
	return !ok || t.coming == nil && (by == nil || slices.Contains(by, relAbort))
}

func abortFailure() *failure {
	return &failure{
		reason: "Aborted", activity: "Abort", code: "Aborted", description: "the merchant aborted the payment",
		problem: refuse.Forbidden("Abort", "The merchant aborted the payment while the payer was away."),
	}
}
