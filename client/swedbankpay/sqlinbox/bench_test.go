package sqlinbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// direct is the API without a wire.
type direct struct{}

func (direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	show(w, r)
	return w.Result(), nil
}

// BenchmarkCallbacks measures callbacks from their arrival until they are
// handled and answered, eight for each processor at once.
func BenchmarkCallbacks(b *testing.B) {
	inboxes := map[string]func() swedbankpay.Inbox{"memory": swedbankpay.NewInbox}
	for name, settings := range map[string]string{
		"rollback journal": "", "WAL": "&_pragma=journal_mode(WAL)", "WAL, synchronous NORMAL": "&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)",
	} {
		inboxes[name] = func() swedbankpay.Inbox {
			return open(b, database(b, filepath.Join(b.TempDir(), "shop.db"), waiting+settings))
		}
	}
	for name, inbox := range inboxes {
		b.Run(name, func(b *testing.B) {
			pay := swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(&http.Client{Transport: direct{}}))
			callbacks := swedbankpay.NewCallbacks(pay, func(context.Context, swedbankpay.Event) error { return nil },
				swedbankpay.WithInbox(inbox()), swedbankpay.WithPatience(time.Minute))
			var last atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					payment := "/psp/swish/payments/" + strconv.FormatInt(last.Add(1), 10)
					r, err := swedbankpay.NewCallbackRequest("/", swedbankpay.Callback{Payment: payment, Transaction: payment + "/sales/1"})
					require.NoError(b, err)
					w := httptest.NewRecorder()
					callbacks.ServeHTTP(w, r)
					require.Equal(b, http.StatusOK, w.Code)
				}
			})
			require.NoError(b, callbacks.Close(context.Background()))
		})
	}
}
