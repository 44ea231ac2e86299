package server

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// swishDate is how Swish writes dates: not as the rest of the API does.
const swishDate = "1/2/2006 3:04:05 PM +00:00"

// swishPayer is the vendor's published number of a payer.
const swishPayer = "+46739000001"

// swishTells adds how the sale goes, and once the payer has confirmed it who paid. A reversal has a date while it is
// under way, and none when it is read afterwards.
func swishTells(d *dice, p *payment, t transaction, f *fact) {
	switch {
	case t.op == ledger.Reversal && f.event == begun:
		f.extra = members{{"description", t.description}, {"date", f.at.UTC().Format(swishDate)}}
	case t.op == ledger.Reversal:
		f.extra = members{}
	case f.event == failed:
	default:
		flow := "EcomSwishFlow"
		if t.inApp {
			flow = "McomSwishFlow"
		}
		f.extra = members{{"date", t.created.UTC().Format(swishDate)}}
		switch {
		case f.event == completed:
			f.extra = append(f.extra,
				member{"payerAlias", strings.TrimPrefix(cmp.Or(t.msisdn, swishPayer), "+")},
				member{"swishPaymentReference", strings.ToUpper(d.hex(16))}, member{"swishStatus", "PAID"},
			)
		case t.inApp:
			f.extra = append(f.extra, member{"paymentRequestToken", d.hex(16)})
		}
		f.extra = append(f.extra, member{"swishFlowType", flow}, member{"isPaymentRestrictedToSocialSecurityNumber", p.order.restricted})
	}
}

// swishLinks lead the payer's own phone to its app.
func swishLinks(p payment, t transaction) []operation {
	for _, m := range t.extra {
		if m.name == "paymentRequestToken" && t.state == awaitingActivity {
			href := "swish://paymentrequest?token=" + m.value.(string) + "&callbackurl=" + url.QueryEscape(p.order.urls.CompleteURL)
			return []operation{{Method: "GET", Href: href, Rel: "redirect-app-swish"}}
		}
	}
	return nil
}
