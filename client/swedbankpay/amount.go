package swedbankpay

import (
	"fmt"

	"github.com/kassa-dev/kassa/client"
)

// Amount is money: a whole number of minor units (öre, øre, cent) of a
// currency. SEK(1500) is fifteen kronor; a fraction does not compile. Amounts
// compare with ==. The zero Amount has no currency.
type Amount struct {
	minor    int64
	currency string
}

// SEK is an amount of öre.
func SEK(minor int64) Amount { return Amount{minor, "SEK"} }

// NOK is an amount of Norwegian øre.
func NOK(minor int64) Amount { return Amount{minor, "NOK"} }

// DKK is an amount of Danish øre.
func DKK(minor int64) Amount { return Amount{minor, "DKK"} }

// EUR is an amount of cent.
func EUR(minor int64) Amount { return Amount{minor, "EUR"} }

// Minor is the number of minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency is the code of ISO 4217, "" for the zero Amount.
func (a Amount) Currency() string { return a.currency }

// String writes the amount in major units with two decimals, and the
// currency: "15.00 SEK", "-0.05 EUR".
func (a Amount) String() string {
	sign, n := "", uint64(a.minor)
	if a.minor < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	if a.currency != "" {
		s += " " + a.currency
	}
	return s
}

// checkAmounts wants amount above zero and vat between zero and amount in the
// same currency; the zero Amount is a vat of nothing.
func checkAmounts(amount, vat Amount) error {
	switch {
	case amount.currency == "" || amount.minor <= 0:
		return &client.InputError{Field: "Amount", Reason: "want more than nothing, in a currency, as in SEK(1500) for 15.00 SEK"}
	case vat.minor < 0 || vat.minor > amount.minor:
		return &client.InputError{Field: "VAT", Reason: "want from nothing up to " + amount.String() + ", of which it is a part"}
	case vat.currency != "" && vat.currency != amount.currency:
		return &client.InputError{Field: "VAT", Reason: "want " + amount.currency + ", the currency of Amount"}
	}
	return nil
}
