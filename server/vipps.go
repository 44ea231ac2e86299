package server

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// vippsPayer is the vendor's published number of a payer.
const vippsPayer = "+4798765432"

// vippsTells adds what an authorization says of its way through Vipps.
func vippsTells(_ *dice, p *payment, t transaction, f *fact) {
	if t.op != ledger.Authorization || f.event != begun {
		return
	}
	number, msisdn := strconv.FormatInt(t.number, 10), cmp.Or(t.msisdn, vippsPayer)
	query := url.Values{
		"msisdn": {strings.TrimPrefix(msisdn, "+47")}, "amount": {strconv.FormatInt(t.amount, 10)},
		"psptransactionid": {number}, "token": {p.token},
	}
	f.extra = members{
		{"merchantOrderId", number}, {"pspTransactionId", number},
		{"vippsRedirectUrl", local("/psp/vipps/landingpage?" + query.Encode())}, {"msisdn", msisdn}, {"isApp", false},
	}
}
