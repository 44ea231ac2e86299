package server_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// TestBodies: what is large, deep or long is answered within a moment, and with an answer that is not large itself.
func TestBodies(t *testing.T) {
	s := newSandbox(t)
	id := s.create("invoice", "r1")
	require.NoError(t, s.Pay(t.Context(), id))
	many := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	price := `{"type":"CreditCard","amount":10000,"vatAmount":2000}`
	prices := func(one string, n int) string {
		return strings.Replace(withRef(cardPurchase, "b"), price, many(one, n), 1)
	}
	tests := []struct {
		name, path, body string
		status           int
	}{
		{"a mebibyte", "/psp/creditcard/payments", withRef(cardPurchase, "b") + strings.Repeat(" ", 1<<20), 413},
		{"wrong prices", "/psp/creditcard/payments", prices(`{}`, 100_000), 400},
		{"prices of nothing", "/psp/creditcard/payments", prices(`1`, 100_000), 400},
		{"good prices", "/psp/creditcard/payments", prices(`{"type":"Visa","amount":1,"vatAmount":0}`, 20_000), 0},
		{"nesting", "/psp/creditcard/payments", strings.Replace(withRef(cardPurchase, "b"), `"key2":2`, `"key2":`+strings.Repeat("[", 200_000), 1), 400},
		{"metadata", "/psp/creditcard/payments", strings.Replace(withRef(cardPurchase, "m"), `"key2":2`, many(`"k":1`, 100_000), 1), 400},
		{"a long name", "/psp/creditcard/payments", strings.Replace(withRef(cardPurchase, "n"), `"key2":2`, `"`+strings.Repeat("k", 900_000)+`":1`, 1), 0},
		{"a number of many digits", "/psp/creditcard/payments", strings.Replace(withRef(cardPurchase, "b"), "10000", strings.Repeat("9", 900_000), 1), 400},
		{"order lines", id + "/captures", strings.Replace(moving(1, "l"), `"amount":1`, `"amount":1,"itemDescriptions":[`+many(`{"amount":1,"description":"x"}`, 25_000)+`]`, 1), 0},
		{"methods", "/api/mock_payment_widget_service/payment-methods/types", `{"paymentMethodId":[` + many(`"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, 20_000) + `]}`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := s.request("POST", tt.path, tt.body)
			if strings.HasPrefix(tt.path, "/api") {
				e.with("Authorization", "")
			}
			begin := time.Now()
			r := e.send()
			assert.Less(t, time.Since(begin), 20*time.Second, "hours are not bounded")
			if tt.status != 0 {
				assert.Equal(t, tt.status, r.status)
			}
			assert.Less(t, r.status, 500)
			if r.status >= 400 {
				assert.Less(t, len(r.text), 64<<10, "a refusal is short")
			}
		})
	}
}

// TestKeeping: with a limit on payments, many that make them at once leave exactly so many, of whoever made them last.
func TestKeeping(t *testing.T) {
	s := newSandbox(t, server.WithKeep(50))
	var made atomic.Int64
	race(40, func(i int) {
		for j := range 25 {
			if status(s, fmt.Sprint("t", i%2), "POST", "/psp/creditcard/payments", withRef(cardPurchase, fmt.Sprintf("r%d-%d", i, j))) == 201 {
				made.Add(1)
			}
		}
	})
	assert.EqualValues(t, 1000, made.Load())
	assert.LessOrEqual(t, s.Kept(), int64(51), "and one for each namespace that has only its newest")
	assert.Empty(t, s.Unreplayed())
	// What was forgotten may be made again.
	assert.Equal(t, 201, status(s, "t0", "POST", "/psp/creditcard/payments", withRef(cardPurchase, "r0-0")))
}

// TestManyNamespaces: however many tokens there are, so many namespaces and no more, and the payments of those that were
// forgotten do not count.
func TestManyNamespaces(t *testing.T) {
	s := newSandbox(t)
	create := func(token string) int {
		return status(s, token, "POST", "/psp/creditcard/payments", withRef(cardPurchase, "r"))
	}
	for i := range 50 {
		require.Equal(t, 201, create(fmt.Sprint("payer", i)))
	}
	for i := range 10_100 {
		status(s, fmt.Sprint("token", i), "GET", "/psp/creditcard/payments/x", "")
	}
	require.LessOrEqual(t, s.Namespaces(), 10_000)
	require.Eventually(t, func() bool { return s.Kept() <= 50 }, 10*time.Second, time.Millisecond)
}

// TestFlood: a target that never answers gets a flood of callbacks. The goroutines that wait are bounded, callbacks to
// another host go out all the same, and Close waits for as long as one callback may take, and no longer.
func TestFlood(t *testing.T) {
	t.Parallel()
	target, release := hanging(t)
	m := newShop(t)
	s := newSandbox(t)
	for i := range 2000 {
		ref := fmt.Sprint("r", i)
		id := s.must("POST", "/psp/creditcard/payments", calling(withRef(cardPurchase, ref), target)).str("payment.id")
		require.NoError(t, s.Pay(t.Context(), id))
	}
	assert.LessOrEqual(t, running("(*postman).carry("), 2000, "one for a payment at most")
	assert.LessOrEqual(t, running("(*postman).deliverTo("), 8, "at once, to one host")
	id := s.must("POST", "/psp/creditcard/payments", calling(withRef(cardPurchase, "other"), m.URL)).str("payment.id")
	require.NoError(t, s.Pay(t.Context(), id))
	require.Eventually(t, func() bool { m.mu.Lock(); defer m.mu.Unlock(); return len(m.got) == 1 }, 8*time.Second, time.Millisecond, "others are told")
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	defer release()
	select {
	case err := <-closed:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		require.Fail(t, "Close waits for ever")
	}
}
