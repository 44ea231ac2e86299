package contract

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIntegers(t *testing.T) {
	wide := operation(t, loaded(t, "x.yaml", schemaDocument("{type: integer, format: int64}", "")), "a")
	narrow := operation(t, loaded(t, "x.yaml", schemaDocument("{type: integer, format: int32}", "")), "a")
	plain := operation(t, loaded(t, "x.yaml", schemaDocument("{type: integer}", "")), "a")
	const ok, integer, schema = "", "error request.body.integer", "error request.body.schema"
	for _, tt := range []struct{ body, wide, narrow, plain string }{
		{"0", ok, ok, ok},
		{"-0", ok, ok, ok},
		{"1500", ok, ok, ok},
		{"2147483647", ok, ok, ok},
		{"2147483648", ok, integer, ok},
		{"-2147483648", ok, ok, ok},
		{"-2147483649", ok, integer, ok},
		{"9007199254740993", ok, integer, ok},
		{"9223372036854775807", ok, integer, ok},
		{"9223372036854775808", integer, integer, ok},
		{"-9223372036854775808", ok, integer, ok},
		{"-9223372036854775809", integer, integer, ok},
		{"1.0", integer, integer, ok},
		{"1e3", integer, integer, ok},
		{"1E3", integer, integer, ok},
		{"1.5e1", integer, integer, ok},
		{"15.5", integer, integer, integer},
		{"1e-1", integer, integer, integer},
		{"12345678901234567890.0000001", integer, integer, integer},
		{"1e999", integer, integer, schema},
		{"1" + strings.Repeat("0", 300), integer, integer, ok},
		{"1" + strings.Repeat("0", 2000), integer, integer, schema},
		{`"100"`, schema, schema, schema},
		{"true", schema, schema, schema},
		{"null", schema, schema, schema},
	} {
		for _, each := range []struct {
			name, want string
			o          *Operation
		}{{"int64", tt.wide, wide}, {"int32", tt.narrow, narrow}, {"integer", tt.plain, plain}} {
			want := []string{}
			if each.want != ok {
				want = append(want, each.want)
			}
			assert.Equal(t, want, brief(each.o.JudgeRequest(nil, jsonMessage(tt.body))), "%.40s as %s", tt.body, each.name)
		}
	}
}

func TestBoundsAreExact(t *testing.T) {
	for _, tt := range []struct {
		schema  string
		inside  []string
		outside []string
	}{
		{"{type: number, minimum: 0.1}", []string{"0.1", "0.10", "1e-1", "0.10000000000000000001", "5"}, []string{"0.0999999999999999999999", "0", "-1", "-0.1"}},
		{"{type: number, maximum: 100}", []string{"100", "1e2", "100.000", "-5e300"}, []string{"100.0000000000000000001", "101"}},
		{"{type: number, minimum: 0, exclusiveMinimum: true}", []string{"1e-300", "0.1"}, []string{"0", "-0", "0.0", "0e5", "-1e-300"}},
		{"{type: integer, maximum: 10, exclusiveMaximum: true}", []string{"9", "-9"}, []string{"10", "10.0", "11"}},
		{"{type: number, multipleOf: 0.01}", []string{"19.99", "0.07", "1.1", "4.35", "0", "-3", "1e20"}, []string{"0.001", "19.999", "1e-3"}},
		{"{type: integer, multipleOf: 5}", []string{"-10", "0", "9007199254740995"}, []string{"9007199254740993", "1"}},
		{"{type: number, minimum: -1.5, maximum: -1.5}", []string{"-1.5", "-15e-1"}, []string{"-1.4", "-1.6", "1.5"}},
	} {
		o := operation(t, loaded(t, "x.yaml", schemaDocument(tt.schema, "")), "a")
		for _, body := range tt.inside {
			assert.Empty(t, o.JudgeRequest(nil, jsonMessage(body)), "%s: %s", tt.schema, body)
		}
		for _, body := range tt.outside {
			assert.NotEmpty(t, o.JudgeRequest(nil, jsonMessage(body)), "%s: %s", tt.schema, body)
		}
	}
}

// TestDecimalsAgreeWithRationals compares with package big.
func TestDecimalsAgreeWithRationals(t *testing.T) {
	texts := []string{"0", "-0", "1", "-1", "10", "1e1", "0.1", "1e-1", "-0.10", "100e-2", "12.30", "1230e-2", "0.00012", "12e-5",
		"99999999999999999999", "1e20", "-1e20", "1.0000000000000000000001", "5e-324", "0e99"}
	for _, a := range texts {
		require.True(t, isNumber(a), a)
		x, _ := new(big.Rat).SetString(a)
		assert.Equal(t, x.IsInt(), parseDecimal(a).whole(), a)
		for _, b := range texts {
			y, _ := new(big.Rat).SetString(b)
			assert.Equal(t, x.Cmp(y), parseDecimal(a).compare(parseDecimal(b)), "%s against %s", a, b)
			if y.Sign() > 0 {
				assert.Equal(t, new(big.Rat).Quo(x, y).IsInt(), parseDecimal(a).multipleOf(y), "%s by %s", a, b)
			}
		}
	}
	for _, bad := range []string{"", "-", "01", "1.", ".1", "1e", "1e+", "+1", "0x1", " 1", "1 ", "NaN", "--1", "1e1.5"} {
		assert.False(t, isNumber(bad), bad)
	}
	for _, huge := range []string{"1e99999999999999999999", "-1e-99999999999999999999"} {
		assert.False(t, parseDecimal(huge).multipleOf(big.NewRat(1, 3)), huge)
	}
	_, ok := exact(math.NaN())
	assert.False(t, ok)
}
