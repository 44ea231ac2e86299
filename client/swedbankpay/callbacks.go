package swedbankpay

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Callbacks is the endpoint a merchant gives as callbackUrl: it takes the
// callbacks of Swedbank Pay, reads what they are about with the merchant's own
// client, and hands it to the merchant's function as an [Event].
//
//	callbacks := swedbankpay.NewCallbacks(pay, func(ctx context.Context, e swedbankpay.Event) error {
//		return orders.Update(ctx, e.Payment, e.Transaction)
//	}, swedbankpay.WithInbox(inbox))
//	err := callbacks.Resume(ctx)
//	mux.Handle("/swedbankpay", callbacks)
//
// # The order of things
//
//  1. A request that is no POST is answered 405, one from an address that
//     callbacks do not come from 403 (see [WithCallbackSources]), a body above
//     64 KiB 413, and one that [ParseCallback] refuses 400. The content type is
//     not looked at, for none is documented. Nothing has been sent or stored by
//     then, and the answer says no more than its status; [WithCallbackErrors]
//     tells why.
//  2. The callback is noted in the [Inbox].
//  3. The transaction and then the payment are read by GET. An event that was
//     handled before ends here. Any other is handed to the function, and marked
//     as handled once that has returned nil.
//  4. The answer is 200 when that is done, 500 when the function failed or
//     panicked, 503 when something else did, and 404 when the API knows no such
//     payment. Anything but 200 makes Swedbank Pay send the callback again,
//     after 30, 60, 360, 432, 864 and 1265 seconds.
//
// What takes longer than the answer can wait depends on the inbox. A durable
// one has it noted: the answer is 200 after two seconds ([WithPatience]), and
// the event is handled even if the process dies, for the next one finds it by
// Resume. One in memory would lose it, so the answer goes on waiting until it
// is handled, for 30 seconds at most ([WithHandlingTimeout]), and is 503 then.
//
// # Promises
//
// A callback that was answered 200 is handled at least once. It is handed out
// more than once when the process dies, or the inbox fails, after the function
// has returned and before that is marked, or when the function goes on for
// twice as long as it may; so the function has to be one that can be repeated.
// With package sqlinbox, MarkHandled makes it exactly once.
//
// What several callbacks say alike, one after the other or at once, is handed
// out once ([Event.Key]). Events of one payment are handed out one at a time,
// in one process and in all that share an inbox. Callbacks come out of order,
// but an event shows what is true now, so an old one that comes late is one
// that was handled already. A transaction whose state has moved on is a new
// event.
//
// In a durable inbox what failed stays pending. It is tried again when Swedbank
// Pay sends it again, and by itself: after a second, then after twice as long
// each time, up to a quarter of an hour, until it is handled. Only what the API
// does not know is dropped: at once when that can be answered, else after the
// 1265 seconds that Swedbank Pay itself would go on for. In memory, a callback
// that failed is forgotten: Swedbank Pay sends it again.
//
// A forged callback has the API asked for two paths on its own host, and no
// more than that. At most 16 callbacks are worked on at once, and 10,000 are
// under way or wait; more are answered 503. How long a request may take to
// arrive is for the [http.Server] to say.
type Callbacks struct {
	pay      *Client
	handle   func(context.Context, Event) error
	inbox    Inbox
	patience time.Duration
	timeout  time.Duration
	sources  sources
	report   func(context.Context, Callback, error)
	err      error // why no callback is taken
	holder   string

	life    context.Context // of what is under way
	end     context.CancelFunc
	closing chan struct{}
	slots   chan struct{}

	mu      sync.Mutex
	closed  bool
	errands map[callbackKey]*errand
	turns   map[string]*turn // by payment
	busy    sync.WaitGroup   // goroutines that do errands
}

const (
	atOnce      = 16
	mostErrands = 10_000
	persistence = 1265 * time.Second // of the vendor's retries
)

var (
	errClosed = errors.New("callbacks are not taken any more")
	errFull   = errors.New("10000 callbacks are waiting already")
	errLate   = errors.New("the callback was not handled in time")
)

// NewCallbacks makes the endpoint of a merchant. What callbacks are about is
// read with pay, and handed to handle, by several goroutines at once for
// different payments. An error of handle, or a panic, means that the event was
// not handled. The time is that of pay ([client.WithClock]).
//
// Call Resume at the start, and Close at the end.
func NewCallbacks(pay *Client, handle func(context.Context, Event) error, opts ...CallbackOption) *Callbacks {
	c := &Callbacks{
		pay: pay, handle: handle, inbox: NewInbox(), patience: 2 * time.Second, timeout: 30 * time.Second,
		report: func(context.Context, Callback, error) {}, holder: uuid.NewString(),
		closing: make(chan struct{}), slots: make(chan struct{}, atOnce),
		errands: map[callbackKey]*errand{}, turns: map[string]*turn{},
	}
	c.life, c.end = context.WithCancel(context.Background())
	for _, opt := range opts {
		if opt != nil {
			opt(c)
		}
	}
	switch {
	case pay == nil || pay.conn == nil:
		c.refuse("NewCallbacks", "want a client, made by swedbankpay.New")
	case handle == nil:
		c.refuse("NewCallbacks", "want a function that handles events")
	case c.report == nil:
		c.refuse("WithCallbackErrors", "want a function, or leave the option out")
	default:
		if err := pay.conn.Err(); c.err == nil {
			c.err = err
		}
		c.sources.vendor = isVendor(pay.conn.Server())
	}
	if c.report == nil {
		c.report = func(context.Context, Callback, error) {}
	}
	return c
}

// ServeHTTP takes a callback.
func (c *Callbacks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost { // anybody may look whether something is there
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed)
		return
	}
	callback, status, err := c.receive(w, r)
	if err == nil {
		status, err = c.take(r.Context(), callback)
	}
	if err != nil {
		c.tell(r.Context(), callback, err)
	}
	answer(w, status)
}

// Resume takes up what was noted and not handled: at the start of a process
// what an earlier one left behind, and at any time what waits to be tried
// again. It returns when the inbox was read; the work goes on behind it until
// Close. Where several processes share an inbox, call it every few minutes too:
// it is how one takes over from another that has died.
func (c *Callbacks) Resume(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	pending, err := c.inbox.Pending(ctx)
	if err != nil {
		return err
	}
	for _, callback := range pending {
		if !c.resume(callback) {
			return errClosed
		}
	}
	return nil
}

// Close takes no more callbacks, which are answered 503, and waits for what is
// under way. What waits to be handled stays in a durable inbox. When ctx ends
// first, the contexts of what is under way end too, and the error is that of
// ctx. Shut down the [http.Server] before.
func (c *Callbacks) Close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
		for _, e := range c.errands {
			if e.timer != nil {
				e.timer.Stop()
			}
		}
	}
	c.mu.Unlock()
	defer c.end()
	idle := make(chan struct{})
	go func() {
		c.busy.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ http.Handler = (*Callbacks)(nil)

// tell calls the merchant's hook, which nothing depends on.
func (c *Callbacks) tell(ctx context.Context, callback Callback, err error) {
	defer func() { _ = recover() }() // there is nobody left to tell
	c.report(ctx, callback, err)
}
