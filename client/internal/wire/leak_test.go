package wire

import (
	"context"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kassa-dev/kassa/client/internal/settings"
)

// However a call ends, nothing of it stays: no goroutine, no connection that is
// neither closed nor ready for the next.
func TestNothingIsLeftBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, does := range []string{"200", "403", "429", "500", "problem", "long", "reset", "during"} {
		server := newCounter(t)
		transport := &http.Transport{}
		retries := 1
		c := New(settings.Settings{Retries: &retries, HTTPClient: &http.Client{Transport: transport}, Sleep: func(context.Context, time.Duration) error { return nil }}, server.URL, nil)
		c.Reference = func([]byte) string { return "r1" }
		for range 20 {
			server.will(does, does)
			_, _ = c.call(t.Context(), http.MethodPost, "/x", map[string]string{"ref": "r1"})
			server.will(does, does)
			_, _ = c.call(t.Context(), http.MethodGet, "/x", nil)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _ = c.call(ctx, http.MethodGet, "/x", nil)
		transport.CloseIdleConnections()
		server.Close()
	}
}
