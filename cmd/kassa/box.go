package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/server"
)

// drain is how long requests under way have to end once the sandbox is told to
// stop.
const drain = 5 * time.Second

// A sandbox is a server on sockets, one for each door.
type sandbox struct {
	*server.Server

	url   string // of the first door
	admin string // of the second door; empty without one
	doors []entrance
}

// An entrance is one door: where it listens, and who answers.
type entrance struct {
	net.Listener

	http *http.Server
}

// A place is where a sandbox is found.
type place struct {
	addr      string
	adminAddr string      // empty for no second door
	tls       *tls.Config // of the first door; nil for none
	logger    *slog.Logger
}

// open listens at a place. Nothing is answered before furnish and serve.
func (p place) open() (*sandbox, error) {
	first, err := listen(p.addr, "--addr")
	if err != nil {
		return nil, err
	}
	s := &sandbox{url: "http://" + first.Addr().String()}
	if p.tls != nil {
		s.url = "https://" + first.Addr().String()
		first = tls.NewListener(first, p.tls)
	}
	s.doors = append(s.doors, entrance{Listener: first})
	if p.adminAddr != "" {
		second, err := listen(p.adminAddr, "--admin-addr")
		if err != nil {
			_ = s.close()
			return nil, err
		}
		s.admin = "http://" + second.Addr().String()
		s.doors = append(s.doors, entrance{Listener: second})
	}
	for i := range s.doors {
		s.doors[i].http = bounded(nil)
		if p.logger != nil {
			s.doors[i].http.ErrorLog = slog.NewLogLogger(p.logger.Handler(), slog.LevelWarn)
		}
	}
	return s, nil
}

// furnish makes the server that answers, surrounded by sinks.
func (s *sandbox) furnish(sinks []conformance.Sink, options ...server.Option) error {
	made, err := server.New(options...)
	if err != nil {
		return &exit{code: exitMisuse, err: err}
	}
	s.Server = made
	s.doors[0].http.Handler = watched(made, sinks)
	if s.admin != "" {
		s.doors[1].http.Handler = made.Admin()
	}
	return nil
}

// serve answers until ctx ends. Then it takes no more connections, and lets
// requests under way end for a moment.
func (s *sandbox) serve(ctx context.Context) error {
	failed := make(chan error, len(s.doors))
	for _, d := range s.doors {
		go func() { failed <- d.http.Serve(d.Listener) }()
	}
	select {
	case err := <-failed:
		return &exit{code: exitFindings, err: fmt.Errorf("the sandbox cannot go on listening: %w", err)}
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	var err error
	for _, d := range s.doors {
		err = errors.Join(err, d.http.Shutdown(last))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // whoever is still waiting is cut off by close
	}
	return err
}

// close ends what is still under way, waits for callbacks, and lets go of
// everything. A second time it does nothing.
func (s *sandbox) close() error {
	for _, d := range s.doors {
		if d.http != nil {
			_ = d.http.Close()
		}
		_ = d.Close()
	}
	if s.Server == nil {
		return nil
	}
	if err := s.Server.Close(); err != nil {
		return &exit{code: exitFindings, err: err}
	}
	return nil
}
