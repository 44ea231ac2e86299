package swedbankpay_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// What became of a payment is told without reading text, whoever refused it.
func TestKindOfFailedPayments(t *testing.T) {
	card := func(s *shop) (*swedbankpay.Payment, error) {
		return s.pay.CreditCard.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
	}
	swish := func(s *shop) (*swedbankpay.Payment, error) {
		return s.pay.Swish.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
	}
	vipps := func(s *shop) (*swedbankpay.Payment, error) {
		return s.pay.Vipps.Create(s.Context(), s.purchase(swedbankpay.NOK(1500)), nil)
	}
	tests := []struct {
		create func(*shop) (*swedbankpay.Payment, error)
		why    string
		reason string
		kind   client.Kind
	}{
		{card, "acquirerinsufficientfunds", "acquirerinsufficientfunds", client.Declined},
		{card, "3dsecureusercancelled", "3dsecureusercancelled", client.Cancelled},
		{card, "acquirergatewaytimeout", "acquirergatewaytimeout", client.ServerFault},
		{swish, "usercancelled", "usercancelled", client.Cancelled},
		{swish, "bankidcancelled", "bankidcancelled", client.Cancelled},
		{swish, "swishdeclined", "swishdeclined", client.Declined},
		{vipps, "vipps_declined", "vippsdeclined", client.Declined},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			sandbox, err := server.New(server.WithSeed(1), server.WithPayerAttempts(1))
			require.NoError(t, err)
			t.Cleanup(func() { _ = sandbox.Close() })
			s := &shop{T: t, sandbox: sandbox, pay: swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(sandbox.Client()))}
			p, err := tt.create(s)
			require.NoError(t, err)
			require.NoError(t, s.sandbox.DeclineFor(t.Context(), p.Payment.ID, tt.why))
			require.NoError(t, p.Refresh(t.Context()))
			failed, err := p.Failed(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.reason, failed.Reason())
			assert.Equal(t, tt.kind, client.KindOf(failed), "%d %s", failed.Status, failed.Type)
		})
	}
}

func TestKindOfUnavailable(t *testing.T) {
	s := open(t)
	p, err := s.pay.CreditCard.Create(t.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
	require.NoError(t, err)
	_, err = p.Capture(t.Context(), s.move(swedbankpay.SEK(1500)))
	assert.Equal(t, client.Unsent, client.KindOf(err))
}

func TestFailure(t *testing.T) {
	var tr swedbankpay.Transaction
	tr.State = "Completed"
	_, ok := tr.Failure()
	assert.False(t, ok)

	tr.State, tr.FailedReason, tr.FailedErrorCode, tr.FailedErrorDescription = "Failed", "ExternalResponseError", "REJECTED_BY_ACQUIRER", "unknown error, response-code: 51"
	bare, ok := tr.Failure()
	assert.True(t, ok)
	assert.Equal(t, &client.Problem{Title: "ExternalResponseError", Detail: "unknown error, response-code: 51"}, bare)
	assert.Equal(t, client.Other, bare.Kind(), "nobody said what it was")

	tr.Problem = psp.Problem{
		Type: "https://api.payex.com/psp/errordetail/creditcard/carddeclined", Title: "Operation failed", Status: 403, Detail: "look at problem node!",
		Problems: []psp.ProblemItem{{Name: "ExternalResponse", Description: "REJECTED_BY_ACQUIRER-unknown error"}},
	}
	p, ok := tr.Failure()
	assert.True(t, ok)
	assert.Equal(t, &client.Problem{
		Status: http.StatusForbidden, Type: tr.Problem.Type, Title: "Operation failed", Detail: "look at problem node!",
		Fields: []client.Field{{Name: "ExternalResponse", Detail: "REJECTED_BY_ACQUIRER-unknown error"}},
	}, p)
	assert.Equal(t, client.Declined, p.Kind())
}
