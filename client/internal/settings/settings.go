// Package settings holds what the options of package client say, where every
// client package can read it and no merchant's code can.
package settings

import (
	"context"
	"net/http"
	"time"
)

// Settings is the sum of the options given. A zero member means "not said".
type Settings struct {
	BaseURL    string
	HTTPClient *http.Client
	UserAgent  string
	Clock      func() time.Time
	Timeout    time.Duration // of one attempt
	Retries    *int
	Layers     []func(http.RoundTripper) http.RoundTripper // around the transport, the outermost first
	Observers  []any                                       // each a client.Observer, whose package imports this one

	// Sleep waits in place of the clock of the machine. Tests of this module
	// set it; there is no option for it.
	Sleep func(context.Context, time.Duration) error

	// Production is false in the test environment. Unguarded lets the two mix.
	Production bool
	Unguarded  bool

	// The next two concern the token request of Resurs alone.
	Scope string
	Form  bool

	// Err is the first option that was refused. A constructor that returns no
	// error keeps it and answers every call with it.
	Err error
}

// Of applies opts in order; a later one wins and nil ones are skipped.
func Of[O ~func(*Settings)](opts []O) Settings {
	var s Settings
	for _, opt := range opts {
		if opt != nil {
			opt(&s)
		}
	}
	return s
}

// Refuse keeps err unless an earlier option was refused already.
func (s *Settings) Refuse(err error) {
	if s.Err == nil {
		s.Err = err
	}
}
