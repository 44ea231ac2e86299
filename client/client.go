// Package client holds what the typed clients of Kassa share: options, tokens
// and errors. The clients themselves are
//
//   - [github.com/kassa-dev/kassa/client/resurs], the backend of the Resurs payment widget, and
//   - [github.com/kassa-dev/kassa/client/swedbankpay], the payment resources of Swedbank Pay.
//
// # Manners
//
// Both keep the same manners, because both send through one place.
//
//   - A bearer token and a request body go to the configured scheme, host and
//     port only. An href, an id or a redirect that points anywhere else is a
//     [*ForeignHostError], and nothing is sent there. A redirect on the
//     configured host is followed for GET alone, at most five times.
//   - An answer is read to 10 MiB, a refusal to 64 KiB. More is an error or is
//     left unread, never held in memory.
//   - A 401 answered to a token that can be renewed fetches the token again and
//     repeats the request once with the very same body.
//   - By default one attempt may take 30 seconds, TLS is 1.2 or newer, and
//     connections are shared by all clients of the process.
//
// # Sending again
//
// A request that failed is sent again with the very same bytes, by default up
// to two times ([WithRetries]), where repeating it is safe and may help.
//
//   - A GET: after a broken wire, 408, 429, and 500, 502, 503 and 504.
//   - A POST or PATCH, only if it carries a payee reference, which the server
//     acts on once: after a wire that broke before any answer, unless a part of
//     the request had been taken, after 429 (but for a card that was tried too
//     often) and 503, and after a 502 or 504 that names no problem of the API.
//
// Before the first repetition a random time up to 500 ms is waited, up to twice
// as long with each further one and never more than 8 s. Retry-After is waited
// on top; a server that wants more than a minute is not asked again. A call is
// not repeated when its context would end meanwhile, and returns at once when
// it does.
//
// # Who spoke
//
// Several parties can say no, and the type of the error tells which.
//
//   - The server: [*Problem] for any status but 2xx, whatever the body was.
//   - Ourselves, before anything was sent: [*InputError], [*ForeignHostError],
//     and in package swedbankpay *UnavailableError.
//   - The wire: [*WireError]; the server may or may not have acted.
//   - The server said yes in words that could not be read: [*DecodeError].
//   - Nobody: [*OutcomeUnknownError] says that a change was sent and may have
//     been made. What happened last, a Problem or a WireError, is wrapped in it.
//
// [StatusOf] gives the HTTP status behind any of them, and [KindOf] what they
// come down to: whether a payer was declined, the token is wrong, or the server
// is in trouble.
//
// # Seeing what happens
//
// Each attempt can be seen: by [WithLogger] in a log, by [WithObserver] in what
// you like, by package telemetry in traces and metrics of OpenTelemetry. What
// goes over the wire can be judged and recorded by [WithTransport].
//
// Tokens and client secrets are never part of an error, a printed value (%v,
// %+v, %#v), JSON or a slog record. Card numbers, stored tokens and national
// identity numbers that a request carries are blanked out of the errors it
// leads to, even where the server repeats them.
package client

import (
	"fmt"
	"net/http"
	"time"

	"github.com/kassa-dev/kassa/client/internal/settings"
)

// Option adjusts a client. The constructors take any number of them, and none
// is needed. An option that cannot be used is refused by an [*InputError] at
// the first call, before anything is sent.
type Option func(*settings.Settings)

// WithBaseURL says where the API is, such as the address of a sandbox: scheme
// http or https, host, and an optional port and path prefix. By default each
// constructor uses the vendor's test environment, which its documentation
// names; production is never reached by omission: its hosts are refused unless
// [WithEnvironment] names it.
func WithBaseURL(base string) Option {
	return func(s *settings.Settings) { s.BaseURL = base }
}

// WithHTTPClient sends through c. Its transport, timeout and cookie jar are
// used as they are; its redirect policy is replaced by the one this package
// promises. By default a client with a timeout of 30 seconds per attempt and
// TLS 1.2 or newer is used.
func WithHTTPClient(c *http.Client) Option {
	return func(s *settings.Settings) { s.HTTPClient = c }
}

// WithUserAgent names the merchant's own system, as in ("shop", "2.1"), which
// is sent as "shop/2.1 kassa". Swedbank Pay shows it in every payment as
// initiatingSystemUserAgent. The version may be empty. By default the
// User-Agent is "kassa".
func WithUserAgent(system, version string) Option {
	return func(s *settings.Settings) {
		name := system
		if version != "" {
			name += "/" + version
		}
		if system == "" || !printable(name) || len(name) > 200 {
			s.Refuse(&InputError{Field: "WithUserAgent", Reason: "want a name of 1 to 200 printable ASCII characters"})
			return
		}
		s.UserAgent = name + " kassa"
	}
}

// WithClock tells the time to what expires: tokens and widget sessions. By
// default it is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(s *settings.Settings) { s.Clock = now }
}

// InputError is a refusal of our own: what was asked for could not be sent as
// it stood, and nothing was.
type InputError struct {
	Field  string // what was wrong, as the caller spells it
	Reason string // what is wanted instead; never the refused value when it may be secret
}

func (e *InputError) Error() string {
	return fmt.Sprintf("%s: %s (nothing was sent)", e.Field, e.Reason)
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return true
}
