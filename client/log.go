package client

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/kassa-dev/kassa/client/internal/settings"
)

// WithLogger writes one record for each attempt to l when it has ended: Info for
// an answer of 2xx, Warn for a refusal, Error for a wire that broke and anything
// else. By default, and with nil, nothing is logged.
//
// A record has method, host, path, attempt and duration, and where there is one
// status, session (what Swedbank Pay knows the request by), trace (what Resurs
// does), traceparent (when an observer given before sends one), kind (see
// [KindOf]), reason (see [Problem.Reason]) and, of a broken wire, error. It never
// has a body, a token, a query or the text of a refusal; in a path, stored tokens
// are blanked out. The context of the record is that of the attempt.
func WithLogger(l *slog.Logger) Option {
	if l == nil {
		return func(*settings.Settings) {}
	}
	return WithObserver(func(ctx context.Context, call Call) (context.Context, func(Result)) {
		return ctx, func(r Result) { record(ctx, l, call, r) }
	})
}

func record(ctx context.Context, l *slog.Logger, call Call, r Result) {
	level := slog.LevelInfo
	problem, refused := errors.AsType[*Problem](r.Err)
	switch {
	case refused:
		level = slog.LevelWarn
	case r.Err != nil:
		level = slog.LevelError
	}
	if !l.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs, slog.String("method", call.Method), slog.String("host", call.Host), slog.String("path", call.Path),
		slog.Int("attempt", call.Attempt), slog.Duration("duration", r.Duration))
	if r.Status != 0 {
		attrs = append(attrs, slog.Int("status", r.Status))
	}
	text := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, clean(value)))
		}
	}
	if refused {
		text("session", cmp.Or(problem.SessionID, call.SessionID))
		text("trace", problem.TraceID)
	} else {
		text("session", call.SessionID)
	}
	text("traceparent", call.Header.Get("Traceparent"))
	text("kind", string(KindOf(r.Err)))
	if refused {
		text("reason", problem.Reason())
	}
	if w, ok := errors.AsType[*WireError](r.Err); ok && w.Err != nil {
		text("error", w.Err.Error())
	}
	l.LogAttrs(ctx, level, "request", attrs...)
}
