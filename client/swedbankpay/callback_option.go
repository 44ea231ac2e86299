package swedbankpay

import (
	"context"
	"net/netip"
	"time"

	"github.com/kassa-dev/kassa/client"
)

// CallbackOption adjusts [Callbacks]. None is needed. An option that cannot be
// used is refused by an [*client.InputError]: Resume returns it, and no
// callback is taken.
type CallbackOption func(*Callbacks)

// WithInbox keeps callbacks and what was handled in inbox, such as one of
// package sqlinbox. By default it is a [NewInbox] of its own, in memory.
func WithInbox(inbox Inbox) CallbackOption {
	return func(c *Callbacks) {
		if inbox == nil {
			c.refuse("WithInbox", "want an inbox, such as swedbankpay.NewInbox()")
			return
		}
		c.inbox = inbox
	}
}

// WithPatience says how long an answer waits for a callback to be handled
// before it is 200 because the callback is noted in a durable inbox; 0 is not
// at all. By default it is two seconds. How long Swedbank Pay waits is
// documented nowhere. In memory it changes nothing.
func WithPatience(d time.Duration) CallbackOption {
	return func(c *Callbacks) {
		if d < 0 {
			c.refuse("WithPatience", "want a duration of 0 or more")
			return
		}
		c.patience = d
	}
}

// WithHandlingTimeout says how long reading the API and handling one event may
// take together: the context of the merchant's function ends then. It is also
// how long an answer waits when the inbox is in memory. After twice that time
// another process may take over. By default it is 30 seconds.
func WithHandlingTimeout(d time.Duration) CallbackOption {
	return func(c *Callbacks) {
		if d <= 0 {
			c.refuse("WithHandlingTimeout", "want more than nothing")
			return
		}
		c.timeout = d
	}
}

// WithCallbackSources takes callbacks from these addresses alone, whoever the
// client speaks to, and answers 403 to others; without any it takes them from
// anywhere.
//
// By default the addresses are [CallbackSources], and are looked at where that
// can be right: when the client speaks to [Test] or [Production], and the peer
// has a public address or there are trusted proxies. A peer on loopback or in a
// private network without trusted proxies is a proxy that hides the source, or
// a test, and is let through. That is safe, for a callback is never believed.
func WithCallbackSources(prefixes ...netip.Prefix) CallbackOption {
	return func(c *Callbacks) {
		c.sources.said, c.sources.allowed = true, c.prefixes("WithCallbackSources", prefixes)
	}
}

// WithTrustedProxies names proxies whose word on where a request comes from is
// taken. X-Forwarded-For is read from its end, past all trusted addresses; the
// first other one is the source. The header Forwarded is read likewise, and
// when there are both, both have to name a good source, for a proxy that
// appends to one may pass the other on as it came. A peer without an address,
// as on a Unix socket, is a trusted proxy if there are any.
//
// By default there are none, and the source is the peer. Behind a proxy with a
// public address, such as that of a content delivery network, every callback is
// refused until the proxy is named.
func WithTrustedProxies(prefixes ...netip.Prefix) CallbackOption {
	return func(c *Callbacks) { c.sources.proxies = c.prefixes("WithTrustedProxies", prefixes) }
}

// WithCallbackErrors tells report of every callback that was refused, and of
// every attempt to handle one that failed: why, in words that the answer does
// not say. A refused callback may be the zero one. Of methods other than POST
// nothing is told. It may be called by several goroutines at once and should
// return soon. By default nobody is told.
func WithCallbackErrors(report func(ctx context.Context, c Callback, err error)) CallbackOption {
	return func(c *Callbacks) { c.report = report }
}

// refuse keeps why callbacks are not taken, unless there is a reason already.
func (c *Callbacks) refuse(field, reason string) {
	if c.err == nil {
		c.err = &client.InputError{Field: field, Reason: reason}
	}
}

// prefixes writes IPv4 prefixes in the form of IPv6 as what they are.
func (c *Callbacks) prefixes(field string, in []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range in {
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		if !p.IsValid() || p.Addr().Is4In6() {
			c.refuse(field, "want prefixes as in 203.0.113.0/24, or 2001:db8::/32")
			return nil
		}
		out = append(out, p)
	}
	return out
}
