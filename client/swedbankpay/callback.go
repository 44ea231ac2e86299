package swedbankpay

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// maxCallback bounds what is read of a callback.
const maxCallback = 64 << 10

// Callback says that something happened to a payment. It is not signed, anyone
// may have sent it, and it proves nothing: read the payment before you believe
// it, with a client of your own token. [Callbacks] does all that follows from
// this; those who would rather do it themselves begin with
//
//	callback, err := swedbankpay.ParseCallback(r.Body)
//	payment, err := pay.Payment(ctx, callback.Payment)
//
// Answer the callback with 200 once it is noted; anything but 2xx makes
// Swedbank Pay send it again. Callbacks come more than once and out of order.
//
// As JSON it has the form in which it is sent.
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
// steer a request anywhere else, and so is a transaction whose id is not below
// that of the payment. Whether the ids name anything of yours only the API can
// say. The error is a [*client.InputError], or that of r.
func ParseCallback(r io.Reader) (*Callback, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxCallback+1))
	if err != nil {
		return nil, &client.WireError{Request: "callback", Err: err}
	}
	if len(body) > maxCallback {
		return nil, errTooLong
	}
	c := new(Callback)
	if err := json.Unmarshal(body, c); err != nil {
		return nil, refusedCallback(err)
	}
	return c, nil
}

var errTooLong = &client.InputError{Field: "callback", Reason: "want at most 64 KiB"}

// refusedCallback tells what UnmarshalJSON said from what the decoder did.
func refusedCallback(err error) error {
	if input, ok := errors.AsType[*client.InputError](err); ok {
		return input
	}
	return &client.InputError{Field: "callback", Reason: "want JSON with payment and transaction, each with id and number"}
}

// named is how a callback names a payment or a transaction.
type named struct {
	ID     string      `json:"id"`
	Number json.Number `json:"number"` // also as text, which some documentation prints
}

// UnmarshalJSON reads what Swedbank Pay sends, by the rules of [ParseCallback].
func (c *Callback) UnmarshalJSON(body []byte) error {
	var payload struct{ Payment, Transaction named }
	if err := json.Unmarshal(body, &payload); err != nil {
		return refusedCallback(err)
	}
	read := Callback{Payment: payload.Payment.ID, Transaction: payload.Transaction.ID}
	read.PaymentNumber, _ = payload.Payment.Number.Int64() // for people to quote: a strange one does no harm
	read.TransactionNumber, _ = payload.Transaction.Number.Int64()
	if err := read.check(); err != nil {
		return err
	}
	*c = read
	return nil
}

// MarshalJSON writes what Swedbank Pay would send.
func (c Callback) MarshalJSON() ([]byte, error) {
	var payload struct {
		Payment     named  `json:"payment"`
		Transaction *named `json:"transaction,omitempty"`
	}
	payload.Payment = named{c.Payment, json.Number(strconv.FormatInt(c.PaymentNumber, 10))}
	if c.Transaction != "" {
		payload.Transaction = &named{c.Transaction, json.Number(strconv.FormatInt(c.TransactionNumber, 10))}
	}
	return json.Marshal(payload)
}

// check refuses ids that are no plain paths, or not of one payment.
func (c Callback) check() error {
	switch {
	case !plainPath(c.Payment):
		return &client.InputError{Field: "callback payment.id", Reason: "want a path below /psp/"}
	case c.Transaction == "":
		return nil
	case !plainPath(c.Transaction):
		return &client.InputError{Field: "callback transaction.id", Reason: "want a path below /psp/"}
	case !strings.HasPrefix(c.Transaction, c.Payment+"/"):
		return &client.InputError{Field: "callback transaction.id", Reason: "want a path below that of the payment"}
	}
	return nil
}

func plainPath(id string) bool { return len(id) <= 512 && callbackID.MatchString(id) }
