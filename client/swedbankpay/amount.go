package swedbankpay

import (
	"cmp"

	"github.com/kassa-dev/kassa/client"
)

// Amount is money: a whole number of minor units (öre, øre, cent) of a
// currency. SEK(1500) is fifteen kronor; a fraction does not compile. Amounts
// compare with ==. The zero Amount has no currency and is nothing of any: it
// adds to every amount.
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

// NewAmount is an amount of minor units of the currency with that code of ISO
// 4217, in upper case: what a payment says in its own members, as in
//
//	left, err := swedbankpay.NewAmount(payment.Payment.RemainingCaptureAmount, payment.Payment.Currency)
//
// A code that is not in use is refused by an [*client.InputError].
//
// Minor units are those of ISO 4217: hundredths for most, none for JPY and ISK,
// thousandths for KWD. The API documents hundredths, and only currencies that
// have them; what it takes for an amount of another is for the acquirer to say.
func NewAmount(minor int64, currency string) (Amount, error) {
	if _, ok := decimals(currency); !ok {
		return Amount{}, &client.InputError{Field: "Currency", Reason: "want the code of a currency in use, by ISO 4217 and in upper case, as in SEK"}
	}
	return Amount{minor, currency}, nil
}

// Minor is the number of minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency is the code of ISO 4217, "" for the zero Amount.
func (a Amount) Currency() string { return a.currency }

// Add gives a and b together. Two currencies, and a sum beyond 64 bits, are
// refused by an [*client.InputError]; nothing ever wraps around.
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a.minor + b.minor
	return a.result(b, sum, (sum > a.minor) == (b.minor > 0))
}

// Sub gives a without b, which is less than nothing where b is more. It refuses
// what Add refuses.
func (a Amount) Sub(b Amount) (Amount, error) {
	rest := a.minor - b.minor
	return a.result(b, rest, (rest < a.minor) == (b.minor > 0))
}

// Compare gives -1 when a is less than b, 0 when they are as much and 1 when a
// is more. Two currencies are refused by an [*client.InputError].
func (a Amount) Compare(b Amount) (int, error) {
	if _, err := a.common(b); err != nil {
		return 0, err
	}
	return cmp.Compare(a.minor, b.minor), nil
}

// result is what came of a and b, unless it does not fit.
func (a Amount) result(b Amount, minor int64, fits bool) (Amount, error) {
	currency, err := a.common(b)
	if err == nil && !fits {
		err = &client.InputError{Field: "Amount", Reason: "want a result that 64 bits of minor units can hold"}
	}
	if err != nil {
		return Amount{}, err
	}
	return Amount{minor, currency}, nil
}

// common is the currency of a and b, unless they have two.
func (a Amount) common(b Amount) (string, error) {
	switch {
	case a.currency == "" || a.currency == b.currency:
		return b.currency, nil
	case b.currency == "":
		return a.currency, nil
	}
	return "", &client.InputError{Field: "Amount", Reason: "want one currency, not " + a.currency + " and " + b.currency + "; exchange one of them first"}
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
