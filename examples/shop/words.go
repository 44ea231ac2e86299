package main

import (
	"cmp"
	"errors"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// reasons are in words for a shopper what client.Problem calls by one. The list is not whole, and cannot be: the vocabulary
// is open. What is missing is said by its kind.
var reasons = map[string]string{
	"acquirerinsufficientfunds":  "There is not enough money on the card.",
	"acquirercardexpired":        "The card is no longer valid.",
	"acquirercardstolen":         "The card is blocked.",
	"acquirercardblacklisted":    "The card is blocked.",
	"acquirerpossiblefraud":      "The card's bank does not trust this purchase.",
	"acquirererror":              "The card's bank said no.",
	"carddeclined":               "The card's bank said no.",
	"acquirergatewaytimeout":     "The card's bank did not answer in time.",
	"acquirergatewayerror":       "The card's bank could not be reached.",
	"3dsecuredeclined":           "Your bank could not confirm that it is you.",
	"3dsecureerror":              "Your bank could not confirm that it is you.",
	"3dsecureusercancelled":      "You did not approve the purchase at your bank.",
	"paymenttokenerror":          "The card was rejected.",
	"swishdeclined":              "Swish declined the payment.",
	"swishtimeout":               "Swish waited for you in vain.",
	"swishgatewaytimeout":        "Swish did not answer in time.",
	"swishalreadyinuse":          "Swish was busy with another payment.",
	"bankidcancelled":            "You cancelled in BankID.",
	"bankidalreadyinuse":         "BankID was busy with something else.",
	"usercancelled":              "You cancelled.",
	"useraborted":                "You did not identify yourself.",
	"timeoutidentification":      "You were not identified in time.",
	"nationalidentifiermismatch": "The national id is somebody else's.",
	"creditnotapproved":          "The invoice was not approved.",
}

// inWords says why a transaction failed. Trustly names no reason in its problem, but gives one beside it.
func inWords(p *client.Problem, failedReason string) string {
	for _, reason := range []string{p.Reason(), strings.ToLower(failedReason)} {
		if words, ok := reasons[reason]; ok {
			return words
		}
	}
	switch p.Kind() {
	case client.Cancelled:
		return "The payment was broken off."
	case client.ServerFault:
		return "The bank could not do it just now."
	default:
		return "The bank said no."
	}
}

// refusal tells an error that settles an operation from one that leaves it open, and says the former in words. Nothing
// was sent, or the bank has refused: then it did not happen. Anything else, an outcome that is unknown above all, means
// only that we have not heard.
func refusal(err error) (string, bool) {
	switch client.KindOf(err) {
	case client.Unsent, client.Unauthorized, client.Forbidden, client.NotFound, client.Invalid, client.Conflict, client.Declined, client.Cancelled:
	default:
		return "", false
	}
	if in, ok := errors.AsType[*client.InputError](err); ok {
		return in.Field + ": " + in.Reason, true
	}
	p, ok := errors.AsType[*client.Problem](err)
	if !ok {
		return "The payment does not allow this now.", true // an UnavailableError
	}
	for _, f := range p.Fields {
		if f.Detail != "" {
			return f.Detail, true
		}
	}
	return cmp.Or(p.Detail, inWords(p, "")), true
}
