// Package ledger is the arithmetic of one payment: what was authorised, sold, captured, cancelled and reversed, and
// therefore what may still be. It knows no time, no wire and no vendor. Amounts are minor units.
package ledger

import (
	"fmt"
	"math"
)

// An Op is a kind of move.
type Op string

// The moves. The words are those that the wire uses for transactions.
const (
	Authorization Op = "Authorization"
	Sale          Op = "Sale"
	Verification  Op = "Verification" // of a card or a person; always of zero
	Capture       Op = "Capture"
	Cancellation  Op = "Cancellation"
	Reversal      Op = "Reversal"
)

// A Balance is the sum of the moves of one payment. The zero value is a payment to which nothing has happened.
// However its moves are ordered, no amount it answers is negative.
type Balance struct {
	authorised, sold, captured, cancelled, reversed int64

	surplus int64 // by how much the last capture may exceed what is left
}

// An OverdrawError refuses a move of more than is left, or of nothing at all. The balance is as it was.
type OverdrawError struct {
	Op    Op
	Asked int64
	Left  int64 // the most that the move could have been
}

func (e *OverdrawError) Error() string {
	return fmt.Sprintf("%s of %d refused: %d left", e.Op, e.Asked, e.Left)
}

// Amount is what the payer has agreed to pay. It grows with authorizations and sales and never shrinks.
func (b Balance) Amount() int64 { return b.authorised + b.sold }

// Capturable is what was authorised and neither captured nor cancelled.
func (b Balance) Capturable() int64 { return max(b.authorised-b.captured-b.cancelled, 0) }

// Cancellable is the same as Capturable: what can be taken can be let go.
func (b Balance) Cancellable() int64 { return b.Capturable() }

// Reversible is what was captured or sold and not yet given back.
func (b Balance) Reversible() int64 { return b.captured + b.sold - b.reversed }

// Captured is the sum of the captures, reversed or not.
func (b Balance) Captured() int64 { return b.captured }

// Allow lets a capture exceed what is left by a surplus, once: nothing is left then. A surplus that makes no sense, or
// with which the sum would exceed an int64, is cut.
func (b *Balance) Allow(surplus int64) {
	b.surplus = min(max(surplus, 0), math.MaxInt64-b.Amount())
}

// Move makes one move, or refuses it with an *OverdrawError and changes nothing. An authorization or a sale may be of
// zero, a verification is; every other move is of at least one. The sum of authorizations and sales stays within an int64.
func (b *Balance) Move(op Op, amount int64) error {
	var left int64
	least := int64(1)
	sum := new(int64)
	switch op {
	case Authorization:
		left, least, sum = math.MaxInt64-b.Amount(), 0, &b.authorised
	case Sale:
		left, least, sum = math.MaxInt64-b.Amount(), 0, &b.sold
	case Verification:
		left, least = 0, 0
	case Capture:
		left, sum = b.Capturable(), &b.captured
		if left > 0 {
			left += b.surplus
		}
	case Cancellation:
		left, sum = b.Cancellable(), &b.cancelled
	case Reversal:
		left, sum = b.Reversible(), &b.reversed
	}
	if amount < least || amount > left {
		return &OverdrawError{Op: op, Asked: amount, Left: left}
	}
	*sum += amount
	return nil
}
