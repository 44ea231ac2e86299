package pages

import (
	"fmt"
	"strings"
)

// money writes an amount of hundredths exactly, in the manner of the language: 1,234.50 SEK or 1 234,50 SEK, with spaces
// that do not break.
func money(amount int64, currency string, w words) string {
	sign, abs := "", uint64(amount)
	if amount < 0 {
		sign, abs = "\u2212", -abs
	}
	whole := fmt.Sprint(abs / 100)
	var grouped strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			grouped.WriteString(w.thousands)
		}
		grouped.WriteRune(d)
	}
	text := fmt.Sprintf("%s%s%s%02d", sign, grouped.String(), w.decimal, abs%100)
	if currency == "" {
		return text
	}
	return text + "\u00a0" + currency
}
