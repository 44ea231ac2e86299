package server

import (
	"sync"
)

// A journal writes what happens in a namespace to the store, if there is one.
type journal struct {
	store     Store // nil: nothing is kept
	namespace string

	mu   sync.Mutex
	last func() error // waits for the latest unit; nil when there is none to wait for
}

// The kinds of record.
const (
	recordPayment = "payment" // a payment was created; its subject is the payment, as that of a fact
	recordFact    = "fact"
	recordDeleted = "deleted" // a stored token was deleted; its subject is the token, as that of a strike
	recordStrike  = "strike"  // a charge of a stored token was declined in a way that counts
	recordAttempt = "attempt" // a callback was attempted; its subject is the transaction
	recordEvicted = "evicted" // a payment was forgotten to make room
	recordClock   = "clock"   // the clock was turned
	recordSession = "session" // a widget session was made; its subject is its token
	recordKey     = "key"     // what access tokens are signed with
)

// keeps tells whether there is any use in writing.
func (j *journal) keeps() bool { return j.store != nil }

// append adds records as one unit. It does not block.
func (j *journal) append(records ...Record) {
	if j.store == nil || len(records) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = j.store.Append(j.own(records)...)
}

// replace forgets everything of the namespace but the records.
func (j *journal) replace(records ...Record) {
	if j.store == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = j.store.Replace(j.namespace, j.own(records)...)
}

// await makes what was written elsewhere the latest unit.
func (j *journal) await(written func() error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = written
}

func (j *journal) own(records []Record) []Record {
	for i := range records {
		records[i].Namespace = j.namespace
	}
	return records
}

// wait returns when all that happened so far is durable. It fails when that cannot be.
func (j *journal) wait() error {
	j.mu.Lock()
	last := j.last
	j.mu.Unlock()
	if last == nil {
		return nil
	}
	return last()
}
