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
)

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
