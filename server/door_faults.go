package server

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// faults are those that can still strike in a namespace; all of them for nil.
func (d *secondDoor) faults(w *world) []door.Fault {
	list := []door.Fault{}
	for _, f := range d.server.faults.all() {
		if w == nil || f.Namespace == "" || f.Namespace == w.name {
			list = append(list, f.told())
		}
	}
	return list
}

// ListFaults lists them in the order in which they were set.
func (d *secondDoor) ListFaults(ctx context.Context, _ door.ListFaultsRequestObject) (door.ListFaultsResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	return door.ListFaults200JSONResponse{Faults: d.faults(w)}, nil
}

// AddFault sets one, and answers it with everything that was left to a default.
func (d *secondDoor) AddFault(ctx context.Context, r door.AddFaultRequestObject) (door.AddFaultResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	f, err := faultOf(*r.Body)
	if err != nil {
		return nil, err
	}
	if w != nil {
		f.Namespace = w.name
	}
	id, err := d.server.faults.add(f)
	if err != nil {
		return nil, badRequest(sentence(err.Error()), "Change the fault, and set it again.")
	}
	f.ID = id
	return door.AddFault201JSONResponse(f.complete().told()), nil
}

// RemoveFaults removes those of a namespace, or all.
func (d *secondDoor) RemoveFaults(ctx context.Context, _ door.RemoveFaultsRequestObject) (door.RemoveFaultsResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	d.server.faults.drop(func(f *Fault) bool { return w == nil || f.Namespace == w.name })
	return door.RemoveFaults204Response{}, nil
}

// RemoveFault removes one. One that is everywhere is no namespace's to remove.
func (d *secondDoor) RemoveFault(ctx context.Context, r door.RemoveFaultRequestObject) (door.RemoveFaultResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	if !d.server.faults.drop(func(f *Fault) bool { return f.ID == r.ID && (w == nil || f.Namespace == w.name) }) {
		return nil, unknown("fault", "There is no fault "+word(r.ID)+" that can still happen, or it is not of this namespace.", "GET /faults lists them.")
	}
	return door.RemoveFault204Response{}, nil
}

// told is a fault as the second door tells it.
func (f Fault) told() door.Fault {
	times := int64(max(f.Times, 0))
	out := door.Fault{
		ID: f.ID, Namespace: f.Namespace, Hits: int64(f.Hits), On: door.FaultOnRequest, Times: &times, Rate: f.Rate,
		Match:   door.Match{Method: f.Method, Path: f.Path, Operation: f.Operation},
		Status:  int32(f.Status),
		Problem: door.FaultProblem{Type: f.Type, Title: f.Title, Detail: f.Detail},
		Body:    f.Body, ContentType: f.ContentType, RetryAfter: int64(f.RetryAfter), Cut: string(f.Cut), Slow: int64(f.Slow),
		Duplicate: int64(f.Duplicate), Drop: f.Drop, Hold: f.Hold,
	}
	if f.Latency > 0 {
		out.Latency = f.Latency.String()
	}
	if f.Delay > 0 {
		out.Delay = f.Delay.String()
	}
	switch {
	case f.Callback:
		out.On = door.FaultOnCallback
	case f.After:
		out.When = door.FaultWhenAfter
	default:
		out.When = door.FaultWhenBefore
	}
	return out
}

// faultOf reads a fault that the document has nothing against. It refuses what no fault can be.
func faultOf(in door.Fault) (Fault, error) {
	f := Fault{
		ID: in.ID, Namespace: in.Namespace, Hits: int(in.Hits), Callback: in.On == door.FaultOnCallback, Rate: in.Rate,
		Method: in.Match.Method, Path: in.Match.Path, Operation: in.Match.Operation,
		Status: int(in.Status), Type: in.Problem.Type, Title: in.Problem.Title, Detail: in.Problem.Detail,
		Body: in.Body, ContentType: in.ContentType, Slow: int(in.Slow), RetryAfter: int(in.RetryAfter),
		After: in.When == door.FaultWhenAfter, Duplicate: int(in.Duplicate), Drop: in.Drop, Hold: in.Hold,
	}
	if in.Cut != door.FaultCutNone {
		f.Cut = Cut(in.Cut)
	}
	if in.Times != nil {
		f.Times = int(*in.Times)
		if f.Times == 0 {
			f.Times = Forever
		}
	}
	for _, d := range []struct {
		pointer, text string
		to            *time.Duration
	}{{"/latency", in.Latency, &f.Latency}, {"/delay", in.Delay, &f.Delay}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.to, err = time.ParseDuration(d.text); err != nil {
			return f, wrongMember(d.pointer, "the duration is too long", "Send a shorter one.")
		}
	}
	if f.ContentType != "" && strings.ContainsFunc(f.ContentType, func(r rune) bool { return r < ' ' || r > '~' }) {
		return f, wrongMember("/contentType", "the text is no media type", "Send one such as text/html.")
	}
	if err := f.check(); err != nil {
		return f, badRequest(sentence(err.Error()), "Change the fault, and set it again.")
	}
	return f, nil
}

// drop takes back the planned faults that are meant. It tells whether there was any.
func (x *faults) drop(meant func(*Fault) bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	before := len(x.list)
	x.list = slices.DeleteFunc(x.list, meant)
	return len(x.list) < before
}
