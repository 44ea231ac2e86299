package wire

import (
	"context"

	"golang.org/x/sync/singleflight"

	"github.com/kassa-dev/kassa/client"
)

// Flight lets callers that want the same thing share one fetch of it.
type Flight[T any] struct {
	Request string // what a WireError calls the fetch

	group singleflight.Group
}

// Do gives the result of fetch, of which at most one runs for a key at a time.
// A caller whose context ends stops waiting with a WireError around the reason;
// the fetch goes on for the others under a context that keeps the values of
// the first caller's and ends only by Timeout.
func (f *Flight[T]) Do(ctx context.Context, key string, fetch func(context.Context) (T, error)) (T, error) {
	var zero T
	if ctx.Err() != nil {
		return zero, &client.WireError{Request: f.Request, Err: context.Cause(ctx)}
	}
	done := f.group.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
		defer cancel()
		return fetch(ctx)
	})
	select {
	case <-ctx.Done():
		return zero, &client.WireError{Request: f.Request, Err: context.Cause(ctx)}
	case r := <-done:
		if r.Err != nil {
			return zero, r.Err
		}
		return r.Val.(T), nil
	}
}
