package main

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// The pages of the staff have no login, so that the example stays one of payments. Yours need one.

type ordersPage struct{ Orders []*order }

func (ordersPage) Title() string { return "Orders" }

func (s *shop) showOrders(w http.ResponseWriter, r *http.Request) {
	all, err := s.orders.all(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "orders", ordersPage{all})
}

type deskPage struct {
	*order
	Offers []offer
	Stale  string // why this may not be the newest, in words
}

// An offer is an operation the staff may ask for. Its form carries the reference the operation will have, so pressing the
// button twice, or sending the form again, asks for the same thing twice and gets it once.
type offer struct {
	Kind      kind
	Left      swedbankpay.Amount
	Reference string
	Value     string // in the field of the amount
	Fault     string // what is wrong with it
}

// A fault is what was wrong with an amount that was typed.
type fault struct {
	Kind         kind
	Typed, Words string
}

func (p deskPage) Title() string { return p.order.Title() }

// showDesk shows an order to the staff, with what can be done about it.
func (s *shop) showDesk(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.orderAt(w, r); ok {
		s.showDeskOf(w, r, o, http.StatusOK, fault{})
	}
}

func (s *shop) showDeskOf(w http.ResponseWriter, r *http.Request, o *order, status int, wrong fault) {
	p := deskPage{order: o}
	if o.Open() && o.Payment != "" {
		var err error
		if p.order, err = s.refresh(r.Context(), o); err != nil {
			s.log.Warn("the bank could not be asked", "order", o.Number, "error", err)
			p.Stale = "The bank cannot be reached just now. This is what it said last."
		}
	}
	for _, k := range []kind{capture, cancellation, reversal} {
		left := p.Left(k)
		if o.Payment == "" || left.Minor() == 0 {
			continue
		}
		offered := offer{Kind: k, Left: left, Reference: swedbankpay.NewPayeeReference(), Value: strings.TrimSuffix(left.String(), " SEK")}
		if wrong.Kind == k {
			offered.Value, offered.Fault = wrong.Typed, wrong.Words
		}
		p.Offers = append(p.Offers, offered)
	}
	s.show(w, r, status, "desk", p)
}

// operate stores what the staff want done, and then has it done.
func (s *shop) operate(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderAt(w, r)
	if !ok {
		return
	}
	op := operation{
		Order: o.Number, Kind: kind(r.PostFormValue("kind")), Reference: r.PostFormValue("reference"), Created: time.Now(),
	}
	if !ours.MatchString(op.Reference) || op.Kind != capture && op.Kind != cancellation && op.Kind != reversal {
		http.Error(w, "this form is not from our page", http.StatusBadRequest)
		return
	}
	if o.has(op.Reference) { // the same form, sent again
		s.backToDesk(w, r, o)
		return
	}
	left := o.Left(op.Kind)
	op.Amount = left // a cancellation releases all that is left
	if op.Kind != cancellation {
		var why string
		typed := r.PostFormValue("amount")
		if op.Amount, why = amountOf(typed, left); why != "" {
			s.showDeskOf(w, r, o, http.StatusUnprocessableEntity, fault{op.Kind, typed, why})
			return
		}
	}
	ctx := patient(r.Context())
	isNew, err := s.orders.intend(ctx, op) // before it is sent: see operation.go
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if isNew {
		if err := s.carryOut(ctx, o, op); err != nil {
			s.log.Error("the outcome of an operation is unknown", "order", o.Number, "kind", op.Kind, "reference", op.Reference, "error", err)
		}
	}
	s.backToDesk(w, r, o)
}

// amountOf reads kronor as people type them, such as 295, 147.50 and 147,5, and says what is wrong with them.
func amountOf(typed string, left swedbankpay.Amount) (swedbankpay.Amount, string) {
	a, err := swedbankpay.ParseAmount(strings.Replace(strings.TrimSpace(typed), ",", ".", 1) + " SEK")
	switch {
	case err != nil:
		return a, "Enter an amount in kronor, such as 295 or 147.50."
	case a.Minor() <= 0 || a.Minor() > left.Minor():
		return a, "Enter an amount of at most " + left.String() + "."
	}
	return a, ""
}

// look asks the bank about an order, and brings to an end what was left behind.
func (s *shop) look(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderAt(w, r)
	if !ok {
		return
	}
	if o.Payment != "" {
		if err := s.settle(patient(r.Context()), o); err != nil {
			s.log.Warn("the bank could not be asked", "order", o.Number, "error", err)
		}
	}
	s.backToDesk(w, r, o)
}

// backToDesk answers a form with a page of its own, so that looking at it again sends nothing again.
func (*shop) backToDesk(w http.ResponseWriter, r *http.Request, o *order) {
	http.Redirect(w, r, "/staff/"+strconv.FormatInt(o.Number, 10), http.StatusSeeOther)
}

// orderAt finds the order whose number is in the address, or answers that there is none.
func (s *shop) orderAt(w http.ResponseWriter, r *http.Request) (*order, bool) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		s.fail(w, r, errNone)
		return nil, false
	}
	o, err := s.orders.by(r.Context(), "number", number)
	if err != nil {
		s.fail(w, r, err)
		return nil, false
	}
	return o, true
}
