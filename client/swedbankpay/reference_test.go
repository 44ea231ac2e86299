package swedbankpay

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPayeeReferenceRule(t *testing.T) {
	tests := []struct {
		reference      string
		wide, ours, us bool // AnyPayeeReference, SettledBySwedbankPay, SettledByMerchant
	}{
		{"", false, false, false},
		{"1", true, true, true},
		{"order-4711", true, true, false},
		{"order_4711", true, false, false},
		{"someUniqueReference1589372298", true, true, false}, // seen live
		{"123456789012", true, true, true},
		{"1234567890123", true, true, false},
		{strings.Repeat("a", 30), true, true, false},
		{strings.Repeat("a", 31), true, false, false},
		{strings.Repeat("a", 50), true, false, false},
		{strings.Repeat("a", 51), false, false, false},
		{"customer order reference-unique", false, false, false}, // printed in documentation
		{"4711\n", false, false, false},
		{"٤٧١١", false, false, false},
		{"å", false, false, false},
		{"47.11", false, false, false},
		{"-1", true, true, false},
	}
	for _, tt := range tests {
		for rule, fits := range map[PayeeReferenceRule]bool{AnyPayeeReference: tt.wide, SettledBySwedbankPay: tt.ours, SettledByMerchant: tt.us} {
			err := rule.Check(tt.reference)
			if fits {
				assert.NoError(t, err, "%d %q", rule, tt.reference)
				continue
			}
			refuses(t, err, "PayeeReference")
		}
	}
	refuses(t, PayeeReferenceRule(7).Check("1"), "PayeeReferenceRule")
}

func TestNewPayeeReference(t *testing.T) {
	used := map[string]bool{}
	for range 10_000 {
		reference := NewPayeeReference()
		require.NoError(t, SettledBySwedbankPay.Check(reference))
		require.NoError(t, AnyPayeeReference.Check(reference))
		require.Regexp(t, "^[0-9A-V]{26}$", reference, "invoices take letters and digits alone")
		used[reference] = true
	}
	assert.Len(t, used, 10_000)
}

func TestNewPayeeReferenceSorts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made []string
		for range 100 {
			made = append(made, NewPayeeReference())
			time.Sleep(time.Millisecond) // of the bubble
		}
		assert.True(t, slices.IsSorted(made))

		// Of one millisecond: nine characters are time, the tenth is both, and
		// every other place is one of 32 by chance, the last one of 8.
		values := make([]map[byte]bool, 26)
		for range 1000 {
			reference := NewPayeeReference()
			for i := range values {
				if values[i] == nil {
					values[i] = map[byte]bool{}
				}
				values[i][reference[i]] = true
			}
		}
		for i, seen := range values {
			switch {
			case i < 9:
				assert.Len(t, seen, 1, "character %d", i)
			case i == 9 || i == 25:
				assert.LessOrEqual(t, len(seen), 8, "character %d", i)
			default:
				assert.Greater(t, len(seen), 24, "character %d", i)
			}
		}
	})
}

func TestNumberedPayeeReference(t *testing.T) {
	for n, want := range map[int64]string{0: "000000000000", 4711: "000000004711", 999_999_999_999: "999999999999"} {
		got, err := NumberedPayeeReference(n)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.NoError(t, SettledByMerchant.Check(got))
	}
	for _, n := range []int64{-1, 1_000_000_000_000} {
		got, err := NumberedPayeeReference(n)
		refuses(t, err, "PayeeReference")
		assert.Empty(t, got)
	}
}
