package swedbankpay

import (
	"math"
	"math/big"
	"strings"
	"testing"

	iso "github.com/bojanz/currency"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

// edges are amounts at which arithmetic and spelling change their ways.
var edges = []int64{0, 1, -1, 9, 10, -10, 99, 100, -100, 999, 1000, 1500, -9999, 10000, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1}

// The minor units of ISO 4217, by which the table of the library is judged.
func TestDecimals(t *testing.T) {
	exceptions := map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	}
	want := map[string]int{}
	for _, code := range iso.GetCurrencyCodes() {
		want[code] = 2
	}
	require.Greater(t, len(want), 150)
	for n, codes := range exceptions {
		for code := range strings.FieldsSeq(codes) {
			require.Contains(t, want, code)
			want[code] = n
		}
	}
	for code, n := range want {
		got, ok := decimals(code)
		assert.True(t, ok, code)
		assert.Equal(t, n, got, code)
	}
	for _, code := range strings.Fields("SEK NOK DKK EUR USD HUF CHF PLN XCG ZWG") {
		assert.Equal(t, 2, want[code], code)
	}
}

func TestNewAmount(t *testing.T) {
	for code, want := range map[string]string{"SEK": "15.00 SEK", "JPY": "1500 JPY", "ISK": "1500 ISK", "KWD": "1.500 KWD", "CLF": "0.1500 CLF"} {
		a, err := NewAmount(1500, code)
		require.NoError(t, err)
		assert.Equal(t, want, a.String())
		assert.Equal(t, code, a.Currency())
		assert.Equal(t, int64(1500), a.Minor())
	}
	a, err := NewAmount(1500, "SEK")
	require.NoError(t, err)
	assert.Contains(t, map[Amount]bool{SEK(1500): true}, a, "amounts compare with ==, whoever made them")

	for _, code := range []string{"", "sek", "SE", "SEKK", "752", "XTS", "XAU", "HRK", "BTC", "SEK ", "ＳＥＫ", "\x00\x00\x00"} {
		a, err := NewAmount(1, code)
		refuses(t, err, "Currency")
		assert.Zero(t, a)
	}
}

func refuses(t *testing.T, err error, field string) {
	t.Helper()
	var input *client.InputError
	require.ErrorAs(t, err, &input)
	assert.Equal(t, field, input.Field)
	assert.Contains(t, input.Reason, "want ")
}

func TestArithmetic(t *testing.T) {
	tests := []struct {
		name             string
		a, b             Amount
		sum, rest        Amount
		noSum, noRest    bool
		compares         int
		compareIsRefused bool
	}{
		{name: "as on paper", a: SEK(1500), b: SEK(1), sum: SEK(1501), rest: SEK(1499), compares: 1},
		{name: "less than nothing", a: EUR(1), b: EUR(5), sum: EUR(6), rest: EUR(-4), compares: -1},
		{name: "nothing of no currency", a: SEK(5), sum: SEK(5), rest: SEK(5), compares: 1},
		{name: "to nothing of no currency", b: SEK(5), sum: SEK(5), rest: SEK(-5), compares: -1},
		{name: "nothing at all"},
		{name: "nothing of a currency", a: SEK(0), sum: SEK(0), rest: SEK(0)},
		{name: "two currencies", a: SEK(1), b: NOK(1), noSum: true, noRest: true, compareIsRefused: true},
		{name: "two currencies and nothing", a: SEK(0), b: NOK(0), noSum: true, noRest: true, compareIsRefused: true},
		{name: "the most and one", a: SEK(math.MaxInt64), b: SEK(1), noSum: true, rest: SEK(math.MaxInt64 - 1), compares: 1},
		{name: "the least and one", a: SEK(math.MinInt64), b: SEK(1), sum: SEK(math.MinInt64 + 1), noRest: true, compares: -1},
		{name: "the least and less", a: SEK(math.MinInt64), b: SEK(-1), noSum: true, rest: SEK(math.MinInt64 + 1), compares: -1},
		{name: "the least turned round", b: SEK(math.MinInt64), sum: SEK(math.MinInt64), noRest: true, compares: 1},
		{name: "the least twice", a: SEK(math.MinInt64), b: SEK(math.MinInt64), noSum: true, rest: SEK(0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check := func(got Amount, err error, want Amount, refused bool) {
				t.Helper()
				if refused {
					refuses(t, err, "Amount")
				} else {
					require.NoError(t, err)
				}
				assert.Equal(t, want, got)
			}
			got, err := tt.a.Add(tt.b)
			check(got, err, tt.sum, tt.noSum)
			got, err = tt.b.Add(tt.a)
			check(got, err, tt.sum, tt.noSum)
			got, err = tt.a.Sub(tt.b)
			check(got, err, tt.rest, tt.noRest)
			n, err := tt.a.Compare(tt.b)
			assert.Equal(t, tt.compares, n)
			assert.Equal(t, tt.compareIsRefused, err != nil)
		})
	}
	_, err := SEK(1).Add(NOK(1))
	assert.EqualError(t, err, "Amount: want one currency, not SEK and NOK; exchange one of them first (nothing was sent)")
}

// Sums and differences are those of numbers without bounds, or refused.
func FuzzArithmetic(f *testing.F) {
	for _, a := range edges {
		for _, b := range edges {
			f.Add(a, b)
		}
	}
	f.Fuzz(func(t *testing.T, x, y int64) {
		check := func(got Amount, err error, want *big.Int) {
			t.Helper()
			if !want.IsInt64() {
				require.Error(t, err, want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, SEK(want.Int64()), got)
		}
		got, err := SEK(x).Add(SEK(y))
		check(got, err, new(big.Int).Add(big.NewInt(x), big.NewInt(y)))
		got, err = SEK(x).Sub(SEK(y))
		check(got, err, new(big.Int).Sub(big.NewInt(x), big.NewInt(y)))
	})
}
