package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// typedCard authorises, or verifies, with a card whose number the merchant sends. Every number completes, and no 3-D
// Secure follows; the number is not kept. The answer has status 200, as the live environment was seen to give.
func typedCard(op ledger.Op) step {
	return func(t till, c *call) (answer, error) {
		in, err := decoded[creditcard.CreateAuthorizationRequest](c)
		if err != nil {
			return answer{}, err
		}
		card, err := typed(in.Transaction)
		if err != nil {
			return answer{}, err
		}
		a, err := made(c)(c.world.book.direct(t.instrument, c.payment(), op, fact{event: completed, card: card}))
		a.status, a.location = http.StatusOK, ""
		return a, err
	}
}

// typed is the card that was typed. It refuses with 400 what cannot be a card, without a word of what was sent.
func typed(in creditcard.CardTransactionRequest) (*card, error) {
	number := strings.NewReplacer(" ", "", "-", "").Replace(in.CardNumber)
	if len(number) < 12 || len(number) > 19 || strings.Trim(number, digits) != "" {
		return nil, refuse.Input(refuse.Item{Name: "Transaction.CardNumber", Description: "A card number has 12 to 19 digits."})
	}
	month, wrongMonth := strconv.Atoi(fmt.Sprint(in.CardExpiryMonth))
	year, wrongYear := strconv.Atoi(fmt.Sprint(in.CardExpiryYear))
	if year < 100 {
		year += 2000
	}
	switch {
	case wrongMonth != nil, month < 1, month > 12:
		return nil, refuse.Input(refuse.Item{Name: "Transaction.CardExpiryMonth", Description: "The month is one of 1 to 12."})
	case wrongYear != nil, year < 2000, year > 2099:
		return nil, refuse.Input(refuse.Item{Name: "Transaction.CardExpiryYear", Description: "The year has two or four digits, such as 32."})
	}
	c := cardOf(number, fmt.Sprintf("%02d/%d", month, year))
	c.Direct = true
	return c, nil
}

// finalising is the one activity that was ever documented, for a pre-authorization.
const finalising = "Finalize" //nolint:misspell // a word of the wire

// overcharge finalises a pre-authorization where that is asked for, and answers with the authorization. What an
// overcharge does nobody documents, nor what to send; it changes nothing.
func (t till) overcharge(c *call) (answer, error) {
	in, err := decoded[creditcard.UpdateAuthorizationRequest](c)
	if err != nil {
		return answer{}, err
	}
	p, tx, err := t.find(c, ledger.Authorization)
	if err != nil {
		return answer{}, err
	}
	if strings.EqualFold(in.Transaction.Activity, finalising) {
		if p, err = c.world.book.finalise(t.instrument, c.payment()); err != nil {
			return answer{}, err
		}
	}
	return p.under("authorization", p.one(c.base, ledger.Authorization, tx))
}
