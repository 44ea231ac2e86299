package server

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// ActAsPayer lets the payer of a payment act.
func (d *secondDoor) ActAsPayer(ctx context.Context, r door.ActAsPayerRequestObject) (door.ActAsPayerResponseObject, error) {
	in := r.Body
	outcome, err := d.act(ctx, in.Payment, door.PaymentActRequest{Act: in.Act, Reason: in.Reason, Card: in.Card, Msisdn: in.Msisdn, Now: in.Now})
	return door.ActAsPayer200JSONResponse(outcome), err
}

// ActOnPayment is ActAsPayer with the payment in the path.
func (d *secondDoor) ActOnPayment(ctx context.Context, r door.ActOnPaymentRequestObject) (door.ActOnPaymentResponseObject, error) {
	outcome, err := d.act(ctx, r.ID, *r.Body)
	return door.ActOnPayment200JSONResponse(outcome), err
}

func (d *secondDoor) act(ctx context.Context, key string, in door.PaymentActRequest) (door.Outcome, error) {
	w, p, err := d.find(ctx, key)
	if err != nil {
		return door.Outcome{}, err
	}
	a, err := actOf(p, in)
	if err != nil {
		return door.Outcome{}, err
	}
	if err := p.payable(); a.do == actCancel && err != nil {
		return door.Outcome{}, err
	}
	p, t, err := w.book.act(p.id, a)
	if lost := d.server.durable(w); lost != nil {
		err = lost
	}
	if err != nil {
		return door.Outcome{}, err
	}
	out := door.Outcome{Payment: p.path(), State: p.status(), Next: p.next(a.do, t)}
	if t.id != "" {
		out.Transaction, out.TransactionState = p.transactionPath(t.op, t), t.state
		if w.postman.has(t.id) {
			out.Callback = t.id
		}
	}
	if t.coming != nil {
		out.Settles = doorTime(t.coming.due)
	}
	return out, nil
}

// actOf reads an act. It refuses what would mean nothing for the instrument: a mistyped act would otherwise be another.
func actOf(p payment, in door.PaymentActRequest) (act, error) {
	a := act{do: string(in.Act), reason: in.Reason, msisdn: in.Msisdn, now: in.Now}
	byCard := p.instrument == creditcardInstrument || p.instrument == mobilepayInstrument
	byPhone := p.instrument == swishInstrument || p.instrument == vippsInstrument || p.instrument == mobilepayInstrument
	switch {
	case in.Reason != "" && a.do != actDecline:
		return a, wrongMember("/reason", "only decline has a reason", "Leave it out, or decline.")
	case in.Card != "" && !byCard:
		return a, wrongMember("/card", p.instrument.name+" is not paid by card", "Leave it out.")
	case in.Msisdn != "" && !byPhone:
		return a, wrongMember("/msisdn", p.instrument.name+" is not paid by phone", "Leave it out.")
	case in.Reason != "" && !slices.ContainsFunc(p.instrument.reasons, func(r reason) bool { return strings.EqualFold(r.name, in.Reason) }):
		return a, wrongMember("/reason", "nothing of "+p.instrument.name+" fails with "+word(in.Reason), "Use one of "+p.instrument.reasonNames()+".")
	case in.Card == "":
		return a, nil
	}
	number, ok := numberOf(in.Card)
	if !ok {
		return a, wrongMember("/card", "the card is no published test card", "Use the number or the brand of one; real numbers are never taken.")
	}
	a.card = cardOf(number, expiryAt(p.asOf))
	return a, nil
}

// numberOf is the published number that a card is named by: itself, with or without spaces, or its brand.
func numberOf(named string) (string, bool) {
	number := strings.ReplaceAll(named, " ", "")
	for _, c := range testCards {
		if c.number == number {
			return number, true
		}
	}
	c, ok := cardOfBrand(named)
	return c.number, ok
}

// has tells whether a callback tells of a transaction.
func (m *postman) has(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.letters[id] != nil
}

// next is where the payer's browser goes: to completeUrl once the payment is paid or has failed for good, or is about to,
// to cancelUrl after cancelling, and nowhere while another attempt may follow.
func (p payment) next(act string, t transaction) string {
	over := t.state == stateCompleted || p.status() == stateFailed
	if c := t.coming; c != nil && act != actStart {
		over = c.will == completed || p.state.declines+1 >= p.attempts
	}
	switch {
	case act == actCancel:
		return p.order.urls.CancelURL
	case t.op == ledger.Reversal || !over: // of a reversal the payer knows nothing
		return ""
	default:
		return p.order.urls.CompleteURL
	}
}

// ListReasons lists what an attempt can fail with, by instrument and reason.
func (d *secondDoor) ListReasons(_ context.Context, r door.ListReasonsRequestObject) (door.ListReasonsResponseObject, error) {
	return door.ListReasons200JSONResponse{Reasons: declineReasons(string(given(r.Params.Instrument)))}, nil
}

// declineReasons are those of one instrument, or of all for "".
func declineReasons(segment string) []door.DeclineReason {
	list := []door.DeclineReason{}
	for _, i := range instruments {
		if segment != "" && segment != i.segment {
			continue
		}
		for _, r := range i.reasons {
			fails := i.fails(transaction{move: move{op: i.opens}}, r)
			list = append(list, door.DeclineReason{
				Reason: r.name, Instrument: i.segment, Status: int32(fails.problem.Status),
				Title: fails.problem.Title, Detail: cmp.Or(r.detail, r.description),
			})
		}
	}
	slices.SortStableFunc(list, func(a, b door.DeclineReason) int {
		return cmp.Or(cmp.Compare(a.Instrument, b.Instrument), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}
