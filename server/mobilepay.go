package server

import "github.com/kassa-dev/kassa/server/internal/ledger"

// mobilepayTells adds the card in the payer's app to an authorization that completes.
func mobilepayTells(d *dice, p *payment, t transaction, f *fact) {
	if t.op != ledger.Authorization || f.event != completed {
		return
	}
	c := cardFor(p.price().Type, f.at).used(d, f.at)
	f.extra = members{
		{"maskedPan", c.MaskedPan}, {"expiryDate", c.ExpiryDate}, {"panToken", c.PanToken}, {"cardBrand", c.Brand},
		{"cardType", c.Type}, {"countryCode", c.CountryCode}, {"paymentToken", d.guid()},
		{"issuerAuthorizationApprovalCode", c.ApprovalCode}, {"acquirerTransactionType", "MOBILEPAY"},
		{"acquirerStan", c.Stan}, {"acquirerTerminalId", c.TerminalID}, {"acquirerTransactionTime", c.TransactionTime},
	}
}
