package swedbankpay

import (
	"time"
)

// An errand is one callback on its way to being handled. There is one for each
// callback that is under way or waits to be tried again.
type errand struct {
	callback Callback
	began    time.Time
	now      *attempt // nil while it waits to be tried again
	next     *attempt // for those who came when now was reading already
	promised bool     // somebody was answered 200 before it was handled
	failures int
	timer    *time.Timer
}

// An attempt is one try. Those who came in time for it wait for its end.
type attempt struct {
	done    chan struct{}
	err     error // once done is closed
	reading bool  // the API is asked: who comes now may know of something newer
	settled bool  // it is decided how it ends: too late for a promise
}

func newAttempt() *attempt { return &attempt{done: make(chan struct{})} }

// full says whether too much is waiting already.
func (c *Callbacks) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.errands) >= mostErrands
}

// join finds the attempt that handles a callback which has just been noted: one
// under way, if it has not begun to read, or a new one.
func (c *Callbacks) join(callback Callback) (*errand, *attempt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, nil, errClosed
	}
	e := c.errands[keyOf(callback)]
	if e == nil {
		e = &errand{callback: callback, began: c.pay.conn.Now()}
		c.errands[keyOf(callback)] = e
	}
	switch {
	case e.now == nil:
		c.start(e)
	case !e.now.reading:
	case e.next == nil:
		e.next = newAttempt()
		return e, e.next, nil
	default:
		return e, e.next, nil
	}
	return e, e.now, nil
}

// resume takes up a callback that was noted once, unless it is under way. It is
// false when nothing is taken up any more.
func (c *Callbacks) resume(callback Callback) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	e := c.errands[keyOf(callback)]
	if e == nil {
		e = &errand{callback: callback, began: c.pay.conn.Now(), promised: true}
		c.errands[keyOf(callback)] = e
	}
	if e.now == nil {
		c.start(e)
	}
	return true
}

// start begins an attempt. The lock is held, and Close has not been called.
func (c *Callbacks) start(e *errand) {
	if e.timer != nil {
		e.timer.Stop()
	}
	e.now = newAttempt()
	c.busy.Add(1)
	go c.run(e)
}

// run makes attempts until nobody waits for another.
func (c *Callbacks) run(e *errand) {
	defer c.busy.Done()
	for again := true; again; {
		c.mu.Lock()
		a := e.now
		c.mu.Unlock()
		pending, err := c.try(e, a)
		again = c.finish(e, pending, err)
	}
}

// finish ends the attempt under way, and says whether another follows at once.
func (c *Callbacks) finish(e *errand, pending bool, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := e.now
	a.err, a.settled = err, true
	close(a.done)
	e.now, e.next = e.next, nil
	if err == nil {
		e.failures = 0
	} else {
		e.failures++
	}
	switch {
	case e.now != nil:
		return true
	case pending && !c.closed:
		c.remind(e)
	default:
		delete(c.errands, keyOf(e.callback))
	}
	return false
}

// remind has an errand tried again after a while. The lock is held.
func (c *Callbacks) remind(e *errand) {
	e.timer = time.AfterFunc(backoff(e.failures), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.closed && c.errands[keyOf(e.callback)] == e && e.now == nil {
			c.start(e)
		}
	})
}

// backoff is how long to wait after so many failures.
func backoff(failures int) time.Duration {
	const most = 15 * time.Minute
	if failures > 10 {
		return most
	}
	return min(time.Second<<(failures-1), most)
}

// promise lets the answer be 200 before the callback is handled. It is false
// when how it ends is decided already.
func (c *Callbacks) promise(e *errand, a *attempt) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.settled {
		return false
	}
	e.promised = true
	return true
}

// drop decides that an errand whose payment nobody knows comes to nothing, if
// nobody was promised anything, or for long enough.
func (c *Callbacks) drop(e *errand, a *attempt) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.settled = !e.promised || c.pay.conn.Now().Sub(e.began) >= persistence
	return a.settled
}

// begin says that an attempt reads the API from now on, or does not yet.
func (c *Callbacks) begin(a *attempt, reading bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.reading = reading
}

// A turn is had by one errand of a payment at a time.
type turn struct {
	taken chan struct{}
	users int
}

// takeTurn waits for the turn of a payment, which leave gives to the next.
func (c *Callbacks) takeTurn(payment string) (leave func(), err error) {
	c.mu.Lock()
	t := c.turns[payment]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		c.turns[payment] = t
	}
	t.users++
	c.mu.Unlock()
	gone := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(c.turns, payment)
		}
	}
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken; gone() }, nil
	case <-c.closing:
		gone()
		return nil, errClosed
	}
}
