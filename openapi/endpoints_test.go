package openapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/internal/contract"
)

// endpoint is one row of what is known of the API: a method and a path tail,
// and the instruments that have it. A tail that begins with / is a whole path.
type endpoint struct {
	instruments string
	requests    string
}

// endpoints are the fifty rows of the vendor's API, in the order of the fact
// sheet the documents were written from.
var endpoints = []endpoint{
	{"creditcard", "POST "},
	{"invoice", "POST "},
	{"swish", "POST "},
	{"vipps", "POST "},
	{"mobilepay", "POST "},
	{"trustly", "POST "},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}"},
	{"creditcard invoice swish vipps mobilepay trustly", "PATCH /{paymentId}"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/prices"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/payeeinfo"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/urls"},
	{"creditcard invoice swish vipps trustly", "GET /{paymentId}/metadata"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/payers"},
	{"creditcard invoice swish vipps", "GET /{paymentId}/settings"},
	{"invoice", "GET /{paymentId}/approvedlegaladdress"},
	{"invoice", "GET /{paymentId}/maskedapprovedlegaladdress"},
	{"invoice", "GET /{paymentId}/consumer"},
	{"invoice", "GET /{paymentId}/legaladdress"},
	{"invoice", "GET /{paymentId}/billingaddress"},
	{"invoice", "GET /{paymentId}/shippingaddress"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/paid"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/failed"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/aborted"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/transactions"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/transactions/{transactionId}"},
	{"creditcard invoice", "GET /{paymentId}/transactions/{transactionId}/activities"},
	{"creditcard invoice", "GET /{paymentId}/transactions/{transactionId}/itemdescriptions"},
	{"creditcard invoice vipps mobilepay", "GET /{paymentId}/authorizations"},
	{"creditcard invoice vipps mobilepay", "GET /{paymentId}/authorizations/{transactionId}"},
	{"invoice", "POST /{paymentId}/authorizations"},
	{"creditcard", "POST /psp/creditcard/confined/payments/{paymentId}/authorizations"},
	{"creditcard", "POST /{paymentId}/authorizations"},
	{"creditcard", "PATCH /{paymentId}/authorizations/{transactionId}"},
	{"creditcard", "GET /psp/creditcard/confined/payments/authorizations/authenticate/{transactionId}"},
	{"creditcard invoice vipps mobilepay", "GET /{paymentId}/captures, GET /{paymentId}/captures/{transactionId}"},
	{"creditcard invoice vipps mobilepay", "POST /{paymentId}/captures"},
	{"invoice", "GET /{paymentId}/captures/{transactionId}/invoicecopy"},
	{"creditcard invoice vipps mobilepay", "GET /{paymentId}/cancellations, GET /{paymentId}/cancellations/{transactionId}"},
	{"creditcard invoice vipps mobilepay", "POST /{paymentId}/cancellations"},
	{"creditcard invoice swish vipps mobilepay trustly", "GET /{paymentId}/reversals, GET /{paymentId}/reversals/{transactionId}"},
	{"creditcard invoice swish vipps mobilepay trustly", "POST /{paymentId}/reversals"},
	{"swish trustly", "GET /{paymentId}/sales, GET /{paymentId}/sales/{transactionId}"},
	{"swish trustly", "POST /{paymentId}/sales"},
	{"creditcard invoice", "GET /{paymentId}/verifications, GET /{paymentId}/verifications/{transactionId}"},
	{"creditcard", "POST /psp/creditcard/confined/payments/{paymentId}/verifications"},
	{"invoice", "POST /{paymentId}/verifications"},
	{"invoice", "POST /{paymentId}/approvedlegaladdress"},
	{"vipps", "POST /{paymentId}/authorizations"},
	{"creditcard", "PATCH /instrumentdata/{token}"},
	{"invoice", "PATCH /instrumentdata/{token}"},
}

// TestEndpoints wants each row as an operation of each instrument that has it,
// and no operation that no row has: what an instrument cannot do, its document
// does not offer.
func TestEndpoints(t *testing.T) {
	assert.Len(t, endpoints, 50)
	own, err := contract.Own()
	if !assert.NoError(t, err) {
		return
	}
	documented := map[string]string{}
	for _, operation := range own.Operations() {
		if strings.HasPrefix(operation.Document, "swedbankpay/") && !operation.Callback {
			documented[operation.Method+" "+operation.Path] = operation.Name()
		}
	}
	wanted := map[string]bool{}
	for i, row := range endpoints {
		for instrument := range strings.FieldsSeq(row.instruments) {
			for request := range strings.SplitSeq(row.requests, ", ") {
				method, path, _ := strings.Cut(request, " ")
				if !strings.HasPrefix(path, "/psp/") {
					path = "/psp/" + instrument + "/payments" + path
				}
				wanted[method+" "+path] = true
				assert.Contains(t, documented, method+" "+path, "row %d of %s", i+1, instrument)
			}
		}
	}
	for request, name := range documented {
		assert.True(t, wanted[request], "%s (%s) stands in no row", request, name)
	}
}
