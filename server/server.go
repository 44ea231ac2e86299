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
// offered works, and what is not offered is refused. Money is conserved under any number of concurrent requests.
//
// By default any bearer token and any payee are accepted, ids differ from run to run, everything is kept in memory
// until Reset or the end of the process, and callbacks are sent to loopback addresses alone.
//
// # Limits
//
// Card purchases and Trustly, as far as the contract goes: no 3-D Secure, no stored cards, no pages for the payer.
// Bodies of more than a mebibyte are refused with 413. A callback is attempted once, not the documented seven times.
package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/kassa-dev/kassa/gen/resurs/merchant"
	"github.com/kassa-dev/kassa/gen/resurs/widget"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/trustly"
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
	creditcard.HandlerWithOptions(
		creditcard.NewStrictHandlerWithOptions(creditcardServer{till{s.book, creditcardInstrument}}, nil, creditcard.StrictHTTPServerOptions{
			RequestErrorHandlerFunc: s.refuseUnreadable, ResponseErrorHandlerFunc: s.refuse,
		}), creditcard.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	trustly.HandlerWithOptions(
		trustly.NewStrictHandlerWithOptions(trustlyServer{till{s.book, trustlyInstrument}}, nil, trustly.StrictHTTPServerOptions{
			RequestErrorHandlerFunc: s.refuseUnreadable, ResponseErrorHandlerFunc: s.refuse,
		}), trustly.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	merchant.HandlerWithOptions(
		merchant.NewStrictHandlerWithOptions(s.resurs, nil, merchant.StrictHTTPServerOptions{
			RequestErrorHandlerFunc: s.refuseUnreadable, ResponseErrorHandlerFunc: s.refuse,
		}), merchant.StdHTTPServerOptions{BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
	widget.HandlerWithOptions(
		widget.NewStrictHandlerWithOptions(s.resurs, nil, widget.StrictHTTPServerOptions{
			RequestErrorHandlerFunc: s.refuseUnreadable, ResponseErrorHandlerFunc: s.refuse,
		}), widget.StdHTTPServerOptions{BaseURL: widgetBase, BaseRouter: s.mux, ErrorHandlerFunc: s.refuseUnreadable})
}

// Pay lets the payer complete a payment: a card authorization, or a sale, which one that awaits the payer becomes. The
// payment is named by its id, its path, its URL or the href of an operation that leads the payer on. Pay fails when
// there is no such payment or when it can no longer be paid.
func (s *Server) Pay(_ context.Context, payment string) error {
	_, _, err := s.book.pay(payment)
	return err
}

// Decline lets an attempt of the payer fail. It names the payment, and fails, as Pay does.
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
