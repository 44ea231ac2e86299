package server

import "strings"

// An operation is something the caller may do now, in the wire's order of members.
type operation struct {
	Method      string `json:"method"`
	Href        string `json:"href"`
	Rel         string `json:"rel"`
	ContentType string `json:"contentType,omitempty"`
}

// creditcardOffers lists what a card payment allows, in the order the live environment was seen to list it. What is
// not here is refused when tried, and what is here works.
func creditcardOffers(p payment) []string {
	balance := p.state.balance
	_, paid := p.paid()
	switch {
	case p.status() == stateAborted:
		return []string{"aborted-payment"}
	case p.status() == stateFailed:
		return offered(p, "failed-payment", "view-payment")
	case !paid:
		return offered(p, "update-payment-abort", "view-authorization", "redirect-authorization", "view-payment")
	}
	var rels []string
	if balance.Cancellable() > 0 {
		rels = append(rels, "create-cancellation")
	}
	if balance.Capturable() > 0 {
		rels = append(rels, "create-capture")
	}
	if balance.Reversible() > 0 {
		rels = append(rels, "create-reversal")
	}
	return append(rels, offered(p, "paid-payment", "view-payment")...)
}

// trustlyOffers lists what a Trustly payment allows, in the order the live environment was seen to list it. Nothing
// documents a payment whose sale awaits the payer: no second sale, and everything else as before.
func trustlyOffers(p payment) []string {
	_, paid := p.paid()
	_, pending := p.pending()
	switch {
	case p.status() == stateAborted:
		return []string{"aborted-payment"}
	case p.status() == stateFailed:
		return []string{"failed-payment"}
	case pending:
		return offered(p, "update-payment-abort", "redirect-sale", "view-sales")
	case !paid:
		return offered(p, "update-payment-abort", "create-sale", "redirect-sale", "view-sales")
	case p.state.balance.Reversible() > 0:
		return []string{"create-reversal", "paid-payment"}
	default:
		return []string{"paid-payment"}
	}
}

// offered leaves out the views of a payment that no page may frame: one created without hostUrls.
func offered(p payment, rels ...string) []string {
	if len(p.order.urls.HostUrls) > 0 {
		return rels
	}
	kept := rels[:0]
	for _, rel := range rels {
		if !strings.HasPrefix(rel, "view-") {
			kept = append(kept, rel)
		}
	}
	return kept
}

// tails are the paths of operations below the payment's own.
var tails = map[string]string{
	"create-cancellation": "/cancellations",
	"create-capture":      "/captures",
	"create-reversal":     "/reversals",
	"create-sale":         "/sales",
	"paid-payment":        "/paid",
	"failed-payment":      "/failed",
	"aborted-payment":     "/aborted",
}

// operations are those of the payment, with absolute hrefs on the address the caller used. The payer's pages have the
// same address and the path shapes of the vendor's front end.
func (p payment) operations(base string) []operation {
	ops := []operation{}
	for _, rel := range p.instrument.offers(p) {
		op := operation{Rel: rel}
		op.Method, op.ContentType = manner(rel)
		if !p.instrument.typed(rel) {
			op.ContentType = ""
		}
		if front, ok := p.instrument.fronts[rel]; ok {
			op.Href = base + strings.ReplaceAll(front, "{token}", p.token)
		} else {
			op.Href = base + p.path() + tails[rel]
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

// operations of a transaction: none, but for a sale that awaits the payer at the bank.
func (t transaction) operations(p payment, base string) []operation {
	if t.state != awaitingActivity || p.instrument != trustlyInstrument {
		return []operation{}
	}
	query := "?SessionID=" + p.token + "&OrderID=" + t.id + "&Locale=" + strings.ReplaceAll(p.order.language, "-", "_")
	return []operation{{"GET", base + "/_/orderclient.php" + query, "redirect-trustly", "text/html"}}
}
