package swedbankpay

import (
	"context"
	"time"
)

// Inbox remembers callbacks from the moment they are noted until they have been
// handled, and which events have been. [NewInbox] makes one in memory; package
// sqlinbox keeps one in an SQLite database. Its methods are called by many
// goroutines at once, and one inbox may serve several [Callbacks], in several
// processes too if it is durable.
type Inbox interface {
	// Durable says whether what is in it is still there after the process has
	// died.
	Durable() bool

	// Put notes a callback, which is pending from then on. When it returns
	// without an error the note is as durable as the inbox is. The same
	// callback, by the ids of payment and transaction, is one note, and becomes
	// new by being put again.
	Put(ctx context.Context, c Callback) error

	// Pending lists what is noted, the oldest first.
	Pending(ctx context.Context) ([]Callback, error)

	// Claim gives the payment of c to a holder, until Done or Release or a
	// time, unless another holder has it now; then it gives the claim of that
	// one, or one without a holder that ends now should nobody know. The Seq of a
	// new claim is that of the note of c as it stands.
	Claim(ctx context.Context, c Callback, holder string, now, until time.Time) (Claim, error)

	// Handled says whether an event was marked by Done. See [Event.Key].
	Handled(ctx context.Context, key string) (bool, error)

	// Done ends a claim, all at once: the event of that key is marked, unless
	// key is "", and the note of the callback is removed, unless it has become
	// new since it was claimed. It does the same for a claim that has run out,
	// except that it does not touch that of another holder.
	Done(ctx context.Context, claim Claim, key string) error

	// Release ends a claim and leaves the note pending.
	Release(ctx context.Context, claim Claim) error
}

// Claim is one holder's right to handle what happened to a payment.
type Claim struct {
	Callback Callback
	Holder   string
	Until    time.Time // when the right ends by itself
	Seq      int64     // which note of the callback it covers: this and older ones
}
