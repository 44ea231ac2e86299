package server

import (
	"sync"
	"time"
)

// A clock is the time of one namespace: that of its source, and as far ahead of it as a test has turned it. It never
// goes back.
type clock struct {
	source func() time.Time

	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source().Add(c.ahead)
}

// offset is how far ahead of its source the clock is.
func (c *clock) offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// turn sets the clock that far ahead.
func (c *clock) turn(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = ahead
}

// reach turns the clock on until it shows t, unless it is later already.
func (c *clock) reach(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if behind := t.Sub(c.source().Add(c.ahead)); behind > 0 {
		c.ahead += behind
	}
}
