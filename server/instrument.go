package server

import (
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// An instrument is what differs from one way of paying to another, apart from how a payment is created.
type instrument struct {
	segment  string    // in paths
	name     string    // as payments print it
	prefix   int64     // of payment numbers, as in the vendor's test environment
	opens    ledger.Op // what the payer does: authorise, or pay at once
	offers   func(payment) []string
	typed    func(rel string) bool             // whether an operation says its content type
	fronts   map[string]string                 // paths of what the payer's browser fetches, by rel, with {token}
	decline  func() *failure                   // a payer's failed attempt
	pays     func(*dice, *payment, fact) *card // what the instrument tells of a completed attempt, if anything
	settling bool                              // whether completed transactions carry a reconciliation number
}

// A kind is how the wire names the transactions of one op.
type kind struct {
	plural string // path segment and link
	single string // root of one
	list   string // member that holds them
}

var kinds = map[ledger.Op]kind{
	"":                   {"transactions", "transaction", "transactionList"},
	ledger.Authorization: {"authorizations", "authorization", "authorizationList"},
	ledger.Sale:          {"sales", "sale", "saleList"},
	ledger.Capture:       {"captures", "capture", "captureList"},
	ledger.Cancellation:  {"cancellations", "cancellation", "cancellationList"},
	ledger.Reversal:      {"reversals", "reversal", "reversalList"},
}

// creditcardInstrument is a card: authorised by the payer, captured by the merchant.
var creditcardInstrument = &instrument{
	segment: "creditcard", name: "CreditCard", prefix: 401, opens: ledger.Authorization,
	offers: creditcardOffers,
	typed:  func(string) bool { return true },
	fronts: map[string]string{
		"redirect-authorization": "/creditcardv2/payments/authorize/{token}",
		"view-authorization":     "/creditcardv2/core/scripts/client/px.creditcard.client.js?token={token}&operation=authorize",
		"view-payment":           "/creditcardv2/core/scripts/client/px.creditcard.client.js?token={token}",
	},
	decline: creditcardDecline,
	pays:    creditcardPays,
}

// trustlyInstrument is a bank transfer: sold in one step.
var trustlyInstrument = &instrument{
	segment: "trustly", name: "Trustly", prefix: 791, opens: ledger.Sale,
	offers: trustlyOffers,
	typed:  func(rel string) bool { return strings.HasPrefix(rel, "view-") },
	fronts: map[string]string{
		"redirect-sale": "/trustly/payments/sales/{token}",
		"view-sales":    "/trustly/core/scripts/client/px.trustly.client.js?token={token}&operation=sale",
	},
	decline:  trustlyDecline,
	settling: true,
}
