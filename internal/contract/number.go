package contract

import (
	"math/big"
	"regexp"
	"strconv"
)

var wholeText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// numberOf is the exact value of a JSON number. It is nil for one whose
// exponent is so large that computing it would be an attack.
func numberOf(text string) *big.Rat {
	if len(text) > 400 {
		return nil
	}
	for i, r := range text {
		if r == 'e' || r == 'E' {
			if exponent, err := strconv.Atoi(text[i+1:]); err != nil || exponent > 400 || exponent < -400 {
				return nil
			}
		}
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return n
}

// integerFault says what is wrong with a number where an integer of a width is
// wanted, "" if nothing is. Integers of a width are written as such: neither
// 15.0 nor 1e3 is how minor units or numbers are sent.
func integerFault(text, format string) string {
	switch {
	case !wholeText.MatchString(text):
		return "want an integer written without fraction or exponent"
	case format == "int32":
		if _, err := strconv.ParseInt(text, 10, 32); err != nil {
			return "want an integer of 32 bits, got one that does not fit"
		}
	default:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return "want an integer of 64 bits, got one that does not fit"
		}
	}
	return ""
}
