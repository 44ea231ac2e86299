package server

import (
	"context"
	"slices"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// ListCallbacks lists callbacks, the newest first.
func (d *secondDoor) ListCallbacks(ctx context.Context, r door.ListCallbacksRequestObject) (door.ListCallbacksResponseObject, error) {
	list, err := d.callbacks(ctx, r.Params)
	return door.ListCallbacks200JSONResponse{Callbacks: list}, err
}

func (d *secondDoor) callbacks(ctx context.Context, q door.ListCallbacksParams) ([]door.Callback, error) {
	worlds, err := d.worlds(ctx)
	if err != nil {
		return nil, err
	}
	about := ""
	if q.Payment != nil {
		w, p, err := d.find(ctx, *q.Payment)
		if err != nil {
			return nil, err
		}
		worlds, about = []*world{w}, p.id
	}
	type found struct {
		in *world
		letter
	}
	var all []found
	for _, w := range worlds {
		for _, l := range slices.Backward(w.postman.deliveries()) {
			if about == "" || l.payment == about {
				all = append(all, found{w, l})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return b.since.Compare(a.since) })
	list := []door.Callback{}
	for _, l := range limited(all, q.Limit) {
		list = append(list, l.told(l.in))
	}
	return list, nil
}

// told is a letter as the second door tells it.
func (l letter) told(w *world) door.Callback {
	out := door.Callback{
		ID: l.id, Payment: l.body.Payment.ID, Transaction: l.body.Transaction.ID, URL: l.url, State: l.state, Reason: l.reason,
		Attempts: []door.Attempt{}, Namespace: w.name,
	}
	for _, a := range l.attempts {
		if !a.Dropped {
			out.Attempts = append(out.Attempts, door.Attempt{
				At: doorTime(a.At), Status: int32(a.Status), Reason: a.Reason, Duration: a.Took.String(),
			})
		}
	}
	if !l.next.IsZero() {
		out.Next = doorTime(l.next)
	}
	return out
}

// RedeliverCallback sends a callback again and answers when that is over, or when nobody waits for the answer any more.
func (d *secondDoor) RedeliverCallback(ctx context.Context, r door.RedeliverCallbackRequestObject) (door.RedeliverCallbackResponseObject, error) {
	worlds, err := d.worlds(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(worlds, func(w *world) bool { return w.postman.has(r.ID) })
	if i < 0 {
		return nil, noCallback(r.ID)
	}
	w, times := worlds[i], 1
	if r.Body != nil && r.Body.Times > 0 {
		times = int(r.Body.Times)
	}
	over, err := w.postman.redeliver(r.ID, times)
	if err != nil {
		return nil, err
	}
	select {
	case <-over:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := d.server.durable(w); err != nil {
		return nil, err
	}
	for _, l := range w.postman.deliveries() {
		if l.id == r.ID {
			return door.RedeliverCallback200JSONResponse(l.told(w)), nil
		}
	}
	return nil, noCallback(r.ID)
}

func noCallback(id string) error {
	return unknown("callback", "There is no callback "+word(id)+".", "GET /callbacks lists them.")
}
