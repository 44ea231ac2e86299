package server

import (
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
)

// remedies say what to do about a refusal: by the station that refused, and more closely by the rule that was broken or
// by a word of the refusal.
var remedies = map[string]string{
	"route":        "Follow the links that the sandbox gives; addresses are those of the contract, in any letter case.",
	"authenticate": "Send Authorization: Bearer and a token; if merchants are set up, one of theirs.",
	"body":         "Send less than a mebibyte.",
	"contract":     "Send the token of the merchant that the payment or the payeeId belongs to.",
	"judge":        "Change the places that are named, and send it again.",
	"state":        "Read the payment again and follow an operation that it offers now.",
	"fault":        "Send it again; or remove the fault at the second door.",

	"request.body.required":            "Send the members that are missing.",
	"request.body.expected":            "Send the members that are missing; the documentation calls them mandatory.",
	"request.body.missing":             "Send a body.",
	"request.body.unexpected":          "Send no body.",
	"request.body.malformed":           "Send one JSON value in UTF-8.",
	"request.body.duplicate-key":       "Send each member once.",
	"request.body.integer":             "Send amounts as integers of minor units: 15.00 kronor is 1500.",
	"request.body.format":              "Send the text in its documented form.",
	"request.body.schema":              "Send the values that the named lines of the document allow.",
	"request.body.member.undocumented": "Leave the member out, or spell it as the document does.",
	"request.body.value.undocumented":  "Send one of the documented words.",
	"request.media-type.undocumented":  "Send Content-Type: application/json and JSON.",
	"request.media-type.missing":       "Send Content-Type: application/json.",
	"request.query.undocumented":       "Leave the query parameter out, or spell it as the document does.",
	"request.query.schema":             "Send a value that the named line of the document allows.",
	"request.path.parameter":           "Send an address that the document allows.",
	"request.auth.scheme":              "Send Authorization: Bearer and a token, or leave the header out.",
	"request.header.schema":            "Send the header in its documented form.",

	"PayeeReference":  "Send a payeeReference that the payee has used for nothing before.",
	"amount too high": "Ask for no more than remains: read the payment for what that is.",
	"There is no":     "Look into the lists of the second door; what belongs to another token is not found.",
}

// remedyFor is what to do about a message that breaks the contract: what the violations hint at, or what helps with the
// first rule that they break.
func remedyFor(broken []contract.Violation) string {
	for _, v := range broken {
		if v.Hint != "" {
			return v.Hint
		}
	}
	for _, v := range broken {
		if strings.HasSuffix(strings.ToLower(v.Pointer), "amount") && v.Rule == "request.body.schema" {
			return remedies["request.body.integer"]
		}
		if remedy := remedies[v.Rule]; remedy != "" {
			return remedy
		}
	}
	return remedies["judge"]
}

// remedy is what to do about a refusal.
func (r *refusal) remedy() string {
	if len(r.broken) > 0 {
		return remedyFor(r.broken)
	}
	said := r.detail
	for _, item := range r.items {
		said += " " + item.Name + " " + item.Description
	}
	if r.station == "state" {
		for _, word := range []string{"PayeeReference", "amount too high", "There is no"} {
			if strings.Contains(said, word) {
				return remedies[word]
			}
		}
	}
	return remedies[r.station]
}
