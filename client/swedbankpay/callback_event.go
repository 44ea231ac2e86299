package swedbankpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
)

// Event is what a callback was about, as the API shows it.
type Event struct {
	// Payment is as it is now: read after the callback came, and after the
	// transaction was read, so that it is at least as new. It is the event's
	// own, to capture, reverse or refresh.
	Payment *Payment
	// Transaction is what happened, as it is now. It is nil when the callback
	// names none, or one that the API does not know; then Payment is all there
	// is to look at.
	Transaction *Transaction
	// Callback is what came. It proves nothing; the two above do.
	Callback Callback
}

// Key says what happened, in the same words for every callback that is about
// the same: the payment, and the number and the state of the transaction. A
// sale that awaits its payer and is then completed is two events. Without a
// transaction it is the state of the payment and when that was updated.
//
// [Callbacks] hands out an event of one key once, within the bounds of its
// inbox. A merchant's own store can use it to be sure.
func (e Event) Key() string {
	if e.Transaction != nil {
		return fmt.Sprintf("%s %d %s", e.Payment.Payment.ID, e.Transaction.Number, e.Transaction.State)
	}
	return fmt.Sprintf("%s %s %s", e.Payment.Payment.ID, e.Payment.Payment.State, e.Payment.Payment.Updated)
}

// event reads what a callback is about. The error is a *goneError when the API
// knows no such payment.
func (c *Client) event(ctx context.Context, callback Callback) (Event, error) {
	e := Event{Callback: callback}
	var err error
	if callback.Transaction != "" {
		e.Transaction, err = c.transaction(ctx, callback.Transaction)
		if err != nil && !notFound(err) {
			return Event{}, err
		}
	}
	if e.Payment, err = c.Payment(ctx, callback.Payment); notFound(err) {
		return Event{}, &goneError{err}
	}
	return e, err
}

// goneError says that the API knows no payment by the id of a callback.
type goneError struct{ error }

func (e *goneError) Unwrap() error { return e.error }

func notFound(err error) bool {
	status := client.StatusOf(err)
	return status == http.StatusNotFound || status == http.StatusGone
}

// transaction reads the resource a callback names.
func (c *Client) transaction(ctx context.Context, id string) (*Transaction, error) {
	answer, err := c.get(ctx, id, nil)
	if err != nil {
		return nil, err
	}
	t, err := transactionIn(answer)
	if err == nil && t.Resource == "" {
		t.Resource = id
	}
	return t, err
}

// transactionIn finds the transaction in a resource that holds one: in
// {"payment":…,"sale":{"id":…,"transaction":{…}}}, whatever the kind is called,
// or in the general form {"payment":…,"transaction":{…}}.
func transactionIn(answer *wire.Answer) (*Transaction, error) {
	var members map[string]json.RawMessage
	if err := answer.Decode(&members); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var kind wrapped
		var err error
		if name == "transaction" {
			err = json.Unmarshal(members[name], &kind.Transaction)
		} else {
			err = json.Unmarshal(members[name], &kind)
		}
		if err == nil && kind.Transaction.Number > 0 && kind.Transaction.State != "" {
			return &Transaction{Transaction: kind.Transaction, Resource: kind.ID, Raw: answer.Body}, nil
		}
	}
	return nil, answer.Unreadable(errors.New("no transaction with number and state"))
}
