package swedbankpay_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// A merchant's function sees the transaction and the payment, read in that
// order, and the same event is never handed out again.
func TestCallbackIsHandled(t *testing.T) {
	m := newMerchant(t)
	var got swedbankpay.Event
	m.will(func(_ context.Context, e swedbankpay.Event) error { got = e; return nil })
	assert.Equal(t, 200, m.told(told))
	assert.Equal(t, []string{"GET " + swedbankpay.Test + saleID, "GET " + swedbankpay.Test + paymentID}, m.bank.asked())
	assert.Equal(t, told, got.Callback)
	assert.Equal(t, "Ready", got.Payment.Payment.State)
	assert.Equal(t, "Sale", got.Transaction.Type)
	assert.Equal(t, saleID, got.Transaction.Resource)
	assert.Contains(t, string(got.Transaction.Raw), `"sale"`)
	assert.Equal(t, paymentID+" 2 Completed", got.Key())
	require.Len(t, m.had(), 1)
	for range 3 {
		assert.Equal(t, 200, m.told(told))
	}
	assert.Empty(t, m.had())
	assert.Empty(t, m.reported())
	m.close()
}

// Disorder: what is handed out is what is true, once, whichever callback said
// so; a state that moved on is news.
func TestCallbacksOutOfOrder(t *testing.T) {
	m := newMerchant(t)
	m.bank.sale("AwaitingActivity")
	assert.Equal(t, 200, m.told(told))
	m.bank.sale("Completed")
	assert.Equal(t, 200, m.told(told))
	assert.Equal(t, 200, m.told(told), "the first one, late")
	had := m.had()
	require.Len(t, had, 2)
	assert.Contains(t, had[0], "2 AwaitingActivity")
	assert.Contains(t, had[1], "2 Completed")

	older := told
	older.Transaction, older.TransactionNumber = paymentID+"/transactions/b6a7ff3b", 99 // the same sale by another name, and a number that is not true
	m.bank.show(older.Transaction, func() (int, string) {
		return 200, `{"payment":"` + paymentID + `","transaction":{"id":"x","number":2,"state":"Completed"}}`
	})
	assert.Equal(t, 200, m.told(older))
	assert.Empty(t, m.had())
	m.close()
}

// A callback that names no transaction, or one that nobody knows, is about the
// payment.
func TestCallbackWithoutTransaction(t *testing.T) {
	for name, c := range map[string]swedbankpay.Callback{
		"none":    {Payment: paymentID},
		"unknown": {Payment: paymentID, Transaction: paymentID + "/sales/forged"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMerchant(t)
			m.will(func(_ context.Context, e swedbankpay.Event) error {
				assert.Nil(t, e.Transaction)
				return nil
			})
			assert.Equal(t, 200, m.told(c))
			assert.Equal(t, 200, m.told(c))
			m.bank.payment("Ready", "2")
			assert.Equal(t, 200, m.told(c))
			m.bank.payment("Aborted", "2")
			assert.Equal(t, 200, m.told(c))
			had := m.had()
			require.Len(t, had, 3)
			for i, want := range []string{"Ready 1", "Ready 2", "Aborted 2"} {
				assert.Contains(t, had[i], want)
			}
			m.close()
		})
	}
}

