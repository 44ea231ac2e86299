package server

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A reason is why an attempt of the payer's fails. It goes by the last part of the type of the vendor's problem.
type reason struct {
	name              string
	status            int
	title, detail     string // of a Swish problem; the others say both by the transaction
	code, description string // what the transaction tells
	why, activity     string // its failedReason and failedActivityName; empty for the usual ones
}

// cardReasons are those of cards. The codes and descriptions are those of the vendor's test amounts where it has one.
var cardReasons = []reason{
	{name: "acquirererror", status: 403, code: "REJECTED_BY_ACQUIRER", description: "unknown error, response-code: 51"},
	{name: "acquirerinvalidamount", status: 403, code: "REJECTED_BY_ACQUIRER_INVALID_AMOUNT", description: "Invalid amount, response-code: 13"},
	{name: "acquirerpossiblefraud", status: 403, code: "REJECTED_BY_ACQUIRER_POSSIBLE_FRAUD", description: "Possible fraud, response-code: 34"},
	{name: "acquirercardstolen", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_STOLEN", description: "Card stolen, response-code: 43"},
	{name: "acquirercardexpired", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_EXPIRED", description: "Card expired, response-code: 54"},
	{name: "acquirerinsufficientfunds", status: 403, code: "REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS", description: "Insufficient funds, response-code: 61"},
	{name: "acquirercardblacklisted", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_BLACKLISTED", description: "Card blacklisted, response-code: 62"},
	{name: "acquirergatewayerror", status: 502, code: "ACQUIRER_HOST_OFFLINE", description: "Acquirer host offline, response-code: 91"},
	{name: "acquirergatewaytimeout", status: 504, code: "ACQUIRER_GATEWAY_TIMEOUT", description: "Acquirer timeout"},
	{name: "carddeclined", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_DECLINED", description: "Card declined, response-code: 59"},
	{
		name: "authenticationrequired", status: 403, why: "AUTHENTICATION_REQUIRED", code: "AUTHENTICATION_REQUIRED",
		description: "Acquirer soft-decline, 3-D Secure authentication required, response-code: O5",
	},
	{
		name: "3dsecureusercancelled", status: 403, why: "UserCancelled", activity: "VerifyAuthentication",
		code: "UserCancelled", description: "3D secure verification unsuccessful",
	},
	{name: "3dsecuredeclined", status: 403, activity: "VerifyAuthentication", code: "3DSECURE_DECLINED", description: "3D secure verification declined"},
	{name: "3dsecureerror", status: 400, activity: "VerifyAuthentication", code: "3DSECURE_ERROR", description: "3D secure verification error"},
	{name: "frauddetected", status: 403, code: "FRAUD_DETECTED", description: "Fraud detected"},
	{name: "paymenttokenerror", status: 403, code: "PAYMENT_TOKEN_ERROR", description: "The token was rejected"},
}

// swishReasons are the problems that documentation lists for Swish.
var swishReasons = []reason{
	{name: "usercancelled", status: 403, title: "User cancelled", detail: "The payer cancelled the payment in the Swish app.", why: "UserCancelled", code: "UserCancelled", description: "CANCELED"},
	{name: "swishdeclined", status: 403, title: "Swish Declined", detail: "The payment was declined."},
	{name: "swishtimeout", status: 403, title: "Swish Timed Out", detail: "The payment timed out before it was started."},
	{name: "bankidcancelled", status: 409, title: "BankID Authorization cancelled", detail: "The payer cancelled BankID."},
	{name: "bankidalreadyinuse", status: 409, title: "BankID Already in Use", detail: "The payer's BankID is in use already."},
	{name: "bankiderror", status: 502, title: "BankID error", detail: "BankID failed."},
	{name: "configerror", status: 403, title: "Config error", detail: "The payee is not set up for this payment."},
	{name: "inputerror", status: 400, title: "Input error", detail: "Msisdn is invalid."},
	{name: "paymentagelimitnotmet", status: 403, title: "Payment Age Limit Not Met", detail: "The payer is under the age limit."},
	{name: "socialsecuritynumbermismatch", status: 403, title: "Social Security Number Mismatch", detail: "The payer is not the person the payment is restricted to."},
	{name: "swishalreadyinuse", status: 403, title: "Error in Swish", detail: "The payer's Swish is in use already."},
	{name: "swisherror", status: 502, title: "Error in Swish", detail: "The bank could not process the payment."},
	{name: "swishgatewaytimeout", status: 504, title: "Swish Gateway Timeout", detail: "Swish did not answer in time."},
	{name: "systemerror", status: 500, title: "Error in System", detail: "The system failed."},
}

var vippsReasons = []reason{
	{name: "vipps_declined", status: 400, why: "UserCancelled", code: "UserCancelled", description: "CANCELED"},
	{name: "vipps_error", status: 403, code: "VIPPS_ERROR", description: "Vipps answered with an error"},
	{name: "card_blacklisted", status: 400, code: "CARD_BLACKLISTED", description: "Card blacklisted"},
	{name: "acquirer_card_expired", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_EXPIRED", description: "Card expired, response-code: 54"},
	{name: "acquirer_card_stolen", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_STOLEN", description: "Card stolen, response-code: 43"},
	{name: "acquirer_insufficient_funds", status: 403, code: "REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS", description: "Insufficient funds, response-code: 61"},
	{name: "acquirer_error", status: 403, code: "REJECTED_BY_ACQUIRER", description: "unknown error, response-code: 51"},
	{name: "card_declined", status: 403, code: "REJECTED_BY_ACQUIRER_CARD_DECLINED", description: "Card declined, response-code: 59"},
	{name: "fraud_detected", status: 403, code: "FRAUD_DETECTED", description: "Fraud detected"},
	{name: "payment_token_error", status: 403, code: "PAYMENT_TOKEN_ERROR", description: "The token was rejected"},
	{name: "acquirer_gateway_error", status: 502, code: "ACQUIRER_HOST_OFFLINE", description: "Acquirer host offline, response-code: 91"},
	{name: "acquirer_gateway_timeout", status: 504, code: "ACQUIRER_GATEWAY_TIMEOUT", description: "Acquirer timeout"},
}

// invoiceReasons are those of the assessment, then those of the payer's identification.
var invoiceReasons = []reason{
	{name: "CreditNotApproved", status: 403, code: "CreditNotApproved", description: "credit not approved"},
	{name: "Forbidden", status: 403, activity: "VerifyAuthentication", code: "Forbidden", description: "the identification has expired"},
	{name: "ABORTEDIDENTIFICATION", status: 403, activity: "VerifyAuthentication", code: "ABORTEDIDENTIFICATION", description: "the identification was aborted"},
	{name: "USERABORTED", status: 403, activity: "VerifyAuthentication", why: "UserCancelled", code: "USERABORTED", description: "the payer aborted the identification"},
	{name: "USERPREABORTED", status: 403, activity: "VerifyAuthentication", why: "UserCancelled", code: "USERPREABORTED", description: "the payer aborted before the identification"},
	{name: "TIMEOUTIDENTIFICATION", status: 403, activity: "VerifyAuthentication", code: "TIMEOUTIDENTIFICATION", description: "the identification timed out"},
	{name: "NATIONALIDENTIFIERMISMATCH", status: 403, activity: "VerifyAuthentication", code: "NATIONALIDENTIFIERMISMATCH", description: "the payer is somebody else"},
	{name: "FAILED", status: 403, activity: "VerifyAuthentication", code: "FAILED", description: "the identification failed"},
	{name: "ERROR", status: 502, activity: "VerifyAuthentication", code: "ERROR", description: "the identification service failed"},
	{name: "SystemError", status: 500, code: "SystemError", description: "the system failed"},
}

// trustlyReasons has the one type documented for Trustly, first for a payer who gives up at the bank.
var trustlyReasons = []reason{
	{name: "usercancelled", status: 403, why: "UserCancelled", code: "UserCancelled", description: "CANCELED"},
	{name: "systemerror", status: 502, code: "ThirdPartyErrorCode", description: "Trustly could not complete the sale"},
}

// failing is how a transaction fails for a named reason, and for the instrument's first when none is named. The name is
// taken in any letter case.
func (i *instrument) failing(t transaction, name string) (*failure, error) {
	if t.op == ledger.Reversal && name == "" {
		return i.returned(t), nil
	}
	name = cmp.Or(name, i.reasons[0].name)
	r, ok := reasonNamed(i.reasons, name)
	if !ok {
		return nil, refuse.Status(400, "Nothing of "+i.name+" fails with "+word(name)+"; it fails with "+i.reasonNames()+".")
	}
	return i.fails(t, r), nil
}

// reasonNamed finds a reason by its name in any letter case.
func reasonNamed(among []reason, name string) (reason, bool) {
	k := slices.IndexFunc(among, func(r reason) bool { return strings.EqualFold(r.name, name) })
	if k < 0 {
		return reason{}, false
	}
	return among[k], true
}

func (i *instrument) reasonNames() string {
	var names []string
	for _, r := range i.reasons {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

// word is a caller's word as it may stand in a sentence.
func word(s string) string {
	if len(s) > 40 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "that"
	}
	return s
}

// fails writes the failure of a transaction for a reason, and the problem it carries. That has no instance.
func (i *instrument) fails(t transaction, r reason) *failure {
	f := &failure{
		reason: cmp.Or(r.why, "ExternalResponseError"), activity: cmp.Or(r.activity, i.activity, string(t.op)),
		code: cmp.Or(r.code, r.name), description: cmp.Or(r.description, r.detail),
	}
	if i == swishInstrument { // names no instrument, and has no list of problems
		f.problem = &refuse.Problem{Type: refuse.PSPType(r.name), Title: r.title, Status: r.status, Detail: r.detail}
		return f
	}
	tail, did, said := i.segment+"/"+r.name, string(t.op), f.code+"-"+f.description
	switch {
	case i == mobilepayInstrument: // nothing is documented of its own
		tail = "creditcard/" + r.name
	case i == trustlyInstrument:
		tail = "trustly/systemerror"
	case r.activity != "":
		did = r.activity
	}
	if r.name == "3dsecureusercancelled" {
		said = "UserCancelled-CANCELED"
	}
	f.problem = &refuse.Problem{
		Type: refuse.PSPType(tail), Title: "Operation failed", Status: r.status,
		Detail:   "Unable to complete " + did + " transaction, look at problem node!",
		Problems: []refuse.Item{{Name: "ExternalResponse", Description: said}},
	}
	if i == trustlyInstrument {
		f.problem.Detail = "Unable to complete operation, error calling 3rd party"
	}
	return f
}

// returned is a reversal that the other side does not make.
func (i *instrument) returned(t transaction) *failure {
	if i == swishInstrument {
		return i.fails(t, reason{name: "swishdeclined", status: 403, title: "Swish Declined", detail: "The bank declined to give the money back.", code: "SwishDeclined", description: "the bank declined"})
	}
	return i.fails(t, i.reasons[0])
}
