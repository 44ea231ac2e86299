package swedbankpay

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func TestAwaitEndsWithContext(t *testing.T) {
	why := errors.New("the shop closes")
	tests := []struct {
		name    string
		context func(context.Context) (context.Context, context.CancelFunc)
		is      []error
	}{
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Minute)
		}, []error{context.DeadlineExceeded}},
		{"deadline with a cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, time.Minute, why)
		}, []error{context.DeadlineExceeded, why}},
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Minute, cancel)
			return ctx, cancel
		}, []error{context.Canceled}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				payment, read := waiting(t, func(int, *http.Request) (*http.Response, error) { return shows("Pending", 0) })
				ctx, cancel := tt.context(t.Context())
				defer cancel()
				began := time.Now()
				err := payment.Await(ctx, (*Payment).Decided)
				assert.Equal(t, time.Minute, time.Since(began), "it ends when the context does")
				for _, is := range tt.is {
					require.ErrorIs(t, err, is)
				}
				assert.ErrorContains(t, err, `"`+swishID+`" is not what was awaited: state "Pending", amount 0, offers ["view-payment"]: `)
				assert.NotContains(t, err.Error(), "last reading")
				assert.Greater(t, len(*read), 1)
			})
		})
	}

	t.Run("in the middle of a reading", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			payment, _ := waiting(t, func(_ int, r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}, client.WithTimeout(time.Hour))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := payment.Await(ctx, (*Payment).Decided)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, `state "Ready"`, "as it stood when it was read last")
			assert.NotContains(t, err.Error(), "last reading")
		})
	})
	t.Run("in the middle of getting a token", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			payment, _ := waiting(t, func(int, *http.Request) (*http.Response, error) { return shows("Ready", 0) })
			payment.client = New(noToken{})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := payment.Await(ctx, (*Payment).Decided)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, `state "Ready"`)
		})
	})
	t.Run("before it began", func(t *testing.T) {
		payment, read := waiting(t, func(int, *http.Request) (*http.Response, error) { return shows("Ready", 1500) })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, payment.Await(ctx, (*Payment).Decided), context.Canceled)
		assert.Empty(t, *read)
		require.NoError(t, payment.Await(ctx, func(*Payment) bool { return true }), "what is done needs no reading")
	})
}

// noToken is a source that never has one.
type noToken struct{}

func (noToken) Token(ctx context.Context) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}
