package main

import (
	"slices"
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// An order is what a shopper wants, how they pay for it, and what the shop knows of that.
//
// Where it stands is never stored. It is worked out from two things that are: the reading, which is what the bank said
// last, and the operations, which are what the shop itself has asked for. So the page cannot say "paid" while the sums
// say something else.
type order struct {
	Number    int64  // for people to quote
	Key       string // in addresses: nobody guesses it, so whoever has it is the shopper
	Method    method
	Lines     basket
	Created   time.Time
	Reference string // the payeeReference of the payment
	Payment   string // the id of the payment at the bank; "" until the bank has answered
	Trouble   string // why there is no payment, in words; "" while there is hope
	reading
	Operations []operation
}

// A reading is what was read of a payment at one moment.
type reading struct {
	Authorised swedbankpay.Amount // the bank keeps it for us, or has paid it to us
	Captured   swedbankpay.Amount // of that, what was taken; a sale takes all at once
	Released   swedbankpay.Amount // of that, what was given up before it was taken
	Reversed   swedbankpay.Amount // of what was taken, what was given back
	Pending    bool               // the payer has acted, the bank has not finished
	Failure    string             // why the payer's last attempt failed, in words
	Ended      string             // stateAborted or stateFailed; "" while it goes on

	// Progress counts what has happened to the payment. It only grows, so it tells which of two readings is the later,
	// in whatever order they arrive.
	Progress int64
}

// A state is where an order stands.
type state string

// The states. From waiting a payment leads to failed or cancelled, or by way of confirming to reserved (card, invoice) or
// to paid at once (Swish, Trustly). From reserved the staff lead it on.
const (
	lost           state = "lost"            // no payment came to be: nothing can have been paid
	asking         state = "asking"          // the bank has been asked for a payment, and has not answered yet
	waiting        state = "waiting"         // the payer has not paid yet
	confirming     state = "confirming"      // the payer has, and the bank is not done
	failed         state = "failed"          // the payer has tried and may not try again
	cancelled      state = "cancelled"       // given up before anything was taken
	reserved       state = "reserved"        // all of it can be captured
	partlyCaptured state = "partly-captured" // some is captured, some still can be
	paid           state = "paid"            // what was to be captured is
	partlyRefunded state = "partly-refunded"
	refunded       state = "refunded"
)

// State is where the order stands.
func (o *order) State() state {
	left := o.Authorised.Minor() - o.Captured.Minor() - o.Released.Minor()
	taken, back := o.Captured.Minor(), o.Reversed.Minor()
	switch {
	case o.Authorised.Minor() == 0:
		return o.unpaid()
	case left > 0 && taken > 0:
		return partlyCaptured
	case left > 0:
		return reserved
	case taken == 0:
		return cancelled
	case back == 0:
		return paid
	case back < taken:
		return partlyRefunded
	}
	return refunded
}

// unpaid is the state while nothing is paid.
func (o *order) unpaid() state {
	switch {
	case o.Ended == stateFailed:
		return failed
	case o.Ended == stateAborted:
		return cancelled
	case o.Pending:
		return confirming
	case o.Trouble != "":
		return lost
	case o.Payment == "" && o.Method != byResurs:
		return asking
	}
	return waiting
}

// Open says whether more may be heard of the order without the shop doing anything.
func (o *order) Open() bool {
	for _, op := range o.Operations {
		if !op.Outcome.settled() {
			return true
		}
	}
	s := o.State()
	return s == asking || s == waiting || s == confirming
}

// Left is how much may still be captured, cancelled or reversed. What has been asked for and not answered counts as done:
// whoever tried again while the first attempt is under way would do it twice. A cancellation releases whatever is not
// captured at that moment, so none is to be had while a capture may still be on its way.
func (o *order) Left(k kind) swedbankpay.Amount {
	left := o.Authorised.Minor() - o.Captured.Minor() - o.Released.Minor()
	if k == reversal {
		left = o.Captured.Minor() - o.Reversed.Minor()
	}
	for _, op := range o.Operations {
		switch {
		case op.Outcome.settled() || (op.Kind == reversal) != (k == reversal):
		case k == cancellation:
			left = 0
		default:
			left -= op.Amount.Minor()
		}
	}
	return swedbankpay.SEK(max(left, 0))
}

// has says whether an operation of that reference was asked for.
func (o *order) has(reference string) bool {
	return slices.ContainsFunc(o.Operations, func(op operation) bool { return op.Reference == reference })
}

// Two words of the bank's for the state of a payment that is over without having been paid.
const (
	stateAborted = "Aborted"
	stateFailed  = "Failed"
)
