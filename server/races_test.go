package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// status sends a request into a sandbox and answers the status alone: a thousand goroutines have no use for more.
func status(h http.Handler, token, method, path, body string) int {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code
}

// race starts n goroutines at once and waits for them.
func race(n int, do func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	all.Wait()
}

const thousand = 1000

// TestThousandCaptures: whatever the amounts, what is captured is what was said to be, and never more than authorised;
// of equal amounts, exactly as many win as the money lasts.
func TestThousandCaptures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		amount func(i int) int
		taken  int64 // in all; -1 where it depends on who comes first
	}{
		{"one öre", func(int) int { return 10 }, 10000},
		{"of everything", func(int) int { return 10000 }, 10000},
		{"that do not divide", func(int) int { return 17 }, 10000 / 17 * 17},
		{"of many amounts", func(i int) int { return 1 + i%97 }, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			id := s.paidCard("r1")
			var taken, others atomic.Int64
			race(thousand, func(i int) {
				switch amount := tt.amount(i); status(s, "test", "POST", id+"/captures", moving(amount, fmt.Sprint("c", i))) {
				case 201:
					taken.Add(int64(amount))
				case 403:
				default:
					others.Add(1)
				}
			})
			assert.Zero(t, others.Load(), "neither captured nor refused")
			if tt.taken >= 0 {
				assert.Equal(t, tt.taken, taken.Load())
			}
			assert.LessOrEqual(t, taken.Load(), int64(10000))
			var sum int64
			list := s.must("GET", id+"/captures", "").at("captures.captureList").([]any)
			for _, one := range list {
				n, err := one.(map[string]any)["transaction"].(map[string]any)["amount"].(interface{ Int64() (int64, error) }).Int64()
				require.NoError(t, err)
				sum += n
			}
			assert.Equal(t, taken.Load(), sum, "what was answered is what is written")
			left := func(n int64) string {
				if n == 0 {
					return "-"
				}
				return fmt.Sprint(n)
			}
			assert.Equal(t, fmt.Sprintf("10000 %[1]s %[1]s %[2]d", left(10000-sum), sum), s.must("GET", id, "").amounts())
			assert.Empty(t, s.Unreplayed())
		})
	}
}

// TestEveryoneAtOnce: payers, captures, cancellations, reversals and aborts meet at one payment of each instrument.
// Whoever wins, the sums are those of the answers.
func TestEveryoneAtOnce(t *testing.T) {
	for instrument := range purchases {
		t.Run(instrument, func(t *testing.T) {
			s := newSandbox(t)
			id := s.create(instrument, "r1")
			var sums [4]atomic.Int64
			var paid, aborted, cancelled atomic.Int64
			race(300, func(i int) {
				amount := 100 + 7*i
				ref := fmt.Sprint("c", i)
				switch i % 6 {
				case 0:
					if s.Pay(t.Context(), id) == nil {
						paid.Add(1)
					}
				case 1, 2:
					if status(s, "test", "POST", id+"/captures", moving(amount, ref)) == 201 {
						sums[0].Add(int64(amount))
					}
				case 3:
					if status(s, "test", "POST", id+"/reversals", moving(amount, ref)) == 201 {
						sums[1].Add(int64(amount))
					}
				case 4:
					if i > 150 && status(s, "test", "POST", id+"/cancellations", cancelling(ref)) == 201 {
						cancelled.Add(1)
					}
				case 5:
					if i > 250 && status(s, "test", "PATCH", id, aborting) == 200 {
						aborted.Add(1)
					}
				}
			})
			require.NoError(t, s.Advance(t.Context(), time.Minute))
			assert.LessOrEqual(t, cancelled.Load(), int64(1), "nothing is left after the first")
			assert.Equal(t, int64(1), min(paid.Load(), 1)+aborted.Load(), "it is either paid or aborted")
			if instrument != "swish" { // there, who pays may complete a reversal instead
				assert.LessOrEqual(t, paid.Load(), int64(1))
			}
			list, _ := s.must("GET", id+"/transactions", "").at("transactions.transactionList").([]any)
			got := map[string]int64{}
			for _, one := range list {
				tx := one.(map[string]any)
				require.NotEqual(t, "AwaitingActivity", tx["state"])
				if tx["state"] == "Completed" {
					n, err := tx["amount"].(interface{ Int64() (int64, error) }).Int64()
					require.NoError(t, err)
					got[tx["type"].(string)] += n
				}
			}
			assert.Equal(t, sums[0].Load(), got["Capture"])
			assert.Equal(t, sums[1].Load(), got["Reversal"])
			assert.LessOrEqual(t, got["Capture"]+got["Cancellation"], got["Authorization"])
			assert.LessOrEqual(t, got["Reversal"], got["Capture"]+got["Sale"])
			assert.Empty(t, s.Unreplayed())
		})
	}
}

