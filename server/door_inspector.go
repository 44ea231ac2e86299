package server

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server/internal/inspect"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// page is a page of the inspector.
type page struct{ html []byte }

func (p page) VisitGetInspectorResponse(w http.ResponseWriter) error {
	inspect.Guard(w.Header())
	return refuse.Write(w, http.StatusOK, "text/html; charset=utf-8", p.html)
}

func (p page) VisitGetInspectorPaymentResponse(w http.ResponseWriter) error {
	return p.VisitGetInspectorResponse(w)
}

// GetInspector shows the overview.
func (d *secondDoor) GetInspector(ctx context.Context, r door.GetInspectorRequestObject) (door.GetInspectorResponseObject, error) {
	q := r.Params
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	o := inspect.Overview{
		Query: inspect.Query{
			Namespace: nameOf(w), Instrument: string(given(q.Instrument)), State: string(given(q.State)), Refused: given(q.Refused),
		},
		Namespaces: d.namespaces(d.server.all()), Faults: d.faults(w), Recording: d.server.recording != nil,
	}
	if o.Clock, err = d.clock(ctx); err != nil {
		return nil, err
	}
	if o.Payments, err = d.payments(ctx, door.ListPaymentsParams{Instrument: q.Instrument, State: q.State}); err != nil {
		return nil, err
	}
	if o.Requests, err = d.requests(ctx, door.ListRequestsParams{Refused: q.Refused}); err != nil {
		return nil, err
	}
	if o.Callbacks, err = d.callbacks(ctx, door.ListCallbacksParams{}); err != nil {
		return nil, err
	}
	html, err := o.Page()
	return page{html}, err
}

// GetInspectorPayment shows one payment.
func (d *secondDoor) GetInspectorPayment(ctx context.Context, r door.GetInspectorPaymentRequestObject) (door.GetInspectorPaymentResponseObject, error) {
	w, p, err := d.find(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	html, err := inspect.Payment{
		Detail: d.detail(w, p), Reasons: declineReasons(p.instrument.segment), Clock: clockOf(w),
	}.Page()
	return page{html}, err
}

// timeline is the picture of a payment.
type timeline struct{ svg []byte }

func (t timeline) VisitGetTimelineResponse(w http.ResponseWriter) error {
	inspect.Guard(w.Header())
	return refuse.Write(w, http.StatusOK, "image/svg+xml", t.svg)
}

// GetTimeline draws the timeline of a payment.
func (d *secondDoor) GetTimeline(ctx context.Context, r door.GetTimelineRequestObject) (door.GetTimelineResponseObject, error) {
	w, p, err := d.find(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	svg, err := inspect.Timeline(d.detail(w, p))
	return timeline{svg}, err
}
