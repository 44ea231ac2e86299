package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/conformance"
)

// merchant is the part of a merchant's backend that the world can call: the
// address callbacks are sent to.
type merchant struct {
	url       string
	http      *http.Server
	callbacks chan *swedbankpay.Callback
}

func newMerchant(sink conformance.Sink) (*merchant, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &merchant{
		url:       "http://" + listener.Addr().String() + "/callback",
		callbacks: make(chan *swedbankpay.Callback, 100),
	}
	m.http = &http.Server{Handler: conformance.Middleware(http.HandlerFunc(m.note), sink), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = m.http.Serve(listener) }()
	return m, nil
}

// note takes a callback down and answers at once: it is no proof of anything
// until the payment has been read.
func (m *merchant) note(w http.ResponseWriter, r *http.Request) {
	callback, err := swedbankpay.ParseCallback(r.Body)
	if err != nil {
		http.Error(w, "not a callback", http.StatusBadRequest)
		return
	}
	m.callbacks <- callback
	w.WriteHeader(http.StatusOK)
}

// await returns the next callback for the payment.
func (m *merchant) await(ctx context.Context, payment string) (*swedbankpay.Callback, error) {
	for {
		select {
		case callback := <-m.callbacks:
			if callback.Payment == payment {
				return callback, nil
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("no callback came for %s: %w", payment, ctx.Err())
		}
	}
}

func (m *merchant) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = m.http.Shutdown(ctx)
}
