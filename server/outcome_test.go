package server_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

const problemType = "https://api.payex.com/psp/errordetail/"

// failed is the last transaction of a kind, which has to have failed.
func (s *sandbox) failed(id, kind string) reply {
	s.t.Helper()
	list := s.must("GET", id+"/transactions", "").at("transactions.transactionList").([]any)
	last := list[len(list)-1].(map[string]any)
	require.Equal(s.t, kind+" Failed", last["type"].(string)+" "+last["state"].(string))
	return s.must("GET", id+"/transactions/"+lastSegment(last["id"].(string)), "")
}

// TestTestAmounts: the vendor's amounts decide, whatever the payer does, and whoever types the card.
func TestTestAmounts(t *testing.T) {
	tests := []struct {
		amount             int
		code, text, typeOf string
		status             string
	}{
		{900313, "REJECTED_BY_ACQUIRER_INVALID_AMOUNT", "Invalid amount, response-code: 13", "acquirerinvalidamount", "403"},
		{900330, "REJECTED_BY_ACQUIRER_FORMAT_ERROR", "Format error, response-code: 30", "acquirererror", "403"},
		{900334, "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD", "Possible fraud, response-code: 34", "acquirerpossiblefraud", "403"},
		{900343, "REJECTED_BY_ACQUIRER_CARD_STOLEN", "Card stolen, response-code: 43", "acquirercardstolen", "403"},
		{900351, "REJECTED_BY_ACQUIRER", "unknown error, response-code: 51", "acquirererror", "403"},
		{900354, "REJECTED_BY_ACQUIRER_CARD_EXPIRED", "Card expired, response-code: 54", "acquirercardexpired", "403"},
		{900359, "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD", "Possible fraud, response-code: 59", "acquirerpossiblefraud", "403"},
		{900361, "REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS", "Insufficient funds, response-code: 61", "acquirerinsufficientfunds", "403"},
		{900362, "REJECTED_BY_ACQUIRER", "Unknown error, response-code: 62", "acquirererror", "403"},
		{900391, "ACQUIRER_HOST_OFFLINE", "Acquirer host offline, response-code: 91", "acquirergatewayerror", "502"},
		{900215, "ACQUIRER_GATEWAY_TIMEOUT", "Acquirer timeout", "acquirergatewaytimeout", "504"},
	}
	for _, tt := range tests {
		t.Run(strconv.Itoa(tt.amount), func(t *testing.T) {
			s := newSandbox(t)
			body := strings.Replace(cardPurchase, "10000", strconv.Itoa(tt.amount), 1)
			paid := s.must("POST", "/psp/creditcard/payments", withRef(body, "r1")).str("payment.id")
			require.NoError(t, s.Pay(t.Context(), paid))
			typed := s.must("POST", "/psp/creditcard/payments", withRef(body, "r2")).str("payment.id")
			answer := s.do("POST", typed+"/authorizations", typedCard)
			assert.Equal(t, 200, answer.status, "a declined attempt is not an HTTP error")
			for _, id := range []string{paid, typed} {
				tx := s.failed(id, "Authorization")
				assert.Equal(t, tt.code+" "+tt.text, tx.str("transaction.failedErrorCode")+" "+tx.str("transaction.failedErrorDescription"))
				assert.Equal(t, problemType+"creditcard/"+tt.typeOf, tx.str("transaction.problem.type"))
				assert.Equal(t, tt.status, fmt.Sprint(tx.at("transaction.problem.status")))
				assert.Equal(t, tt.code+"-"+tt.text, tx.str("transaction.problem.problems.0.description"))
				assert.Equal(t, "0 - - -", s.must("GET", id, "").amounts())
			}

			charge := strings.NewReplacer("TOKEN", s.stored("creditcard"), "10000", strconv.Itoa(tt.amount)).Replace(cardRecur)
			refused := s.do("POST", "/psp/creditcard/payments", withRef(charge, "r3"))
			assert.Equal(t, tt.status, strconv.Itoa(refused.status), "nobody is there to try again")
			assert.Equal(t, problemType+"creditcard/"+tt.typeOf, refused.str("type"))
		})
	}
	s := newSandbox(t)
	id := s.must("POST", "/psp/creditcard/payments", strings.Replace(cardPurchase, "10000", "900300", 1)).str("payment.id")
	pay(t, s, id)
	assert.Equal(t, "900300 900300 900300 -", s.must("GET", id, "").amounts(), "no test amount")
}

