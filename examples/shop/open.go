package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/resurs"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// open opens the shop until ctx ends. Then requests under way are answered, and everything is closed.
func (s settings) open(ctx context.Context, stdout, stderr io.Writer) (err error) {
	closing := func(what func() error) { err = errors.Join(err, what()) }

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on; choose another address with -addr (port 0 takes a free one): %w", s.addr, err)
	}
	defer listener.Close()
	if s.publicURL == "" {
		s.publicURL = "http://" + listener.Addr().String()
	}
	if s.data == "" {
		folder, err := os.MkdirTemp("", "kassa-shop-")
		if err != nil {
			return err
		}
		s.data = filepath.Join(folder, "orders.db")
	}
	orders, err := openOrders(ctx, s.data)
	if err != nil {
		return err
	}
	defer closing(orders.close)

	said := fmt.Sprintf("The shop is at %s/ and its staff at %[1]s/staff. Stop it with ctrl-c.\nOrders are kept in %s.\n", s.publicURL, s.data)
	if s.api == "" {
		box, err := openSandbox(ctx, s.data+"-sandbox")
		if err != nil {
			return err
		}
		defer closing(box.close)
		s.api = box.api
		said += fmt.Sprintf("The bank is a sandbox in this process: no money moves. See what happens there at %s/.\n", box.admin)
	}
	shop := s.shop(orders, slog.New(slog.NewTextHandler(stderr, nil)))
	if err := orders.interrupted(ctx); err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, said); err != nil {
		return err
	}
	go func() {
		if err := shop.catchUp(ctx); err != nil && ctx.Err() == nil {
			shop.log.Error("not everything left behind could be looked into; the staff can ask the bank again", "error", err)
		}
	}()
	return serve(ctx, listener, shop.handler())
}

// shop makes the shop, with its two clients.
func (s settings) shop(orders *orders, log *slog.Logger) *shop {
	if s.resurs == "" {
		s.resurs = s.api
	}
	named := client.WithUserAgent("kassa-example-shop", "1")
	widget := strings.TrimSuffix(s.resurs, "/")
	return &shop{
		orders: orders,
		pay:    swedbankpay.New(client.StaticToken(s.token), client.WithBaseURL(s.api), named),
		widget: resurs.New(
			resurs.Credentials(s.client, s.secret, client.WithBaseURL(widget), named),
			client.WithBaseURL(widget+"/api/mock_payment_widget_service"), named),
		payee: s.payee, store: s.store, address: strings.TrimSuffix(s.publicURL, "/"), widgetPage: widget + "/widget", log: log,
	}
}

// serve answers until ctx ends, and then lets requests under way end for a moment.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return server.Close() // whoever is still waiting is cut off
	}
	return nil
}
