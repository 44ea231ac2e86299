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

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

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
		var team sync.WaitGroup
		for i := range 100 {
			team.Go(func() { assert.Equal(t, 200, tell(t, []http.Handler{m.Callbacks, two}[i%2], told)) })
		}
		team.Wait()
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
