package swedbankpay

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// bookkeeping bounds what is written when an attempt is over, which has to be
// written even if its time has run out.
const bookkeeping = 10 * time.Second

// try handles a callback once, and says whether it is still pending.
func (c *Callbacks) try(e *errand, a *attempt) (pending bool, err error) {
	leave, err := c.takeTurn(e.callback.Payment)
	if err != nil {
		return true, err
	}
	defer leave()
	claim, err := c.claim(e.callback, a)
	if err != nil {
		if !errors.Is(err, errClosed) {
			c.tell(c.life, e.callback, err)
		}
		return c.inbox.Durable(), err
	}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(c.life, c.timeout)
	defer cancel()
	err = c.work(ctx, claim)
	if err == nil {
		return false, nil
	}
	c.tell(ctx, e.callback, err)

	gone, pending := (*goneError)(nil), c.inbox.Durable()
	if pending && errors.As(err, &gone) {
		pending = !c.drop(e, a)
	}
	ctx, cancel = afterwards(ctx)
	defer cancel()
	end := c.inbox.Release
	if !pending {
		end = func(ctx context.Context, claim Claim) error { return c.inbox.Done(ctx, claim, "") }
	}
	if failed := end(ctx, claim); failed != nil {
		c.tell(ctx, e.callback, failed)
	}
	return pending, err
}

// claim takes a slot and then the payment, which another process may have. It
// waits for that without a slot. On success the slot is for the caller to give
// back.
func (c *Callbacks) claim(callback Callback, a *attempt) (Claim, error) {
	holder := c.holder + "/" + uuid.NewString() // another for each attempt: one that has run out must not be mistaken for it
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		select {
		case c.slots <- struct{}{}:
		case <-c.closing:
			return Claim{}, errClosed
		}
		c.begin(a, true)
		ctx, cancel := context.WithTimeout(c.life, bookkeeping)
		now := c.pay.conn.Now()
		claim, err := c.inbox.Claim(ctx, callback, holder, now, now.Add(2*c.timeout))
		cancel()
		if err == nil && claim.Holder == holder {
			return claim, nil
		}
		c.begin(a, false)
		<-c.slots
		if err != nil {
			return Claim{}, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.closing:
			timer.Stop()
			return Claim{}, errClosed
		}
	}
}

// work reads what a callback is about and has it handled.
func (c *Callbacks) work(ctx context.Context, claim Claim) error {
	event, err := c.pay.event(ctx, claim.Callback)
	if err != nil {
		return err
	}
	key := event.Key()
	handled, err := c.inbox.Handled(ctx, key)
	if err != nil {
		return err
	}
	if !handled {
		if err := c.hand(ctx, event); err != nil {
			return &handlingError{err}
		}
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return c.inbox.Done(ctx, claim, key)
}

func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), bookkeeping)
}

// hand calls the merchant's function, in a goroutine that is its to end.
func (c *Callbacks) hand(ctx context.Context, event Event) error {
	result := make(chan error, 1)
	go func() {
		err := errors.New("it ended its goroutine")
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			result <- err
		}()
		err = c.handle(ctx, event)
	}()
	return <-result
}

// handlingError says that the merchant's function failed.
type handlingError struct{ error }

func (e *handlingError) Error() string { return "the event was not handled: " + e.error.Error() }

func (e *handlingError) Unwrap() error { return e.error }
