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

// testAmounts are the vendor's, in minor units of any currency, with the reason each selects.
var testAmounts = map[int64]string{
	900313: "acquirerinvalidamount", 900334: "acquirerpossiblefraud", 900343: "acquirercardstolen", 900351: "acquirererror",
	900354: "acquirercardexpired", 900361: "acquirerinsufficientfunds", 900391: "acquirergatewayerror",
}

// ownWords are test amounts whose reason has another code or text than usual.
var ownWords = map[int64]reason{
	900330: {name: "acquirererror", status: 403, code: "REJECTED_BY_ACQUIRER_FORMAT_ERROR", description: "Format error, response-code: 30"},
	900359: {name: "acquirerpossiblefraud", status: 403, code: "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD", description: "Possible fraud, response-code: 59"},
	900362: {name: "acquirererror", status: 403, code: "REJECTED_BY_ACQUIRER", description: "Unknown error, response-code: 62"},
}

// decidedByAmount knows 9002xx besides: the acquirer does not answer within xx seconds.
func decidedByAmount(amount int64) reason {
	name := testAmounts[amount]
	if amount >= 900200 && amount <= 900299 {
		name = "acquirergatewaytimeout"
	}
	if r, ok := reasonNamed(cardReasons, name); ok {
		return r
	}
	return ownWords[amount]
}

func decidedByDescription(description string) reason {
	r, _ := reasonNamed(swishReasons, map[string]string{"RF07": "swishdeclined", "TM01": "swishtimeout", "BANKIDCL": "bankidcancelled"}[description])
	return r
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
