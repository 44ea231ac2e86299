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
// # Limits
//
// All six instruments and every kind of payment, save those that Server.Unbehaved lists: they answer 403 and say so. There
// are no pages for the payer, no 3-D Secure, and no test amounts, numbers or descriptions that select an outcome: a test
// says who pays and who declines. Card numbers that a merchant sends all complete. What the vendor documents nowhere,
// such as the settings of a payment, answers its id alone; an overcharge changes nothing.
//
// Nothing waits on a clock. A sale, and an authorization in an app, awaits the payer however long that takes. A Swish
// reversal is under way when it is answered and completes with the next request that concerns its payment, or at the
// payer's door, where it may also be declined; the callback goes out then. Charges of stored cards are complete when
// they are answered, and as documented no callback tells of them.
//
// Bodies of more than a mebibyte are refused with 413. A callback is attempted once, not the documented seven times.
package server

import (
	"context"
	"fmt"
	"net/http"

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
	dice     *dice // what payments, tokens and sessions are made of
	sessions *dice // Session-Ids of refusals, apart so that a refused request does not shift what follows
	book     *book
	postman  *postman
	resurs   *resurs
	mux      *http.ServeMux
	admin    http.Handler
}

// New makes a sandbox. It fails when an option makes no sense, with a message that says which.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	documents, err := contract.Own()
	if err != nil {
		return nil, fmt.Errorf("server: the embedded contract does not load: %w", err)
	}
	s := &Server{config: cfg, contract: documents, dice: newDice(cfg.seed, 0), sessions: newDice(cfg.seed, 1)}
	s.postman = newPostman(cfg)
	s.book = &book{now: cfg.clock, dice: s.dice, attempts: cfg.attempts, told: s.postman.tell}
	s.resurs = &resurs{config: cfg, dice: s.dice}
	s.mux = http.NewServeMux()
	s.register()
	s.admin = s.newAdmin()
	s.Reset()
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
		served[creditcard.StrictHandlerFunc](till{s.book, creditcardInstrument}),
	}, strict), creditcard.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	invoice.HandlerWithOptions(invoice.NewStrictHandlerWithOptions(nil, []invoice.StrictMiddlewareFunc{
		served[invoice.StrictHandlerFunc](till{s.book, invoiceInstrument}),
	}, strict), invoice.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	swish.HandlerWithOptions(swish.NewStrictHandlerWithOptions(nil, []swish.StrictMiddlewareFunc{
		served[swish.StrictHandlerFunc](till{s.book, swishInstrument}),
	}, strict), swish.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	vipps.HandlerWithOptions(vipps.NewStrictHandlerWithOptions(nil, []vipps.StrictMiddlewareFunc{
		served[vipps.StrictHandlerFunc](till{s.book, vippsInstrument}),
	}, strict), vipps.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	mobilepay.HandlerWithOptions(mobilepay.NewStrictHandlerWithOptions(nil, []mobilepay.StrictMiddlewareFunc{
		served[mobilepay.StrictHandlerFunc](till{s.book, mobilepayInstrument}),
	}, strict), mobilepay.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	trustly.HandlerWithOptions(trustly.NewStrictHandlerWithOptions(nil, []trustly.StrictMiddlewareFunc{
		served[trustly.StrictHandlerFunc](till{s.book, trustlyInstrument}),
	}, strict), trustly.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	merchant.HandlerWithOptions(
		merchant.NewStrictHandlerWithOptions(s.resurs, nil, strict), merchant.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	widget.HandlerWithOptions(
		widget.NewStrictHandlerWithOptions(s.resurs, nil, strict), widget.StdHTTPServerOptions{BaseURL: widgetBase, BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
}

// Pay lets the payer complete a payment: an authorization, a verification or a sale, which one that awaits the payer
// becomes. It completes a Swish reversal that is under way. The payment is named by its id, its path, its URL or the href of an operation that leads the payer on. Pay fails when
// there is no such payment or when it can no longer be paid.
func (s *Server) Pay(_ context.Context, payment string) error {
	_, _, err := s.book.pay(payment)
	return err
}

// Decline lets an attempt of the payer fail, or a Swish reversal that is under way. It names the payment, and fails, as Pay does.
func (s *Server) Decline(_ context.Context, payment string) error {
	_, _, err := s.book.decline(payment)
	return err
}

// Reset forgets every payment, reference and delivery, and starts the seed over. Access tokens given out before remain
// good until they expire. Callbacks under way are still sent.
func (s *Server) Reset() {
	s.book.wipe()
	s.postman.wipe()
	s.dice.again()
	s.sessions.again()
	s.resurs.reset()
}

// Close waits for callbacks under way, each of which takes ten seconds at most, and sends no more. The sandbox answers
// on. The error is always nil.
func (s *Server) Close() error {
	s.postman.close()
	return nil
}
