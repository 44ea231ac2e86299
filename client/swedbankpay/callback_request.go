package swedbankpay

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// NewCallbackRequest makes the request by which Swedbank Pay would deliver c to
// target, for the tests of a merchant's endpoint: to send with an
// [http.Client], or to hand to a handler, for which it comes from an address
// that callbacks come from. What the endpoint then reads from the API is for a
// sandbox to show.
//
// The ids of c are those of a payment and a transaction there, and are refused
// where [ParseCallback] would.
func NewCallbackRequest(target string, c Callback) (*http.Request, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body)) //nolint:noctx // the test has one
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = documented[0].Addr().String() + ":443"
	return r, nil
}
