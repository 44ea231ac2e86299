// Package server is a sandbox of the Resurs payment widget backend and of Swedbank Pay payment instruments: a stateful
// stand-in for the vendors' test environments, made for tests and for trying things out. It moves no money.
//
//	sandbox, err := server.New()
//	defer sandbox.Close()
//	client := sandbox.Client() // reaches the sandbox whatever the host, without a port
//
// # Two doors
//
// A Server is an http.Handler with the vendors' paths: /oauth2/token, /api/mock_payment_widget_service/... and
// /psp/.... What the payer does, and what a test may ask, is behind a second door: Admin, or Pay and Decline in Go.
//
// # Promises
//
// Every request is held against the contract before anything happens, and refused in the vendor's own form: first the
// address (404, 405), then the token (401), then what the token may do (403), then the request itself (400, or 422 at
// Resurs). A refused request changes nothing. Every refusal has a JSON body.
//
// A payment is a list of facts; its amounts, its links and the operations it offers are computed from them. What is
// offered works, and what is not offered is refused, save where a merchant sends a card or telephone number itself: the
// live environment offers that to certified merchants alone, the sandbox to nobody, and takes it from anybody while the
// payment can still be paid. Money is conserved under any number of concurrent requests.
//
// By default any bearer token and any payee are accepted, ids differ from run to run, everything is kept in memory
// until Reset or the end of the process, and callbacks are sent to loopback addresses alone.
//
// # Time
//
// What is asynchronous in the live environment is so here: a Swish or Trustly sale once its payer has confirmed it, a Swish
// reversal, and callbacks, which are sent again as documented until they are answered with 2xx. With the machine's clock
// all of it happens by itself, within seconds. A test turns the clock with Advance, or hands in one of its own, and never
// waits. Charges of stored cards are complete when they are answered, and as documented no callback tells of them.
//
// # Namespaces
//
// Merchants never meet. Each Swedbank Pay token and each Resurs client id has payments, references, callbacks and a clock
// of its own, unless a Setup gives several to one merchant; so tests that run in parallel need one sandbox and a token each.
//
// # Payers
//
// Operations lead to pages on which a person pays, declines or cancels; Pay, Decline and their like do the same in Go, and
// the second door over HTTP. Test data that the vendor documents select the documented outcome. Where a link is followed by
// anybody who knows it, so is it here: pages ask for no token.
//
// # Keeping
//
// By default everything is in memory: 50,000 payments, 1000 requests, 10,000 sessions and as many namespaces, of which the
// oldest are forgotten first. With WithStore what happened is on disk before it is answered, and is read back by New.
//
// # Limits
//
// What the vendor documents nowhere, such as the settings of a payment, answers its id alone; an overcharge changes
// nothing. Bodies of more than a mebibyte are refused with 413.
package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kassa-dev/kassa/gen/resurs/merchant"
	"github.com/kassa-dev/kassa/gen/resurs/widget"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/mobilepay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/swish"
	"github.com/kassa-dev/kassa/gen/swedbankpay/trustly"
	"github.com/kassa-dev/kassa/gen/swedbankpay/vipps"
	"github.com/kassa-dev/kassa/internal/contract"
)

// A Server is a sandbox. It is safe for concurrent use.
type Server struct {
	config
	contract *contract.Contract
	dice     *dice // Session-Ids of refusals, apart so that a refused request does not shift what follows
	resurs   *resurs
	traces   traces
	kept     atomic.Int64           // payments in all
	reached  atomic.Pointer[string] // the address at which a merchant reached the first door last
	mux      *http.ServeMux
	admin    http.Handler
	front    http.Handler
	started  time.Time // by the machine's clock

	mu     sync.Mutex
	worlds map[string]*world
	offset time.Duration // of the clocks of worlds to come
	broken error         // why nothing can be written any more
	closed bool
	again  uint64 // tells what was read back from anything else that could have been; 0 when there was nothing
}