// What does not work is answered so that it comes again, and told once.
func TestCallbackFails(t *testing.T) {
	tests := map[string]struct {
		prepare func(*merchant)
		status  int
		told    string
	}{
		"the function fails": {func(m *merchant) {
			m.will(func(context.Context, swedbankpay.Event) error { return errors.New("no room") })
		}, 500, "the event was not handled: no room"},
		"the function panics": {func(m *merchant) {
			m.will(func(context.Context, swedbankpay.Event) error { panic("at the disco") })
		}, 500, "the event was not handled: panic: at the disco\ngoroutine"},
		"the function panics with nothing": {func(m *merchant) {
			m.will(func(context.Context, swedbankpay.Event) error { panic(error(nil)) }) //nolint:govet // that is what is tried
		}, 500, "the event was not handled: panic: "},
		"the function ends its goroutine": {func(m *merchant) {
			m.will(func(context.Context, swedbankpay.Event) error { runtime.Goexit(); return nil })
		}, 500, "it ended its goroutine"},
		"the payment is not known":          {func(m *merchant) { m.bank.fail(paymentID, 404) }, 404, "GET " + paymentID + ": 404"},
		"the payment is gone":               {func(m *merchant) { m.bank.fail(paymentID, 410) }, 404, "410"},
		"the token is refused":              {func(m *merchant) { m.bank.fail(saleID, 401) }, 503, "401"},
		"the API fails at the transaction":  {func(m *merchant) { m.bank.fail(saleID, 500) }, 503, "500"},
		"the API fails at the payment":      {func(m *merchant) { m.bank.fail(paymentID, 500) }, 503, "500"},
		"the wire breaks":                   {func(m *merchant) { m.bank.fail(saleID, 0) }, 503, "cut"},
		"the API says nothing of that kind": {func(m *merchant) { m.bank.fail(saleID, 200) }, 503, "the body is empty"},
		"the API says something else": {func(m *merchant) {
			m.bank.show(saleID, func() (int, string) { return 200, `{"payment":{"id":"x"},"operations":[]}` })
		}, 503, "no transaction with number and state"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inbox := swedbankpay.NewInbox()
			m := newMerchant(t, swedbankpay.WithInbox(inbox))
			tt.prepare(m)
			for range 2 {
				assert.Equal(t, tt.status, m.told(told))
				reported := m.reported()
				require.Len(t, reported, 1)
				assert.Contains(t, reported[0], paymentID+": ")
				assert.Contains(t, reported[0], tt.told)
			}
			assert.Zero(t, pending(t, inbox))
			m.will(nil)
			m.had()
			m.bank.sale("Completed")
			m.bank.payment("Ready", "1")
			assert.Equal(t, 200, m.told(told))
			assert.Len(t, m.had(), 1)
			m.close()
		})
	}
}

// A hundred callbacks that say the same at the same time are one event.
func TestDuplicates(t *testing.T) {
	for name, inbox := range map[string]swedbankpay.Inbox{"memory": swedbankpay.NewInbox(), "durable": newKept()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMerchant(t, swedbankpay.WithInbox(inbox))
				m.will(func(context.Context, swedbankpay.Event) error { time.Sleep(time.Second); return nil })
				flood(m, 100, 200)
				assert.Equal(t, []string{"2 Completed 0s"}, m.had())
				assert.LessOrEqual(t, len(m.bank.asked()), 4, "those who came while it was read wait for one more reading together")
				flood(m, 100, 200)
				assert.Empty(t, m.had())
				assert.Zero(t, pending(t, inbox))
				m.close()
			})
		})
	}
}

// flood tells m the same n times at once, and wants that answer from each.
func flood(m *merchant, n, want int) {
	var team sync.WaitGroup
	for range n {
		team.Go(func() { assert.Equal(m, want, m.told(told)) })
	}
	team.Wait()
}

// Those who wait for the same attempt share its failure, and that is told once.
func TestDuplicatesFailTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMerchant(t)
		release := make(chan struct{})
		m.bank.show(saleID, func() (int, string) { <-release; return 503, "" })
		go func() { synctest.Wait(); close(release) }()
		flood(m, 100, 503)
		assert.LessOrEqual(t, len(m.reported()), 2)
		m.close()
	})
}

// News that comes while older news is handled is not taken for the same.
func TestNewsWhileHandling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMerchant(t)
		m.bank.sale("AwaitingActivity")
		m.will(func(context.Context, swedbankpay.Event) error { time.Sleep(time.Second); return nil })
		var team sync.WaitGroup
		team.Go(func() { assert.Equal(t, 200, m.told(told)) })
		synctest.Wait()
		m.bank.sale("Completed")
		flood(m, 10, 200)
		team.Wait()
		assert.Equal(t, []string{"2 AwaitingActivity 0s", "2 Completed 1s"}, m.had())
		m.close()
	})
}

