package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// Title is what the order is called on pages and at the bank.
func (o *order) Title() string { return fmt.Sprintf("Order %d", o.Number) }

type orderPage struct {
	*order
	Back  bool   // the payer came back without paying
	Stale string // why this may not be the newest, in words
}

// showOrder shows the shopper where the order stands. While more may be heard of it the bank is asked first: a payer is
// often back before the callback is. What the address of the return says is taken for what it is, the wish of whoever
// typed it; whether the order is paid only the bank can say.
func (s *shop) showOrder(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderOf(w, r)
	if !ok {
		return
	}
	p := orderPage{order: o, Back: r.URL.Query().Get("back") == "cancelled"}
	if o.Open() && o.Payment != "" {
		var err error
		if p.order, err = s.refresh(r.Context(), o); err != nil {
			s.log.Warn("the bank could not be asked", "order", o.Number, "error", err)
			p.Stale = "The bank cannot be reached just now. This is what it said last."
		}
	}
	if state := p.State(); state == confirming || state == asking {
		w.Header().Set("Refresh", "2") // the page looks again by itself, without a script
	}
	s.show(w, r, http.StatusOK, "order", p)
}

// payOrder sends the payer to the bank's page again.
func (s *shop) payOrder(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderOf(w, r)
	if !ok {
		return
	}
	to := "/orders/" + o.Key
	if o.Payment != "" {
		payment, err := s.pay.Payment(r.Context(), o.Payment)
		if err != nil {
			s.log.Warn("the bank could not be asked", "order", o.Number, "error", err)
		} else if href, ok := page(payment); ok {
			to = href
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// cancelOrder gives an order up that is not paid. The bank decides whether that is so: should the payer have paid in
// another window a moment ago, the payment does not offer it any more, and the order page shows that it is paid.
func (s *shop) cancelOrder(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderOf(w, r)
	if !ok {
		return
	}
	if err := s.abort(patient(r.Context()), o); err != nil {
		s.log.Warn("the payment could not be aborted", "order", o.Number, "error", err)
	}
	http.Redirect(w, r, "/orders/"+o.Key, http.StatusSeeOther)
}

// abort ends the payment of an order for good, and reads what has become of it.
func (s *shop) abort(ctx context.Context, o *order) error {
	if o.Method == byResurs {
		return s.orders.learn(ctx, o.Number, reading{Ended: stateAborted, Progress: 1}, nil)
	}
	payment, err := s.pay.Payment(ctx, o.Payment)
	if err != nil {
		return err
	}
	err = payment.Abort(ctx, "CancelledByConsumer")
	if _, ok := errors.AsType[*swedbankpay.UnavailableError](err); ok {
		err = nil // it is paid, or over already
	}
	if err == nil {
		_, err = s.refresh(ctx, o)
	}
	return err
}

// orderOf finds the order whose key is in the address, or answers that there is none.
func (s *shop) orderOf(w http.ResponseWriter, r *http.Request) (*order, bool) {
	o, err := s.orders.by(r.Context(), "key", r.PathValue("key"))
	if err != nil {
		s.fail(w, r, err)
		return nil, false
	}
	return o, true
}
