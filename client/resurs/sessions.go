package resurs

import (
	"container/heap"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/client/internal/wire"
)

// maxSessions bounds how many sessions are remembered.
const maxSessions = 10_000

// sessions remembers sessions by shopper, the soonest to end at the top of a
// heap, from where they are dropped. The zero value is ready.
type sessions struct {
	flight wire.Flight[Session]

	mu   sync.Mutex
	by   map[Shopper]*entry
	ends endings
}

type entry struct {
	shopper Shopper
	session Session
	until   time.Time // when it is no longer handed out
	index   int
}

func (s *sessions) get(shopper Shopper, now time.Time) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.by[shopper]
	if !ok || !now.Before(e.until) {
		return Session{}, false
	}
	return e.session, true
}

func (s *sessions) put(shopper Shopper, session Session, now time.Time) {
	life := session.ExpiresAt.Sub(now)
	if life <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(shopper)
	if s.by == nil {
		s.by = make(map[Shopper]*entry)
	}
	e := &entry{shopper: shopper, session: session, until: session.ExpiresAt.Add(-min(30*time.Second, life/10))}
	s.by[shopper] = e
	heap.Push(&s.ends, e)
	for len(s.ends) > maxSessions || len(s.ends) > 0 && !now.Before(s.ends[0].until) {
		s.remove(s.ends[0].shopper)
	}
}

func (s *sessions) drop(shopper Shopper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(shopper)
}

func (s *sessions) remove(shopper Shopper) {
	if e, ok := s.by[shopper]; ok {
		delete(s.by, shopper)
		heap.Remove(&s.ends, e.index)
	}
}

// endings is a heap.Interface, soonest first.
type endings []*entry

func (h endings) Len() int           { return len(h) }
func (h endings) Less(i, j int) bool { return h[i].until.Before(h[j].until) }
func (h endings) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *endings) Push(x any) {
	e := x.(*entry)
	e.index = len(*h)
	*h = append(*h, e)
}
func (h *endings) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return e
}
