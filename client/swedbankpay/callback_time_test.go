package swedbankpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

func newMerchantClient() *swedbankpay.Client {
	return swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(&http.Client{Transport: newBankside()}))
}

// slow is a function that takes a while, and minds its context if it is told to.
func slow(d time.Duration, minds bool) func(context.Context, swedbankpay.Event) error {
	return func(ctx context.Context, _ swedbankpay.Event) error {
		if !minds {
			ctx = context.WithoutCancel(ctx)
		}
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// How long an answer takes, and what it is, when handling takes a while.
func TestPatience(t *testing.T) {
	tests := map[string]struct {
		inbox  swedbankpay.Inbox
		opts   []swedbankpay.CallbackOption
		do     func(context.Context, swedbankpay.Event) error
		status int
		after  time.Duration
	}{
		"durable, in time":           {newKept(), nil, slow(time.Second, true), 200, time.Second},
		"durable, too long":          {newKept(), nil, slow(20*time.Second, true), 200, 2 * time.Second},
		"durable, less patience":     {newKept(), []swedbankpay.CallbackOption{swedbankpay.WithPatience(0)}, slow(time.Second, true), 200, 0},
		"in memory, long":            {swedbankpay.NewInbox(), nil, slow(20*time.Second, true), 200, 20 * time.Second},
		"in memory, patience is not": {swedbankpay.NewInbox(), []swedbankpay.CallbackOption{swedbankpay.WithPatience(0)}, slow(20*time.Second, true), 200, 20 * time.Second},
		"in memory, less time":       {swedbankpay.NewInbox(), []swedbankpay.CallbackOption{swedbankpay.WithHandlingTimeout(time.Second)}, slow(20*time.Second, false), 503, time.Second},
		"in memory, for ever":        {swedbankpay.NewInbox(), nil, slow(time.Hour, false), 503, 30 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMerchant(t, append(tt.opts, swedbankpay.WithInbox(tt.inbox))...)
				m.will(tt.do)
				assert.Equal(t, tt.status, m.told(told))
				assert.Equal(t, tt.after, time.Since(m.start))
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				assert.Len(t, m.had(), 1)
				assert.Equal(t, 200, m.told(told))
				assert.Empty(t, m.had(), "it was handled behind the answer")
				m.close()
			})
		})
	}
}

// A function that minds its context is told when its time is over, and then
// the callback has failed.
func TestHandlingTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMerchant(t, swedbankpay.WithHandlingTimeout(5*time.Second))
		m.will(func(ctx context.Context, e swedbankpay.Event) error {
			<-ctx.Done()
			time.Sleep(time.Millisecond)
			return ctx.Err()
		})
		assert.Equal(t, 503, m.told(told))
		assert.Equal(t, 5*time.Second, time.Since(m.start))
		m.close()
		assert.Equal(t, 503, m.told(told), "closed")
	})
}

// In a durable inbox what failed is tried again, later each time; what was
// answered 200 as well as what was not.
func TestTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox))
		m.will(func(context.Context, swedbankpay.Event) error { return errors.New("no room") })
		assert.Equal(t, 500, m.told(told))
		time.Sleep(time.Hour)
		synctest.Wait()
		var want []string
		for _, s := range []int{0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1923, 2823} {
			want = append(want, fmt.Sprint("2 Completed ", time.Duration(s)*time.Second))
		}
		assert.Equal(t, want, m.had())
		assert.Len(t, m.reported(), len(want))
		assert.Equal(t, 1, pending(t, inbox))

		m.will(nil)
		assert.Equal(t, 200, m.told(told), "it is tried at once when it comes again")
		assert.Len(t, m.had(), 1)
		assert.Zero(t, pending(t, inbox))
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Empty(t, m.had())
		m.close()
	})
}

// What the API does not know is dropped when that can be answered. What was
// answered 200 already is asked for as long as the vendor would go on.
func TestUnknownPayment(t *testing.T) {
	for _, promised := range []bool{false, true} {
		t.Run(fmt.Sprint("promised: ", promised), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inbox := newKept()
				m := newMerchant(t, swedbankpay.WithInbox(inbox))
				wait := time.Duration(0)
				if promised {
					wait = 3 * time.Second
				}
				m.bank.show(paymentID, func() (int, string) { time.Sleep(wait); return 404, "" })
				want := map[bool]int{false: 404, true: 200}[promised]
				assert.Equal(t, want, m.told(told))
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				attempts := len(m.reported())
				if promised {
					assert.Greater(t, attempts, 8)
					assert.Equal(t, 1, pending(t, inbox))
				} else {
					assert.Equal(t, 1, attempts)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				assert.LessOrEqual(t, len(m.reported()), 1)
				assert.Zero(t, pending(t, inbox))
				assert.Empty(t, m.had())
				m.close()
			})
		})
	}
}

// Nothing is promised of what is being dropped, though patience ends meanwhile.
func TestDroppedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		inbox.delay = time.Second
		m := newMerchant(t, swedbankpay.WithInbox(inbox))
		m.bank.show(paymentID, func() (int, string) { time.Sleep(1500 * time.Millisecond); return 404, "" })
		assert.Equal(t, 404, m.told(told))
		assert.Equal(t, 2500*time.Millisecond, time.Since(m.start))
		assert.Zero(t, pending(t, inbox))
		m.close()
	})
}

// Those who come while another process has the payment are one attempt.
func TestWaitingForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox), swedbankpay.WithPatience(time.Hour))
		claim, err := inbox.Claim(t.Context(), told, "another", time.Now(), time.Now().Add(time.Hour))
		require.NoError(t, err)
		go func() {
			time.Sleep(10 * time.Second)
			assert.NoError(t, inbox.Release(t.Context(), claim))
		}()
		var team sync.WaitGroup
		for range 10 {
			team.Go(func() { assert.Equal(t, 200, m.told(told)) })
			synctest.Wait()
		}
		team.Wait()
		assert.Len(t, m.bank.asked(), 2)
		assert.Less(t, time.Since(m.start), 12*time.Second, "it is looked at every second")
		assert.Len(t, m.had(), 1)
		m.close()
	})
}
