package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

func newOrders(t *testing.T, file string) *orders {
	t.Helper()
	s, err := openOrders(t.Context(), file)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.close()) })
	return s
}

func someOrder(m method) *order {
	return &order{
		Key: newKey(), Reference: swedbankpay.NewPayeeReference(), Method: m, Created: time.Unix(1_700_000_000, 0),
		Lines: basketOf(map[string][]string{"mug": {"2"}, "plate": {"1"}}),
	}
}

func TestOrdersAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a folder", "orders.db")
	require.NoError(t, os.Mkdir(filepath.Dir(file), 0o700))
	first := newOrders(t, file)
	o := someOrder(byCard)
	isNew, err := first.place(t.Context(), o)
	require.NoError(t, err)
	require.True(t, isNew)
	assert.Equal(t, int64(1001), o.Number)
	o.Payment = "/psp/creditcard/payments/1"
	require.NoError(t, first.answered(t.Context(), o))
	op := operation{Reference: swedbankpay.NewPayeeReference(), Order: o.Number, Kind: capture, Amount: swedbankpay.SEK(7), Created: o.Created}
	isNew, err = first.intend(t.Context(), op)
	require.NoError(t, err)
	require.True(t, isNew)
	r := sums(5, 4, 3, 2)
	r.Pending, r.Failure, r.Ended = true, "why", stateAborted
	require.NoError(t, first.learn(t.Context(), o.Number, r, nil))

	again, err := newOrders(t, file).by(t.Context(), "payment", o.Payment)
	require.NoError(t, err)
	op.Outcome = unheard
	o.reading, o.Operations = r, []operation{op}
	assert.Equal(t, o, again)
}

func TestKeysAndReferencesAreTakenOnce(t *testing.T) {
	s := newOrders(t, filepath.Join(t.TempDir(), "orders.db"))
	o := someOrder(byCard)
	_, err := s.place(t.Context(), o)
	require.NoError(t, err)
	same := someOrder(bySwish)
	same.Key = o.Key
	isNew, err := s.place(t.Context(), same)
	require.NoError(t, err)
	assert.False(t, isNew)
	assert.Equal(t, o.Method, same.Method, "it is the first")
	assert.Equal(t, o.Reference, same.Reference)
	reused := someOrder(byCard)
	reused.Reference = o.Reference
	_, err = s.place(t.Context(), reused)
	require.Error(t, err)

	op := operation{Reference: swedbankpay.NewPayeeReference(), Order: o.Number, Kind: capture, Amount: swedbankpay.SEK(7), Created: o.Created}
	for _, want := range []bool{true, false} {
		isNew, err := s.intend(t.Context(), op)
		require.NoError(t, err)
		assert.Equal(t, want, isNew)
	}
	_, err = s.by(t.Context(), "key", "nobody")
	assert.ErrorIs(t, err, errNone)
}

// Readings come in any order and more than once; what counts in the end is the one that was true last.
func TestReadingsInAnyOrder(t *testing.T) {
	s := newOrders(t, filepath.Join(t.TempDir(), "orders.db"))
	for range 10 {
		o := someOrder(byCard)
		_, err := s.place(t.Context(), o)
		require.NoError(t, err)
		op := operation{Reference: swedbankpay.NewPayeeReference(), Order: o.Number, Kind: capture, Amount: swedbankpay.SEK(7), Created: o.Created}
		_, err = s.intend(t.Context(), op)
		require.NoError(t, err)
		var history []reading
		for i := range int64(6) {
			r := sums(100, i, 0, 0)
			r.Progress = i + 1
			history = append(history, r)
		}
		fates := []outcome{underWay, underWay, underWay, underWay, done, done}
		for _, i := range append(rand.Perm(6), rand.Perm(6)...) {
			require.NoError(t, s.learn(t.Context(), o.Number, history[i], []fate{{op.Reference, fates[i], ""}, {"another's", done, ""}}))
		}
		got, err := s.by(t.Context(), "number", o.Number)
		require.NoError(t, err)
		assert.Equal(t, history[5], got.reading)
		assert.Equal(t, done, got.Operations[0].Outcome)
	}
}

func TestOpenOrders(t *testing.T) {
	s := newOrders(t, filepath.Join(t.TempDir(), "orders.db"))
	place := func(payment string, r reading, outcomes ...outcome) int64 {
		o := someOrder(byCard)
		_, err := s.place(t.Context(), o)
		require.NoError(t, err)
		o.Payment = payment
		require.NoError(t, s.answered(t.Context(), o))
		var fates []fate
		for _, outcome := range outcomes {
			op := operation{Reference: swedbankpay.NewPayeeReference(), Order: o.Number, Kind: capture, Created: o.Created}
			_, err := s.intend(t.Context(), op)
			require.NoError(t, err)
			fates = append(fates, fate{op.Reference, outcome, ""})
		}
		require.NoError(t, s.learn(t.Context(), o.Number, r, fates))
		return o.Number
	}
	place("", reading{})
	place("/psp/1", sums(1, 0, 0, 0), done, refused)
	place("/psp/2", reading{Ended: stateFailed, Progress: 1})
	want := []int64{place("/psp/3", reading{}), place("/psp/4", sums(1, 0, 0, 0), done, underWay), place("/psp/5", sums(1, 0, 0, 0), unheard)}
	open, err := s.open(t.Context())
	require.NoError(t, err)
	var got []int64
	for _, o := range open {
		got = append(got, o.Number)
	}
	assert.Equal(t, want, got)
}

func TestNoDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.db")
	require.NoError(t, os.WriteFile(file, []byte("this is no database, however long one looks at it"), 0o600))
	_, err := openOrders(t.Context(), file)
	assert.ErrorContains(t, err, file)
}
