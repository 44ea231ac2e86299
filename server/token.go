package server

import (
	"strings"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// The kinds of token, as the paid view names them.
const (
	tokenPayment     = "payment"
	tokenRecurrence  = "recurrence"
	tokenUnscheduled = "unscheduled"
	tokenOnFile      = "transactionsOnFile"
)

// A token lets a merchant charge a payer again. Any kind is taken for any charge, since documentation and the vendor's
// own clients use them for one another.
type token struct {
	kind, value string
	instrument  *instrument
	payee       string
	card        *card // nil for an invoice
	deleted     bool
}

// keep notes the tokens that a completed transaction made.
func (b *book) keep(p *payment, f fact) {
	for _, t := range f.tokens {
		t.instrument, t.payee = p.instrument, p.order.payee.PayeeID
		if f.card != nil {
			stored := *f.card
			stored.Direct = false
			t.card = &stored
		}
		b.stored[t.value] = t
	}
}

// redeem finds what is behind the stored token of an order. It refuses one that was never made for the payee's payments
// of this instrument, or that has been deleted.
func (b *book) redeem(i *instrument, o *order) error {
	if o.stored == "" {
		return nil
	}
	t, ok := b.stored[strings.ToLower(o.stored)]
	if !ok || t.deleted || t.instrument != i || !strings.EqualFold(t.payee, o.payee.PayeeID) {
		return refuse.Input(refuse.Item{Name: o.storedName(), Description: "The given " + o.storedName() + " does not exist."})
	}
	o.card = t.card
	return nil
}

// token reads a stored token, deleted or not.
func (b *book) token(i *instrument, value string) (token, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.stored[strings.ToLower(value)]
	if !ok || i != nil && t.instrument != i {
		return token{}, refuse.NotFound("There is no such token.")
	}
	return t, nil
}

// forget deletes a stored token. Deleting it once more changes nothing.
func (b *book) forget(i *instrument, value string) (token, error) {
	t, err := b.token(i, value)
	if err != nil {
		return t, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t.deleted = true
	b.stored[t.value] = t
	return t, nil
}

// forget answers 200 with what was known of the token.
func (t till) forget(c *call) (answer, error) {
	stored, err := t.book.forget(t.instrument, c.params["token"])
	if err != nil {
		return answer{}, err
	}
	v := members{
		{"id", "/psp/" + t.instrument.segment + "/payments/instrumentdata/" + stored.value},
		{"paymentToken", stored.value}, {"payeeId", stored.payee}, {"isDeleted", stored.deleted},
	}
	if stored.card != nil {
		v = append(v,
			member{"isPayeeToken", false}, member{"cardBrand", stored.card.Brand}, member{"maskedPan", stored.card.MaskedPan},
			member{"expiryDate", stored.card.ExpiryDate}, member{"tokenType", strings.ToUpper(stored.kind[:1]) + stored.kind[1:]},
		)
	}
	return answer{status: 200, body: members{{"instrumentData", v}}}, nil
}

// made are new tokens of the kinds that an order wants.
func (d *dice) tokens(kinds []string) []token {
	var made []token
	for _, kind := range kinds {
		made = append(made, token{kind: kind, value: d.guid()})
	}
	return made
}

// tokenOf is the value of the token of one kind among those made; empty when none was.
func tokenOf(made []token, kind string) string {
	for _, t := range made {
		if t.kind == kind {
			return t.value
		}
	}
	return ""
}

// paidTokens are the tokens as the paid view shows them.
func paidTokens(made []token, c *card) []psp.PaidToken {
	shown := []psp.PaidToken{}
	for _, t := range made {
		shown = append(shown, psp.PaidToken{Type: t.kind, Token: t.value, Name: c.MaskedPan, ExpiryDate: c.ExpiryDate})
	}
	return shown
}
