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

// What an earlier process left is handled after Resume, and what it had claimed
// once that has run out.
func TestResume(t *testing.T) {
	for _, claimed := range []bool{false, true} {
		t.Run(fmt.Sprint("claimed: ", claimed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inbox := newKept()
				m := newMerchant(t, swedbankpay.WithInbox(inbox))
				require.NoError(t, inbox.Put(t.Context(), told))
				want := 0 * time.Second
				if claimed {
					want = time.Minute
					_, err := inbox.Claim(t.Context(), told, "the dead", time.Now(), time.Now().Add(want))
					require.NoError(t, err)
				}
				require.NoError(t, m.Resume(t.Context()))
				require.NoError(t, m.Resume(t.Context()), "twice is as good as once")
				time.Sleep(want + time.Second)
				synctest.Wait()
				had := m.had()
				require.Len(t, had, 1)
				var at time.Duration
				_, err := fmt.Sscanf(had[0], "2 Completed %s", (*text)(&at))
				require.NoError(t, err)
				assert.GreaterOrEqual(t, at, want)
				assert.Less(t, at, want+time.Second)
				assert.Zero(t, pending(t, inbox))
				m.close()
			})
		})
	}
}

// text scans a duration.
type text time.Duration

func (d *text) Scan(s fmt.ScanState, _ rune) error {
	token, err := s.Token(true, nil)
	if err != nil {
		return err
	}
	got, err := time.ParseDuration(string(token))
	*d = text(got)
	return err
}

// Two that share an inbox hand an event out once, whoever is asked.
func TestSharedInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox))
		two := m.another(swedbankpay.WithInbox(inbox))
		m.will(slow(time.Second, true))
		answers := make(chan int, 100)
		for i := range cap(answers) {
			go func() {
				to := []http.Handler{m.Callbacks, two}[i%2]
				answers <- tell(t, to, told) //nolint:testifylint // a failure here ends the goroutine, and the test with it
			}()
		}
		for range cap(answers) {
			assert.Equal(t, 200, <-answers)
		}
		synctest.Wait()
		assert.Equal(t, []string{"2 Completed 0s"}, m.had())
		assert.Zero(t, pending(t, inbox))
		m.close()
		require.NoError(t, two.Close(t.Context()))
	})
}

// An inbox that fails leads to 503, never to an event that is lost.
func TestInboxFails(t *testing.T) {
	for method, handed := range map[string]int{"Put": 0, "Claim": 0, "Handled": 0, "Done": 1} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inbox := newKept()
				m := newMerchant(t, swedbankpay.WithInbox(inbox))
				inbox.failing(method, errors.New("disk full"))
				assert.Equal(t, 503, m.told(told))
				require.NotEmpty(t, m.reported())
				assert.Len(t, m.had(), handed)
				inbox.failing(method, nil)
				assert.Equal(t, 200, m.told(told))
				assert.Len(t, m.had(), 1)
				assert.Zero(t, pending(t, inbox))
				m.close()
			})
		})
	}
	inbox := newKept()
	inbox.failing("Pending", errors.New("disk full"))
	require.ErrorContains(t, newMerchant(t, swedbankpay.WithInbox(inbox)).Resume(t.Context()), "disk full")
}

// Close waits for what is under way, and leaves the rest where it is. A bubble
// fails when a goroutine is left.
func TestCloseCallbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox), swedbankpay.WithPatience(0))
		other := swedbankpay.Callback{Payment: "/psp/swish/payments/down"}
		m.bank.fail(other.Payment, 500)
		assert.Contains(t, []int{200, 503}, m.told(other)) // waits to be tried again
		m.will(slow(10*time.Second, true))
		assert.Equal(t, 200, m.told(told))
		synctest.Wait()
		assert.Equal(t, 200, m.told(told)) // waits for its turn
		assert.Equal(t, 200, m.told(swedbankpay.Callback{Payment: paymentID}))
		synctest.Wait()
		begin := time.Now()
		require.NoError(t, m.Close(t.Context()))
		assert.Equal(t, 10*time.Second, time.Since(begin))
		require.NoError(t, m.Close(t.Context()), "twice is as good as once")
		assert.Equal(t, 503, m.told(told))
		require.Error(t, m.Resume(t.Context()))
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Len(t, m.had(), 1)
		assert.Equal(t, 3, pending(t, inbox))

		next := m.another(swedbankpay.WithInbox(inbox))
		m.will(nil)
		m.bank.show(other.Payment, func() (int, string) { return 200, `{"payment":{"id":"down","state":"Ready"}}` })
		require.NoError(t, next.Resume(t.Context()))
		synctest.Wait()
		assert.Len(t, m.had(), 2, "of the one that was handled there was a note that came later")
		assert.Zero(t, pending(t, inbox))
		require.NoError(t, next.Close(t.Context()))
	})
}

// A Close whose time is over ends the contexts of what is under way.
func TestCloseInAHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox), swedbankpay.WithPatience(0))
		m.will(slow(10*time.Second, true))
		assert.Equal(t, 200, m.told(told))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, m.Close(ctx), context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(m.start))
		synctest.Wait()
		assert.Len(t, m.reported(), 1)
		assert.Equal(t, 1, pending(t, inbox))

		next := m.another(swedbankpay.WithInbox(inbox))
		require.NoError(t, next.Resume(t.Context()))
		synctest.Wait()
		assert.Len(t, m.had(), 2, "the claim was given back")
		require.NoError(t, next.Close(t.Context()))
	})
}

// What was handled when the time was over already is marked all the same.
func TestHandledTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox))
		m.will(slow(time.Minute-time.Second, false))
		assert.Equal(t, 200, m.told(told))
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Len(t, m.had(), 1)
		assert.Zero(t, pending(t, inbox))
		assert.Empty(t, m.reported())
		m.close()
	})
}

// More than ten thousand do not wait.
func TestCallbacksFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inbox := newKept()
		m := newMerchant(t, swedbankpay.WithInbox(inbox), swedbankpay.WithPatience(0))
		statuses := map[int]int{}
		c := told
		release := make(chan struct{})
		show := func() (int, string) { <-release; return 404, "" }
		for i := range 10_100 {
			c.Payment = fmt.Sprint("/psp/swish/payments/", i)
			c.Transaction = ""
			m.bank.show(c.Payment, show)
			statuses[m.told(c)]++
		}
		assert.Equal(t, map[int]int{200: 10_000, 503: 100}, statuses)
		synctest.Wait()
		assert.Len(t, m.bank.asked(), 16, "at once")
		close(release)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, m.Close(ctx))
	})
}
