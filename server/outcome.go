package server

import (
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// Of test data that select an outcome there is what the vendor documents, and nothing of our own: amounts of cards,
// descriptions of Swish payments, numbers of Vipps payers, numbers of cards. A payer who pays a payment with such data
// fails as documented. Names of problems that the documentation leaves out are ours.

// decided is how the payer's attempt ends whatever the payer wants; nil when the payer is free.
func (p *payment) decided(t transaction, a act) *failure {
	if t.op == ledger.Reversal {
		return nil
	}
	var r reason
	switch p.instrument {
	case creditcardInstrument:
		r = decidedByAmount(t.amount)
		if r.name == "" && a.card != nil && a.card.rejected {
			r = reason{name: "paymenttokenerror", status: 403, code: "PAYMENT_TOKEN_ERROR", description: "The card was rejected at tokenisation"}
		}
	case swishInstrument:
		r = decidedByDescription(p.order.description)
	case vippsInstrument:
		r = decidedByNumber(t.msisdn)
	}
	if r.name == "" {
		return nil
	}
	return p.instrument.fails(t, r)
}

// testAmounts are the vendor's, in minor units of any currency.
var testAmounts = map[int64]reason{
	900313: {name: "acquirerinvalidamount", status: 403, code: "REJECTED_BY_ACQUIRER_INVALID_AMOUNT", description: "Invalid amount, response-code: 13"},
	900330: {name: "acquirererror", status: 403, code: "REJECTED_BY_ACQUIRER_FORMAT_ERROR", description: "Format error, response-code: 30"},
	900334: {name: "acquirerpossiblefraud", status: 403, code: "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD", description: "Possible fraud, response-code: 34"},
	900343: {name: "acquirercardstolen", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_STOLEN", description: "Card stolen, response-code: 43"},
	900351: {name: "acquirererror", status: 403, code: "REJECTED_BY_ACQUIRER", description: "unknown error, response-code: 51"},
	900354: {name: "acquirercardexpired", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_EXPIRED", description: "Card expired, response-code: 54"},
	900359: {name: "acquirerpossiblefraud", status: 403, code: "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD", description: "Possible fraud, response-code: 59"},
	900361: {name: "acquirerinsufficientfunds", status: 403, code: "REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS", description: "Insufficient funds, response-code: 61"},
	900362: {name: "acquirererror", status: 403, code: "REJECTED_BY_ACQUIRER", description: "Unknown error, response-code: 62"},
	900391: {name: "acquirergatewayerror", status: 502, code: "ACQUIRER_HOST_OFFLINE", description: "Acquirer host offline, response-code: 91"},
}

// decidedByAmount knows 9002xx besides: the acquirer does not answer within xx seconds.
func decidedByAmount(amount int64) reason {
	if amount >= 900200 && amount <= 900299 {
		return reason{name: "acquirergatewaytimeout", status: 504, code: "ACQUIRER_GATEWAY_TIMEOUT", description: "Acquirer timeout"}
	}
	return testAmounts[amount]
}

func decidedByDescription(description string) reason {
	name := map[string]string{"RF07": "swishdeclined", "TM01": "swishtimeout", "BANKIDCL": "bankidcancelled"}[description]
	for _, r := range swishReasons {
		if r.name == name {
			return r
		}
	}
	return reason{}
}

// vippsErrors are by the last digit of 9999999x.
var vippsErrors = []string{
	1: "Vipps internal error", "Request validation error on a parameter", "The transaction id exists already", "The PSPID is not enrolled",
	"Invalid payment model type", "The version of the app is not supported", "The user is not registered", "The merchant is not available or active",
}

func decidedByNumber(msisdn string) reason {
	last, ok := strings.CutPrefix(strings.TrimPrefix(msisdn, "+47"), "9999999")
	if !ok || len(last) != 1 || last < "1" || last > "8" {
		return reason{}
	}
	return reason{name: "vipps_error", status: 403, code: "VIPPS_ERROR", description: vippsErrors[last[0]-'0']}
}
