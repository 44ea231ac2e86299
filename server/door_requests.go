package server

import (
	"context"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// ListRequests lists the requests at the first door, the newest first.
func (d *secondDoor) ListRequests(ctx context.Context, r door.ListRequestsRequestObject) (door.ListRequestsResponseObject, error) {
	list, err := d.requests(ctx, r.Params)
	return door.ListRequests200JSONResponse{Requests: list}, err
}

func (d *secondDoor) requests(ctx context.Context, q door.ListRequestsParams) ([]door.Request, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	list := []door.Request{}
	for _, t := range d.server.traces.all(nameOf(w)) {
		if !given(q.Refused) || t.refused != nil {
			list = append(list, t.told())
		}
	}
	return limited(list, q.Limit), nil
}

// nameOf is the name of a namespace; empty for all.
func nameOf(w *world) string {
	if w == nil {
		return ""
	}
	return w.name
}

// GetRequest tells of one request.
func (d *secondDoor) GetRequest(ctx context.Context, r door.GetRequestRequestObject) (door.GetRequestResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	t, ok := d.server.traces.get(r.Number)
	if !ok || w != nil && t.namespace != w.name {
		return nil, unknown("request", "No such request is remembered, or it was not of this namespace.", "GET /requests lists those that are.")
	}
	return door.GetRequest200JSONResponse(t.told()), nil
}

// told is a trace as the second door tells it.
func (t trace) told() door.Request {
	out := door.Request{
		Number: t.number, At: doorTime(t.at), Method: t.method, Path: t.path, Operation: t.operation,
		Status: int32(t.status), Duration: t.took.String(), Namespace: t.namespace,
	}
	if t.refused != nil {
		out.Refused = t.refused.told()
		if t.refused.station == "fault" {
			out.Refused.Fault = t.fault
		}
	}
	return out
}

// doorStations are the stations of the gate in the words of the document.
var doorStations = map[string]string{
	"route": door.RefusalStationRoute, "authenticate": door.RefusalStationAuthenticate, "body": door.RefusalStationContract,
	"contract": door.RefusalStationAuthenticate, "judge": door.RefusalStationContract, "state": door.RefusalStationState,
	"fault": door.RefusalStationFault,
}

// told is a refusal as the second door tells it. What the state of a payment has against a request is said in its
// detail, since it is no place of the request.
func (r refusal) told() door.Refusal {
	out := door.Refusal{
		Station: doorStations[r.station], Type: r.kind, Title: r.title, Detail: r.detail, Reasons: violations(r.broken), Remedy: r.remedy(),
	}
	if len(r.broken) == 0 && len(r.items) > 0 {
		out.Detail = ""
		for _, item := range r.items {
			if out.Detail != "" {
				out.Detail += " "
			}
			out.Detail += item.Name + ": " + item.Description
		}
	}
	return out
}
