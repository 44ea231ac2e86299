package sqlite

import (
	"sync"
	"time"
)

// lingering is how long a unit waits to be written when nobody waits for it.
const lingering = 5 * time.Millisecond

// A linger has units written that nobody waits for. At most one timer runs at a time, so it costs nothing under load.
type linger struct {
	timer   *time.Timer // nil when none runs; guarded by the store's mu
	running sync.WaitGroup
}

// begin makes sure that what is next will be written. The store's mu is held.
func (l *linger) begin(s *Store) {
	if l.timer != nil {
		return
	}
	l.running.Add(1)
	l.timer = time.AfterFunc(lingering, func() {
		defer l.running.Done()
		s.mu.Lock()
		l.timer = nil
		b, empty := s.next, s.next.empty()
		s.mu.Unlock()
		if !empty {
			_ = b.wait() // whoever asks is told
		}
	})
}

// end returns when no timer runs any more and none will.
func (l *linger) end(s *Store) {
	s.mu.Lock()
	if l.timer != nil && l.timer.Stop() {
		l.timer = nil
		l.running.Done()
	}
	s.mu.Unlock()
	l.running.Wait()
}