// TestChargeLimits: charges of a stored card that fail are counted; from the fifth on the answer warns, and beyond the
// limits it says that they are reached.
func TestChargeLimits(t *testing.T) {
	s := newSandbox(t)
	token := s.stored("creditcard")
	charge := func(amount int) reply {
		body := strings.NewReplacer("TOKEN", token, "10000", strconv.Itoa(amount)).Replace(cardUnscheduled)
		return s.do("POST", "/psp/creditcard/payments", withRef(body, s.nextRef()))
	}
	for n := 1; n <= 16; n++ {
		r := charge(952100)
		require.Equal(t, 403, r.status)
		kind := strings.TrimPrefix(r.str("type"), problemType+"creditcard/")
		switch {
		case n > 15:
			assert.Equal(t, "monthlylimitexceeded", kind)
		case n > 10:
			assert.Equal(t, "dailylimitexceeded", kind)
		case n >= 5:
			assert.Equal(t, "authenticationrequired", kind)
			assert.Equal(t, fmt.Sprint(10-n), fmt.Sprint(r.at("suspension.remaining")))
			assert.Equal(t, "SuspensionWarning. The card might be blocked.", r.str("title"))
		default:
			assert.Equal(t, "authenticationrequired", kind)
			assert.Nil(t, r.at("suspension"))
		}
	}
	assert.Equal(t, problemType+"creditcard/acquirererrordonotretry", charge(952400).str("type"))
	modified := charge(952507)
	assert.Equal(t, "YES", modified.str("modification.required"))
	assert.Equal(t, 201, charge(10000).status, "another amount is no test amount")
	assert.Len(t, s.payments(), 2, "a charge that is refused makes no payment")
}

// payments are the ids of all there are.
func (s *sandbox) payments() []any {
	s.t.Helper()
	return s.admin("GET", "/payments", "").at("payments").([]any)
}

// TestTestDescriptions: a Swish payment with one of the vendor's descriptions fails by itself once the sale is begun.
func TestTestDescriptions(t *testing.T) {
	for description, kind := range map[string]string{"RF07": "swishdeclined", "TM01": "swishtimeout", "BANKIDCL": "bankidcancelled"} {
		s := newSandbox(t)
		body := strings.Replace(swishPurchase, "Test Purchase", description, 1)
		id := s.must("POST", "/psp/swish/payments", body).str("payment.id")
		sale := s.must("POST", id+"/sales", `{"transaction":{"msisdn":"+46739000001"}}`)
		assert.Equal(t, "AwaitingActivity", sale.str("sale.transaction.state"))
		require.NoError(t, s.Advance(t.Context(), 4*time.Second))
		tx := s.failed(id, "Sale")
		assert.Equal(t, problemType+kind, tx.str("transaction.problem.type"))
		assert.Nil(t, tx.at("transaction.problem.problems"), "Swish has no list")
		require.NoError(t, s.Pay(t.Context(), id))
		assert.Equal(t, problemType+kind, s.failed(id, "Sale").str("transaction.problem.type"), "on the page as well")
	}
}

// TestTestNumbers: a Vipps payer with one of the vendor's numbers fails, on the page and when the merchant sends it.
func TestTestNumbers(t *testing.T) {
	for last := 1; last <= 9; last++ {
		s := newSandbox(t)
		number := fmt.Sprintf("+479999999%d", last)
		id := s.create("vipps", "r1")
		r := s.do("POST", id+"/authorizations", `{"transaction":{"msisdn":"`+number+`"}}`)
		prefilled := s.must("POST", "/psp/vipps/payments", withRef(strings.Replace(vippsPurchase, `"language"`, `"prefillInfo":{"msisdn":"`+number+`"},"language"`, 1), "r2")).str("payment.id")
		pay(t, s, prefilled)
		if last == 9 {
			assert.Equal(t, 201, r.status, "any other number is somebody")
			assert.Equal(t, "10000 10000 10000 -", s.must("GET", prefilled, "").amounts())
			continue
		}
		assert.Equal(t, 403, r.status)
		assert.Equal(t, problemType+"vipps/vipps_error", r.str("type"))
		assert.Empty(t, s.must("GET", id+"/transactions", "").at("transactions.transactionList"))
		assert.Equal(t, problemType+"vipps/vipps_error", s.failed(prefilled, "Authorization").str("transaction.problem.type"))
	}
}

// TestReasons: an attempt fails for every reason that documentation lists, and for no other.
func TestReasons(t *testing.T) {
	tests := []struct {
		instrument, kind string
		reasons          []string
		late             string
	}{
		{"creditcard", "Authorization", []string{"acquirererror", "acquirercardexpired", "3dsecureusercancelled", "authenticationrequired", "CARDDECLINED"}, "creditcard/acquirergatewaytimeout"},
		{"mobilepay", "Authorization", []string{"acquirererror", "acquirercardstolen"}, "creditcard/acquirergatewaytimeout"},
		{"swish", "Sale", []string{"bankidalreadyinuse", "bankidcancelled", "bankiderror", "configerror", "inputerror", "paymentagelimitnotmet",
			"socialsecuritynumbermismatch", "swishalreadyinuse", "swishdeclined", "swisherror", "swishgatewaytimeout", "swishtimeout", "systemerror", "usercancelled"}, "swishtimeout"},
		{"vipps", "Authorization", []string{"vipps_error", "vipps_declined", "card_declined"}, "vipps/acquirer_gateway_timeout"},
		{"invoice", "Authorization", []string{"CreditNotApproved", "NATIONALIDENTIFIERMISMATCH", "TIMEOUTIDENTIFICATION"}, "invoice/TIMEOUTIDENTIFICATION"},
		{"trustly", "Sale", []string{"systemerror"}, "trustly/systemerror"},
	}
	for _, tt := range tests {
		t.Run(tt.instrument, func(t *testing.T) {
			s := newSandbox(t)
			for _, reason := range tt.reasons {
				id := s.create(tt.instrument, s.nextRef())
				require.NoError(t, s.DeclineFor(t.Context(), id, reason))
				tx := s.failed(id, tt.kind)
				assert.True(t, strings.HasSuffix(strings.ToLower(tx.str("transaction.problem.type")), strings.ToLower("/"+reason)), tx.text)
				assert.NotEmpty(t, tx.str("transaction.failedReason")+tx.str("transaction.failedErrorCode"))
				assert.Contains(t, s.must("GET", id, "").text, "update-payment-abort", "another attempt may follow")
			}
			id := s.create(tt.instrument, s.nextRef())
			err := s.DeclineFor(t.Context(), id, "nonsense")
			require.ErrorContains(t, err, "Bad Request")
			assert.Empty(t, s.must("GET", id+"/transactions", "").at("transactions.transactionList"))
			require.NoError(t, s.TimeOut(t.Context(), id))
			assert.Equal(t, problemType+tt.late, s.failed(id, tt.kind).str("transaction.problem.type"))
		})
	}
}

// TestSecureCards: a card that takes part in 3-D Secure leaves the transaction to the payer, who may cancel it.
func TestSecureCards(t *testing.T) {
	s := newSandbox(t)
	secure := strings.Replace(typedCard, "4925 0000 0000 0004", "4547781087013329", 1)
	id := s.card("r1")
	answer := s.must("POST", id+"/authorizations", secure)
	assert.Equal(t, 200, answer.status)
	assert.Equal(t, "AwaitingActivity", answer.str("authorization.transaction.state"))
	assert.Equal(t, "0001-01-01T00:00:00Z", answer.str("authorization.acquirerTransactionTime"))
	assert.Equal(t, true, answer.at("authorization.panEnrolled"))
	assert.Equal(t, "GET redirect-authentication", fmt.Sprint(answer.at("authorization.transaction.operations.0.method"), " ", answer.at("authorization.transaction.operations.0.rel")))
	assert.Equal(t, 403, s.do("POST", id+"/authorizations", secure).status, "one at a time")
	require.NoError(t, s.DeclineFor(t.Context(), id, "3dsecureusercancelled"))
	tx := s.failed(id, "Authorization")
	assert.Equal(t, "UserCancelled VerifyAuthentication UserCancelled 3D secure verification unsuccessful", strings.Join([]string{
		tx.str("transaction.failedReason"), tx.str("transaction.failedActivityName"), tx.str("transaction.failedErrorCode"), tx.str("transaction.failedErrorDescription")}, " "))
	assert.Equal(t, "Unable to complete VerifyAuthentication transaction, look at problem node!", tx.str("transaction.problem.detail"))
	assert.Equal(t, "UserCancelled-CANCELED", tx.str("transaction.problem.problems.0.description"))

	s.must("POST", id+"/authorizations", secure)
	pay(t, s, id)
	done := s.must("GET", id+"/authorizations", "")
	assert.Equal(t, "3DSECURE Y", done.str("authorizations.authorizationList.1.acquirerTransactionType")+" "+done.str("authorizations.authorizationList.1.authenticationStatus"))
	assert.Equal(t, true, done.at("authorizations.authorizationList.1.direct"))
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())

	rejected := s.card("r2")
	s.must("POST", rejected+"/authorizations", strings.Replace(typedCard, "4925 0000 0000 0004", "5510000000009631", 1))
	assert.Equal(t, problemType+"creditcard/paymenttokenerror", s.failed(rejected, "Authorization").str("transaction.problem.type"))
}

