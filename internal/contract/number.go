package contract

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxDigits is the largest power of ten, up or down, that a number is computed
// for. Beyond it a number is a multiple of nothing a document can say.
const maxDigits = 1000

// decimal is a number as it was written: 0.digits times ten to the exponent.
// The digits have no zeros at either end; zero has none at all.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// parseDecimal reads the grammar of JSON numbers. Exponents beyond a million
// are taken as a million, which is beyond every bound.
func parseDecimal(text string) decimal {
	var d decimal
	text, d.negative = strings.CutPrefix(text, "-")
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent := text[i+1:]
		text = text[:i]
		const limit = 1_000_000
		n, err := strconv.Atoi(exponent)
		switch {
		case err == nil:
			d.exponent = max(-limit, min(limit, n))
		case strings.HasPrefix(exponent, "-"):
			d.exponent = -limit
		default:
			d.exponent = limit
		}
	}
	whole, fraction, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	d.exponent += len(whole)
	switch fraction = strings.TrimRight(fraction, "0"); {
	case fraction == "":
		d.digits = strings.TrimRight(whole, "0")
	case whole != "":
		d.digits = whole + fraction
	default:
		d.digits = strings.TrimLeft(fraction, "0")
		d.exponent -= len(fraction) - len(d.digits)
	}
	if d.digits == "" {
		return decimal{}
	}
	return d
}

// whole says that nothing stands behind the decimal point.
func (d decimal) whole() bool { return d.exponent >= len(d.digits) }

// compare returns -1, 0 or 1. It is exact.
func (d decimal) compare(other decimal) int {
	switch {
	case d.sign() < other.sign():
		return -1
	case d.sign() > other.sign():
		return 1
	case d.negative:
		return -d.compareSize(other)
	}
	return d.compareSize(other)
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d decimal) compareSize(other decimal) int {
	switch {
	case d.digits == "": // and so is the other
		return 0
	case d.exponent < other.exponent:
		return -1
	case d.exponent > other.exponent:
		return 1
	}
	return strings.Compare(d.digits, other.digits)
}

// multipleOf is exact.
func (d decimal) multipleOf(unit *big.Rat) bool {
	if d.digits == "" {
		return true
	}
	if len(d.digits)-d.exponent > maxDigits || d.exponent > maxDigits || len(d.digits) > maxDigits {
		return false
	}
	digits, _ := new(big.Int).SetString(d.digits, 10)
	shift := d.exponent - len(d.digits)
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil))
	number := new(big.Rat).SetInt(digits)
	if shift >= 0 {
		number.Mul(number, power)
	} else {
		number.Quo(number, power)
	}
	return number.Quo(number, unit).IsInt()
}

// bound is a number of a document: to compare with, and to print.
type bound struct {
	decimal
	text string
}

// exact is a number of a document as it was written there. Documents are read
// into floating point, so a number past 53 bits is no longer known: ok is
// false for it.
func exact(f float64) (b bound, ok bool) {
	if math.IsNaN(f) || math.Abs(f) >= 1<<53 {
		return b, false
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	return bound{parseDecimal(text), text}, true
}

// integerFault says what is wrong with a number where an integer of a width is
// wanted, "" if nothing is. Integers of a width are written as such: neither
// 15.0 nor 1e3 is how minor units or numbers are sent.
func integerFault(text, format string) string {
	if strings.ContainsAny(text, ".eE") {
		return "want an integer written without fraction or exponent"
	}
	bits := 64
	if format == "int32" {
		bits = 32
	}
	if _, err := strconv.ParseInt(text, 10, bits); err != nil {
		return "want an integer of " + strconv.Itoa(bits) + " bits, got one that does not fit"
	}
	return ""
}

// isNumber says that a text follows the grammar of JSON numbers.
func isNumber(text string) bool {
	rest := strings.TrimPrefix(text, "-")
	digits := func() int {
		i := 0
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		rest = rest[i:]
		return i
	}
	zero := strings.HasPrefix(rest, "0")
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if strings.HasPrefix(rest, ".") {
		if rest = rest[1:]; digits() == 0 {
			return false
		}
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		if rest = rest[1:]; rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return rest == ""
}
