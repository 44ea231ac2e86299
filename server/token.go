package server

import (
	"strconv"
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
	strikes     int // charges that were declined in a way that counts towards the limits
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

// redeem finds what is behind the stored token of an order, and answers its value. It refuses one that was never made for
// the payee's payments of this instrument, or that has been deleted.
func (b *book) redeem(i *instrument, o *order) (string, error) {
	if o.stored == "" {
		return "", nil
	}
	t, ok := b.stored[strings.ToLower(o.stored)]
	if !ok || t.deleted || t.instrument != i || !strings.EqualFold(t.payee, o.payee.PayeeID) {
		return "", refuse.Input(refuse.Item{Name: o.storedName(), Description: "The given " + o.storedName() + " does not exist."})
	}
	o.card = t.card
	return t.value, nil
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
	defer b.enter()()
	t = b.stored[t.value]
	t.deleted = true
	b.stored[t.value] = t
	b.write(func() Record { return recorded(t.value, recordDeleted, struct{}{}) })
	return t, nil
}

// forget answers 200 with what was known of the token.
func (t till) forget(c *call) (answer, error) {
	stored, err := c.world.book.forget(t.instrument, c.params["token"])
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

// The limits that card schemes set on charges of a stored card that fail, as far as the test amount for them goes.
const (
	warningStrikes = 5  // from here on a decline warns
	dailyStrikes   = 10 // more in a day are refused
	monthlyStrikes = 15 // more in a month are refused
)

// strike refuses the charge of a stored card whose amount is a test amount. Nothing documents whether the answer to such
// a request is a problem or a payment with a failed transaction; it is a problem here, and no payment is made.
func (b *book) strike(value string, m move) error {
	t, ok := b.stored[value]
	if !ok || t.card == nil {
		return nil
	}
	if m.amount == limitedAmount {
		t.strikes++
		b.stored[value] = t
		b.write(func() Record { return recorded(value, recordStrike, struct{}{}) })
	}
	return declinedCharge(m, t)
}

// The test amounts of charges of a stored card.
const (
	doNotRetryAmount = 952400
	modifiedAmount   = 952507
	limitedAmount    = 952100
)

func declinedCharge(m move, t token) error {
	component := refuse.Item{Name: "Component", Description: "pospay-ecommerce-financial-service"}
	problem := func(tail, title, detail string, items ...refuse.Item) *refuse.Problem {
		return &refuse.Problem{
			Type: refuse.PSPType("creditcard/" + tail), Title: title, Status: 403, Detail: detail, Problems: append(items, component),
		}
	}
	external := func(what string) refuse.Item {
		return refuse.Item{Name: "ExternalResponse", Description: "Forbidden-" + what}
	}
	named := func(name, description string) refuse.Item { return refuse.Item{Name: name, Description: description} }
	switch {
	case m.amount == doNotRetryAmount:
		return problem("acquirererrordonotretry", "Do not retry.", "The attempt is rejected.",
			external("AcquirerErrorDoNotRetry"), named("REJECTED_BY_ACQUIRER_DO_NOT_RETRY", "The card must not be charged again."))
	case m.amount == modifiedAmount:
		p := problem("authenticationrequired", "AUTHENTICATION_REQUIRED", "The attempt is rejected - ModificationsRequired",
			named("AUTHENTICATION_REQUIRED", "The charge has to be changed before it is tried again."))
		p.Modification = &refuse.Modification{Required: "YES", Reason: "ModificationsRequired", AcquirerCode: "83", AcquirerDetail: "Modifications required"}
		return p
	case m.amount == limitedAmount && t.strikes > monthlyStrikes:
		return problem("monthlylimitexceeded", "Monthly attempt limit is exceeded.", "The attempt is rejected after several tries with the same token.",
			named("REJECTED_BY_POSPAY_MONTHLY_LIMIT", "Too many tries with the token this month."))
	case m.amount == limitedAmount && t.strikes > dailyStrikes:
		return problem("dailylimitexceeded", "Daily attempt limit is exceeded.", "The attempt is rejected after several tries with the same token.",
			named("REJECTED_BY_POSPAY_DAILY_LIMIT", "Too many tries with the token today."))
	case m.amount == limitedAmount:
		p := problem("authenticationrequired", "AUTHENTICATION_REQUIRED", "The issuer wants the payer to authenticate.",
			external("AuthenticationRequired"), named("AUTHENTICATION_REQUIRED", "The issuer wants the payer to authenticate."))
		if left := dailyStrikes - t.strikes; t.strikes >= warningStrikes {
			p.Title = "SuspensionWarning. The card might be blocked."
			p.Detail = strconv.Itoa(left) + " attempts left before the card is blocked."
			p.Suspension = &refuse.Suspension{
				Attempts: t.strikes, Remaining: left, Product: strings.ToUpper(t.card.Brand), AcquirerCode: "59", AcquirerDetail: "Suspected fraud", State: "WARNING",
			}
		}
		return p
	}
	r := decidedByAmount(m.amount)
	if r.name == "" {
		return nil
	}
	return creditcardInstrument.fails(transaction{move: m}, r).problem
}
