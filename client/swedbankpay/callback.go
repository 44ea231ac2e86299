package swedbankpay

import (
	"encoding/json"
	"io"
	"regexp"

	"github.com/kassa-dev/kassa/client"
)

// maxCallback bounds what is read of a callback.
const maxCallback = 64 << 10

// Callback says that something happened to a payment. It is not signed, anyone
// may have sent it, and it proves nothing: read the payment before you believe
// it, with a client of your own token.
//
//	callback, err := swedbankpay.ParseCallback(r.Body)
//	payment, err := pay.Payment(ctx, callback.Payment)
//
// Answer the callback with 200 once it is noted; anything but 2xx makes
// Swedbank Pay send it again. Callbacks come more than once and out of order.
type Callback struct {
	Payment           string // id of the payment, for [Client.Payment]
	PaymentNumber     int64
	Transaction       string // id of the capture, sale and so on, for [Client.Get]; "" when the callback names none
	TransactionNumber int64
}

// ids are paths of the API, in the plainest characters there are: no query, no
// escape, no dot segment, no second host.
var callbackID = regexp.MustCompile(`^/psp(/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+$`)

// ParseCallback reads the body of a callback, at most 64 KiB of it. Ids that
// are not plain paths below /psp/ are refused, so that a forged callback cannot
// steer a request anywhere else; whether they name a payment of yours only
// the API can say. The error is a [*client.InputError], or that of r.
func ParseCallback(r io.Reader) (*Callback, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxCallback+1))
	if err != nil {
		return nil, &client.WireError{Request: "callback", Err: err}
	}
	if len(body) > maxCallback {
		return nil, &client.InputError{Field: "callback", Reason: "want at most 64 KiB"}
	}
	type name struct {
		ID     string      `json:"id"`
		Number json.Number `json:"number"` // also as text, which some documentation prints
	}
	var payload struct{ Payment, Transaction name }
	if err := json.Unmarshal(body, &payload); err != nil {
		return nil, &client.InputError{Field: "callback", Reason: "want JSON with payment and transaction, each with id and number"}
	}
	c := &Callback{Payment: payload.Payment.ID, Transaction: payload.Transaction.ID}
	c.PaymentNumber, _ = payload.Payment.Number.Int64() // for people to quote: a strange one does no harm
	c.TransactionNumber, _ = payload.Transaction.Number.Int64()
	if !plainPath(c.Payment) {
		return nil, &client.InputError{Field: "callback payment.id", Reason: "want a path below /psp/"}
	}
	if c.Transaction != "" && !plainPath(c.Transaction) {
		return nil, &client.InputError{Field: "callback transaction.id", Reason: "want a path below /psp/"}
	}
	return c, nil
}

func plainPath(id string) bool { return len(id) <= 512 && callbackID.MatchString(id) }
