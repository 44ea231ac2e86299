package swedbankpay

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/secret"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Card is a card the merchant holds in its own hands. Its number and code are
// never part of an error, a printed value (%v, %+v, %#v), JSON or a slog
// record.
type Card struct {
	Holder  string // the name on the card; optional
	CoBrand string // which brand of a card of two the payer chose, as in visa; optional

	number, code secret.Text
	month, year  int
}

// NewCard takes the number of a card, the month and year it ends, the year in
// two digits or four, and the code on its back, which may be "". Spaces and
// dashes in the number are passed over. What is no card is refused by a
// [*client.InputError] when it is used, before anything is sent.
func NewCard(number string, month, year int, code string) Card {
	return Card{number: secret.Of(strings.NewReplacer(" ", "", "-", "").Replace(number)), code: secret.Of(code), month: month, year: year}
}

// Format writes a mask, whatever the verb.
func (Card) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "swedbankpay.Card") }

var (
	cardNumber = regexp.MustCompile(`^[0-9]{12,19}$`)
	cardCode   = regexp.MustCompile(`^([0-9]{3,4})?$`)
)

func (c Card) check() error {
	wants := []struct {
		broken bool
		want   string
	}{
		{!cardNumber.MatchString(c.number.Reveal()), "want a number of 12 to 19 digits"},
		{c.month < 1 || c.month > 12, "want a month from 1 to 12"},
		{c.year < 0 || c.year > 99 && c.year < 2000 || c.year > 2099, "want a year in two digits, or in four from 2000 on"},
		{!cardCode.MatchString(c.code.Reveal()), "want a code of three or four digits, or none"},
	}
	for _, w := range wants {
		if w.broken {
			return &client.InputError{Field: "Card", Reason: w.want}
		}
	}
	return nil
}

func (c Card) body() creditcard.CreateAuthorizationRequest {
	return creditcard.CreateAuthorizationRequest{Transaction: creditcard.CardTransactionRequest{
		CardNumber:           c.number.Reveal(),
		CardExpiryMonth:      fmt.Sprintf("%02d", c.month),
		CardExpiryYear:       fmt.Sprintf("%02d", c.year%100),
		CardVerificationCode: c.code.Reveal(),
		CardholderName:       c.Holder,
		ChosenCoBrand:        c.CoBrand,
	}}
}

// AuthorizeCard authorises a card payment with a card the merchant holds. It is
// for merchants certified to handle card numbers (PCI DSS), to whom alone it is
// offered, and for payments of the instrument CreditCard alone.
//
// A transaction AwaitingActivity wants 3-D Secure: send the payer to its
// [RedirectAuthentication] link. Success and errors are those of Capture;
// neither errors nor what they hold show the number or the code.
func (p *Payment) AuthorizeCard(ctx context.Context, c Card) (*Transaction, error) {
	return direct(ctx, p, DirectAuthorization, c, authorized)
}

// VerifyCard verifies a card the merchant holds, for a payment made by
// [CreditCard.Verify]. Everything else is as with AuthorizeCard.
func (p *Payment) VerifyCard(ctx context.Context, c Card) (*Transaction, error) {
	return direct(ctx, p, DirectVerification, c, verified)
}

// Finalise turns a pre-authorization, which cards had until 2019, into an
// authorization. Success and errors are those of Capture.
func (p *Payment) Finalise(ctx context.Context) (*Transaction, error) {
	return transact(ctx, p, FinaliseAuthorization, creditcard.UpdateAuthorizationRequest{
		Transaction: creditcard.UpdateTransactionRequest{Activity: "Finalize"}, //nolint:misspell // the word of the wire
	}, authorized)
}

// direct sends a card where cards belong.
func direct[T any](ctx context.Context, p *Payment, rel Rel, c Card, pick func(T) (string, psp.Transaction)) (*Transaction, error) {
	if p.instrument() != "creditcard" {
		return nil, &client.InputError{Field: "Card", Reason: "want a card payment: a card number is sent nowhere else"}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return transact(wire.Hide(ctx, c.number.Reveal(), c.code.Reveal()), p, rel, c.body(), pick)
}
