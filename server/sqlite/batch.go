package sqlite

import (
	"time"

	"github.com/kassa-dev/kassa/server"
)

// queueLimit is how many bytes may wait to be written before Append waits for room. As much again may be on its way to
// the disk.
const queueLimit = 16 << 20

// lingering is how long a unit waits to be written when nobody waits for it.
const lingering = 5 * time.Millisecond

// overhead is what a record or a unit takes in memory beside its bytes, roughly.
const overhead = 100

// A batch is units that are committed together.
type batch struct {
	store   *Store
	records []server.Record
	cuts    []cut
	size    int // bytes
	wait    func() error
	done    chan struct{} // closed when err is final
	err     error
}

// A cut forgets a namespace, "" for all, before the record at an index.
type cut struct {
	at        int
	namespace string
}

func (s *Store) newBatch() *batch {
	b := &batch{store: s, done: make(chan struct{})}
	b.wait = b.await
	return b
}

func (b *batch) empty() bool { return len(b.records)+len(b.cuts) == 0 }

// Append adds records as one unit, see server.Store. It waits for room only while 16 MiB wait to be written.
func (s *Store) Append(records ...server.Record) (wait func() error) {
	return s.enqueue(records, nil)
}

// Replace forgets the records of a namespace, or all for "", and adds these as one unit, see server.Store. It reads the
// whole table, for the sake of the many appends that need no index.
func (s *Store) Replace(namespace string, records ...server.Record) (wait func() error) {
	return s.enqueue(records, &namespace)
}

func (s *Store) enqueue(records []server.Record, forget *string) func() error {
	size := overhead
	for i := range records {
		r := &records[i]
		size += overhead + len(r.Namespace) + len(r.Subject) + len(r.Kind) + len(r.Data)
	}
	s.mu.Lock()
	for !s.closed && s.next.size > 0 && s.next.size+size > s.limit {
		full := s.next
		s.mu.Unlock()
		_ = full.wait() // its own units say so
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	if s.closed {
		return func() error { return closed(s.file) }
	}
	b := s.next
	if forget != nil {
		b.cuts = append(b.cuts, cut{len(b.records), *forget})
	}
	b.records = append(b.records, records...)
	b.size += size
	if !s.lingers {
		s.lingers = true
		time.AfterFunc(lingering, s.writeWhatLingers)
	}
	return b.wait
}

// await returns when the batch is durable, or failed. If nobody is writing, the caller does.
func (b *batch) await() error {
	select {
	case <-b.done:
		return b.err
	default:
	}
	select {
	case <-b.done:
	case <-b.store.turn:
		defer func() { b.store.turn <- struct{}{} }()
		b.store.write(b)
	}
	return b.err
}

// write commits a batch, unless that was done while its turn was waited for. Then another one is next.
func (s *Store) write(b *batch) {
	s.mu.Lock()
	if s.next != b {
		s.mu.Unlock()
		return
	}
	s.next = s.newBatch()
	s.mu.Unlock()

	defer close(b.done)
	if s.failed == nil && !b.empty() {
		s.failed = unknown(s.file)
		b.err = s.failed // should commit panic and somebody recover, nobody is told that all is well
		s.failed = explain(s.file, s.commit(b))
	}
	b.err = s.failed
	b.records, b.cuts = nil, nil // wait may be kept for long, what it waited for need not
}

// writeWhatLingers sees to units that nobody waits for. At most one timer runs at a time, so it costs nothing under load.
func (s *Store) writeWhatLingers() {
	s.mu.Lock()
	s.lingers = false
	b, empty := s.next, s.next.empty()
	s.mu.Unlock()
	if !empty {
		_ = b.wait() // whoever asks is told
	}
}
