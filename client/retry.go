package client

import (
	"time"

	"github.com/kassa-dev/kassa/client/internal/settings"
)

// WithTimeout says how long one attempt may take, from connecting to the last
// byte of the answer. By default it is 30 seconds, or what the client given to
// [WithHTTPClient] says. How long a call may take with all its attempts is for
// its context to say. A duration that is not above zero is refused.
func WithTimeout(perAttempt time.Duration) Option {
	return func(s *settings.Settings) {
		if perAttempt <= 0 {
			s.Refuse(&InputError{Field: "WithTimeout", Reason: "want more than nothing"})
			return
		}
		s.Timeout = perAttempt
	}
}

// WithRetries says how often a request is sent again at most, when that is safe
// and may help; 0 is never, and 10 the most. By default it is twice. See
// "Sending again" in the description of this package for what is repeated, and
// when.
func WithRetries(most int) Option {
	return func(s *settings.Settings) {
		if most < 0 || most > 10 {
			s.Refuse(&InputError{Field: "WithRetries", Reason: "want from 0 to 10"})
			return
		}
		s.Retries = &most
	}
}
