package server

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// defaultLimit is how many are listed where nothing else is asked for.
const defaultLimit = 100

// limited are the first of a list.
func limited[T any](list []T, limit *int64) []T {
	n := cmp.Or(given(limit), defaultLimit)
	if int64(len(list)) > n {
		list = list[:n]
	}
	return list
}

// given is a parameter, or its zero when it was not given.
func given[T any](parameter *T) T {
	if parameter == nil {
		return *new(T)
	}
	return *parameter
}

// ListPayments lists payments, the newest first.
func (d *secondDoor) ListPayments(ctx context.Context, r door.ListPaymentsRequestObject) (door.ListPaymentsResponseObject, error) {
	list, err := d.payments(ctx, r.Params)
	return door.ListPayments200JSONResponse{Payments: list}, err
}

func (d *secondDoor) payments(ctx context.Context, q door.ListPaymentsParams) ([]door.Payment, error) {
	worlds, err := d.worlds(ctx)
	if err != nil {
		return nil, err
	}
	type found struct {
		in *world
		payment
	}
	var all []found
	for _, w := range worlds {
		for _, p := range slices.Backward(w.book.all()) {
			if (q.Instrument == nil || string(*q.Instrument) == p.instrument.segment) && (q.State == nil || string(*q.State) == p.status()) {
				all = append(all, found{w, p})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return b.created.Compare(a.created) })
	list := []door.Payment{}
	for _, p := range limited(all, q.Limit) {
		list = append(list, d.summary(p.in, p.payment))
	}
	return list, nil
}

// summary is a payment in short.
func (d *secondDoor) summary(w *world, p payment) door.Payment {
	out := door.Payment{
		ID: p.path(), Number: p.number, Instrument: p.instrument.segment, Operation: p.order.operation, Intent: p.order.intent,
		State: p.status(), Currency: p.order.currency, Amount: p.state.balance.Amount(), Offers: p.offers(),
		Transactions: int64(len(p.state.transactions)), Created: doorTime(p.created), Updated: doorTime(p.state.updated), Namespace: w.name,
	}
	if out.Offers == nil {
		out.Offers = []string{}
	}
	out.Capturable, out.Cancellable, out.Reversible = p.left()
	if out.Amount == 0 {
		out.Amount = p.price().Amount // until the payer has agreed to one
	}
	if _, paid := p.paid(); paid || p.payable() != nil {
		return out
	}
	for _, op := range p.operations(d.server.lastBase()) {
		if strings.HasPrefix(op.Rel, "redirect-") {
			out.Redirect = op.Href
		}
	}
	return out
}

// GetPayment tells everything about a payment.
func (d *secondDoor) GetPayment(ctx context.Context, r door.GetPaymentRequestObject) (door.GetPaymentResponseObject, error) {
	w, p, err := d.find(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return door.GetPayment200JSONResponse(d.detail(w, p)), nil
}

func (d *secondDoor) detail(w *world, p payment) door.PaymentDetail {
	o := p.order
	out := door.PaymentDetail{
		Payment: d.summary(w, p), Description: o.description,
		Payee: door.Payee{PayeeID: o.payee.PayeeID, PayeeReference: o.payee.PayeeReference},
		Urls: door.Urls{
			CompleteURL: o.urls.CompleteURL, CancelURL: o.urls.CancelURL, CallbackURL: o.urls.CallbackURL, PaymentURL: o.urls.PaymentURL,
			HostUrls: o.urls.HostUrls, LogoURL: o.urls.LogoURL, TermsOfServiceURL: o.urls.TermsOfServiceURL,
		},
		Timeline: p.timeline(), Callbacks: []door.Callback{},
	}
	for _, l := range w.postman.deliveries() {
		if l.payment == p.id {
			out.Callbacks = append(out.Callbacks, l.told(w))
		}
	}
	return out
}

// timeline is what happened, in order: that the payment was created, and the facts since.
func (p payment) timeline() []door.Fact {
	out := []door.Fact{{At: doorTime(p.created), Event: door.FactEventCreated}}
	for _, f := range p.facts {
		told := door.Fact{At: doorTime(f.at), Event: string(f.event)}
		if i := p.state.index(f.tx); f.tx != "" && i >= 0 {
			t := *p.state.transactions[i]
			told.Transaction, told.Kind, told.Amount = p.transactionPath(t.op, t), string(t.op), t.amount
		}
		switch {
		case f.event == aborted:
			told.Reason = f.reason
		case f.event == failed && f.failure != nil:
			told.Reason = cmp.Or(f.failure.description, f.failure.code, f.failure.reason)
		}
		out = append(out, told)
	}
	return out
}
