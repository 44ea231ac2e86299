// Package checkdigit tells numbers of cards and of people from other digits,
// for those who must not write either down. Each number has check digits, which
// one in ten or fewer of all others pass by chance.
package checkdigit

import (
	"regexp"
	"time"
)

// Card says that digits, of which there are at least four and nothing else, start
// as issuers' card numbers do and pass the checksum of Luhn.
func Card(digits string) bool {
	two, four := digits[:2], digits[:4]
	known := digits[0] >= '4' && digits[0] <= '6' || two == "30" || two >= "34" && two <= "39" ||
		four >= "2200" && four <= "2204" || four >= "2221" && four <= "2720"
	return known && luhn(digits)
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

var (
	swedish = regexp.MustCompile(`^(?:18|19|20)?([0-9]{6})[-+]?([0-9]{4})$`)
	danish  = regexp.MustCompile(`^([0-9]{6})-?([0-9]{4})$`)
	norse   = regexp.MustCompile(`^([0-9]{6}) ?([0-9]{5})$`)
	finnish = regexp.MustCompile(`^([0-9]{6})[-+A-FU-Y]([0-9]{3})([0-9A-FHJ-NPR-Y])$`)
)

// Person says that text as a whole is a Swedish, Norwegian, Danish or Finnish
// identity number: a date that exists and check digits that agree.
func Person(text string) bool {
	if len(text) < 10 || len(text) > 13 {
		return false
	}
	if m := swedish.FindStringSubmatch(text); m != nil && date("060102", m[1], '6', 4) && luhn(m[1]+m[2]) {
		return true
	}
	if m := danish.FindStringSubmatch(text); m != nil && date("020106", m[1], '0', 0) &&
		weighted(m[1]+m[2], 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) {
		return true
	}
	if m := norse.FindStringSubmatch(text); m != nil && date("020106", m[1], '4', 0) {
		number := m[1] + m[2]
		return weighted(number, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) && weighted(number, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
	}
	if m := finnish.FindStringSubmatch(text); m != nil && date("020106", m[1], '0', 0) {
		n := 0
		for _, c := range m[1] + m[2] {
			n = (n*10 + int(c-'0')) % 31
		}
		return "0123456789ABCDEFHJKLMNPRSTUVWXY"[n] == m[3][0]
	}
	return false
}

// date says that six digits are a date; in numbers given to people without a
// residence, lift is added to the first digit of the day, which is at position
// day.
func date(layout, text string, lift byte, day int) bool {
	if _, err := time.Parse(layout, text); err == nil {
		return true
	}
	if lift == '0' || text[day] < lift {
		return false
	}
	lowered := []byte(text)
	lowered[day] -= lift - '0'
	_, err := time.Parse(layout, string(lowered))
	return err == nil
}

func weighted(number string, weights ...int) bool {
	sum := 0
	for i, w := range weights {
		sum += w * int(number[i]-'0')
	}
	return sum%11 == 0
}
