package server

import (
	"strings"
	"time"

	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// An instrument is what differs from one way of paying to another.
type instrument struct {
	segment string    // in paths
	name    string    // as payments print it
	prefix  int64     // of payment numbers, as in the vendor's test environment
	opens   ledger.Op // what the payer does: authorise, or pay at once
	offers  offer
	typed   func(rel string) bool // whether an operation says its content type
	fronts  map[string]string     // paths of what the payer's browser fetches, by rel, with {token} and {language}

	tells func(*dice, *payment, transaction, *fact) // adds to a fact what only this instrument says of a transaction; may be nil
	links func(payment, transaction) []operation    // operations of one transaction; may be nil

	reasons  []reason // why an attempt may fail; the first is the usual one
	late     string   // the reason when a payer lets it pass
	activity string   // failedActivityName where a reason has none; empty for the kind of transaction

	settling bool // whether money that moved carries a reconciliation number
	tokens   bool // whether tokens are made when asked for
	bareIDs  bool // whether the id of a transaction is not a path
	lean     bool // MobilePay: prices first, no metadata, transactions from birth
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
	ledger.Verification:  {"verifications", "verification", "verificationList"},
	ledger.Sale:          {"sales", "sale", "saleList"},
	ledger.Capture:       {"captures", "capture", "captureList"},
	ledger.Cancellation:  {"cancellations", "cancellation", "cancellationList"},
	ledger.Reversal:      {"reversals", "reversal", "reversalList"},
}

// Cards and invoices say the content type of every operation, the others of scripts alone.
func everyTyped(string) bool       { return true }
func scriptsTyped(rel string) bool { return strings.HasPrefix(rel, "view-") }

// The scripts and pages of the instruments, as the live environment was seen to spell them.
const (
	cardScript  = "/creditcardv2/core/scripts/client/px.creditcard.client.js?token={token}"
	invoiceView = "/invoice/core/scripts/client/px.invoice.client.js?token={token}&operation="
	swishScript = "/swish/core/scripts/client/px.swish.client.js?token={token}&Culture={language}"
	vippsScript = "/vipps/core/scripts/client/px.vipps.client.js?token={token}&Culture={language}"
)

// creditcardInstrument is a card: authorised by the payer, captured by the merchant.
var creditcardInstrument = &instrument{
	segment: "creditcard", name: "CreditCard", prefix: 401, opens: ledger.Authorization,
	offers: offer{
		created:  []string{relAbort, "view-authorization", "redirect-authorization", "view-payment"},
		verifies: []string{relAbort, "view-verification", "redirect-verification", "view-payment"},
		failed:   []string{"failed-payment", "view-payment"}, aborted: []string{"aborted-payment"},
		paid: []string{"paid-payment", "view-payment"},
	},
	typed: everyTyped,
	fronts: map[string]string{
		"redirect-authorization": "/creditcardv2/payments/authorize/{token}",
		"redirect-verification":  "/creditcardv2/payments/verify/{token}",
		"view-authorization":     cardScript + "&operation=authorize",
		"view-verification":      cardScript + "&operation=verify",
		"view-payment":           cardScript,
	},
	tells: creditcardTells, links: creditcardLinks,
	reasons: cardReasons, late: "acquirergatewaytimeout", activity: "Authorize", tokens: true,
}

// invoiceInstrument is a bill: authorised for a person, sent by the capture.
var invoiceInstrument = &instrument{
	segment: "invoice", name: "Invoice", prefix: 411, opens: ledger.Authorization,
	offers: offer{
		created:  []string{"create-approved-legal-address", "create-authorization", relAbort, "redirect-authorization", "view-authorization"},
		verifies: []string{relAbort, "create-verification", "redirect-verification", "view-verification"},
		failed:   []string{"failed-payment"}, aborted: []string{"aborted-payment"}, paid: []string{"paid-payment"},
	},
	typed: everyTyped,
	fronts: map[string]string{
		"redirect-authorization": "/invoice/payments/authorize/{token}",
		"redirect-verification":  "/invoice/payments/verify/{token}",
		"view-authorization":     invoiceView + "authorize",
		"view-verification":      invoiceView + "verify",
	},
	tells: invoiceTells, reasons: invoiceReasons, late: "TIMEOUTIDENTIFICATION", settling: true, tokens: true,
}

// swishInstrument is a transfer from a phone: sold in one step. Nothing documents a payment whose sale awaits the payer:
// the page is there, and nothing else is offered.
var swishInstrument = &instrument{
	segment: "swish", name: "Swish", prefix: 441, opens: ledger.Sale,
	offers: offer{
		created: []string{relAbort, "create-sale", "redirect-sale", "view-sales", "view-payment"},
		pending: []string{"view-payment"},
		failed:  []string{"failed-payment", "view-payment"}, aborted: []string{"aborted-payment", "view-payment"},
		paid: []string{"paid-payment", "view-payment"},
	},
	typed: scriptsTyped,
	fronts: map[string]string{
		"redirect-sale": "/swish/payments/sales/{token}", "view-sales": swishScript, "view-payment": swishScript,
	},
	tells: swishTells, links: swishLinks, settling: true, bareIDs: true, reasons: swishReasons, late: "swishtimeout",
}

// vippsInstrument is a Norwegian phone: authorised in its app, captured by the merchant.
var vippsInstrument = &instrument{
	segment: "vipps", name: "Vipps", prefix: 421, opens: ledger.Authorization,
	offers: offer{
		created: []string{relAbort, "redirect-authorization", "view-authorization", "view-payment"},
		failed:  []string{"failed-payment", "view-payment"}, aborted: []string{"aborted-payment", "view-payment"},
		paid: []string{"paid-payment", "view-payment"},
	},
	typed: scriptsTyped,
	fronts: map[string]string{
		"redirect-authorization": "/vipps/payments/authorize/{token}?Culture={language}",
		"view-authorization":     vippsScript, "view-payment": vippsScript,
	},
	tells: vippsTells, reasons: vippsReasons, late: "acquirer_gateway_timeout", activity: "Authorize",
}

// mobilepayInstrument is a Danish or Finnish phone: authorised in its app with a card, captured by the merchant. Even
// with hostUrls there are no views, and a paid payment does not offer its summary.
var mobilepayInstrument = &instrument{
	segment: "mobilepay", name: "MobilePay", prefix: 451, opens: ledger.Authorization,
	offers: offer{
		created: []string{relAbort, "redirect-authorization"}, failed: []string{"failed-payment"}, aborted: []string{"aborted-payment"},
	},
	typed:  scriptsTyped,
	fronts: map[string]string{"redirect-authorization": "/mobilepay/payments/authorize/{token}"},
	tells:  mobilepayTells, lean: true, reasons: cardReasons, late: "acquirergatewaytimeout", activity: "Authorize",
}

// trustlyInstrument is a bank transfer: sold in one step. Nothing documents a payment whose sale awaits the payer: no
// second sale, and everything else as before.
var trustlyInstrument = &instrument{
	segment: "trustly", name: "Trustly", prefix: 791, opens: ledger.Sale,
	offers: offer{
		created: []string{relAbort, "create-sale", "redirect-sale", "view-sales"},
		pending: []string{relAbort, "redirect-sale", "view-sales"},
		failed:  []string{"failed-payment"}, aborted: []string{"aborted-payment"}, paid: []string{"paid-payment"},
	},
	typed: scriptsTyped,
	fronts: map[string]string{
		"redirect-sale": "/trustly/payments/sales/{token}",
		"view-sales":    "/trustly/core/scripts/client/px.trustly.client.js?token={token}&operation=sale",
	},
	links: trustlyLinks, settling: true, reasons: trustlyReasons, late: "systemerror",
}

// instruments are all of them.
var instruments = []*instrument{
	creditcardInstrument, invoiceInstrument, mobilepayInstrument, swishInstrument, trustlyInstrument, vippsInstrument,
}

// instrumentOf finds an instrument by its segment of paths; nil when there is none.
func instrumentOf(segment string) *instrument {
	for _, i := range instruments {
		if i.segment == segment {
			return i
		}
	}
	return nil
}

// delay is how long a transaction of the instrument takes once it is decided; 0 when it is not asynchronous.
func (i *instrument) delay(op ledger.Op, d Delays) time.Duration {
	switch {
	case i == swishInstrument && op == ledger.Sale:
		return d.SwishSale
	case i == swishInstrument && op == ledger.Reversal:
		return d.SwishReversal
	case i == trustlyInstrument && op == ledger.Sale:
		return d.TrustlySale
	default:
		return 0
	}
}
