package main

import (
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// An operation is something the staff want done with a payment: money taken, given up or given back.
//
// It is stored, with its reference, before it is sent. That is the one thing to take home from this example. A process
// can die, and a wire can break, after the bank has done what it was asked and before we have heard of it. If the
// reference was made up on the way to the wire it is gone then, and nobody can tell whether the customer has their money
// back. If it was stored, the bank can be asked; and should it know nothing, the operation can be sent again under the
// same reference, which the bank carries out once and no more.
type operation struct {
	Reference string // the payeeReference, unique among all that this merchant ever sends
	Order     int64
	Kind      kind
	Amount    swedbankpay.Amount // of a cancellation, what it releases as far as we know
	Outcome   outcome
	Why       string // of a refusal, in words
	Created   time.Time
}

// A kind is what is done, in the bank's own word for the transaction.
type kind string

// The kinds.
const (
	capture      kind = "Capture"
	cancellation kind = "Cancellation"
	reversal     kind = "Reversal"
)

// Words says it as the staff do.
func (k kind) Words() string {
	switch k {
	case capture:
		return "Capture"
	case cancellation:
		return "Cancel the rest"
	default:
		return "Refund"
	}
}

// An outcome is what became of an operation.
type outcome string

// The outcomes. It begins as unheard.
const (
	unheard  outcome = "unheard"  // it may or may not have happened: ask the bank
	underWay outcome = "underway" // the bank has it, and is not finished, as with a refund by Swish
	done     outcome = "done"
	refused  outcome = "refused" // it did not happen and will not
)

// settled says whether the outcome is known for good.
func (o outcome) settled() bool { return o == done || o == refused }

// outcomeOf is the outcome that the state of a transaction means. The bank's vocabulary is open: a state we do not know is
// taken for one that is not the last.
func outcomeOf(transactionState string) outcome {
	switch transactionState {
	case "Completed":
		return done
	case "Failed":
		return refused
	}
	return underWay
}

// A fate is what a reading says became of an operation.
type fate struct {
	reference string
	outcome   outcome
	why       string
}
