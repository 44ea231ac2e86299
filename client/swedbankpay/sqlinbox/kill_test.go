package sqlinbox_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// TestKilled kills a shop at any moment, between an answer and what it promised
// above all, and opens it again. Every callback that was answered 200 is
// handled, nothing is handed out once it is marked, and what is marked together
// with the shop's own order happens exactly once.
//
// KASSA_KILLS sets how often, 10 times by default; KASSA_SEED repeats a run.
func TestKilled(t *testing.T) {
	kills := number(t, "KASSA_KILLS", 10)
	seed := number(t, "KASSA_SEED", int(rand.Int32()))
	chance := rand.New(rand.NewPCG(uint64(seed), 0))
	bank := httptest.NewServer(http.HandlerFunc(show))
	t.Cleanup(bank.Close)
	k := &killing{T: t, file: filepath.Join(t.TempDir(), "shop.db"), bank: bank.URL}
	left := 0
	for range kills {
		k.kill(chance.IntN(40))
		left += k.pending()
	}
	again := k.handledOnceMore()
	t.Logf("%d kills, seed %d: %d callbacks answered 200, %d times one was noted and not handled at a kill, %d handed out more than once", kills, seed, len(k.acked), left, again)
	assert.Positive(t, left, "no kill came between an answer and what it promised")
}

type killing struct {
	*testing.T
	file, bank string

	last  atomic.Int64
	mu    sync.Mutex
	acked []int64
}

// kill has a shop take callbacks and kills it after so many were answered.
func (k *killing) kill(after int) {
	c := start(k.T, k.file, k.bank)
	require.True(k, c.lines.Scan())
	url := c.lines.Text()
	require.Contains(k, url, "http://")
	before := len(k.acked)
	var team sync.WaitGroup
	var once sync.Once
	for range 8 {
		team.Go(func() {
			for {
				n := k.last.Add(1)
				answered, alive := k.tell(url, n)
				if !alive {
					return
				}
				if !answered {
					continue
				}
				k.mu.Lock()
				k.acked = append(k.acked, n)
				enough := len(k.acked)-before >= after
				k.mu.Unlock()
				if enough {
					once.Do(func() { assert.NoError(k, c.Process.Kill()) })
				}
			}
		})
	}
	team.Wait()
	for c.lines.Scan() {
		assert.Fail(k, c.lines.Text())
	}
	require.Error(k, c.Wait())
}

// tell says whether callback n was answered 200, and whether there was anybody
// to answer. Every third is told twice. Where a machine is so busy that a note
// takes too long to write, the answer is 503, and nothing is promised.
func (k *killing) tell(url string, n int64) (answered, alive bool) {
	payment := fmt.Sprint("/psp/swish/payments/", n)
	for range 1 + n%3/2 {
		req, err := swedbankpay.NewCallbackRequest(url, swedbankpay.Callback{Payment: payment, Transaction: payment + "/sales/1"})
		if !assert.NoError(k, err) {
			return answered, false
		}
		resp, err := http.DefaultClient.Do(req.WithContext(k.Context()))
		if err != nil {
			return answered, answered
		}
		_ = resp.Body.Close()
		answered = answered || resp.StatusCode == http.StatusOK
		assert.Contains(k, []int{http.StatusOK, http.StatusServiceUnavailable}, resp.StatusCode)
	}
	return answered, true
}

// pending is how many callbacks a shop has left unhandled.
func (k *killing) pending() int {
	left, err := open(k, database(k, k.file, waiting)).Pending(k.Context())
	require.NoError(k, err)
	return len(left)
}

// handledOnceMore opens the shop a last time, waits until it has handled all
// there is, and says how much it was handed more than once.
func (k *killing) handledOnceMore() (again int) {
	c := start(k.T, k.file, k.bank)
	require.True(k, c.lines.Scan())
	require.Contains(k, c.lines.Text(), "http://")
	db := database(k, k.file, waiting)
	inbox := open(k, db)
	require.Eventually(k, func() bool {
		left, err := inbox.Pending(k.Context())
		return assert.NoError(k, err) && len(left) == 0
	}, 5*time.Minute, 20*time.Millisecond)
	require.NoError(k, c.stop())
	for c.lines.Scan() {
		assert.Fail(k, c.lines.Text())
	}
	require.NoError(k, c.Wait())

	for _, n := range k.acked {
		table := []string{"apart", "together"}[n%2]
		var times int
		event := fmt.Sprintf("/psp/swish/payments/%d %d Completed", n, n)
		require.NoError(k, db.QueryRow(`SELECT count(*) FROM `+table+` WHERE event = ?`, event).Scan(&times))
		assert.Positive(k, times, "%s was answered 200 and is lost", event)
		if table == "together" {
			assert.Equal(k, 1, times, event)
		}
		again += max(times-1, 0)
		marked, err := inbox.Handled(k.Context(), event)
		require.NoError(k, err)
		assert.True(k, marked, event)
	}
	return again
}

// show is the API: any payment, and its only sale, whose number is that of the
// payment.
func show(w http.ResponseWriter, r *http.Request) {
	n := strings.Split(r.URL.Path, "/")[4]
	if strings.Contains(r.URL.Path, "/sales/") {
		_, _ = io.WriteString(w, `{"sale":{"transaction":{"number":`+n+`,"state":"Completed"}}}`)
		return
	}
	_, _ = io.WriteString(w, `{"payment":{"id":"`+r.URL.Path+`","state":"Ready"}}`)
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return n
}

// TestDuplicates: of a hundred callbacks that say the same at the same time, to
// two shops that share a database, one is handed out.
func TestDuplicates(t *testing.T) {
	bank := httptest.NewServer(http.HandlerFunc(show))
	t.Cleanup(bank.Close)
	file := filepath.Join(t.TempDir(), "shop.db")
	var handed atomic.Int64
	var shops []string
	for range 2 {
		callbacks := shopAt(t, bank.URL, open(t, database(t, file, waiting)), &handed)
		web := httptest.NewServer(callbacks)
		t.Cleanup(func() { web.Close(); assert.NoError(t, callbacks.Close(context.Background())) })
		shops = append(shops, web.URL)
	}
	k := &killing{T: t}
	var team sync.WaitGroup
	for i := range 100 {
		team.Go(func() {
			answered, _ := k.tell(shops[i%2], 1)
			assert.True(t, answered)
		})
	}
	team.Wait()
	assert.EqualValues(t, 1, handed.Load())
}

// shopAt counts what it is handed.
func shopAt(t *testing.T, bank string, inbox swedbankpay.Inbox, handed *atomic.Int64) *swedbankpay.Callbacks {
	pay := swedbankpay.New(client.StaticToken("any"), client.WithBaseURL(bank))
	return swedbankpay.NewCallbacks(pay, func(context.Context, swedbankpay.Event) error {
		handed.Add(1)
		return nil
	}, swedbankpay.WithInbox(inbox), swedbankpay.WithPatience(time.Minute), swedbankpay.WithCallbackErrors(
		func(_ context.Context, c swedbankpay.Callback, err error) { assert.NoError(t, err, c.Payment) }))
}
