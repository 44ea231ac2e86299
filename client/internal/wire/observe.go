package wire

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/kassa-dev/kassa/client"
)

// observed is exchange under the eyes of the observers. The request is a copy,
// so that what they add to one attempt is not left in the next.
func (c *Conn) observed(req *http.Request, bearer string, before int) (*Answer, error) {
	ctx := req.Context()
	hidden := hiddenIn(ctx)
	u := req.URL
	call := client.Call{
		Method: req.Method, Scheme: u.Scheme, Host: u.Hostname(), Port: port(u), Path: hidePath(u.Path, secretsOf(req)),
		Attempt: before + 1, SessionID: req.Header.Get("Session-Id"), Header: http.Header{},
	}
	ends := make([]func(client.Result), 0, len(c.observers))
	for _, o := range c.observers {
		next, end := o(ctx, call)
		if next != nil {
			ctx = next //nolint:fatcontext // each observer builds on the one before it; there are few
		}
		if end != nil {
			ends = append(ends, end)
		}
	}
	if len(hiddenIn(ctx)) != len(hidden) { // somebody made a context of nothing
		ctx = context.WithValue(ctx, hiddenKey{}, hidden)
	}
	req = req.WithContext(ctx)
	req.Header = req.Header.Clone()
	for name, values := range call.Header {
		name = http.CanonicalHeaderKey(name)
		if _, ours := req.Header[name]; !ours {
			req.Header[name] = values
		}
	}

	begin := time.Now()
	answer, err := c.exchange(req, bearer)
	r := client.Result{Status: client.StatusOf(err), Duration: time.Since(begin), Err: err}
	if err == nil {
		r.Status = answer.Status
	}
	for i := len(ends) - 1; i >= 0; i-- {
		ends[i](r)
	}
	return answer, err
}

// port is the port of a URL, spelled out.
func port(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}
