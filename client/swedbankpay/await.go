package swedbankpay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/kassa-dev/kassa/client"
)

// How long Await waits between two readings: a random part (full jitter) of
// firstPause, doubled with each time up to longestPause.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// Await reads the payment again and again until done says so of what it then
// shows, such as (*Payment).Decided:
//
//	err := payment.Await(ctx, (*swedbankpay.Payment).Decided)
//
// A payment that is done already, and not out of date, is not read at all. The
// first reading is made at once. Before the second a random time below 1 s is
// waited, below 2 s before the third, and so on up to 30 s. What was shown in
// full stays so. A callback is faster and costs nobody a request: Await is for
// one that is late, and for programs that cannot be called back.
//
// Give ctx an end, since only the context ends the waiting for a payer who does
// not act. The error then wraps that of the context and says how the payment
// stood when it was read last. A broken wire, a server at fault and one that is
// asked too often ([client.KindOf]) are waited out, and told with the error of
// the context if that was the last that happened. Everything else that keeps
// the payment from being read, such as a 404, is returned at once. Each reading is one GET, which is sent again as
// package client describes before it counts as failed.
func (p *Payment) Await(ctx context.Context, done func(*Payment) bool) error {
	if done == nil {
		return &client.InputError{Field: "done", Reason: "want a condition, such as (*Payment).Decided"}
	}
	if p.stale == nil && done(p) {
		return nil
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := p.Refresh(ctx)
		switch {
		case err == nil && done(p):
			return nil
		case err != nil && ctx.Err() == nil && !passes(err):
			return err
		}
		wait := rand.N(pause) //nolint:gosec // nobody gains by guessing it
		if ctx.Err() != nil || p.client.conn.Sleep(ctx, wait) != nil {
			return p.awaited(ctx, err)
		}
	}
}

// Decided says whether the payer's part was over when the payment was last
// read: it was paid, authorised or verified, which shows in the amount or in an
// offer of [PaidPayment], or it has come to the state Failed or Aborted. What
// the merchant does afterwards changes nothing about it.
//
// A payment that is not decided may still become anything. The API does not
// tell a payer who has gone away, or one whose attempt failed and who may try
// again, from one who is about to pay.
func (p *Payment) Decided() bool {
	return p.Payment.Amount > 0 || p.Offers(PaidPayment) || p.Payment.State == "Failed" || p.Payment.State == "Aborted"
}

// passes says whether a reading that failed may fare better later.
func passes(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	switch client.KindOf(err) {
	case client.NoAnswer, client.ServerFault, client.RateLimited:
		return true
	}
	return false
}

// awaited is the error of a context that ended first. What failed last is told
// as well, unless the end of the context was why.
func (p *Payment) awaited(ctx context.Context, last error) error {
	var offered []string
	for _, op := range p.Operations {
		offered = append(offered, op.Rel)
	}
	end := ctx.Err()
	if cause := context.Cause(ctx); !errors.Is(cause, end) {
		end = fmt.Errorf("%w: %w", end, cause)
	}
	if last != nil && !errors.Is(last, context.Cause(ctx)) {
		end = fmt.Errorf("%w (last reading: %w)", end, last)
	}
	return fmt.Errorf("%q is not what was awaited: state %q, amount %d, offers %q: %w", p.Payment.ID, p.Payment.State, p.Payment.Amount, offered, end)
}
