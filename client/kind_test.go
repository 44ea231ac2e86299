package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func TestKindOf(t *testing.T) {
	refused := &client.Problem{Status: 403}
	broken := &client.WireError{Err: context.Canceled}
	tests := []struct {
		err  error
		want client.Kind
	}{
		{nil, ""},
		{io.EOF, client.Other},
		{&client.InputError{}, client.Unsent},
		{&client.ForeignHostError{}, client.Unsent},
		{broken, client.NoAnswer},
		{&client.DecodeError{Status: 200, Err: io.EOF}, client.Unreadable},
		{refused, client.Forbidden},
		{fmt.Errorf("token for GET /x: %w", refused), client.Forbidden},
		{errors.Join(io.EOF, refused), client.Forbidden},
		{&client.OutcomeUnknownError{Err: refused}, client.OutcomeUnknown},
		{fmt.Errorf("x: %w", &client.OutcomeUnknownError{Err: broken}), client.OutcomeUnknown},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, client.KindOf(tt.err), "%v", tt.err)
	}
}

func TestProblemKindByStatus(t *testing.T) {
	for status, want := range map[int]client.Kind{
		0: client.Other, 302: client.Other, 400: client.Invalid, 401: client.Unauthorized, 402: client.Invalid,
		403: client.Forbidden, 404: client.NotFound, 405: client.Invalid, 407: client.Other, 408: client.Other, 409: client.Conflict,
		410: client.NotFound, 415: client.Invalid, 422: client.Invalid, 425: client.Other, 429: client.RateLimited,
		500: client.ServerFault, 502: client.ServerFault, 503: client.ServerFault, 504: client.ServerFault, 599: client.ServerFault,
	} {
		for _, kind := range []string{"", "about:blank", "https://api.payex.com/psp/errordetail/creditcard/neverheardof", "%%%", "https://api.payex.com/psp/errordetail/"} {
			p := &client.Problem{Status: status, Type: kind}
			assert.Equal(t, want, p.Kind(), "%d %s", status, kind)
		}
	}
}

