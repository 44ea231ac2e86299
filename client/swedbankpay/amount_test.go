package swedbankpay

import (
	"encoding/json"
	"flag"
	"math"
	"math/big"
	"regexp"
	"slices"
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
	assert.True(t, a == SEK(1500), "amounts compare with ==, whoever made them")

	for _, code := range []string{"", "sek", "SE", "SEKK", "752", "XTS", "XTS", "HRK", "BTC", "SEK ", "ＳＥＫ", "\x00\x00\x00"} {
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

func TestParseAmount(t *testing.T) {
	tests := []struct {
		text string
		want Amount
	}{
		{"15.00 SEK", SEK(1500)},
		{"15.0 SEK", SEK(1500)},
		{"15 SEK", SEK(1500)},
		{"0 SEK", SEK(0)},
		{"-0.00 SEK", SEK(0)},
		{"0.05 NOK", NOK(5)},
		{"-0.05 DKK", DKK(-5)},
		{"92233720368547758.07 EUR", EUR(math.MaxInt64)},
		{"-92233720368547758.08 EUR", EUR(math.MinInt64)},
		{"9223372036854775807 JPY", Amount{math.MaxInt64, "JPY"}},
		{"1.5 KWD", Amount{1500, "KWD"}},
	}
	for _, tt := range tests {
		got, err := ParseAmount(tt.text)
		require.NoError(t, err, tt.text)
		assert.Equal(t, tt.want, got, tt.text)
	}
	refused := map[string][]string{
		"as in": {
			"", "15.00", "15.00SEK", "15.00  SEK", "15.00\tSEK", "15.00\u00a0SEK", " 15.00 SEK", "15.00 SEK ", "15.00 SEK\n", "SEK 15.00", "SEK",
			"15,00 SEK", "1,500.00 SEK", "1 500.00 SEK", "1_500.00 SEK", "1'500.00 SEK", "1.500.00 SEK",
			"+15.00 SEK", "--15.00 SEK", "- 15.00 SEK", "−15.00 SEK", "15.00- SEK", "(15.00) SEK", "-SEK", "- SEK",
			"015.00 SEK", "00 SEK", ".50 SEK", "15. SEK", "1e3 SEK", "1E3 SEK", "0x10 SEK", "NaN SEK", "Inf SEK", "١٥ SEK",
			"15.00 sek", "15.00 kr", "15.00 ＳＥＫ", "15.00 SEKK", "15.00 SEK NOK", strings.Repeat("9", 1<<20) + " SEK",
		},
		"in use":   {"15.00 XTS", "15.00 ABC", "1 HRK"},
		"decimals": {"15.000 SEK", "15.001 SEK", "1.500 SEK", "15.0 JPY", "1.5000 KWD"},
		"64 bits":  {"92233720368547758.08 SEK", "-92233720368547758.09 SEK", "9999999999999999999 JPY"},
	}
	for why, texts := range refused {
		for _, text := range texts {
			got, err := ParseAmount(text)
			refuses(t, err, "ParseAmount")
			require.ErrorContains(t, err, why, text)
			assert.Zero(t, got)
		}
	}
}

// What is written is read back the same: all edges, all currencies.
func TestAmountReadsBack(t *testing.T) {
	form := regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d{2,4})? [A-Z]{3}$`)
	for _, code := range iso.GetCurrencyCodes() {
		for _, minor := range edges {
			a := Amount{minor, code}
			require.Regexp(t, form, a.String())
			back, err := ParseAmount(a.String())
			require.NoError(t, err, a)
			require.Equal(t, a, back)
		}
	}
}

func FuzzAmountReadsBack(f *testing.F) {
	codes := slices.Sorted(slices.Values(iso.GetCurrencyCodes()))
	for i, minor := range edges {
		f.Add(minor, uint(i*10))
	}
	f.Fuzz(func(t *testing.T, minor int64, i uint) {
		a := Amount{minor, codes[i%uint(len(codes))]}
		back, err := ParseAmount(a.String())
		if err != nil || back != a {
			t.Fatalf("%d %s: wrote %q, read %v, %v", a.minor, a.currency, a, back, err)
		}
	})
}

// What is read is written in one way, and means the same number.
func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"15.00 SEK", "-0.05 EUR", "15 JPY", "1.5 KWD", "1e3 SEK", "15.00", "+1 SEK", "-0 SEK", "9223372036854775808 JPY", "\xff SEK", "1. SEK"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAmount(text)
		if err != nil {
			assert.Zero(t, a)
			return
		}
		back, err := ParseAmount(a.String())
		if err != nil || back != a {
			t.Fatalf("%q is %q, which is read as %v, %v", text, a, back, err)
		}
		number, _, _ := strings.Cut(text, " ")
		same, _, _ := strings.Cut(a.String(), " ")
		x, okX := new(big.Rat).SetString(number)
		y, okY := new(big.Rat).SetString(same)
		if !okX || !okY || x.Cmp(y) != 0 {
			t.Fatalf("%q became %q", text, a)
		}
	})
}

func TestAmountAsText(t *testing.T) {
	type order struct {
		Total    Amount            `json:"total"`
		Shipping Amount            `json:"shipping"`
		Gift     Amount            `json:"gift,omitzero"`
		ByAmount map[Amount]string `json:"byAmount"`
	}
	in := order{Total: SEK(1500), ByAmount: map[Amount]string{EUR(5): "small"}}
	out, err := json.Marshal(in)
	require.NoError(t, err)
	assert.Equal(t, `{"total":"15.00 SEK","shipping":"","byAmount":{"0.05 EUR":"small"}}`, string(out))
	var back order
	require.NoError(t, json.Unmarshal(out, &back))
	assert.Equal(t, in, back)

	kept := SEK(7)
	for _, bad := range []string{`"15.001 SEK"`, `1500`, `15.00`, `"15.00"`, `{}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &kept), bad)
		assert.Equal(t, SEK(7), kept, bad)
	}
	require.NoError(t, json.Unmarshal([]byte(`null`), &kept))
	assert.Equal(t, SEK(7), kept)

	var limit Amount
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.TextVar(&limit, "limit", SEK(100), "")
	require.NoError(t, flags.Parse([]string{"-limit", "99.50 NOK"}))
	assert.Equal(t, NOK(9950), limit)
}