// New makes a sandbox. It fails when an option makes no sense, or when what the store holds cannot be read back, with a
// message that says which.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	documents, err := contract.Own()
	if err != nil {
		return nil, fmt.Errorf("server: the embedded contract does not load: %w", err)
	}
	cfg.faults = &faults{seed: cfg.seed}
	s := &Server{config: cfg, contract: documents, dice: newDice(cfg.seed, "refusals", 0), worlds: map[string]*world{}, started: time.Now()}
	s.resurs = newResurs(s)
	s.mux = http.NewServeMux()
	s.register()
	if s.admin, err = s.newAdmin(); err != nil {
		return nil, err
	}
	s.front = s.newFront()
	if err := s.readBack(); err != nil {
		return nil, err
	}
	return s, nil
}

// register puts the strict servers of all documents on one mux. Their own error handlers never see a client's mistake
// first: the gate has judged the request before.
func (s *Server) register() {
	var strict = struct {
		RequestErrorHandlerFunc  func(http.ResponseWriter, *http.Request, error)
		ResponseErrorHandlerFunc func(http.ResponseWriter, *http.Request, error)
	}{s.refuseUnreadable, s.refuse}
	creditcard.HandlerWithOptions(creditcard.NewStrictHandlerWithOptions(nil, []creditcard.StrictMiddlewareFunc{
		served[creditcard.StrictHandlerFunc](till{creditcardInstrument}),
	}, strict), creditcard.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	invoice.HandlerWithOptions(invoice.NewStrictHandlerWithOptions(nil, []invoice.StrictMiddlewareFunc{
		served[invoice.StrictHandlerFunc](till{invoiceInstrument}),
	}, strict), invoice.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	swish.HandlerWithOptions(swish.NewStrictHandlerWithOptions(nil, []swish.StrictMiddlewareFunc{
		served[swish.StrictHandlerFunc](till{swishInstrument}),
	}, strict), swish.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	vipps.HandlerWithOptions(vipps.NewStrictHandlerWithOptions(nil, []vipps.StrictMiddlewareFunc{
		served[vipps.StrictHandlerFunc](till{vippsInstrument}),
	}, strict), vipps.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	mobilepay.HandlerWithOptions(mobilepay.NewStrictHandlerWithOptions(nil, []mobilepay.StrictMiddlewareFunc{
		served[mobilepay.StrictHandlerFunc](till{mobilepayInstrument}),
	}, strict), mobilepay.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	trustly.HandlerWithOptions(trustly.NewStrictHandlerWithOptions(nil, []trustly.StrictMiddlewareFunc{
		served[trustly.StrictHandlerFunc](till{trustlyInstrument}),
	}, strict), trustly.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	merchant.HandlerWithOptions(
		merchant.NewStrictHandlerWithOptions(s.resurs, nil, strict), merchant.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	widget.HandlerWithOptions(
		widget.NewStrictHandlerWithOptions(s.resurs, nil, strict), widget.StdHTTPServerOptions{BaseURL: widgetBase, BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
}

// Pay lets the payer complete a payment: an authorization, a verification or a sale, which one that awaits the payer
// becomes. It completes a Swish reversal that is under way. All of that happens at once, without the delays that the
// pages and the second door keep to. Where test data of the vendor's select another outcome, that is what comes of it.
// The payment is named by its id, its path, its URL or the href of an operation that leads the payer on. Pay fails when
// there is no such payment or when it can no longer be paid.
func (s *Server) Pay(ctx context.Context, payment string) error {
	return s.do(ctx, payment, act{do: actPay, now: true})
}

// Decline lets an attempt of the payer fail, or a Swish reversal that is under way, for the usual reason. It names the
// payment, and fails, as Pay does.
func (s *Server) Decline(ctx context.Context, payment string) error {
	return s.do(ctx, payment, act{do: actDecline, now: true})
}

// DeclineFor is Decline for a reason: the last part of the type of a problem that documentation lists for the instrument,
// such as acquirerinsufficientfunds or bankidcancelled. It fails for any other, and says which there are.
func (s *Server) DeclineFor(ctx context.Context, payment, reason string) error {
	return s.do(ctx, payment, act{do: actDecline, reason: reason, now: true})
}

// TimeOut lets an attempt of the payer fail because the payer lets it pass. It names the payment, and fails, as Pay does.
func (s *Server) TimeOut(ctx context.Context, payment string) error {
	return s.do(ctx, payment, act{do: actTimeout, now: true})
}

func (s *Server) do(_ context.Context, payment string, a act) error {
	_, _, err := s.act(payment, a)
	return err
}

// act lets the payer of a payment act, in whatever namespace it is.
func (s *Server) act(key string, a act) (payment, transaction, error) {
	w, err := s.worldWith(key)
	if err != nil {
		return payment{}, transaction{}, err
	}
	w.agenda.catchUp()
	p, t, err := w.book.act(key, a)
	if lost := s.durable(w); lost != nil {
		err = lost
	}
	return p, t, err
}

// Advance turns the clock of every namespace on, those that come later included. What is due on the way happens, each at
// its time: settlements, callbacks and the attempts to deliver them again. It returns when all of that has happened. It
// fails when d is negative, or leads further ahead of the clock's source than a hundred years.
func (s *Server) Advance(_ context.Context, d time.Duration) error {
	return s.turn(d, func(now time.Time) time.Time { return now.Add(d) })
}

// turn turns on the clock that new namespaces start with, and that of each namespace to what it becomes.
func (s *Server) turn(d time.Duration, becomes func(time.Time) time.Time) error {
	s.mu.Lock()
	if err := mayTurn(s.offset, d); err != nil {
		s.mu.Unlock()
		return err
	}
	s.offset += d
	written := func() error { return nil }
	if s.store != nil {
		written = s.store.Append(recorded("", recordClock, s.offset))
	}
	worlds := s.listed() // those that come later begin with the new offset
	s.mu.Unlock()
	for _, w := range worlds {
		if err := s.turnOne(w, becomes); err != nil {
			return err
		}
	}
	return s.check(written())
}

// turnOne turns the clock of one namespace on to what it becomes. Of several who do so at once, each begins where the one
// before has ended.
func (s *Server) turnOne(w *world, becomes func(time.Time) time.Time) error {
	w.turning.Lock()
	now := w.clock.now()
	to := becomes(now)
	err := mayTurn(w.clock.offset(), max(to.Sub(now), 0))
	if err == nil {
		w.advance(to)
	}
	w.turning.Unlock()
	if err != nil {
		return err
	}
	return s.durable(w)
}

// maxAhead is how far ahead of its source a clock is turned.
const maxAhead = 100 * 365 * 24 * time.Hour

// mayTurn refuses to turn a clock that is so far ahead on by d.
func mayTurn(ahead, d time.Duration) error {
	switch {
	case d < 0:
		return errors.New("server: time does not go back; give a duration that is not negative, or a moment that is still to come")
	case d > maxAhead-ahead:
		return errors.New("server: a clock is at most a hundred years ahead; give a shorter duration, or reset the sandbox")
	}
	return nil
}

// Reset forgets every payment, reference, token, callback, request and fault, and starts the seed over. Access tokens
// given out before remain good until they expire, and clocks show what they showed. Callbacks under way are still sent.
func (s *Server) Reset() { _ = s.reset(false) }

// reset is Reset, and sets the clocks to the machine's when asked to. It fails when that cannot be written down.
func (s *Server) reset(clocks bool) error {
	worlds, thaw := s.freeze()
	if clocks {
		s.offset = 0
	}
	for _, w := range worlds {
		w.wipe()
		if clocks {
			w.clock.turn(0)
		}
	}
	written := s.rewrite(worlds)
	s.faults.forget("")
	s.traces.wipe("")
	s.dice.again()
	thaw()
	return s.check(written())
}

// resetOne forgets what happened in a namespace, and sets its clock to the machine's.
func (s *Server) resetOne(w *world) {
	defer w.freeze()()
	w.wipe()
	w.clock.turn(0)
	w.journal.replace(w.records()...)
	s.faults.forget(w.name)
	s.traces.wipe(w.name)
}

// Close waits for callbacks under way, for ten seconds at most, and sends no more. Nothing happens by itself any more; what
// waits in a store goes on when that is opened again. The sandbox answers on unless it had a store, which is closed. It
// fails as closing the store does.
func (s *Server) Close() error {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	var closing sync.WaitGroup
	for _, w := range s.all() {
		closing.Go(w.close) // all at once, for each may wait as long as a callback does
	}
	closing.Wait()
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}
