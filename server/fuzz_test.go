package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzRequests sends any bytes to any address with any method and media type. Whatever comes, the sandbox answers with
// JSON that the contract allows (the client of the harness looks), never with a 5xx, and money that was not asked for
// rightly does not move.
func FuzzRequests(f *testing.F) {
	const captures = "/captures"
	for _, body := range []string{
		"", "{}", "[]", "null", "{", "\x00", "\xff\xfe", moving(1, "f1"), moving(-1, "f2"), moving(1<<53, "f3"), cancelling("f4"), aborting,
		cardPurchase, trustlyPurchase, swishPurchase, vippsPurchase, mobilepayPurchase, invoicePurchase, cardVerify, cardRecur, cardPayout,
		invoiceVerify, typedCard, addressee, forAzra, credentials, store, methodTypes, strings.Repeat("[", 3000),
		`{"transaction":{"amount":1e400,"vatAmount":1.5,"description":null,"payeeReference":{}}}`,
		`{"payment":{"metadata":{"id":{"a":[1,2,{"b":null}]},"":""}}}`,
	} {
		f.Add("POST", captures, "application/json", body)
	}
	f.Add("POST", "/reversals", "application/json", moving(1, "f1"))
	f.Add("POST", "/cancellations", "", cancelling("f1"))
	f.Add("PATCH", "", "application/json", aborting)
	f.Add("GET", "?$expand=transactions,,%00", "text/html", "")
	f.Add("GET", "/transactions/%2e%2e/../x//", "", "")
	f.Add("HEAD", "/paid", "", "")
	f.Add("POST", "\x01/psp/trustly/payments", "application/json", trustlyPurchase)
	for instrument, body := range purchases {
		f.Add("POST", "\x01/psp/"+instrument+"/payments", "application/json", body)
	}
	f.Add("POST", "\x01/psp/creditcard/payments", "application/json", cardUnscheduled)
	f.Add("POST", "/authorizations", "application/json", typedCard)
	f.Add("PATCH", "\x01/psp/creditcard/payments/instrumentdata/0", "application/json", `{"state":"deleted","comment":""}`)
	f.Add("POST", "\x01/oauth2/token", "application/x-www-form-urlencoded", "grant_type=client_credentials&scope=a&scope=b&%zz")
	f.Add("POST", "\x01/api/mock_payment_widget_service/payment-methods/types", "application/json;charset=latin1", methodTypes)
	f.Fuzz(func(t *testing.T, method, path, mediaType, body string) {
		s := newSandbox(t)
		id := s.paidCard("paid")
		target, absolute := strings.CutPrefix(path, "\x01")
		if !absolute {
			target = id + path
		}
		req, err := http.NewRequest(method, apiHost+target, strings.NewReader(body))
		if err != nil || strings.HasPrefix(target, "//") {
			return // no client can send it
		}
		req.Header = http.Header{"Content-Type": {mediaType}, "Authorization": {"Bearer test"}, "X-Fuzz": {"1"}}
		resp, err := s.client.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Less(t, resp.StatusCode, 500)
		after := s.must("GET", id, "").amounts()
		if resp.StatusCode > 299 || method == http.MethodGet || method == http.MethodHead {
			assert.Equal(t, "10000 10000 10000 -", after)
		}
	})
}
