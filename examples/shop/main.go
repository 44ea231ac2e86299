// Shop is a small web shop that takes payments, whole and runnable:
//
//	go run ./examples/shop
//
// It sells four pots, by card, Swish, Trustly and invoice of Swedbank Pay, and opens the payment widget of Resurs. By
// default it starts a sandbox of both in the same process, so no account and no second terminal are needed. No money
// moves.
//
// It is written to be read. Begin with checkout.go (an order is stored, then the bank is asked), go on with callback.go
// and status.go (what is true is read at the bank, whoever says it first), and end with operation.go and reconcile.go: how
// money is captured and given back exactly once, even if the process dies in between. The rest is what every shop has:
//
//	catalog.go    goods and the basket            orders.go     SQLite: schema.sql, orders_read.go
//	method.go     the ways to pay                 order.go      where an order stands
//	staff.go      capture, cancel, refund         reading.go    what a payment says
//	widget.go     sessions of the Resurs widget   words.go      refusals in words
//	shop.go       addresses and headers           pages.go      templates, in web/
//	open.go       how it is put together          sandbox.go    what stands in for the vendors
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// settings are what flags and environment say. Secrets come by the environment alone: flags are seen by everybody who
// lists processes.
type settings struct {
	addr, data, publicURL string
	api, resurs           string // empty for a sandbox in this process

	token, payee          string
	client, secret, store string
}

func settingsOf(args []string, env func(string) string, stderr io.Writer) (settings, error) {
	or := func(name, otherwise string) string {
		if v := env(name); v != "" {
			return v
		}
		return otherwise
	}
	s := settings{
		token: or("SWEDBANKPAY_TOKEN", "shop"), payee: or("SWEDBANKPAY_PAYEE", "5cabf558-5283-482f-b252-4d58e06f6f3b"),
		client: or("RESURS_CLIENT", "shop"), secret: or("RESURS_SECRET", "shop"), store: or("RESURS_STORE", "550e8400-e29b-41d4-a716-446655440000"),
	}
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&s.data, "data", "", "SQLite `file` for the orders; by default one in a new temporary folder")
	flags.StringVar(&s.publicURL, "public-url", "", "`URL` at which browsers and the bank reach the shop, if not at addr")
	flags.StringVar(&s.api, "api", "", "`URL` of a running `kassa sandbox`, or of another Swedbank Pay; by default a sandbox in this process")
	flags.StringVar(&s.resurs, "resurs", "", "`URL` of a running sandbox for the widget of Resurs; by default that of -api")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is one word too many; see -help", flags.Arg(0))
	}
	if strings.TrimSuffix(s.api, "/") == swedbankpay.Production {
		return s, errors.New("this is an example: it has no login for the staff, and real money is not for it; give -api another address")
	}
	return s, nil
}

// run is the process: it ends when ctx does, and answers the exit status.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) int {
	s, err := settingsOf(args, env, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "shop:", err)
		return 2
	}
	if err := s.open(ctx, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "shop:", err)
		return 1
	}
	return 0
}
