package checkdigit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/internal/checkdigit"
)

func TestCard(t *testing.T) {
	for digits, want := range map[string]bool{
		"4925000000000004": true, // published test data
		"4111111111111111": true, // likewise
		"2200000000000004": true, // the borders of what issuers begin with
		"2204999999999009": true,
		"2205000000000009": false,
		"2221000000000009": true,
		"2720999999999004": true,
		"2721000000000004": false,
		"3000000000000004": true,
		"4925000000000005": false, // another check digit
		"1925000000000004": false, // nobody's beginning
		"0000000000000000": false, // passes Luhn alone
	} {
		assert.Equal(t, want, checkdigit.Card(digits), digits)
	}
}

func TestPerson(t *testing.T) {
	for text, want := range map[string]bool{
		"199710202392":         true, // a person of the vendor's test data
		"19971020-2392":        true,
		"9710202392":           true,
		"9710202393":           false, // another check digit
		"9713402392":           false, // no such day
		"971020":               false,
		"":                     false,
		"9001610006":           true, // Swedish, of somebody without a residence
		"0101900002":           true, // Danish
		"0101900003":           false,
		"01019000083":          true, // Norwegian
		"010190 00083":         true,
		"41019000077":          true,  // likewise, without a residence
		"01019000080":          false, // the first of two check digits alone agrees
		"131052-308T":          true,  // the example of Finland's population register
		"131052-308U":          false,
		"123456789012":         false,
		"97102023929710202392": false,
	} {
		assert.Equal(t, want, checkdigit.Person(text), text)
	}
}
