package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// A sandbox stands in for both vendors, in this process and on listeners of its own. It is why `go run ./examples/shop` is
// all there is to do; a shop in earnest has no such file.
type sandbox struct {
	*server.Server

	api   string // where the vendors' addresses are
	admin string // where people see and change what happens
	doors []*http.Server
}

// openSandbox starts one. It keeps its payments in file, beside the orders that they belong to.
func openSandbox(ctx context.Context, file string) (*sandbox, error) {
	store, err := sqlite.Open(file)
	if err != nil {
		return nil, err
	}
	box, err := server.New(server.WithStore(store))
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	s := &sandbox{Server: box}
	for _, door := range []struct {
		address *string
		answers http.Handler
	}{{&s.api, box}, {&s.admin, box.Admin()}} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		*door.address = "http://" + listener.Addr().String()
		serving := &http.Server{Handler: door.answers, ReadHeaderTimeout: 10 * time.Second}
		s.doors = append(s.doors, serving)
		go func() { _ = serving.Serve(listener) }() // it ends with close
	}
	return s, nil
}

// close ends the sandbox. What has happened is in its file.
func (s *sandbox) close() error {
	var err error
	for _, door := range s.doors {
		err = errors.Join(err, door.Close())
	}
	return errors.Join(err, s.Close())
}
