package swedbankpay

import (
	"net/url"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// Expand names a sub-resource to be shown in full inside a payment, where
// there would be a link. A name the payment does not have is ignored by the
// server.
type Expand string

// The documented names.
const (
	ExpandAuthorizations Expand = "authorizations"
	ExpandCancellations  Expand = "cancellations"
	ExpandCaptures       Expand = "captures"
	ExpandMetadata       Expand = "metadata"
	ExpandPaid           Expand = "paid"
	ExpandPayeeInfo      Expand = "payeeInfo"
	ExpandPayers         Expand = "payers"
	ExpandPrices         Expand = "prices"
	ExpandReversals      Expand = "reversals"
	ExpandSales          Expand = "sales"
	ExpandSettings       Expand = "settings"
	ExpandTransactions   Expand = "transactions"
	ExpandURLs           Expand = "urls"
	ExpandVerifications  Expand = "verifications"
)

// show adds $expand to u.
func show(u *url.URL, expand []Expand) error {
	if len(expand) == 0 {
		return nil
	}
	names := make([]string, len(expand))
	for i, e := range expand {
		if e == "" || strings.ContainsFunc(string(e), notLetter) {
			return &client.InputError{Field: "Expand", Reason: "want the name of a sub-resource, in letters"}
		}
		names[i] = string(e)
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "$expand=" + strings.Join(names, ",")
	return nil
}

func notLetter(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' }
