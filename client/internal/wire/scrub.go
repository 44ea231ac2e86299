package wire

import (
	"regexp"
	"strings"
	"time"
)

// scrub blanks what a server's refusal may tell of people although we did not
// send it: card numbers, national identity numbers of the Nordic countries and
// bearer tokens. Only what has the form and the check digits of one is taken
// for one, and only where it is a word of its own; a number of an order that
// passes for either is blanked by chance.
func scrub(text string) string {
	text = scrubNumbers(text)
	if strings.Contains(text, "eyJ") {
		text = webToken.ReplaceAllString(text, blank)
	}
	if bearing(text) {
		text = bearerToken.ReplaceAllString(text, "${1}"+blank)
	}
	return text
}

var (
	webToken    = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
	bearerToken = regexp.MustCompile(`(?i)\b((?:bearer|basic) +)[A-Za-z0-9._~+/-]{20,}=*`)
)

// bearing says whether it is worth looking for a bearer token.
func bearing(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "bearer ") || strings.Contains(lower, "basic ")
}

// scrubNumbers blanks card and identity numbers, from one word that begins with
// a digit to the next.
func scrubNumbers(text string) string {
	var out strings.Builder
	done := 0
	for at := 0; at < len(text); at++ {
		if !digit(text[at]) {
			if joins(text[at]) { // a word that begins otherwise is none of ours
				at += wordLen(text[at:]) - 1
			}
			continue
		}
		from, to := at, at+wordLen(text[at:])
		if spaced := to + 6; nationalID(text[from:to]) {
			// it is one as it stands
		} else if to-from == 6 && spaced <= len(text) && text[to] == ' ' && wordLen(text[to+1:]) == 5 && nationalID(text[from:spaced]) {
			to = spaced
		} else {
			from, to = cardIn(text, at)
		}
		if to > 0 {
			out.WriteString(text[done:from] + blank)
			done, at = to, to-1
			continue
		}
		at += wordLen(text[at:]) - 1
	}
	return out.String() + text[done:]
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// joins says that a byte belongs to the word beside it.
func joins(c byte) bool {
	return digit(c) || c == '-' || c == '+' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// wordLen is how long the word is that text begins with.
func wordLen(text string) int {
	n := 0
	for n < len(text) && joins(text[n]) {
		n++
	}
	return n
}

// cardIn finds a card number of 13 to 19 digits that begins at from: one group
// of digits, or several of the lengths that cards are printed in, none of which
// a GUID has. What follows must not touch it.
func cardIn(text string, from int) (int, int) {
	digits, first := "", 0
	for at := from; at < len(text) && digit(text[at]); {
		end := at
		for end < len(text) && digit(text[end]) {
			end++
		}
		if first == 0 {
			first = end - at
		} else if first > 7 || end-at > 7 {
			break
		}
		if digits += text[at:end]; len(digits) > 19 {
			break
		}
		if len(digits) >= 13 && (end == len(text) || !joins(text[end])) && issued(digits) {
			return from, end
		}
		if end == len(text) || text[end] != ' ' && text[end] != '-' {
			break
		}
		at = end + 1
	}
	return 0, 0
}

// issued says that digits start as the numbers of cards do, and that the check
// digit agrees.
func issued(digits string) bool {
	four := digits[:4]
	known := digits[0] >= '4' && digits[0] <= '6' || four[:2] == "30" || four[:2] >= "34" && four[:2] <= "39" ||
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

// nationalID says that word is a Swedish, Danish, Norwegian or Finnish identity
// number: a date that exists, and check digits that agree.
func nationalID(word string) bool {
	if len(word) < 10 || len(word) > 13 {
		return false
	}
	if m := swedish.FindStringSubmatch(word); m != nil && date("060102", m[1], 4, '6') && luhn(m[1]+m[2]) {
		return true
	}
	if m := danish.FindStringSubmatch(word); m != nil && date("020106", m[1], 0, '0') && weighs(m[1]+m[2], 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) {
		return true
	}
	if m := norse.FindStringSubmatch(word); m != nil && date("020106", m[1], 0, '4') &&
		weighs(m[1]+m[2], 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) && weighs(m[1]+m[2], 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) {
		return true
	}
	if m := finnish.FindStringSubmatch(word); m != nil && date("020106", m[1], 0, '0') {
		n := 0
		for _, c := range m[1] + m[2] {
			n = (n*10 + int(c-'0')) % 31
		}
		return "0123456789ABCDEFHJKLMNPRSTUVWXY"[n] == m[3][0]
	}
	return false
}

// date says that six digits are a date. In numbers of people without a
// residence, lift is added to the first digit of the day, which stands at day.
func date(layout, digits string, day int, lift byte) bool {
	if _, err := time.Parse(layout, digits); err == nil {
		return true
	}
	if lift == '0' || digits[day] < lift {
		return false
	}
	lowered := []byte(digits)
	lowered[day] -= lift - '0'
	_, err := time.Parse(layout, string(lowered))
	return err == nil
}

func weighs(digits string, weights ...int) bool {
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return sum%11 == 0
}
