package swedbankpay

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// way is a way to a server that needs no network, so that time in a bubble
// passes while nothing else happens.
type way func(n int, r *http.Request) (*http.Response, error)

// waiting opens a payment at the end of a way. Each reading of it after that is
// written down with its time.
func waiting(t *testing.T, w way, opts ...client.Option) (*Payment, *[]time.Time) {
	t.Helper()
	var read []time.Time
	opened := false
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		if !opened {
			opened = true
			return shows("Ready", 0)
		}
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		read = append(read, time.Now())
		return w(len(read), r)
	})
	opts = append([]client.Option{client.WithHTTPClient(&http.Client{Transport: transport}), client.WithRetries(0)}, opts...)
	payment, err := New(client.StaticToken("token"), opts...).Payment(t.Context(), swishID)
	require.NoError(t, err)
	return payment, &read
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func shows(state string, amount int) (*http.Response, error) {
	return says(http.StatusOK, fmt.Sprintf(`{"payment":{"id":%q,"state":%q,"currency":"SEK","amount":%d},"operations":[
		{"method":"GET","rel":"view-payment","href":"https://ecom.example/x"}]}`, swishID, state, amount))
}

func says(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		payment, read := waiting(t, func(n int, r *http.Request) (*http.Response, error) {
			if n == 4 {
				return shows("Ready", 1500)
			}
			return shows("Ready", 0)
		})
		began := time.Now()
		require.NoError(t, payment.Await(t.Context(), (*Payment).Decided))
		assert.Len(t, *read, 4)
		assert.Equal(t, began, (*read)[0], "the first reading is made at once")
		assert.Equal(t, int64(1500), payment.Payment.Amount)

		require.NoError(t, payment.Await(t.Context(), (*Payment).Decided))
		assert.Len(t, *read, 4, "what is done already is not read")
		payment.stale = errChanged
		require.NoError(t, payment.Await(t.Context(), func(*Payment) bool { return true }))
		assert.Len(t, *read, 5, "unless it is out of date")
	})
}

func TestAwaitBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		payment, read := waiting(t, func(n int, r *http.Request) (*http.Response, error) { return shows("Ready", 0) })
		require.NoError(t, payment.Await(t.Context(), func(*Payment) bool { return len(*read) == 500 }))
		long := 0
		for i := 1; i < len(*read); i++ {
			pause, below := (*read)[i].Sub((*read)[i-1]), 30*time.Second
			if i <= 5 {
				below = time.Second << (i - 1) // 1, 2, 4, 8, 16 s
			}
			require.GreaterOrEqual(t, pause, time.Duration(0))
			require.Less(t, pause, below, "pause %d", i)
			if pause > 15*time.Second {
				long++
			}
		}
		assert.InDelta(t, 250, long, 100, "full jitter: as many long pauses as short ones")
	})
}

// The first pauses are as random as the later ones.
func TestAwaitJitters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := 0
		for range 400 {
			payment, read := waiting(t, func(n int, r *http.Request) (*http.Response, error) { return shows("Ready", 0) })
			require.NoError(t, payment.Await(t.Context(), func(*Payment) bool { return len(*read) == 2 }))
			if (*read)[1].Sub((*read)[0]) > time.Second/2 {
				long++
			}
		}
		assert.InDelta(t, 200, long, 80)
	})
}

func TestAwaitOutlivesTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := func(n int, r *http.Request) (*http.Response, error) {
			if n < 10 {
				return nil, io.ErrUnexpectedEOF
			}
			return shows("Ready", 1500)
		}
		payment, read := waiting(t, broken)
		require.NoError(t, payment.Await(t.Context(), (*Payment).Decided))
		assert.Len(t, *read, 10)

		payment, _ = waiting(t, broken)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := payment.Await(ctx, (*Payment).Decided)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		var wire *client.WireError
		require.ErrorAs(t, err, &wire)
		assert.ErrorContains(t, err, "(last reading: GET "+swishID+": no complete answer: ")
	})
}

func TestAwaitIsRefused(t *testing.T) {
	tests := map[string]struct {
		answer way
		status int
	}{
		"not found":     {func(int, *http.Request) (*http.Response, error) { return says(404, `{}`) }, 404},
		"no token":      {func(int, *http.Request) (*http.Response, error) { return says(401, `{}`) }, 401},
		"unreadable":    {func(int, *http.Request) (*http.Response, error) { return says(200, `<html>`) }, 200},
		"not a payment": {func(int, *http.Request) (*http.Response, error) { return says(200, `{"payment":{}}`) }, 200},
		"bad certificate": {func(int, *http.Request) (*http.Response, error) {
			return nil, &tls.CertificateVerificationError{Err: io.EOF}
		}, 0},
		"refused later": {func(n int, _ *http.Request) (*http.Response, error) {
			if n < 3 {
				return shows("Ready", 0)
			}
			return says(403, `{}`)
		}, 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				payment, _ := waiting(t, tt.answer)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := payment.Await(ctx, (*Payment).Decided)
				require.Error(t, err)
				assert.NoError(t, ctx.Err(), "it did not wait for the end")
				assert.Equal(t, tt.status, client.StatusOf(err))
				assert.Equal(t, "Ready", payment.Payment.State)
			})
		})
	}
	payment, read := waiting(t, func(int, *http.Request) (*http.Response, error) { return shows("Ready", 0) })
	refuses(t, payment.Await(t.Context(), nil), "done")
	assert.Empty(t, *read)
}

// A server in trouble, or asked too often, is waited out.
func TestAwaitOutlastsTrouble(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		synctest.Test(t, func(t *testing.T) {
			payment, _ := waiting(t, func(n int, _ *http.Request) (*http.Response, error) {
				if n < 20 { // each reading is three requests
					return says(status, `{}`)
				}
				return shows("Failed", 0)
			})
			require.NoError(t, payment.Await(t.Context(), (*Payment).Decided))

			payment, _ = waiting(t, func(int, *http.Request) (*http.Response, error) { return says(status, `{}`) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			err := payment.Await(ctx, (*Payment).Decided)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, status, client.StatusOf(err), "what the server said last is told")
		})
	}
}

func TestDecided(t *testing.T) {
	tests := []struct {
		name   string
		state  string
		amount int64
		offers string
		want   bool
	}{
		{"new", "Ready", 0, "redirect-authorization", false},
		{"in the app", "Ready", 0, "view-payment", false},
		{"undetermined", "Pending", 0, "", false},
		{"authorised", "Ready", 1500, "create-capture", true}, // MobilePay offers no paid-payment
		{"verified", "Ready", 0, "paid-payment", true},
		{"captured and given back", "Ready", 1500, "", true},
		{"failed", "Failed", 0, "failed-payment", true},
		{"aborted", "Aborted", 0, "aborted-payment", true},
		{"something new", "Resting", 0, "", false},
	}
	for _, tt := range tests {
		p := &Payment{PaymentResponse: psp.PaymentResponse{
			Payment:    psp.Payment{State: tt.state, Amount: tt.amount},
			Operations: psp.Operations{{Rel: tt.offers, Method: "GET", Href: "/x"}},
		}}
		assert.Equal(t, tt.want, p.Decided(), tt.name)
	}
}
