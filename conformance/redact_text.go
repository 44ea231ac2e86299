package conformance

import (
	"net/url"
	"strings"

	"github.com/kassa-dev/kassa/internal/checkdigit"
)

// RedactText makes a text fit for a report: it is redacted as [Redact] redacts
// running text, and is one line without control characters.
func RedactText(text string) string { return oneLine(redactText(text)) }

// redactText redacts what running text holds: fields (name=value) of
// sensitive names, e-mail addresses, tokens, also those in the address of a
// stored card, card and telephone numbers.
func redactText(text string) string {
	var at, equals, plus, dots bool
	count := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '@':
			at = true
		case c == '=':
			equals = true
		case c == '+':
			plus = true
		case c == '.' || c == ' ':
			dots = true
		case c >= '0' && c <= '9':
			count++
		}
	}
	if equals {
		text = redactFields(text)
	}
	if at {
		text = address.ReplaceAllStringFunc(text, func(word string) string {
			return redactedEmail + word[len(strings.TrimRight(word, ".!")):]
		})
	}
	if holdsFold(text, "/instrumentdata/") {
		text = stored.ReplaceAllString(text, "${1}00000000-0000-0000-0000-000000000000")
	}
	if dots && len(text) > 12 {
		if holdsFold(text, "bearer") || holdsFold(text, "basic") {
			text = bearer.ReplaceAllString(text, "$1 REDACTED")
		}
		if strings.Contains(text, "eyJ") {
			text = jwt.ReplaceAllString(text, redacted)
		}
	}
	if count >= 13 || plus && count >= 8 {
		text = redactDigits(text)
	}
	return text
}

// redactDigits redacts card and telephone numbers that are words of their own.
// Digits that touch a letter belong to an id, and the groups of a GUID are of
// lengths that no card number has.
func redactDigits(text string) string {
	var out []byte
	for from, to := digitGroups(text, 0); from < to; from, to = digitGroups(text, to) {
		if from > 0 && wordy(text[from-1]) || to < len(text) && wordy(text[to]) {
			continue
		}
		run := text[from:to]
		if holdsPAN(run) {
			run = harmlessPAN(run)
		}
		if from > 0 && text[from-1] == '+' && (from == 1 || !wordy(text[from-2])) {
			n := phoneDigits(run)
			run = zeros(run[:n]) + run[n:]
		}
		if run != text[from:to] {
			if out == nil {
				out = []byte(text)
			}
			copy(out[from:to], run)
		}
	}
	if out == nil {
		return text
	}
	return string(out)
}

// digitGroups finds the next groups of digits from a place on, between which
// single spaces or hyphens stand; nothing when there are none.
func digitGroups(text string, at int) (from, to int) {
	digit := func(i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for from = at; from < len(text) && !digit(from); from++ {
	}
	for to = from; digit(to) || to > from && to < len(text) && (text[to] == ' ' || text[to] == '-') && digit(to+1); to++ {
	}
	return from, to
}

// holdsFold says whether text holds a word, which is in lower-case ASCII,
// in whatever case.
func holdsFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0]|0x20 && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

func wordy(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// redactFields redacts the values in name=value pairs, as in queries, forms
// and logs. A value of another name is looked into if it is percent-encoded.
func redactFields(text string) string {
	var out strings.Builder
	done := 0
	for i := range len(text) {
		if text[i] != '=' || i < done {
			continue
		}
		start := i
		for start > done && fieldName(text[start-1]) {
			start--
		}
		name := unescape(text[start:i])
		stop := " \t\r\n&;,#\"'<>\\{}|"
		if kindOf(name) == plain {
			stop += "=" // which may belong to a field inside this one
		}
		value := text[i+1:]
		if end := strings.IndexAny(value, stop); end >= 0 {
			value = value[:end]
		}
		inner := unescape(value)
		var safe string
		switch {
		case start == i || value == "":
			continue
		case kindOf(name) != plain:
			safe = mask(kindOf(name), inner)
		case inner != value || checkdigit.Person(value):
			safe = redactValue(name, inner, 4)
		default:
			continue
		}
		if safe == inner {
			continue
		}
		out.WriteString(text[done : i+1])
		out.WriteString(url.QueryEscape(safe))
		done = i + 1 + len(value)
	}
	if done == 0 {
		return text
	}
	return out.String() + text[done:]
}

func fieldName(c byte) bool {
	return wordy(c) || c == '_' || c == '-' || c == '.' || c == '%' || c == '$'
}

func unescape(text string) string {
	if inner, err := url.QueryUnescape(text); err == nil {
		return inner
	}
	return text
}
