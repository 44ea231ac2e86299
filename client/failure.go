package client

import (
	"errors"
	"fmt"
	"net/http"
)

// WireError says that no complete answer arrived: the name did not resolve, the
// connection broke, the time ran out or the context ended. The server may have
// acted on the request all the same. The cause is wrapped, so that
// errors.Is(err, context.Canceled) and the like work.
type WireError struct {
	Request string // method and path, such as "POST /session"
	Status  int    // what the server had answered when the wire broke; 0 when nothing
	Err     error
}

func (e *WireError) Error() string {
	return clean(fmt.Sprintf("%s: no complete answer: %v", e.Request, e.Err))
}

// Unwrap gives the cause.
func (e *WireError) Unwrap() error { return e.Err }

// ForeignHostError says that an href, an id or a redirect pointed away from the
// configured scheme, host and port. Nothing was sent there.
type ForeignHostError struct {
	Host string // where it pointed, as scheme://host:port
	Base string // where this client is allowed to send, likewise
}

func (e *ForeignHostError) Error() string {
	return clean(fmt.Sprintf("%s is not %s: nothing was sent there", e.Host, e.Base))
}

// DecodeError says that the server answered 2xx, but with something this
// client cannot read: not JSON, another shape, or more than 10 MiB. What was
// asked for has most likely happened.
type DecodeError struct {
	Request string
	Status  int
	Header  http.Header
	Body    []byte // as it arrived, at most 10 MiB; the first 64 KiB when there was more. May hold secrets
	Err     error
}

func (e *DecodeError) Error() string {
	return clean(fmt.Sprintf("%s: answered %d, but the answer cannot be read: %v", e.Request, e.Status, e.Err))
}

// Unwrap gives the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// Format writes the one line of Error, whatever the verb: the body stays out.
func (e *DecodeError) Format(s fmt.State, verb rune) { format(s, verb, e.Error()) }

// MarshalJSON gives the one line of Error: the body stays out.
func (e *DecodeError) MarshalJSON() ([]byte, error) { return quoted(e.Error()) }

// StatusOf gives the HTTP status the server answered with when that is what
// err, or an error it wraps, is about; 0 when no server spoke.
func StatusOf(err error) int {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Status
	}
	if d, ok := errors.AsType[*DecodeError](err); ok {
		return d.Status
	}
	if w, ok := errors.AsType[*WireError](err); ok {
		return w.Status
	}
	return 0
}
