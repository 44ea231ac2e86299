package server

import (
	"context"
	"errors"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// GetSnapshot takes a snapshot of everything, or of a namespace.
func (d *secondDoor) GetSnapshot(ctx context.Context, _ door.GetSnapshotRequestObject) (door.GetSnapshotResponseObject, error) {
	w, err := d.chosen(ctx)
	if err != nil {
		return nil, err
	}
	return door.GetSnapshot200JSONResponse(d.server.snapshot(nameOf(w))), nil
}

// RestoreSnapshot puts a snapshot in the place of everything, or of a namespace. One that does not exist yet is made, so
// that a sandbox goes on where another was.
func (d *secondDoor) RestoreSnapshot(ctx context.Context, r door.RestoreSnapshotRequestObject) (door.RestoreSnapshotResponseObject, error) {
	err := d.server.restore(choiceOf(ctx).name, *r.Body)
	var own *doorError
	var lost *refuse.Problem
	switch {
	case err == nil:
		return door.RestoreSnapshot204Response{}, nil
	case errors.As(err, &lost):
		return nil, lost
	case errors.As(err, &own) && own.Status != 400:
		return nil, own
	default:
		return nil, badRequest("The snapshot is not restored: "+err.Error()+".", "Send what GET /snapshot answered, as it stood. Nothing has changed.")
	}
}
