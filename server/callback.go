package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// retries are when a callback that was not taken is sent again, counted from the transaction.
var retries = []time.Duration{
	30 * time.Second, 60 * time.Second, 360 * time.Second, 432 * time.Second, 864 * time.Second, 1265 * time.Second,
}

const (
	callbackTimeout = 10 * time.Second
	waitingLetters  = 10000 // of a namespace; more are not sent, and the log says so
	lettersAtOnce   = 8     // to one host, of one namespace
)

// A letter is what is to be told of one transaction, and what became of that.
type letter struct {
	id       string // of the transaction
	payment  string // id
	url      string
	body     psp.CallbackPayload
	since    time.Time // when the transaction ended
	state    string
	reason   string // why it is not sent
	attempts []attempt
	next     time.Time // when it is sent again
}

// The states of a letter.
const (
	letterWaiting   = "waiting"
	letterDelivered = "delivered"
	letterGivenUp   = "given-up"
	letterNotSent   = "not-sent"
)

// An attempt is one try to deliver a letter.
type attempt struct {
	At      time.Time     `json:"at"`
	Status  int           `json:"status,omitempty"` // of the answer; zero when there was none
	Reason  string        `json:"reason,omitempty"` // why it was not taken
	Took    time.Duration `json:"took"`
	Unasked bool          `json:"unasked,omitempty"` // beside the schedule
	Dropped bool          `json:"dropped,omitempty"` // never made: a fault took the letter away
}

// A postman tells merchants that something happened to a payment: after each transaction, completed or failed, the
// merchant's own captures, cancellations and reversals among them, for documentation says every transaction. A callback
// that is not answered with 2xx is sent again, six times, at the documented times. Callbacks of one payment are sent one
// after the other; those of different payments do not wait for each other, but at most eight at once go to one host.
type postman struct {
	clock   *clock
	agenda  *agenda
	journal *journal
	faults  *faults
	world   string
	config

	settled func() // returns when what the book has under way is in the journal
	life    context.Context
	end     context.CancelFunc

	mu      sync.Mutex
	idle    *sync.Cond
	closed  bool
	asleep  bool // while records are read back, nothing is sent
	letters map[string]*letter
	order   []string
	bags    map[string][]errand // by payment; the key is there while someone is out with the bag
	busy    int                 // payments somebody is out for
	waiting int
	held    []errand // by a fault, until another callback has gone out
	hosts   map[string]chan struct{}
}

// An errand is a letter to be delivered once.
type errand struct {
	letter  string
	unasked bool
	again   bool   // was held back or delayed already
	done    func() // called once when it is over; may be nil
}

func (e errand) over() {
	if e.done != nil {
		e.done()
	}
}

func newPostman(c config, w *world) *postman {
	client := *c.callbackClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.callbackClient = &client
	m := &postman{
		clock: w.clock, agenda: w.agenda, journal: w.journal, faults: c.faults, world: w.name, config: c,
		letters: map[string]*letter{}, bags: map[string][]errand{}, hosts: map[string]chan struct{}{},
	}
	m.idle = sync.NewCond(&m.mu)
	m.life, m.end = context.WithCancel(context.Background())
	m.settled = func() {
		w.book.mu.Lock()   // whoever made the letter has let go, and so has written
		w.book.mu.Unlock() //nolint:staticcheck // nothing is done in between: it is waited for
	}
	return m
}

