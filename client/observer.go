package client

import (
	"context"
	"net/http"
	"time"

	"github.com/kassa-dev/kassa/client/internal/settings"
)

// Observer is told of every attempt to send a request, just before it is sent.
// The context it gives is that of the attempt, and must be made from the one
// it is given. The function it gives, unless nil, is called when the attempt has
// ended, with its answer read to the end. Both are called in the goroutine of
// the call and hold it up; calls run at the same time.
type Observer func(ctx context.Context, call Call) (context.Context, func(Result))

// Call is one attempt, as an [Observer] sees it. It holds no secret.
type Call struct {
	Method string
	Scheme string
	Host   string // without the port
	Port   int
	// Path is that of the request without its query, where stored tokens, cards
	// and identity numbers are blanked out. It names payments.
	Path string
	// Attempt is 1 the first time a request is sent, and grows with every
	// repetition.
	Attempt   int
	SessionID string // the Session-Id that is sent to Swedbank Pay
	// Header is empty, or holds what earlier observers added. What is put there,
	// such as a traceparent, is sent, unless the client sends a header of that
	// name itself.
	Header http.Header
}

// Result is how an attempt ended.
type Result struct {
	Status   int           // 0 when nothing was answered
	Duration time.Duration // from just before it was sent to the end of the answer
	Err      error         // nil for a whole answer of 2xx, whatever is in it; else one of those this package describes
}

// WithObserver lets o see every attempt. Given several times, the first begins
// first and ends last, as if it were the outermost. By default nothing is
// observed, and that costs nothing.
//
// The token request of Resurs is a call of resurs.Credentials, which takes
// options of its own.
func WithObserver(o Observer) Option {
	return func(s *settings.Settings) {
		if o == nil {
			s.Refuse(&InputError{Field: "WithObserver", Reason: "want a function"})
			return
		}
		s.Observers = append(s.Observers, o)
	}
}
