package swedbankpay

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// remembered is how many handled events an inbox in memory knows.
const remembered = 10_000

// NewInbox makes an inbox in memory. It forgets everything when the process
// ends, so [Callbacks] answers only when it is done. Of events that were
// handled it remembers the last 10,000; an older callback that comes once more
// is handed out once more.
func NewInbox() Inbox {
	return &memory{notes: map[callbackKey]note{}, claims: map[string]Claim{}, handled: map[string]bool{}}
}

type memory struct {
	mu      sync.Mutex
	seq     int64
	notes   map[callbackKey]note
	claims  map[string]Claim // by payment
	handled map[string]bool
	order   []string // of handled: a ring once it is full
	oldest  int
}

// callbackKey is what makes two callbacks the same.
type callbackKey struct{ payment, transaction string }

func keyOf(c Callback) callbackKey { return callbackKey{c.Payment, c.Transaction} }

type note struct {
	seq      int64
	callback Callback
}

func (*memory) Durable() bool { return false }

func (m *memory) Put(_ context.Context, c Callback) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seq++
	m.notes[keyOf(c)] = note{m.seq, c}
	return nil
}

func (m *memory) Pending(context.Context) ([]Callback, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var notes []note
	for _, n := range m.notes {
		notes = append(notes, n)
	}
	slices.SortFunc(notes, func(a, b note) int { return cmp.Compare(a.seq, b.seq) })
	var out []Callback
	for _, n := range notes {
		out = append(out, n.callback)
	}
	return out, nil
}

func (m *memory) Claim(_ context.Context, c Callback, holder string, now, until time.Time) (Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if held, ok := m.claims[c.Payment]; ok && held.Holder != holder && now.Before(held.Until) {
		return held, nil
	}
	m.claims[c.Payment] = Claim{Callback: c, Holder: holder, Until: until, Seq: m.notes[keyOf(c)].seq}
	return m.claims[c.Payment], nil
}

func (m *memory) Handled(_ context.Context, key string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.handled[key], nil
}

func (m *memory) Done(_ context.Context, claim Claim, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if key != "" {
		m.mark(key)
	}
	if n, ok := m.notes[keyOf(claim.Callback)]; ok && n.seq <= claim.Seq {
		delete(m.notes, keyOf(claim.Callback))
	}
	m.release(claim)
	return nil
}

// mark remembers an event, and forgets the oldest when there are too many.
func (m *memory) mark(key string) {
	switch {
	case m.handled[key]:
		return
	case len(m.order) < remembered:
		m.order = append(m.order, key)
	default:
		delete(m.handled, m.order[m.oldest])
		m.order[m.oldest] = key
		m.oldest = (m.oldest + 1) % remembered
	}
	m.handled[key] = true
}

func (m *memory) Release(_ context.Context, claim Claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.release(claim)
	return nil
}

func (m *memory) release(claim Claim) {
	if m.claims[claim.Callback.Payment].Holder == claim.Holder {
		delete(m.claims, claim.Callback.Payment)
	}
}