// tell puts a callback on its way, unless the payment has no callbackUrl. It does not block.
func (m *postman) tell(p payment, t transaction) {
	if p.order.urls.CallbackURL == "" {
		return
	}
	l := &letter{
		id: t.id, payment: p.id, url: p.order.urls.CallbackURL, since: t.updated, state: letterWaiting,
		body: psp.CallbackPayload{
			Payment:     psp.PaymentReference{ID: p.path(), Number: p.number},
			Transaction: psp.TransactionReference{ID: p.transactionPath(t.op, t), Number: t.number},
		},
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters[l.id] = l
	m.order = append(m.order, l.id)
	if err := m.mayPost(l.url); err != nil {
		l.state, l.reason = letterNotSent, err.Error()
		m.log(l, attempt{Reason: l.reason})
		return
	}
	if !m.asleep {
		m.send(l.payment, errand{letter: l.id})
	}
}

// mayPost refuses an address that callbacks are not sent to.
func (m *postman) mayPost(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("not an http or https URL")
	case m.closed:
		return errors.New("the sandbox is closed")
	case m.waiting >= waitingLetters:
		return fmt.Errorf("%d callbacks are waiting already", waitingLetters)
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	allowed := func(h string) bool { return h == "*" || strings.EqualFold(h, host) }
	if strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() || slices.ContainsFunc(m.callbackHosts, allowed) {
		return nil
	}
	return fmt.Errorf("callbacks to %s are not allowed; allow the host, or use a loopback address", host)
}

// send gives an errand to whoever is out for the payment. The lock is held.
func (m *postman) send(payment string, e errand) {
	if m.closed {
		e.over()
		return
	}
	_, out := m.bags[payment]
	m.bags[payment] = append(m.bags[payment], e)
	m.waiting++
	if !out {
		m.busy++
		go m.carry(payment)
	}
}

// carry delivers for one payment until its bag is empty.
func (m *postman) carry(payment string) {
	m.settled()
	durable := m.journal.wait() == nil // what may never have happened is not told
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.bags[payment]) > 0 {
		e := m.bags[payment][0]
		m.bags[payment] = m.bags[payment][1:]
		if l, ok := m.letters[e.letter]; ok && durable && m.life.Err() == nil {
			m.deliver(l, e)
		}
		e.over()
		m.waiting--
	}
	delete(m.bags, payment)
	if m.busy--; m.busy == 0 {
		m.idle.Broadcast()
	}
}

// deliver does one errand. The lock is held, and let go while the letter is out.
func (m *postman) deliver(l *letter, e errand) {
	times := 1
	if e.again {
		m.hand(l, e, times)
		return
	}
	if f, ok := m.faults.callback(m.world, l.body.Payment.ID); ok {
		e.again = true
		switch {
		case f.Status != 0 || f.Latency != 0 || f.Cut != "":
			a := f.attempt(m.clock.now())
			a.Unasked = e.unasked
			m.note(l, a)
			return
		case f.Delay > 0:
			payment := l.payment
			m.agenda.put(m.clock.now().Add(f.Delay), func(time.Time) {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.send(payment, e)
			})
			return
		case f.Hold:
			m.held = append(m.held, e)
			return
		case f.Drop:
			m.note(l, attempt{At: m.clock.now(), Reason: "a fault dropped it", Unasked: true, Dropped: true})
			return
		}
		times += f.Duplicate
	}
	m.hand(l, e, times)
}

// attempt is one that a fault answers in the place of the merchant.
func (f Fault) attempt(now time.Time) attempt {
	a := attempt{At: now, Status: cmp.Or(f.Status, http.StatusOK), Took: f.Latency}
	switch {
	case f.Latency >= callbackTimeout:
		a.Status, a.Took, a.Reason = 0, callbackTimeout, "there was no answer in time, by a fault"
	case f.Cut == CutReset:
		a.Status, a.Reason = 0, "the connection was reset, by a fault"
	case a.Status/100 != 2:
		a.Reason = "the answer was not 2xx, by a fault"
	}
	return a
}

// hand posts a letter so many times, and then those that were held until now. The lock is held, and let go while the
// letter is out.
func (m *postman) hand(l *letter, e errand, times int) {
	for i := range times {
		a := m.post(l)
		a.Unasked = e.unasked || i > 0
		m.note(l, a)
	}
	held := m.held
	m.held = nil
	for _, h := range held {
		if other, ok := m.letters[h.letter]; ok {
			m.send(other.payment, h)
		}
	}
}

// note writes down an attempt, and plans the next. The lock is held.
func (m *postman) note(l *letter, a attempt) {
	if m.letters[l.id] != l {
		return // forgotten meanwhile
	}
	l.attempts = append(l.attempts, a)
	m.journal.append(recorded(l.id, recordAttempt, a))
	m.log(l, a)
	m.plan(l)
}

