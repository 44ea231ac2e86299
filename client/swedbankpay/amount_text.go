package swedbankpay

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// String writes the amount in major units with the decimals of its currency,
// and the currency: "15.00 SEK", "-0.05 EUR", "15 JPY", "1.500 KWD". The zero
// Amount is "0.00". [ParseAmount] reads back what has a currency.
func (a Amount) String() string {
	if a.currency == "" {
		return "0.00"
	}
	n, _ := decimals(a.currency)
	sign, digits := "", strconv.FormatInt(a.minor, 10)
	if a.minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if short := n + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	whole, fraction := digits[:len(digits)-n], digits[len(digits)-n:]
	if fraction != "" {
		whole += "."
	}
	return sign + whole + fraction + " " + a.currency
}

var written = regexp.MustCompile(`^(-?)(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,4}))? ([A-Z]{3})$`)

// ParseAmount reads an amount as String writes it, exactly: "15.00 SEK". Fewer
// decimals than the currency has are filled up, so that "15 SEK" and
// "15.0 SEK" are fifteen kronor too; one more is refused, even a zero, since
// "1.500" means a thousand and a half in some places. A minus may stand in
// front, and nothing else: no plus, no leading zeros, no separators of
// thousands, no comma, no exponent. The code is of a currency in use and stands
// after one space.
//
// Anything else, and more than 64 bits of minor units, is refused by an
// [*client.InputError] that does not repeat the text.
func ParseAmount(text string) (Amount, error) {
	refused := &client.InputError{Field: "ParseAmount", Reason: `want digits, a point and decimals, a space and the code of a currency, as in "15.00 SEK"`}
	parts := written.FindStringSubmatch(text)
	if parts == nil {
		return Amount{}, refused
	}
	sign, whole, fraction, currency := parts[1], parts[2], parts[3], parts[4]
	n, ok := decimals(currency)
	if !ok {
		refused.Reason = "want the code of a currency in use, by ISO 4217, as in SEK"
		return Amount{}, refused
	}
	if len(fraction) > n {
		refused.Reason = fmt.Sprintf("want at most %d decimals, which is what %s has", n, currency)
		return Amount{}, refused
	}
	minor, err := strconv.ParseInt(sign+whole+fraction+strings.Repeat("0", n-len(fraction)), 10, 64)
	if err != nil {
		refused.Reason = "want no more than 64 bits of minor units can hold"
		return Amount{}, refused
	}
	return Amount{minor, currency}, nil
}

// MarshalText writes what String writes, and nothing at all for the zero
// Amount, so that amounts live in JSON, configurations and flags as text.
func (a Amount) MarshalText() ([]byte, error) {
	if a.currency == "" {
		return nil, nil
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads what ParseAmount reads, and the zero Amount from nothing
// at all. On an error the amount stays as it was.
func (a *Amount) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Amount{}
		return nil
	}
	parsed, err := ParseAmount(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