// TestPreAuthorization: it is captured once it is final, and then by a fifth more at most.
func TestPreAuthorization(t *testing.T) {
	const finalise = `{"transaction":{"activity":"Finalize"}}` //nolint:misspell // a word of the wire
	s := newSandbox(t)
	made := func(ref string) string {
		body := strings.Replace(cardPurchase, `"Authorization"`, `"PreAuthorization"`, 1)
		id := s.must("POST", "/psp/creditcard/payments", withRef(body, ref)).str("payment.id")
		pay(t, s, id)
		return id
	}
	id := made("r1")
	held := s.must("GET", id, "")
	assert.Equal(t, "10000 - 10000 -", held.amounts())
	assert.Equal(t, []string{
		"POST create-cancellation application/json", "GET paid-payment application/json", "GET view-payment application/javascript",
		"PATCH update-authorization-finalize application/json", //nolint:misspell // as above
	}, held.operations())
	assert.Equal(t, 403, s.do("POST", id+"/captures", moving(1, "r2")).status)

	final := s.must("PATCH", held.href("update-authorization-finalize"), finalise) //nolint:misspell // as above
	assert.Equal(t, "Completed", final.str("authorization.transaction.state"))
	assert.Equal(t, 403, s.do("PATCH", held.href("update-authorization-finalize"), finalise).status, "once") //nolint:misspell // as above
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())
	assert.Equal(t, 403, s.do("POST", id+"/captures", moving(12001, "r3")).status)
	s.must("POST", id+"/captures", moving(2000, "r4"))
	s.must("POST", id+"/captures", moving(10000, "r5"))
	assert.Equal(t, "10000 - - 12000", s.must("GET", id, "").amounts())

	ordinary := s.paidCard("r6")
	authorization := s.must("GET", ordinary+"/authorizations", "").str("authorizations.authorizationList.0.id")
	assert.Equal(t, "Only a PreAuthorization is finalised.", s.do("PATCH", authorization, finalise).str("problems.0.description"))
	released := made("r7")
	s.must("POST", released+"/cancellations", cancelling("r8"))
	assert.Equal(t, []string{"GET paid-payment application/json", "GET view-payment application/javascript"}, s.must("GET", released, "").operations())
}

// TestAuthorizationsExpire: after 180 days nothing can be captured.
func TestAuthorizationsExpire(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	s.clock.Add(int64(180 * 24 * time.Hour))
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())
	s.clock.Add(1)
	late := s.must("GET", id, "")
	assert.Equal(t, "10000 - 10000 -", late.amounts())
	assert.NotContains(t, late.text, "create-capture")
	assert.Equal(t, "The authorization is older than 180 days and can no longer be captured.", s.do("POST", id+"/captures", moving(1, "r2")).str("problems.0.description"))
	s.must("POST", id+"/cancellations", cancelling("r3"))
}

// TestFailedReversalsLock: five in a row, and the payment is locked.
func TestFailedReversalsLock(t *testing.T) {
	s := newSandbox(t)
	id := s.create("swish", "r1")
	pay(t, s, id)
	for range 5 {
		s.must("POST", id+"/reversals", moving(1, s.nextRef()))
		decline(t, s, id)
	}
	assert.Equal(t, "Too many captures or reversals have failed in a row, so the payment is locked.", s.do("POST", id+"/reversals", moving(1, "r2")).str("problems.0.description"))
}

// TestSwishConfirmsItself: where that is set up, a sale to a number needs no payer; one in the app does.
func TestSwishConfirmsItself(t *testing.T) {
	s := newSandbox(t, server.WithSwishConfirmation(), server.WithDelays(server.Delays{SwishSale: time.Second}))
	id := s.create("swish", "r1")
	s.must("POST", id+"/sales", `{"transaction":{"msisdn":"+46739000001"}}`)
	app := s.create("swish", "r2")
	s.must("POST", app+"/sales", `{"transaction":{}}`)
	assert.Equal(t, "0 - - -", s.must("GET", id, "").amounts())
	require.NoError(t, s.Advance(t.Context(), time.Second))
	assert.Equal(t, "10000 - - 10000", s.must("GET", id, "").amounts())
	assert.Equal(t, "0 - - -", s.must("GET", app, "").amounts())
}

// TestForgetting: beyond what is kept the oldest payments are forgotten, with their references.
func TestForgetting(t *testing.T) {
	s := newSandbox(t, server.WithKeep(2))
	first, second, third := s.card("r1"), s.card("r2"), s.card("r3")
	assert.Equal(t, 404, s.do("GET", first, "").status)
	s.must("GET", second, "")
	s.must("GET", third, "")
	s.must("POST", "/psp/creditcard/payments", withRef(cardPurchase, "r1"))
	assert.Equal(t, 404, s.do("GET", second, "").status)
	s.must("GET", third, "")
}
