package conformance

import (
	"strings"

	"github.com/kassa-dev/kassa/internal/checkdigit"
)

// holdsPAN says that a run of digit groups holds a card number: one group, or
// several of the lengths cards are printed in, that together have 13 to 19
// digits, start as issuers' numbers do, and pass the checksum.
func holdsPAN(run string) bool {
	for from := 0; from < len(run); {
		first, total := 0, 0
		for at := from; at < len(run); {
			end := at
			for end < len(run) && run[end] != ' ' && run[end] != '-' && end-from < 40 {
				end++
			}
			length := end - at
			if first == 0 {
				first = length
			} else if first > 7 || length > 7 {
				break
			}
			if total += length; total > 19 {
				break
			}
			if total >= 13 && checkdigit.Card(strings.Map(keepDigits, run[from:end])) {
				return true
			}
			if length < 3 {
				break // only a last group is that short
			}
			at = end + 1
		}
		next := strings.IndexAny(run[from:], " -")
		if next < 0 {
			return false
		}
		from += next + 1
	}
	return false
}

// harmlessPAN keeps the length and the separators; the last digit makes the
// checksum fail.
func harmlessPAN(value string) string {
	out := []byte(zeros(value))
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == '0' {
			out[i] = '1'
			break
		}
	}
	return string(out)
}

// maskedPAN says that a value shows no more than the six first and four last
// digits, the form in which a card number may be shown.
func maskedPAN(value string) bool {
	return strings.ContainsAny(value, "*xX") && strings.Trim(value, "0123456789*xX") == "" &&
		len(strings.Map(keepDigits, value)) <= 10
}

func keepDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}
