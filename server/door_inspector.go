package server

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// notDrawn is what the pages answer as long as nothing draws them.
func notDrawn() error {
	return plain(http.StatusNotImplemented, "This sandbox draws no pages yet.", "Ask the lists: GET /payments, /requests, /callbacks.")
}

// GetInspector shows the overview.
func (d *secondDoor) GetInspector(context.Context, door.GetInspectorRequestObject) (door.GetInspectorResponseObject, error) {
	return nil, notDrawn()
}

// GetInspectorPayment shows one payment.
func (d *secondDoor) GetInspectorPayment(context.Context, door.GetInspectorPaymentRequestObject) (door.GetInspectorPaymentResponseObject, error) {
	return nil, notDrawn()
}

// GetTimeline draws the timeline of a payment.
func (d *secondDoor) GetTimeline(context.Context, door.GetTimelineRequestObject) (door.GetTimelineResponseObject, error) {
	return nil, notDrawn()
}
