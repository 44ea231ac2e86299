package server_test

import (
	"fmt"
	"time"
)

// A sheet is a second bookkeeping of one payment: what has to be true of it, found without looking at the sandbox. It
// knows sums and counts, no facts.
type sheet struct {
	instrument, operation, intent string
	id                            string
	price                         int64

	authorised, sold, captured, cancelled, reversed int64

	surplus         int64
	declines        int
	strikes         int
	paid, aborted   bool
	finalised       bool
	pending         bool // a payer's transaction is there
	due             time.Time
	created, paidAt time.Time
	returning       []giving
}

// giving is a reversal under way.
type giving struct {
	amount int64
	due    time.Time
}

const day = 24 * time.Hour

func (p *sheet) charges() bool {
	return p.operation == "Recur" || p.operation == "UnscheduledPurchase" || p.operation == "Payout"
}

func (p *sheet) sells() bool { return p.instrument == "swish" || p.instrument == "trustly" }

// settling is how long the payer's transaction takes once it is decided.
func (p *sheet) settling() time.Duration {
	return map[string]time.Duration{"swish": 4 * time.Second, "trustly": 2 * time.Second}[p.instrument]
}

func (p *sheet) state() string {
	switch {
	case p.aborted:
		return "Aborted"
	case p.declines >= 3:
		return "Failed"
	default:
		return "Ready"
	}
}

func (p *sheet) payable() bool { return p.state() == "Ready" && !p.paid }

// refuses tells a price that the payer cannot pay: one of the vendor's test amounts for cards.
func (p *sheet) refuses() bool {
	return p.instrument == "creditcard" && p.operation != "Verify" && p.price == 900351
}

// tick lets happen what is due.
func (p *sheet) tick(now time.Time) {
	if p.pending && !p.due.IsZero() && !p.due.After(now) {
		p.complete(p.due)
	}
	var left []giving
	for _, g := range p.returning {
		if g.due.After(now) {
			left = append(left, g)
			continue
		}
		p.reversed += g.amount
		p.strikes = 0
	}
	p.returning = left
}

// complete ends the payer's transaction well, or as the price decides.
func (p *sheet) complete(at time.Time) {
	p.pending, p.due = false, time.Time{}
	if p.refuses() {
		p.fail()
		return
	}
	p.paid, p.paidAt, p.strikes = true, at, 0
	switch {
	case p.operation == "Verify":
	case p.sells():
		p.sold = p.price
	default:
		p.authorised = p.price
	}
	if p.intent == "AutoCapture" {
		p.captured = p.price
	}
}

func (p *sheet) fail() {
	p.pending, p.due = false, time.Time{}
	p.declines++
}

// act is what a payer does; now is without the instrument's delay. It tells whether that is possible.
func (p *sheet) act(do string, at bool, now time.Time) bool {
	if n := len(p.returning); n > 0 && do != "start" && do != "cancel" {
		if do == "pay" {
			p.reversed += p.returning[n-1].amount
			p.strikes = 0
		} else {
			p.strikes++
		}
		p.returning = p.returning[:n-1]
		return true
	}
	switch {
	case do == "cancel":
	case !p.payable():
		return false
	case p.pending && !p.due.IsZero() && !at: // decided already
	case do == "start":
		p.pending = true
	case do != "pay":
		if wait := p.settling(); wait > 0 && !at {
			panic("declines of asynchronous payments are made at once in this model")
		}
		p.fail()
	case at || p.settling() == 0:
		p.complete(now)
	default:
		p.pending, p.due = true, now.Add(p.settling())
	}
	return true
}

func (p *sheet) expired(now time.Time) bool {
	return p.paid && !p.sells() && p.operation != "Verify" && now.Sub(p.paidAt) > 180*day
}

func (p *sheet) underWay() (sum int64) {
	for _, g := range p.returning {
		sum += g.amount
	}
	return sum
}

// left is what the members remainingCaptureAmount and so on have to say.
func (p *sheet) left(now time.Time) (capture, cancellation, reversal int64) {
	if p.operation == "Payout" {
		return 0, 0, 0
	}
	cancellation = max(p.authorised-p.captured-p.cancelled, 0)
	reversal = p.captured + p.sold - p.reversed - p.underWay()
	if capture = cancellation; p.expired(now) || p.intent == "PreAuthorization" && !p.finalised {
		capture = 0
	}
	return capture, cancellation, reversal
}

func (p *sheet) amounts(now time.Time) string {
	c, l, r := p.left(now)
	shown := func(n int64) string {
		if n == 0 {
			return "-"
		}
		return fmt.Sprint(n)
	}
	return fmt.Sprint(p.authorised+p.sold) + " " + shown(c) + " " + shown(l) + " " + shown(r)
}

// locked tells a payment whose reversals have failed too often in a row.
func (p *sheet) locked() bool { return p.strikes >= 5 }

// capture, cancel, reverse, abort, sell and finalise tell whether the step is possible, and take it.

func (p *sheet) capture(amount int64, now time.Time) bool {
	left, _, _ := p.left(now)
	if left > 0 {
		left += p.surplus
	}
	if p.state() != "Ready" || p.locked() || amount < 1 || amount > left {
		return false
	}
	p.captured += amount
	p.strikes = 0
	return true
}

func (p *sheet) cancel(now time.Time) bool {
	_, left, _ := p.left(now)
	if p.state() != "Ready" || p.locked() || left == 0 {
		return false
	}
	p.cancelled += left
	p.strikes = 0
	return true
}

func (p *sheet) reverse(amount int64, now time.Time) bool {
	_, _, left := p.left(now)
	if p.state() != "Ready" || p.locked() || amount < 1 || amount > left {
		return false
	}
	if p.instrument == "swish" {
		p.returning = append(p.returning, giving{amount, now.Add(8 * time.Second)})
		return true
	}
	p.reversed += amount
	p.strikes = 0
	return true
}

func (p *sheet) abort() bool {
	if !p.payable() || p.pending && (!p.due.IsZero() || p.instrument == "swish") {
		return false
	}
	p.pending, p.aborted = false, true
	return true
}

func (p *sheet) sell() bool {
	if !p.sells() || !p.payable() || p.pending {
		return false
	}
	p.pending = true
	return true
}

func (p *sheet) finalise() bool {
	if p.intent != "PreAuthorization" || !p.paid || p.finalised || p.authorised-p.captured-p.cancelled <= 0 {
		return false
	}
	p.finalised, p.surplus = true, p.authorised/5
	return true
}

// sane are the laws of money that hold whatever happened.
func (p *sheet) sane() bool {
	c, l, r := p.left(p.paidAt)
	return c >= 0 && l >= 0 && r >= 0 &&
		p.captured+p.cancelled <= p.authorised+p.surplus && p.reversed+p.underWay() <= p.captured+p.sold
}

// GoString keeps what a failed property prints short.
func (p sheet) GoString() string { return p.instrument + " " + p.operation + " " + p.intent }
