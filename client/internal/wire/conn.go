// Package wire is the one place a request of the typed clients is sent.
package wire

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/secret"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

const (
	// MaxAnswer bounds what is read of a 2xx body, in bytes.
	MaxAnswer = 10 << 20
	// MaxRefusal bounds what is read of any other body, in bytes.
	MaxRefusal = 64 << 10
	// Timeout is how long one attempt may take by default.
	Timeout = 30 * time.Second

	maxRedirects = 5
)

// Conn sends requests to one origin. It is safe for concurrent use once its
// exported members are set.
type Conn struct {
	// Stamp adds headers to each attempt, an InputError being its way to refuse.
	Stamp func(context.Context, http.Header) error
	// Hide is blanked out of refusals, as the bearer token is.
	Hide secret.Text

	// Reference finds the payee reference in the body of a request that the
	// server acts on once, however often it comes; "" when there is none. A Conn
	// that has no Reference knows of no outcome that could be unknown.
	Reference func(body []byte) string

	base      *url.URL
	err       error // why nothing can be sent
	http      *http.Client
	token     client.TokenSource
	agent     string
	clock     func() time.Time
	retries   int
	sleep     func(context.Context, time.Duration) error
	observers []client.Observer
}

// New makes the connection that s describes, to fallback unless s names a base
// URL. Without a token source no bearer is sent. What is wrong with s is
// answered to every Do and NewRequest.
func New(s settings.Settings, fallback string, token client.TokenSource) *Conn {
	c := &Conn{token: token, agent: s.UserAgent, clock: s.Clock, err: s.Err, retries: defaultRetries, sleep: s.Sleep}
	if s.BaseURL == "" {
		s.BaseURL = fallback
	}
	u, err := base(s.BaseURL)
	if c.err == nil {
		c.err = err
	}
	c.base = u
	if c.agent == "" {
		c.agent = "kassa"
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	if s.Retries != nil {
		c.retries = *s.Retries
	}
	hc := http.Client{Transport: shared()}
	if s.HTTPClient != nil {
		hc = *s.HTTPClient
	}
	for _, layer := range slices.Backward(s.Layers) {
		if hc.Transport = layer(cmp.Or[http.RoundTripper](hc.Transport, http.DefaultTransport)); hc.Transport == nil && c.err == nil {
			c.err = &client.InputError{Field: "WithTransport", Reason: "want a function that gives a transport, and not nil"}
		}
	}
	for _, o := range s.Observers {
		c.observers = append(c.observers, o.(client.Observer)) //nolint:forcetypeassert // nothing else gets in there
	}
	hc.Timeout = cmp.Or(s.Timeout, hc.Timeout, Timeout)
	hc.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if err := pin(c.base, req.URL); err != nil {
			return err
		}
		if via[0].Method != http.MethodGet || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		return nil
	}
	c.http = &hc
	return c
}

// shared is the default transport: one for the process, TLS 1.2 or newer. A
// program that has put something else in the place of http.DefaultTransport
// gets a plain one.
var shared = sync.OnceValue(func() http.RoundTripper {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone()
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return t
})

// Now tells the time by the clock of the settings.
func (c *Conn) Now() time.Time { return c.clock() }

// Sleep waits, as between attempts. It gives the error of a context that ends
// before.
func (c *Conn) Sleep(ctx context.Context, d time.Duration) error { return c.sleep(ctx, d) }

// Err says why nothing can be sent, if so.
func (c *Conn) Err() error { return c.err }

// Server is the base URL with a slash at its end, for generated builders.
func (c *Conn) Server() string {
	if c.err != nil {
		return ""
	}
	return c.base.String()
}

// NewRequest makes a request for an href or id a server gave, which must be on
// our origin. A body other than nil is sent as JSON.
func (c *Conn) NewRequest(ctx context.Context, method, ref string, body any) (*http.Request, error) {
	if c.err != nil {
		return nil, c.err
	}
	u, err := resolve(c.base, ref)
	if err != nil {
		return nil, err
	}
	var content []byte
	if body != nil {
		if content, err = json.Marshal(body); err != nil {
			return nil, &client.InputError{Field: "body", Reason: err.Error()}
		}
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), reader)
	if err != nil {
		return nil, &client.InputError{Field: "method", Reason: "want an HTTP method"}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func (c *Conn) bearer(ctx context.Context, req *http.Request) (string, error) {
	if c.token == nil {
		return "", nil
	}
	token, err := c.token.Token(ctx)
	if err != nil {
		return "", fmt.Errorf("token for %s: %w", name(req), err)
	}
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", &client.InputError{Field: "token", Reason: "want printable ASCII without spaces, and not nothing"}
	}
	return token, nil
}

// attempt sends template and reads the answer. How far it came is noted in
// came. The header of the first attempt is the template's; a later one has a
// copy, for the transport may not be done with an earlier one.
func (c *Conn) attempt(ctx context.Context, template *http.Request, bearer string, before int, came *reach) (*Answer, error) {
	req := template
	if ctx = came.watch(ctx, template.Method); before > 0 || ctx != template.Context() {
		req = template.WithContext(ctx)
	}
	if before > 0 {
		req.Header = template.Header.Clone()
		if template.GetBody != nil {
			body, err := template.GetBody()
			if err != nil {
				return nil, &client.InputError{Field: "body", Reason: err.Error()}
			}
			req.Body = body
		}
	}
	if strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	req.Header.Set("Accept", "application/problem+json; q=1.0, application/json; q=0.9")
	req.Header.Set("User-Agent", c.agent)
	if c.Stamp != nil {
		if err := c.Stamp(ctx, req.Header); err != nil {
			return nil, err
		}
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if len(c.observers) > 0 {
		return c.observed(req, bearer, before)
	}
	return c.exchange(req, bearer)
}

// exchange sends req as it stands.
func (c *Conn) exchange(req *http.Request, bearer string) (*Answer, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		if foreign, ok := errors.AsType[*client.ForeignHostError](err); ok {
			return nil, foreign
		}
		return nil, broken(req, 0, err, bearer, c.Hide.Reveal())
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 == 2 {
		return accept(req, resp)
	}
	return nil, refusal(req, resp, bearer, c.Hide.Reveal())
}

// name is how errors call a request; the query and what is hidden stay out.
func name(req *http.Request) string { return req.Method + " " + hidePath(req.URL.Path, secretsOf(req)) }