// Every type the documentation lists, with the statuses it lists for it.
func TestProblemKindByType(t *testing.T) {
	const (
		unauthorized, forbidden, notFound, invalid = client.Unauthorized, client.Forbidden, client.NotFound, client.Invalid
		declined, cancelled, fault, conflict       = client.Declined, client.Cancelled, client.ServerFault, client.Conflict
	)
	tests := []struct {
		kind   client.Kind
		status int
		types  []string
	}{
		{invalid, 400, []string{"inputerror", "invoice/InputError", "creditcard/inputerror"}},
		{invalid, 404, []string{"paymentorders/inputerror"}},
		{forbidden, 403, []string{"forbidden", "configurationerror", "configerror", "invoice/Forbidden", "vipps/vipps_error"}},
		{forbidden, 500, []string{"configurationerror"}},
		{notFound, 404, []string{"notfound", "invoice/NotFound"}},
		{unauthorized, 401, []string{"unauthorized"}},
		{conflict, 409, []string{"neverheardof"}},
		{fault, 500, []string{"systemerror", "invoice/externalerror", "invoice/SystemError", "creditcard/badrequest", "creditcard/internalservererror", "vipps/bad_request", "vipps/internal_server_error", "vipps/unknown_error"}},
		{fault, 502, []string{"creditcard/3dsecureacquirergatewayerror", "creditcard/acquirergatewayerror", "creditcard/badgateway", "vipps/bad_gateway", "vipps/acquirer_gateway_error", "trustly/systemerror", "invoice/ERROR", "bankiderror", "swisherror"}},
		{fault, 504, []string{"creditcard/acquirergatewaytimeout", "swishgatewaytimeout", "vipps/acquirer_gateway_timeout"}},
		{fault, 400, []string{"creditcard/badrequest"}},
		{invalid, 400, []string{"badrequest", "trustly/badrequest"}},

		{forbidden, 403, []string{"creditcard/cardbranddisabled", "creditcard/accountholdertyperejected", "creditcard/cardtyperejected", "creditcard/3dsecurerequired", "creditcard/authenticationstatusrejected"}},
		{declined, 429, []string{"creditcard/velocitycheck"}},
		{declined, 400, []string{"creditcard/3DSECUREERROR", "creditcard/cardblacklisted", "vipps/card_blacklisted", "vipps/vipps_declined", "vipps/VIPPS_DECLINED"}},
		{declined, 403, []string{
			"creditcard/frauddetected", "creditcard/3dsecuredeclined", "creditcard/acquirercardblacklisted", "creditcard/acquirercardexpired",
			"creditcard/acquirercardstolen", "creditcard/acquirererror", "creditcard/acquirerinsufficientfunds", "creditcard/acquirerinvalidamount",
			"creditcard/acquirerpossiblefraud", "creditcard/authenticationrequired", "creditcard/carddeclined", "creditcard/paymenttokenerror",
			"creditcard/dailylimitexceeded", "creditcard/monthlylimitexceeded", "creditcard/acquirererrordonotretry",
			"vipps/acquirer_card_blacklisted", "vipps/acquirer_card_expired", "vipps/acquirer_card_stolen", "vipps/acquirer_error",
			"vipps/acquirer_insufficient_funds", "vipps/acquirer_invalid_amount", "vipps/acquirer_possible_fraud", "vipps/card_declined",
			"vipps/fraud_detected", "vipps/payment_token_error", "invoice/CreditNotApproved", "invoice/FAILED", "invoice/NATIONALIDENTIFIERMISMATCH",
			"paymentagelimitnotmet", "socialsecuritynumbermismatch", "swishalreadyinuse", "swishdeclined",
		}},
		{declined, 409, []string{"bankidalreadyinuse"}},
		{forbidden, 403, []string{"failed", "vipps/failed"}},
		{cancelled, 403, []string{"creditcard/3dsecureusercancelled", "creditcard/3dsecureusercanceled", "creditcard/3DSecureUserCanceled", "usercancelled", "swishtimeout", "invoice/ABORTEDIDENTIFICATION", "invoice/USERPREABORTED", "invoice/USERABORTED", "invoice/TIMEOUTIDENTIFICATION"}},
		{cancelled, 409, []string{"bankidcancelled"}},
	}
	listed := map[string]bool{}
	for _, tt := range tests {
		for _, name := range tt.types {
			listed["https://api.payex.com/psp/errordetail/"+strings.ToLower(name)] = true
			// The host is that of the environment in some samples.
			for _, host := range []string{"https://api.payex.com", "https://api.externalintegration.payex.com"} {
				p := &client.Problem{Status: tt.status, Type: host + "/psp/errordetail/" + name}
				assert.Equal(t, tt.kind, p.Kind(), "%d %s", tt.status, p.Type)
				assert.Equal(t, tt.kind, client.KindOf(p))
			}
		}
	}
	vocabulary, err := os.ReadFile("../gen/swedbankpay/psp/vocabulary.gen.go")
	require.NoError(t, err)
	documented := regexp.MustCompile(`"(https://[^"]*/psp/errordetail/[^"]*)"`).FindAllStringSubmatch(string(vocabulary), -1)
	require.Greater(t, len(documented), 60)
	for _, d := range documented {
		assert.True(t, listed[strings.ToLower(d[1])], "%s is documented, and nobody thought about its kind", d[1])
	}

	for _, status := range []int{400, 401} {
		assert.Equal(t, unauthorized, (&client.Problem{Status: status, Type: "invalid_client"}).Kind())
	}
	assert.Equal(t, forbidden, (&client.Problem{Status: 400, Type: "invalid_scope"}).Kind())
	assert.Equal(t, invalid, (&client.Problem{Status: 400, Type: "invalid_request"}).Kind())
	assert.Equal(t, invalid, (&client.Problem{Status: 422, Type: "https://api.resurs.se/errors/validation-failed"}).Kind())
}

func TestReason(t *testing.T) {
	for kind, want := range map[string]string{
		"": "",
		"https://api.payex.com/psp/errordetail/creditcard/3DSECUREERROR":        "3dsecureerror",
		"https://api.payex.com/psp/errordetail/vipps/acquirer_card_expired":     "acquirercardexpired",
		"https://api.payex.com/psp/errordetail/creditcard/3dsecureusercanceled": "3dsecureusercancelled",
		"https://api.payex.com/psp/errordetail/inputerror/?x=/y":                "inputerror",
		"https://api.resurs.se/errors/validation-failed":                        "validation-failed",
		"https://api.resurs.se/errors/validation_failed":                        "validation_failed",
		"https://x.example/problems#out-of-stock":                               "out-of-stock",
		"invalid_client": "invalid_client",
		"about:blank":    "about:blank",
	} {
		assert.Equal(t, want, (&client.Problem{Type: kind}).Reason(), kind)
	}
}
