package swedbankpay

import iso "github.com/bojanz/currency"

// decimals is how many of the digits of an amount stand behind the point, for
// a currency in use.
func decimals(currency string) (int, bool) {
	n, ok := iso.GetDigits(currency)
	return int(n), ok
}
