package server

import (
	"container/heap"
	"sync"
	"time"
)

// An agenda is what will happen in a namespace by itself: settlements and callbacks, each at its time, in order. With
// the machine's clock it wakes up on time; with a clock that was handed in, what is due happens before the next request
// is answered, or when the clock is turned.
type agenda struct {
	clock  *clock
	awake  bool // whether the clock goes by itself
	mu     sync.Mutex
	items  dues
	count  int64
	timer  *time.Timer
	closed bool

	running sync.Mutex // held while something that was due happens
}

// A due is something that happens at its time.
type due struct {
	at    time.Time
	order int64
	do    func(at time.Time)
}

type dues []due

func (d dues) Len() int      { return len(d) }
func (d dues) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d dues) Less(i, j int) bool {
	if !d[i].at.Equal(d[j].at) {
		return d[i].at.Before(d[j].at)
	}
	return d[i].order < d[j].order
}
func (d *dues) Push(x any) { *d = append(*d, x.(due)) }
func (d *dues) Pop() any {
	last := len(*d) - 1
	x := (*d)[last]
	(*d)[last] = due{}
	*d = (*d)[:last]
	return x
}

// put notes what will happen, unless the agenda is closed. It does not block, and may be called while the book is locked.
func (a *agenda) put(at time.Time, do func(at time.Time)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.count++
	heap.Push(&a.items, due{at, a.count, do})
	a.arm()
}

// arm sets the timer for what comes first. The lock is held.
func (a *agenda) arm() {
	if !a.awake || a.closed || len(a.items) == 0 {
		return
	}
	wait := max(a.items[0].at.Sub(a.clock.now()), 0)
	if a.timer == nil {
		a.timer = time.AfterFunc(wait, a.catchUp)
		return
	}
	a.timer.Reset(wait)
}

// catchUp lets everything happen that is due by now. The book must not be locked.
func (a *agenda) catchUp() {
	if _, ok := a.next(a.clock.now()); !ok {
		return // the usual case, and without waiting for others
	}
	a.running.Lock()
	defer a.running.Unlock()
	for a.step(a.clock.now()) {
	}
}

// step lets the first thing happen that is due by a time, if there is any.
func (a *agenda) step(by time.Time) bool {
	a.mu.Lock()
	if len(a.items) == 0 || a.items[0].at.After(by) || a.closed {
		a.arm()
		a.mu.Unlock()
		return false
	}
	first := heap.Pop(&a.items).(due)
	a.mu.Unlock()
	first.do(first.at)
	return true
}

// next is when something is due by a time.
func (a *agenda) next(by time.Time) (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.items) == 0 || a.items[0].at.After(by) {
		return time.Time{}, false
	}
	return a.items[0].at, true
}

// first is when something is due next.
func (a *agenda) first() (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.items) == 0 {
		return time.Time{}, false
	}
	return a.items[0].at, true
}

// wipe forgets what would have happened.
func (a *agenda) wipe() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.items = nil
}

// close stops the agenda. When it returns nothing happens by itself any more.
func (a *agenda) close() {
	a.mu.Lock()
	a.closed, a.items = true, nil
	if a.timer != nil {
		a.timer.Stop()
	}
	a.mu.Unlock()
	a.running.Lock() // what was happening has happened
	defer a.running.Unlock()
}
