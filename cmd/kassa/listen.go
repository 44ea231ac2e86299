package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// maxConnections is how many connections a door has at once. More wait to be
// taken.
const maxConnections = 2048

// listen listens on an address that a flag gave. What is wrong is said with its
// remedy.
func listen(addr, flag string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &exit{code: exitFindings, err: fmt.Errorf("%s is in use; stop what listens there, or choose another with %s (port 0 takes a free one)", addr, flag)}
	case errors.Is(err, syscall.EACCES):
		return nil, &exit{code: exitFindings, err: fmt.Errorf("%s may not be listened on; choose a port above 1023 with %s", addr, flag)}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, &exit{code: exitFindings, err: fmt.Errorf("%s is no address of this machine; choose one that is with %s", addr, flag)}
	case err != nil:
		return nil, &exit{code: exitMisuse, err: fmt.Errorf("%s cannot be listened on; give host:port with %s, such as 127.0.0.1:8585: %w", addr, flag, err)}
	}
	return limit(listener, maxConnections), nil
}

// loopback says whether only this machine reaches a listener.
func loopback(l net.Listener) bool {
	addr, ok := l.Addr().(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

// bounded is a server whose connections end by themselves when nothing comes.
func bounded(handler http.Handler) *http.Server {
	s := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      30 * time.Minute, // a fault may make an answer slow
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		Protocols:         new(http.Protocols),
	}
	s.Protocols.SetHTTP1(true)
	return s
}

// A limited listener has so many connections at once and no more.
type limited struct {
	net.Listener

	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func limit(l net.Listener, connections int) *limited {
	return &limited{Listener: l, slots: make(chan struct{}, connections), closed: make(chan struct{})}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &counted{Conn: conn, gone: sync.OnceFunc(func() { <-l.slots })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// A counted connection gives its slot back when it is closed.
type counted struct {
	net.Conn

	gone func()
}

// NetConn is the socket itself, which a fault resets.
func (c *counted) NetConn() net.Conn { return c.Conn }

func (c *counted) Close() error {
	defer c.gone()
	return c.Conn.Close()
}