// Events of one payment are handed out one at a time, those of others are not
// held up.
func TestOnePaymentAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMerchant(t)
		m.will(func(context.Context, swedbankpay.Event) error { time.Sleep(time.Second); return nil })
		var team sync.WaitGroup
		for _, id := range []string{"one", "two", "three"} {
			c := told
			c.Transaction = paymentID + "/reversals/" + id
			m.bank.show(c.Transaction, func() (int, string) {
				return 200, `{"reversal":{"transaction":{"number":` + map[string]string{"one": "1", "two": "2", "three": "3"}[id] + `,"state":"Completed"}}}`
			})
			team.Go(func() { assert.Equal(t, 200, m.told(c)) })
		}
		elsewhere := swedbankpay.Callback{Payment: "/psp/swish/payments/other"}
		m.bank.show(elsewhere.Payment, func() (int, string) { return 200, `{"payment":{"id":"other","state":"Ready"}}` })
		team.Go(func() { assert.Equal(t, 200, m.told(elsewhere)) })
		team.Wait()
		times := map[string]int{}
		for _, key := range m.had() {
			times[key[strings.LastIndex(key, " ")+1:]]++
		}
		assert.Equal(t, map[string]int{"0s": 2, "1s": 1, "2s": 1}, times)
		m.close()
	})
}

// An option or a client that cannot be used is said, and no callback is taken.
func TestCallbackOptionsRefused(t *testing.T) {
	noop := func(context.Context, swedbankpay.Event) error { return nil }
	pay := swedbankpay.New(nil)
	for name, c := range map[string]*swedbankpay.Callbacks{
		"no client":   swedbankpay.NewCallbacks(nil, noop),
		"zero client": swedbankpay.NewCallbacks(&swedbankpay.Client{}, noop),
		"no function": swedbankpay.NewCallbacks(newMerchantClient(), nil),
		"bad client":  swedbankpay.NewCallbacks(pay, noop),
		"inbox":       swedbankpay.NewCallbacks(newMerchantClient(), noop, swedbankpay.WithInbox(nil)),
		"patience":    swedbankpay.NewCallbacks(newMerchantClient(), noop, swedbankpay.WithPatience(-1)),
		"timeout":     swedbankpay.NewCallbacks(newMerchantClient(), noop, swedbankpay.WithHandlingTimeout(0)),
		"report":      swedbankpay.NewCallbacks(newMerchantClient(), noop, swedbankpay.WithCallbackErrors(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, c.Resume(t.Context()), "nothing was sent")
			assert.Equal(t, http.StatusServiceUnavailable, tell(t, c, told))
			require.NoError(t, c.Close(t.Context()))
		})
	}
	c := swedbankpay.NewCallbacks(newMerchantClient(), noop, nil)
	require.NoError(t, c.Resume(t.Context()))
	require.NoError(t, c.Close(t.Context()))
}

// The hook is told errors that can be looked into, and nothing depends on it.
func TestReportedErrors(t *testing.T) {
	m := newMerchant(t)
	room := errors.New("no room")
	m.will(func(context.Context, swedbankpay.Event) error { return room })
	var reported error
	c := m.another(swedbankpay.WithCallbackErrors(func(_ context.Context, _ swedbankpay.Callback, err error) {
		reported = err
		panic("at the disco")
	}))
	assert.Equal(t, 500, tell(t, c, told))
	require.ErrorIs(t, reported, room)
	m.bank.fail(paymentID, 404)
	assert.Equal(t, 404, tell(t, c, told))
	assert.Equal(t, 404, client.StatusOf(reported))
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}")))
	assert.Equal(t, 403, w.Code)
	var input *client.InputError
	require.ErrorAs(t, reported, &input)
	require.NoError(t, c.Close(t.Context()))
}