// TestOneReference: a payeeReference is used once, whether it creates, captures, cancels or reverses; and once in each
// namespace, for those do not meet.
func TestOneReference(t *testing.T) {
	s := newSandbox(t)
	sold := s.create("trustly", "r1")
	pay(t, s, sold)
	card, other := s.paidCard("r2"), s.paidCard("r3")
	var won, odd atomic.Int64
	race(thousand, func(i int) {
		code := 0
		switch i % 5 {
		case 0:
			code = status(s, "test", "POST", "/psp/trustly/payments", withRef(trustlyPurchase, "same"))
		case 1:
			code = status(s, "test", "POST", card+"/captures", moving(1, "same"))
		case 2:
			code = status(s, "test", "POST", other+"/cancellations", cancelling("same"))
		case 3:
			code = status(s, "test", "POST", sold+"/reversals", moving(1, "same"))
		case 4:
			code = status(s, "test", "POST", "/psp/creditcard/payments", withRef(cardPurchase, "same"))
		}
		switch code {
		case 201:
			won.Add(1)
		case 403:
		default:
			odd.Add(1)
		}
	})
	assert.EqualValues(t, 1, won.Load(), "won")
	assert.Zero(t, odd.Load())

	won.Store(0)
	race(thousand, func(i int) {
		if status(s, fmt.Sprint("token-", i/2), "POST", "/psp/creditcard/payments", withRef(cardPurchase, "same")) == 201 {
			won.Add(1)
		}
	})
	assert.EqualValues(t, thousand/2, won.Load(), "once in each namespace")
}

// TestReferenceInOtherCase: a payee is the same however its id is spelled.
func TestReferenceInOtherCase(t *testing.T) {
	s := newSandbox(t)
	s.card("same")
	upper := strings.Replace(withRef(cardPurchase, "same"), payee, strings.ToUpper(payee), 1)
	assert.Equal(t, 403, s.do("POST", "/psp/creditcard/payments", upper).status)
}

// TestResetRaces: payments are made while everything is forgotten and time is turned on. Nothing is half there: what can
// be read is whole, and time has passed for everybody alike.
func TestResetRaces(t *testing.T) {
	s := newSandbox(t)
	before := s.clock.Load()
	var made, turned atomic.Int64
	race(200, func(i int) {
		switch {
		case i%40 == 0:
			s.Reset()
		case i%10 == 1:
			assert.NoError(t, s.Advance(t.Context(), time.Minute))
			turned.Add(1)
		default:
			instrument := []string{"creditcard", "swish", "trustly", "invoice"}[i%4]
			token := fmt.Sprint("t", i%3)
			if status(s, token, "POST", "/psp/"+instrument+"/payments", withRef(purchases[instrument], fmt.Sprint("r", i))) == 201 {
				made.Add(1)
			}
			status(s, token, "PATCH", "/psp/creditcard/payments/instrumentdata/"+payee, `{"state":"Deleted","comment":"x"}`)
		}
	})
	assert.Equal(t, before, s.clock.Load())
	assert.Positive(t, made.Load())
	assert.Empty(t, s.Unreplayed())
	race(100, func(int) { assert.NoError(t, s.Advance(t.Context(), time.Minute)) })
	status(s, "late", "GET", "/psp/swish/payments/x", "")
	for _, ahead := range s.Ahead() {
		assert.Equal(t, time.Duration(turned.Load()+100)*time.Minute, ahead, "every clock was turned as often as it was asked to")
	}
	s.Reset()
	assert.Zero(t, s.Kept(), "nothing is kept after a reset")
	status(s, "t0", "POST", "/psp/creditcard/payments", withRef(cardPurchase, "last"))
	assert.EqualValues(t, 1, s.Kept())
}

// TestTurningRaces: payments settle exactly once while several turn the clock.
func TestTurningRaces(t *testing.T) {
	s := newSandbox(t)
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = s.create("swish", fmt.Sprint("r", i))
	}
	race(200, func(i int) {
		if i%2 == 0 {
			assert.NoError(t, s.Act(ids[i/2], "pay"))
			return
		}
		assert.NoError(t, s.Advance(t.Context(), time.Second))
	})
	require.NoError(t, s.Advance(t.Context(), time.Minute))
	for _, id := range ids {
		require.Equal(t, "10000 - - 10000", s.must("GET", id, "").amounts())
	}
}

// TestTwoTurn: who turns the clock while somebody else does turns it on from there.
func TestTwoTurn(t *testing.T) {
	target, release := hanging(t)
	s := newSandbox(t)
	id := s.must("POST", "/psp/creditcard/payments", calling(withRef(cardPurchase, "r1"), target)).str("payment.id")
	require.NoError(t, s.Pay(t.Context(), id))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { assert.NoError(t, s.Advance(t.Context(), time.Minute)) })
	}
	require.Eventually(t, func() bool { return running("(*Server).turnOne") == 2 }, 9*time.Second, time.Millisecond)
	release()
	both.Wait()
	assert.Equal(t, []time.Duration{2 * time.Minute}, s.Ahead())
}
