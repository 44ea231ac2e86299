package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// GetClock tells the time of one namespace, or the one that new namespaces start with.
func (d *secondDoor) GetClock(ctx context.Context, _ door.GetClockRequestObject) (door.GetClockResponseObject, error) {
	clock, err := d.clock(ctx)
	return door.GetClock200JSONResponse(clock), err
}

func (d *secondDoor) clock(ctx context.Context) (door.Clock, error) {
	worlds, err := d.worlds(ctx)
	if err != nil {
		return door.Clock{}, err
	}
	if choiceOf(ctx).name != "" {
		return clockOf(worlds[0]), nil
	}
	now, offset := d.server.base()
	return clockAt(now, offset, worlds), nil
}

// clockOf is the clock of one namespace.
func clockOf(w *world) door.Clock {
	return clockAt(w.clock.now(), w.clock.offset(), []*world{w})
}

// clockAt tells a time, and when something is due next.
func clockAt(now time.Time, offset time.Duration, worlds []*world) door.Clock {
	out := door.Clock{Now: doorTime(now), Offset: offset.String()}
	var next time.Time
	for _, w := range worlds {
		if at, ok := w.agenda.first(); ok && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if !next.IsZero() {
		out.Next = doorTime(next)
	}
	return out
}

// base is the clock that new namespaces start with.
func (s *Server) base() (now time.Time, offset time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock().Add(s.offset), s.offset
}

// MoveClock turns a clock on, or all of them: by a duration, or to a moment, which those that are later already stay at.
func (d *secondDoor) MoveClock(ctx context.Context, r door.MoveClockRequestObject) (door.MoveClockResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	now, _ := d.server.base()
	if w != nil {
		now = w.clock.now()
	}
	by, to := time.Duration(0), time.Time{}
	switch {
	case r.Body.To != "":
		if to, err = time.Parse(time.RFC3339Nano, r.Body.To); err != nil {
			return nil, wrongMember("/to", "the moment cannot be read", "Send one such as 2026-11-25T00:00:00Z.")
		}
		by = to.Sub(now)
		if to.Before(now) {
			return nil, wrongMember("/to", "it is "+doorTime(now)+" already, and time does not go back", "Name a moment that is still to come, or reset the sandbox.")
		}
	default:
		if by, err = time.ParseDuration(r.Body.Advance); err != nil {
			return nil, wrongMember("/advance", "the duration is too long", "The clock is turned on by a hundred years at most.")
		}
	}
	becomes := func(now time.Time) time.Time {
		switch {
		case r.Body.To == "":
			return now.Add(by)
		case to.After(now):
			return to
		default:
			return now
		}
	}
	if w != nil {
		err = d.server.turnOne(w, becomes)
	} else {
		err = d.server.turn(by, becomes)
	}
	if err != nil {
		return nil, turned(err)
	}
	clock, err := d.clock(ctx)
	return door.MoveClock200JSONResponse(clock), err
}

// turned is why a clock was not turned: because of how far, unless it is that nothing can be written down any more.
func turned(err error) error {
	if lost := (*refuse.Problem)(nil); errors.As(err, &lost) {
		return err
	}
	return badRequest(strings.TrimPrefix(err.Error(), "server: "), "A clock goes on only, and a hundred years at most.")
}
