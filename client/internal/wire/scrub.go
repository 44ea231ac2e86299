package wire

import (
	"regexp"
	"strings"

	"github.com/kassa-dev/kassa/internal/checkdigit"
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
		if spaced := to + 6; checkdigit.Person(text[from:to]) {
			// it is one as it stands
		} else if to-from == 6 && spaced <= len(text) && text[to] == ' ' && wordLen(text[to+1:]) == 5 && checkdigit.Person(text[from:spaced]) {
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
		if len(digits) >= 13 && (end == len(text) || !joins(text[end])) && checkdigit.Card(digits) {
			return from, end
		}
		if end == len(text) || text[end] != ' ' && text[end] != '-' {
			break
		}
		at = end + 1
	}
	return 0, 0
}
