package client

import "fmt"

// OutcomeUnknownError says that a request that changes something was sent, and
// that nobody knows whether the server has acted on it: the wire broke after it
// was sent, the server answered 500 or above, or a request that had been sent
// in vain was refused when it was sent again, perhaps because it had been done
// the first time.
//
// Do not try anew with a new payee reference: find out first. In package
// swedbankpay, Reconcile does. Trying again with the same reference and the
// same content is safe at any time, for a reference is acted on once.
//
// What happened last is wrapped: errors.As finds a [*WireError] or a [*Problem]
// in it, and errors.Is context.Canceled and the like.
type OutcomeUnknownError struct {
	Request        string // method and path, such as "POST /psp/creditcard/payments/…/captures"
	PayeeReference string // what the request carried, to look for; "" when it carried none
	Attempts       int    // how often it was sent
	Err            error
}

func (e *OutcomeUnknownError) Error() string {
	what := "the outcome is unknown"
	if e.PayeeReference != "" {
		what += fmt.Sprintf(" (payeeReference %q)", e.PayeeReference)
	}
	return clean(fmt.Sprintf("%s: %s: sent %d times, last: %v", e.Request, what, e.Attempts, e.Err))
}

// Unwrap gives what happened last.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }
