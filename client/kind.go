package client

import (
	"errors"
	"net/http"
)

// Kind is what an error comes down to, for a program that has to decide what to
// do next. It is text, so that it can be a label of a metric. Values may be
// added; treat one you do not know as [Other].
type Kind string

// The kinds of errors, and what to do about each.
const (
	Unsent         Kind = "unsent"          // refused by ourselves, and nothing was sent: change the call
	Unauthorized   Kind = "unauthorized"    // the token or the credentials are not taken: 401, invalid_client
	Forbidden      Kind = "forbidden"       // not for this merchant, its contract or the state of the payment: 403
	NotFound       Kind = "not_found"       // 404, 410
	Invalid        Kind = "invalid"         // the request is wrong, Fields may say where: 400, 422 and other 4xx
	Conflict       Kind = "conflict"        // 409
	RateLimited    Kind = "rate_limited"    // too many requests, ask again later: 429
	Declined       Kind = "declined"        // payer's bank, acquirer or risk control said no: offer another way to pay
	Cancelled      Kind = "cancelled"       // the payer gave up or let the time run out: offer to try again
	ServerFault    Kind = "server_fault"    // the server, or one behind it, failed: 5xx
	Unreadable     Kind = "unreadable"      // a yes that could not be read: it has most likely happened
	NoAnswer       Kind = "no_answer"       // the wire broke
	OutcomeUnknown Kind = "outcome_unknown" // it may have happened: find out before trying anew
	Other          Kind = "other"           // none of these; nothing in this package leads here but a status like 302
)

// KindOf gives the kind of err, or of the first error it wraps that has one;
// "" for nil. What a server said of an unknown outcome is not looked at: err is
// OutcomeUnknown then. Errors of other packages take part by a method Kind.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if k, ok := errors.AsType[interface {
		error
		Kind() Kind
	}](err); ok {
		return k.Kind()
	}
	return Other
}

// Kind is Unsent.
func (e *InputError) Kind() Kind { return Unsent }

// Kind is Unsent.
func (e *ForeignHostError) Kind() Kind { return Unsent }

// Kind is NoAnswer.
func (e *WireError) Kind() Kind { return NoAnswer }

// Kind is Unreadable.
func (e *DecodeError) Kind() Kind { return Unreadable }

// Kind is OutcomeUnknown.
func (e *OutcomeUnknownError) Kind() Kind { return OutcomeUnknown }

// Kind goes by [Problem.Reason] where it is one whose meaning is documented,
// because statuses contradict it: a card is declined with 400, 403 and 429.
// Otherwise it goes by Status.
func (p *Problem) Kind() Kind {
	if kind, ok := reasons[p.family()+"/"+p.Reason()]; ok {
		return kind
	}
	if kind, ok := reasons[p.Reason()]; ok {
		return kind
	}
	switch s := p.Status; {
	case s == http.StatusUnauthorized:
		return Unauthorized
	case s == http.StatusForbidden:
		return Forbidden
	case s == http.StatusNotFound, s == http.StatusGone:
		return NotFound
	case s == http.StatusConflict:
		return Conflict
	case s == http.StatusTooManyRequests:
		return RateLimited
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusProxyAuthRequired:
		return Other // about the way there, not about the request
	case s >= 400 && s < 500:
		return Invalid
	case s >= 500:
		return ServerFault
	}
	return Other
}
