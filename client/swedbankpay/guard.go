package swedbankpay

import (
	"encoding/json"
	"net/http"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// printedPayee is the merchant in the examples of the documentation.
const printedPayee = "5cabf558-5283-482f-b252-4d58e06f6f3b"

// inspect refuses in production what only documentation and tests use. It reads
// the request that is about to be sent, so that no kind of payment is missed.
func (c *Client) inspect(req *http.Request, what string) error {
	if !c.guard.On() || req.GetBody == nil {
		return nil
	}
	content, err := req.GetBody()
	if err != nil {
		return &client.InputError{Field: what, Reason: err.Error()}
	}
	var body struct {
		Payment struct {
			PayeeInfo psp.PayeeInfoRequest `json:"payeeInfo"`
			URLs      psp.UrlsRequest      `json:"urls"`
		} `json:"payment"`
	}
	if err := json.NewDecoder(content).Decode(&body); err != nil {
		return &client.InputError{Field: what, Reason: err.Error()}
	}
	if err := c.guard.ID("PayeeID", body.Payment.PayeeInfo.PayeeID, printedPayee); err != nil {
		return err
	}
	urls, prefix := body.Payment.URLs, "URLs."
	if what == "Charge" {
		prefix = "" // where the callback is the only address
	}
	type address struct{ field, url string }
	addresses := []address{
		{"CompleteURL", urls.CompleteURL}, {"CancelURL", urls.CancelURL}, {"PaymentURL", urls.PaymentURL},
		{"CallbackURL", urls.CallbackURL}, {"LogoURL", urls.LogoURL}, {"TermsOfServiceURL", urls.TermsOfServiceURL},
	}
	for _, host := range urls.HostUrls {
		addresses = append(addresses, address{"HostUrls", host})
	}
	for _, a := range addresses {
		if err := c.guard.Address(prefix+a.field, a.url); err != nil {
			return err
		}
	}
	return nil
}
