package sqlinbox

import "time"

// At sets the time by which events are marked.
func (i *Inbox) At(now time.Time) { i.now = func() time.Time { return now } }
