package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// The wire breaks for good after the bank has acted, before its answer or after it. The page of the staff says what is not
// known, offers no second capture of the same money, and finds out when it is asked.
func TestUnknownOutcome(t *testing.T) {
	for name, answers := range map[string]bool{"no answer": false, "an answer, and then no reading": true} {
		t.Run(name, func(t *testing.T) { unknownOutcome(t, answers) })
	}
}

func unknownOutcome(t *testing.T, answers bool) {
	var broken atomic.Bool
	s := newStreet(t, func(bank http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if captures(r) && broken.CompareAndSwap(false, true) {
				if answers {
					bank.ServeHTTP(w, r)
					return
				}
				bank.ServeHTTP(httptest.NewRecorder(), r)
			}
			if broken.Load() {
				panic(http.ErrAbortHandler)
			}
			bank.ServeHTTP(w, r)
		})
	})
	o, _ := s.order(byCard)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.eventually(o.Key, reserved)
	s.operate(o, capture, "1000")
	mid := s.read(o.Key)
	require.Equal(t, unheard, mid.Operations[0].Outcome)
	assert.Equal(t, swedbankpay.SEK(10_00), mid.Left(capture))
	page := s.get(s.desk(o))
	assert.Contains(t, page.text, "Outcome unknown")
	assert.Contains(t, page.text, "The bank cannot be reached just now.")
	assert.Contains(t, page.text, "At most 10.00 SEK.")

	broken.Store(false) // what comes now is no capture, so it holds
	s.send("POST", s.desk(o)+"/look", url.Values{})
	after := s.read(o.Key)
	assert.Equal(t, done, after.Operations[0].Outcome)
	assert.Equal(t, partlyCaptured, after.State())
}

// A capture that had been given up for lost arrives after all, just before it is sent again. The second is refused, because
// the first was done, and that is no refusal of the operation.
func TestRefusedBecauseDone(t *testing.T) {
	s := newStreet(t, func(bank http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if captures(r) {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				earlier := r.Clone(r.Context())
				earlier.Body, r.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
				bank.ServeHTTP(httptest.NewRecorder(), earlier)
			}
			bank.ServeHTTP(w, r)
		})
	})
	o, _ := s.order(byCard)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.eventually(o.Key, reserved)
	s.deaf.Store(true) // a callback would tell
	s.operate(o, capture, "5")
	after := s.read(o.Key)
	require.Len(t, after.Operations, 1)
	assert.Equal(t, done, after.Operations[0].Outcome)
	assert.Equal(t, swedbankpay.SEK(5_00), after.Captured, "once")
}

// A capture the bank refuses is said to be refused, in the bank's words, and moves nothing.
func TestRefused(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(byCard)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.eventually(o.Key, reserved)
	op := operation{Reference: swedbankpay.NewPayeeReference(), Order: o.Number, Kind: capture, Amount: swedbankpay.SEK(total + 1), Created: time.Now()}
	_, err := s.shop.orders.intend(t.Context(), op)
	require.NoError(t, err)
	require.NoError(t, s.shop.carryOut(t.Context(), o, op))
	after := s.read(o.Key)
	assert.Equal(t, refused, after.Operations[0].Outcome)
	assert.NotEmpty(t, after.Operations[0].Why)
	assert.Equal(t, reserved, after.State())
	assert.Equal(t, swedbankpay.SEK(total), after.Left(capture))
	assert.Contains(t, s.get(s.desk(o)).text, after.Operations[0].Why)
}

// A callback that cannot be followed up is not taken, so that it comes again.
func TestCallbackWhileTheBankIsDown(t *testing.T) {
	var down atomic.Bool
	s := newStreet(t, func(bank http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if down.Load() {
				http.Error(w, "closed", http.StatusNotImplemented)
				return
			}
			bank.ServeHTTP(w, r)
		})
	})
	o, _ := s.order(byCard)
	down.Store(true)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment)) // its callback is refused
	body := `{"payment":{"id":"` + o.Payment + `","number":1},"transaction":{"id":"` + o.Payment + `/authorizations/1","number":2}}`
	resp, err := http.Post(s.url+"/callback", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.GreaterOrEqual(t, resp.StatusCode, 500)
	assert.Equal(t, waiting, s.read(o.Key).State())
	down.Store(false)
	require.NoError(t, s.box.Advance(t.Context(), time.Minute)) // the bank tries again
	s.eventually(o.Key, reserved)
}

// The bank answers nothing when a payment is to be made.
func TestNoPayment(t *testing.T) {
	s := newStreet(t, func(bank http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				bank.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
			bank.ServeHTTP(w, r)
		})
	})
	o, to := s.order(byCard)
	assert.Equal(t, "/orders/"+o.Key, to)
	page := s.get(to)
	assert.Contains(t, page.text, "The bank could not be reached. Nothing was paid.")
	assert.Contains(t, page.text, "/checkout?bowl=1&amp;mug=2")
}
