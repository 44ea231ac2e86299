package server

import (
	"bytes"
	"context"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// doorTime writes a time as the second door does.
func doorTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// GetHealth tells whether the sandbox still writes down what it acknowledges, and has not been closed.
func (d *secondDoor) GetHealth(context.Context, door.GetHealthRequestObject) (door.GetHealthResponseObject, error) {
	s := d.server
	s.mu.Lock()
	broken, closed := s.broken, s.closed
	s.mu.Unlock()
	health := door.Health{Status: door.HealthStatusFailed, Version: version(), Started: doorTime(s.started)}
	switch {
	case broken != nil:
		health.Reason = "what happens cannot be written down any more: " + broken.Error() + "; remedy: see to the store, then restart"
	case closed:
		health.Reason = "the sandbox is closed; remedy: start it again"
	default:
		health.Status = door.HealthStatusOk
		return door.GetHealth200JSONResponse(health), nil
	}
	return door.GetHealth503JSONResponse(health), nil
}

// version is that of the program that the sandbox is part of, as the build recorded it; empty where it did not.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" {
		return ""
	}
	return info.Main.Version
}

// ListNamespaces lists what there is in each.
func (d *secondDoor) ListNamespaces(ctx context.Context, _ door.ListNamespacesRequestObject) (door.ListNamespacesResponseObject, error) {
	worlds, err := d.worlds(ctx)
	if err != nil {
		return nil, err
	}
	return door.ListNamespaces200JSONResponse{Namespaces: d.namespaces(worlds)}, nil
}

func (d *secondDoor) namespaces(worlds []*world) []door.Namespace {
	list := make([]door.Namespace, 0, len(worlds))
	for _, w := range worlds {
		list = append(list, door.Namespace{
			Name: w.name, Payments: int64(len(w.book.all())), Callbacks: int64(len(w.postman.deliveries())),
			Now: doorTime(w.clock.now()), Faults: int64(len(d.faults(w))),
		})
	}
	return list
}

// Reset forgets everything, or one namespace, and sets the clocks to the machine's.
func (d *secondDoor) Reset(ctx context.Context, _ door.ResetRequestObject) (door.ResetResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	if w != nil {
		d.server.resetOne(w)
		return door.Reset204Response{}, d.server.durable(w)
	}
	if err := d.server.reset(true); err != nil {
		return nil, err
	}
	return door.Reset204Response{}, nil
}

// GetRecording gives what WithRecording records.
func (d *secondDoor) GetRecording(context.Context, door.GetRecordingRequestObject) (door.GetRecordingResponseObject, error) {
	if d.server.recording == nil {
		return nil, problem(door.ProblemTypeUrnKassaProblemRecording, "Nothing is recorded", http.StatusNotFound,
			"The sandbox was started without a recording.", "Start it with --record.")
	}
	var har bytes.Buffer
	if err := d.server.recording(&har); err != nil {
		return nil, problem(door.ProblemTypeUrnKassaProblemRecording, "The recording cannot be given", http.StatusInternalServerError,
			err.Error(), "Look at what the sandbox logged.")
	}
	return recordingAnswer{har.Bytes()}, nil
}

// recordingAnswer is a HAR as it was written, for a browser to keep.
type recordingAnswer struct{ har []byte }

func (a recordingAnswer) VisitGetRecordingResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Disposition", `attachment; filename="kassa.har"`)
	return refuse.Write(w, http.StatusOK, "application/json", a.har)
}