// plan decides what follows from the attempts made. The lock is held.
func (m *postman) plan(l *letter) {
	made := 0
	for _, a := range l.attempts {
		if a.Reason == "" {
			l.state, l.reason, l.next = letterDelivered, "", time.Time{}
			return
		}
		if a.Dropped {
			l.state, l.reason, l.next = letterNotSent, a.Reason, time.Time{}
		}
		if !a.Unasked {
			made++
		}
	}
	switch {
	case l.state != letterWaiting:
	case made > len(retries):
		l.state, l.next = letterGivenUp, time.Time{}
	case made > 0:
		next := l.since.Add(retries[made-1])
		if next.Equal(l.next) {
			return
		}
		l.next = next
		if !m.asleep {
			m.remind(l)
		}
	}
}

// remind puts the next attempt on the agenda. The lock is held.
func (m *postman) remind(l *letter) {
	planned := l.next
	m.agenda.put(planned, func(time.Time) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.letters[l.id] == l && l.state == letterWaiting && l.next.Equal(planned) {
			m.send(l.payment, errand{letter: l.id})
		}
	})
}

// redeliver sends a letter so many times, now, whatever became of it. The channel it answers closes when all of that has
// been answered or failed.
func (m *postman) redeliver(id string, times int) (<-chan struct{}, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.letters[id]
	if !ok {
		return nil, refuse.NotFound("There is no such callback.")
	}
	if err := m.mayPost(l.url); err != nil {
		return nil, refuse.Status(http.StatusConflict, "The callback is not sent: "+err.Error()+".")
	}
	var left atomic.Int64
	left.Store(int64(times))
	done := make(chan struct{})
	for range times {
		m.send(l.payment, errand{letter: l.id, unasked: true, again: true, done: func() {
			if left.Add(-1) == 0 {
				close(done)
			}
		}})
	}
	return done, nil
}

// rest returns when nobody is out.
func (m *postman) rest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.busy > 0 {
		m.idle.Wait()
	}
}

func (m *postman) log(l *letter, a attempt) {
	m.logger.Info("callback", "transaction", l.body.Transaction.ID, "attempt", len(l.attempts), "status", a.Status, "reason", a.Reason)
}

// deliveries are copies of the letters, oldest first.
func (m *postman) deliveries() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.listed()
}

// listed is deliveries under the lock.
func (m *postman) listed() []letter {
	out := make([]letter, 0, len(m.order))
	for _, id := range m.order {
		if l, ok := m.letters[id]; ok {
			now := *l
			now.attempts = slices.Clone(l.attempts)
			out = append(out, now)
		}
	}
	return out
}

// forget drops the letters of a payment.
func (m *postman) forget(p payment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range p.state.transactions {
		delete(m.letters, t.id)
	}
	if len(m.order) > 2*len(m.letters)+100 {
		m.order = slices.DeleteFunc(m.order, func(id string) bool { return m.letters[id] == nil })
	}
}

// records are the attempts made. The lock is held.
func (m *postman) records() []Record {
	var out []Record
	for _, l := range m.listed() {
		for _, a := range l.attempts {
			out = append(out, recorded(l.id, recordAttempt, a))
		}
	}
	return out
}

// restore puts an attempt back that was made before.
func (m *postman) restore(r Record) error {
	var a attempt
	if err := json.Unmarshal(r.Data, &a); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.letters[r.Subject]; ok {
		l.attempts = append(l.attempts, a)
		m.plan(l)
	}
	return nil
}

// sleep makes letters that are told of wait for resume.
func (m *postman) sleep() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asleep = true
}

// resume sends what was waiting when the records ended. The lock is held.
func (m *postman) resume() {
	m.asleep = false
	for _, id := range m.order {
		switch l := m.letters[id]; {
		case l == nil || l.state != letterWaiting:
		case l.next.IsZero():
			m.send(l.payment, errand{letter: id})
		default:
			m.remind(l)
		}
	}
}

// wipe forgets every letter, and what somebody out for a payment has in the bag. The lock is held.
func (m *postman) wipe() {
	for payment, errands := range m.bags {
		for _, e := range errands {
			e.over()
			m.waiting--
		}
		m.bags[payment] = nil // the key stays: somebody is out
	}
	m.letters, m.order, m.held = map[string]*letter{}, nil, nil
}

// close waits for what is out, for as long as one callback may take, and sends no more.
func (m *postman) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	last := time.AfterFunc(callbackTimeout, m.end)
	defer last.Stop()
	m.rest()
	m.end()
}
