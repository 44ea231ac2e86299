package server

import (
	"slices"
	"strings"
)

// An operation is something the caller may do now, in the wire's order of members.
type operation struct {
	Method      string `json:"method"`
	Href        string `json:"href"`
	Rel         string `json:"rel"`
	ContentType string `json:"contentType,omitempty"`
}

// An offer is what an instrument's payments allow in each situation, in the order the live environment was seen to list
// it. What is not offered is refused when tried, and what is offered works.
type offer struct {
	created  []string // until the payer has paid
	verifies []string // the same for a Verify
	pending  []string // while a sale awaits the payer; nil when that makes no difference
	failed   []string
	aborted  []string
	paid     []string // after what the amounts allow
}

const (
	relAbort      = "update-payment-abort"
	relFinalise   = "update-authorization-finalize" //nolint:misspell // a word of the wire
	relOvercharge = "update-authorization-overchargedamount"
)

// offers lists the rels that the payment allows now. Its views are left out when no page may frame it: when it was
// created without hostUrls, or charged without a payer; and so is the redirect of a Verify that has a paymentUrl.
func (p payment) offers() []string {
	by := p.instrument.offers
	_, paid := p.paid()
	t, pending := p.pending()
	rels := by.created
	switch {
	case p.status() == stateAborted:
		rels = by.aborted
	case p.status() == stateFailed:
		rels = by.failed
	case paid:
		rels = slices.Concat(p.moves(), by.paid)
		if p.order.intent == intentPreAuthorization && !p.state.finalised && slices.Contains(rels, "create-cancellation") {
			rels = append(rels, relFinalise)
		}
		if p.overchargeable() {
			rels = append(rels, relOvercharge)
		}
	case pending && by.pending != nil:
		rels = by.pending
	case p.order.verifies():
		rels = by.verifies
	}
	return slices.DeleteFunc(slices.Clone(rels), func(rel string) bool {
		if pending && t.coming != nil && rel == relAbort {
			return true // it is decided
		}
		if strings.HasPrefix(rel, "view-") {
			return len(p.order.urls.HostUrls) == 0 || p.order.charges()
		}
		return rel == "redirect-verification" && p.order.urls.PaymentURL != "" && p.instrument == creditcardInstrument
	})
}

// moves are the operations that the amounts allow.
func (p payment) moves() []string {
	if p.state.strikes >= maxStrikes {
		return nil // locked
	}
	var rels []string
	capturable, cancellable, reversible := p.left()
	if cancellable > 0 {
		rels = append(rels, "create-cancellation")
	}
	if capturable > 0 {
		rels = append(rels, "create-capture")
	}
	if reversible > 0 {
		rels = append(rels, "create-reversal")
	}
	return rels
}

// overchargeable tells a charge of a stored card with something left to capture.
func (p payment) overchargeable() bool {
	capturable, _, _ := p.left()
	return p.instrument == creditcardInstrument && p.order.charges() && capturable > 0
}

// tails are the paths of operations below the payment's own.
var tails = map[string]string{
	"create-approved-legal-address": "/approvedlegaladdress",
	"create-authorization":          "/authorizations",
	"create-verification":           "/verifications",
	"create-cancellation":           "/cancellations",
	"create-capture":                "/captures",
	"create-reversal":               "/reversals",
	"create-sale":                   "/sales",
	"paid-payment":                  "/paid",
	"failed-payment":                "/failed",
	"aborted-payment":               "/aborted",
}

// operations are those of the payment, with absolute hrefs on the address the caller used. The payer's pages have the
// same address and the path shapes of the vendor's front end.
func (p payment) operations(base string) []operation {
	ops := []operation{}
	for _, rel := range p.offers() {
		op := operation{Rel: rel, Href: base + p.path() + tails[rel]}
		op.Method, op.ContentType = manner(rel)
		if !p.instrument.typed(rel) {
			op.ContentType = ""
		}
		if front, ok := p.instrument.fronts[rel]; ok {
			op.Href = base + strings.ReplaceAll(strings.ReplaceAll(front, "{token}", p.token), "{language}", p.order.language)
		}
		if paid, ok := p.paid(); ok && (rel == relOvercharge || rel == relFinalise) {
			op.Href = base + p.transactionPath(paid.op, paid)
		}
		ops = append(ops, op)
	}
	return ops
}

// manner is the method and content type of an operation, which its first word decides.
func manner(rel string) (method, contentType string) {
	verb, _, _ := strings.Cut(rel, "-")
	switch verb {
	case "failed":
		return "GET", "application/problem+json"
	case "aborted", "paid":
		return "GET", "application/json"
	case "view":
		return "GET", "application/javascript"
	case "redirect":
		return "GET", "text/html"
	case "update":
		return "PATCH", "application/json"
	default:
		return "POST", "application/json"
	}
}

// operations of a transaction: none but where the instrument knows of some.
func (t transaction) operations(p payment, base string) []operation {
	ops := []operation{}
	if p.instrument.links == nil {
		return ops
	}
	for _, op := range p.instrument.links(p, t) {
		if strings.HasPrefix(op.Href, "/") {
			op.Href = base + op.Href
		}
		ops = append(ops, op)
	}
	return ops
}
