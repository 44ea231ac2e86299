package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/kassa-dev/kassa/client"
)

// How long is waited before a request is sent again: a random part (full
// jitter) of firstWait, doubled with each time up to longestWait. A server that
// says Retry-After is given that time on top, up to patience; one that wants
// more is not asked again.
const (
	defaultRetries = 2
	firstWait      = 500 * time.Millisecond
	longestWait    = 8 * time.Second
	patience       = time.Minute
)

// Do sends req, which NewRequest or a generated builder made, and reads the
// answer. The error is one of those package client describes; an answer is
// always 2xx.
//
// After a 401 a token source that can renew its token is asked again, once.
// What is safe to repeat is sent again when that may help, with the very same
// bytes; a change whose outcome is unknown in the end is an
// OutcomeUnknownError.
func (c *Conn) Do(ctx context.Context, req *http.Request) (*Answer, error) {
	if c.err != nil {
		return nil, c.err
	}
	if err := pin(c.base, req.URL); err != nil {
		return nil, err
	}
	if req.Context() != ctx {
		req = req.WithContext(ctx)
	}
	renewed, unsure := false, false
	for attempts, repeats := 0, 0; ; {
		var came reach
		answer, bearer, err := c.try(ctx, req, attempts, &came)
		if err == nil {
			return answer, nil
		}
		if came.set {
			attempts++
		}
		unsure = unsure || came.mayHaveActed(err)
		if client.StatusOf(err) == http.StatusUnauthorized && !renewed && c.renew(bearer) {
			renewed = true
			continue
		}
		reference := c.reference(req)
		if wait, ok := c.again(ctx, req, reference, &came, err, repeats); ok && c.sleep(ctx, wait) == nil {
			repeats++
			continue
		}
		_, done := errors.AsType[*client.DecodeError](err)
		if unsure && !done && !reads(req.Method) && c.Reference != nil {
			err = &client.OutcomeUnknownError{Request: name(req), PayeeReference: reference, Attempts: attempts, Err: err}
		}
		return nil, err
	}
}

// try sends req once with a token, which it answers as well. It was sent as
// often as before says.
func (c *Conn) try(ctx context.Context, req *http.Request, before int, came *reach) (*Answer, string, error) {
	if ctx.Err() != nil {
		return nil, "", broken(req, 0, context.Cause(ctx))
	}
	bearer, err := c.bearer(ctx, req)
	if err != nil {
		return nil, "", err
	}
	answer, err := c.attempt(ctx, req, bearer, before, came)
	return answer, bearer, err
}

// renew drops a token the server refused, if its source can give another.
func (c *Conn) renew(bearer string) bool {
	renewer, ok := c.token.(interface{ Invalidate(token string) })
	if ok && bearer != "" {
		renewer.Invalidate(bearer)
	}
	return ok && bearer != ""
}

// again says whether to send req again after err, and how long to wait before:
// not more often than the settings say, not when the context ends first, and
// not when a repetition is unsafe or of no use.
func (c *Conn) again(ctx context.Context, req *http.Request, reference string, came *reach, err error, repeats int) (time.Duration, bool) {
	if repeats >= c.retries || ctx.Err() != nil || !worthwhile(err, reads(req.Method)) {
		return 0, false
	}
	if !reads(req.Method) && (reference == "" || came.partly(err)) {
		return 0, false
	}
	wait := rand.N(min(longestWait, firstWait<<repeats)) //nolint:gosec // spreads load, guards nothing
	if p, ok := errors.AsType[*client.Problem](err); ok {
		asked := c.retryAfter(p.Header.Get("Retry-After"))
		if asked > patience {
			return 0, false
		}
		wait += asked
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return 0, false
	}
	return wait, true
}

// worthwhile says whether the same request may fare better in a while. A read
// may after any break and any 5xx. A change is not repeated when the API itself
// said, in a problem of its own, that a system behind it failed: that is an
// answer. A gateway that could not reach the API says so without a type.
func worthwhile(err error, reads bool) bool {
	if p, ok := errors.AsType[*client.Problem](err); ok {
		switch p.Status {
		case http.StatusTooManyRequests:
			return p.Kind() == client.RateLimited // too many tries with one card are a decline
		case http.StatusServiceUnavailable:
			return true
		case http.StatusBadGateway, http.StatusGatewayTimeout:
			return reads || p.Type == ""
		case http.StatusRequestTimeout, http.StatusInternalServerError:
			return reads
		}
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	_, ok := errors.AsType[*client.WireError](err)
	return ok
}

// retryAfter reads the header in either form: seconds, or a date.
func (c *Conn) retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(c.Now()))
	}
	return 0
}

// reference is what makes req safe to repeat, if anything does.
func (c *Conn) reference(req *http.Request) string {
	if c.Reference == nil || req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	return c.Reference(content)
}

// reads says whether a method changes nothing.
func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// sleep waits by the clock of the machine.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// reach is how far a request came. A transport that does not trace its steps,
// as one in process may not, is taken to have sent it.
type reach struct {
	set              bool // whether it was given to a transport
	asked, connected atomic.Bool
	written          atomic.Bool
}

// watch makes a context whose request is followed, unless it is a read, which
// may be repeated wherever it ended.
func (r *reach) watch(ctx context.Context, method string) context.Context {
	r.set = true
	if reads(method) {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { r.asked.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { r.connected.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { r.written.Store(i.Err == nil) },
	})
}

// unsent says whether nothing of the request can have arrived.
func (r *reach) unsent() bool { return !r.set || r.asked.Load() && !r.connected.Load() }

// partly says whether the server may have taken a part of the request and no
// more, or gave a part of its answer.
func (r *reach) partly(err error) bool {
	w, ok := errors.AsType[*client.WireError](err)
	return ok && (w.Status != 0 || r.connected.Load() && !r.written.Load())
}

// mayHaveActed says whether the server may have done what it was asked.
func (r *reach) mayHaveActed(err error) bool {
	if p, ok := errors.AsType[*client.Problem](err); ok {
		return p.Status >= 500
	}
	_, ok := errors.AsType[*client.WireError](err)
	return ok && !r.unsent()
}
