package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An Option changes a default of New.
type Option func(*config)

type config struct {
	clock           func() time.Time
	seed            *int64
	logger          *slog.Logger
	baseURL         string
	callbackClient  *http.Client
	callbackHosts   []string
	tokenLifetime   time.Duration
	sessionLifetime time.Duration
	attempts        int
	keep            int64
	delays          Delays
	confirmed       bool
	store           Store
	recording       func(io.Writer) error
	ticking         bool                    // the clock goes by itself
	faults          *faults                 // made by New
	credentials     map[string]resursClient // by id; nil accepts any
	merchants       map[string]*account     // Swedbank Pay: by token; nil accepts any
	stores          map[string]*resursStore // Resurs: by id; others are accepted of merchants who list none
}

// WithClock sets where the time comes from. By default it is the machine's clock, and what is asynchronous happens by
// itself. With a clock of the caller's own it happens before the next request is answered, or in Advance.
func WithClock(now func() time.Time) Option {
	return func(c *config) { c.clock, c.ticking = now, false }
}

// WithSeed makes ids, numbers and tokens the same in every run that sends the same requests in the same order. By
// default they are different each time.
func WithSeed(seed int64) Option { return func(c *config) { c.seed = &seed } }

// WithLogger sets where requests, callbacks and our own mistakes are logged, without bodies and credentials. By default
// nothing is.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// WithBaseURL sets the address that hrefs and Location begin with, such as https://sandbox.example. By default it is
// the one the caller used: its Host, and its scheme or X-Forwarded-Proto.
func WithBaseURL(base string) Option {
	return func(c *config) { c.baseURL = strings.TrimSuffix(base, "/") }
}

// WithCallbackClient sets who posts callbacks. By default it is a client of the sandbox's own. Either way redirects are
// not followed and ten seconds are enough.
func WithCallbackClient(client *http.Client) Option {
	return func(c *config) { c.callbackClient = client }
}

// WithCallbackHosts allows callbacks to these hosts, beside loopback addresses; "*" allows all. By default they go to
// loopback addresses alone, so that an example's callbackUrl never makes a test suite call a stranger.
func WithCallbackHosts(hosts ...string) Option {
	return func(c *config) { c.callbackHosts = append(c.callbackHosts, hosts...) }
}

// WithTokenLifetime sets how long a Resurs access token is good for. By default it is one hour.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLifetime = d } }

// WithSessionLifetime sets how long a Resurs widget session is good for. By default it is one hour.
func WithSessionLifetime(d time.Duration) Option { return func(c *config) { c.sessionLifetime = d } }

// WithPayerAttempts sets how often a payer may fail before the payment does. Nothing documents the number; by default
// it is three.
func WithPayerAttempts(n int) Option { return func(c *config) { c.attempts = n } }

// Delays are how long what is asynchronous takes once it is decided: a sale once its payer has confirmed it, a reversal
// once the merchant has asked for it. A delay of zero is none.
type Delays struct {
	SwishSale, TrustlySale, SwishReversal time.Duration
}

// WithDelays sets how long what is asynchronous takes. By default it is what the vendor's test environment was seen to
// take: four seconds for a Swish sale and eight for its reversal; and two for a Trustly sale, of which nothing is known.
func WithDelays(d Delays) Option { return func(c *config) { c.delays = d } }

// WithSwishConfirmation confirms a Swish sale for a payer's number without the payer, as the app of the vendor's test
// environment does. By default the payer has to act.
func WithSwishConfirmation() Option { return func(c *config) { c.confirmed = true } }

// WithKeep sets how many payments are remembered, all namespaces together; beyond, the oldest of the namespace that makes
// a new one is forgotten with its references, tokens and callbacks, and answers 404. By default it is 50,000 without a
// store, and without limit with one.
func WithKeep(payments int) Option { return func(c *config) { c.keep = int64(payments) } }

// WithStore keeps what happens in a store, and goes on from what is there. Nothing is answered before it is durable. The
// sandbox closes the store when it is closed. By default everything is forgotten when the process ends.
func WithStore(s Store) Option { return func(c *config) { c.store = s } }

// WithRecording lets the second door give what was recorded of the first one: write has to write it as HAR, redacted. By
// default there is no recording, and the second door says so.
func WithRecording(write func(io.Writer) error) Option {
	return func(c *config) { c.recording = write }
}

// WithCredentials accepts this Resurs client, and others given the same way, and no more. By default every client id
// and secret that are not empty are accepted.
func WithCredentials(clientID, secret string) Option {
	return func(c *config) {
		c.acceptClient(resursClient{id: clientID, secret: secret, scopes: widgetScopes})
	}
}

// WithMerchant accepts this Swedbank Pay token for these payees, and others given the same way, and no more: another
// token is answered 401, another payee 403. By default every token that is not empty may act for every payee.
func WithMerchant(token string, payeeIDs ...string) Option {
	return func(c *config) {
		a := c.merchants[token]
		if a == nil {
			a = &account{}
			c.accept(token, a)
		}
		a.payees = append(a.payees, payeeIDs...)
	}
}

func newConfig(opts []Option) (config, error) {
	c := config{
		clock: time.Now, logger: slog.New(slog.DiscardHandler), tokenLifetime: time.Hour, sessionLifetime: time.Hour,
		attempts: 3, callbackClient: &http.Client{}, ticking: true,
		delays: Delays{SwishSale: 4 * time.Second, TrustlySale: 2 * time.Second, SwishReversal: 8 * time.Second},
	}
	for _, opt := range opts {
		opt(&c)
	}
	switch {
	case c.clock == nil, c.logger == nil, c.callbackClient == nil:
		return c, errors.New("server: the clock, the logger or the callback client is nil; leave the option out for the default")
	case c.attempts < 1:
		return c, fmt.Errorf("server: %d payer attempts; at least one is needed", c.attempts)
	case c.keep < 0:
		return c, fmt.Errorf("server: %d payments to keep; at least one is needed", c.keep)
	case c.delays.SwishSale < 0, c.delays.TrustlySale < 0, c.delays.SwishReversal < 0:
		return c, errors.New("server: a delay is negative; zero is none")
	case c.tokenLifetime <= 0, c.sessionLifetime <= 0:
		return c, errors.New("server: a token or session lifetime is not positive; give at least a second")
	}
	switch {
	case c.keep == 0 && c.store == nil:
		c.keep = 50_000
	case c.keep == 0:
		c.keep = math.MaxInt64
	}
	if u, err := url.Parse(c.baseURL); c.baseURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return c, fmt.Errorf("server: base URL %q is not an absolute http or https URL", c.baseURL)
	}
	return c, nil
}
