// Package inboxtest holds an inbox against what swedbankpay.Inbox promises.
package inboxtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

var (
	now     = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	later   = now.Add(time.Minute)
	payment = "/psp/swish/payments/p"
	first   = swedbankpay.Callback{Payment: payment, PaymentNumber: 1, Transaction: payment + "/sales/a", TransactionNumber: 11}
	second  = swedbankpay.Callback{Payment: payment, PaymentNumber: 1, Transaction: payment + "/sales/b", TransactionNumber: 12}
	other   = swedbankpay.Callback{Payment: "/psp/swish/payments/q", PaymentNumber: 2}
)

// Run tests inboxes that open makes, each of them empty.
func Run(t *testing.T, open func(t *testing.T) swedbankpay.Inbox) {
	for name, story := range map[string]func(*inbox){
		"notes are listed in order, and once":                 notes,
		"done removes the note and marks the event":           done,
		"a note that came anew survives":                      anew,
		"nothing is marked without a key":                     dropped,
		"a payment has one holder":                            claims,
		"a claim ends with its time":                          lease,
		"a claim that has run out takes nothing from the new": late,
		"a release leaves the note":                           release,
		"what is not there is no error":                       absent,
		"of many who claim at once one gets it":               race,
		"nothing is lost between many at once":                crowd,
	} {
		t.Run(name, func(t *testing.T) { story(&inbox{t, open(t)}) })
	}
}

type inbox struct {
	*testing.T
	swedbankpay.Inbox
}

func (i *inbox) put(callbacks ...swedbankpay.Callback) {
	i.Helper()
	for _, c := range callbacks {
		require.NoError(i, i.Put(i.Context(), c))
	}
}

func (i *inbox) claim(c swedbankpay.Callback, holder string, at time.Time) swedbankpay.Claim {
	i.Helper()
	claim, err := i.Claim(i.Context(), c, holder, at, at.Add(time.Minute))
	require.NoError(i, err)
	return claim
}

func (i *inbox) done(claim swedbankpay.Claim, key string) {
	i.Helper()
	require.NoError(i, i.Done(i.Context(), claim, key))
}

func (i *inbox) pending(want ...swedbankpay.Callback) {
	i.Helper()
	got, err := i.Pending(i.Context())
	require.NoError(i, err)
	assert.Equal(i, want, got)
}

func (i *inbox) handled(key string, want bool) {
	i.Helper()
	got, err := i.Handled(i.Context(), key)
	require.NoError(i, err)
	assert.Equal(i, want, got, key)
}

func notes(i *inbox) {
	i.pending()
	i.put(first, second, other)
	i.pending(first, second, other)
	again := first
	again.PaymentNumber = 9 // what is for people to quote makes no other callback
	i.put(again)
	i.pending(second, other, again)
}

func done(i *inbox) {
	i.put(first, second)
	i.handled("a", false)
	claim := i.claim(first, "me", now)
	assert.Equal(i, "me", claim.Holder)
	assert.Equal(i, first, claim.Callback)
	assert.True(i, claim.Until.Equal(later))
	i.done(claim, "a")
	i.pending(second)
	i.handled("a", true)
	i.handled("A", false)
	assert.Equal(i, "you", i.claim(second, "you", now).Holder, "the claim has ended")
	i.done(claim, "a")
	i.pending(second)
}

func anew(i *inbox) {
	i.put(first)
	claim := i.claim(first, "me", now)
	i.put(first)
	i.done(claim, "a")
	i.pending(first)
	claim = i.claim(first, "me", now)
	i.done(claim, "b")
	i.pending()
	i.put(first)
	i.done(claim, "b")
	i.pending(first) // an old claim does not cover it, though nothing was noted in between
}

func dropped(i *inbox) {
	i.put(first)
	i.done(i.claim(first, "me", now), "")
	i.pending()
	i.handled("", false)
}

func claims(i *inbox) {
	i.put(first, second, other)
	i.claim(first, "me", now)
	for _, c := range []swedbankpay.Callback{first, second} {
		held := i.claim(c, "you", now)
		assert.Equal(i, "me", held.Holder)
		assert.True(i, held.Until.Equal(later))
	}
	assert.Equal(i, "you", i.claim(other, "you", now).Holder)
	assert.Equal(i, "me", i.claim(second, "me", now.Add(time.Second)).Holder, "a holder may claim again")
}

func lease(i *inbox) {
	i.put(first)
	i.claim(first, "me", now)
	assert.Equal(i, "me", i.claim(first, "you", later.Add(-time.Millisecond)).Holder)
	assert.Equal(i, "you", i.claim(first, "you", later).Holder)
}

func late(i *inbox) {
	i.put(first)
	old := i.claim(first, "me", now)
	i.claim(first, "you", later)
	i.done(old, "a")
	i.handled("a", true)
	assert.Equal(i, "you", i.claim(first, "they", later).Holder)
	require.NoError(i, i.Release(i.Context(), old))
	assert.Equal(i, "you", i.claim(first, "they", later).Holder)
}

func release(i *inbox) {
	i.put(first)
	require.NoError(i, i.Release(i.Context(), i.claim(first, "me", now)))
	i.pending(first)
	assert.Equal(i, "you", i.claim(first, "you", now).Holder)
}

func absent(i *inbox) {
	claim := i.claim(first, "me", now)
	assert.Zero(i, claim.Seq)
	i.put(first)
	i.done(claim, "a")
	i.pending(first)
	require.NoError(i, i.Release(i.Context(), claim))
}

func race(i *inbox) {
	i.put(first)
	var team sync.WaitGroup
	got := make(chan swedbankpay.Claim, 50)
	for n := range cap(got) {
		team.Go(func() {
			claim, err := i.Claim(i.Context(), first, fmt.Sprint(n), now, later)
			if assert.NoError(i, err) && claim.Holder == fmt.Sprint(n) {
				got <- claim
			}
		})
	}
	team.Wait()
	assert.Len(i, got, 1)
}

func crowd(i *inbox) {
	var team sync.WaitGroup
	for n := range 20 {
		team.Go(func() {
			for m := range 10 {
				c := swedbankpay.Callback{Payment: fmt.Sprintf("/psp/p/%d", n), Transaction: fmt.Sprintf("/psp/p/%d/sales/%d", n, m)}
				assert.NoError(i, i.Put(i.Context(), c))
				claim, err := i.Claim(i.Context(), c, "me", now, later)
				if m%2 == 0 && assert.NoError(i, err) {
					assert.NoError(i, i.Done(i.Context(), claim, c.Transaction))
				}
			}
		})
	}
	team.Wait()
	left, err := i.Pending(i.Context())
	require.NoError(i, err)
	assert.Len(i, left, 100)
	for n := range 20 {
		i.handled(fmt.Sprintf("/psp/p/%d/sales/4", n), true)
		i.handled(fmt.Sprintf("/psp/p/%d/sales/5", n), false)
	}
}
