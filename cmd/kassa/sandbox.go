package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/server"
)

// adminPrefix is where the second door is: no path of either API.
const adminPrefix = "/_kassa"

func newSandbox() *cobra.Command {
	var addr, publicURL string
	var seed int64
	var verbose bool
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a stand-in for both APIs",
		Long: `Sandbox answers as the Resurs token and widget services and as Swedbank Pay's payment instruments do.
It keeps its state in memory and forgets it on exit. Any non-empty credentials and bearer tokens are taken.

Payers act through a second door under ` + adminPrefix + `, which is no part of either API.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var options []server.Option
			if publicURL != "" {
				options = append(options, server.WithBaseURL(publicURL))
			}
			if cmd.Flags().Changed("seed") {
				options = append(options, server.WithSeed(seed))
			}
			if verbose {
				options = append(options, server.WithLogger(slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))))
			}
			box, err := open(addr, options...)
			if err != nil {
				return err
			}
			defer box.close()
			base := publicURL
			if base == "" {
				base = box.url
			}
			writeWelcome(cmd.OutOrStdout(), strings.TrimSuffix(base, "/"))
			return box.serve(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8585", "`address` to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&publicURL, "public-url", "", "base `URL` in links, if callers reach the sandbox by another name than they connect to")
	cmd.Flags().Int64Var(&seed, "seed", 0, "make ids and tokens repeat from run to run; by default they differ")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log what happens to standard error")
	return cmd
}

func writeWelcome(out io.Writer, base string) {
	fmt.Fprintf(out, `Kassa sandbox, independent of the vendors it stands in for. Stop it with ctrl-c.

  Resurs token          %[1]s/oauth2/token
  Resurs widget         %[1]s/api/mock_payment_widget_service
  Swedbank Pay          %[1]s/psp
  second door (payers)  %[1]s%[2]s

Try:

  curl -s %[1]s/psp/creditcard/payments -H 'Authorization: Bearer any' -H 'Content-Type: application/json' -d '{
    "payment": {"operation": "Purchase", "intent": "Authorization", "currency": "SEK",
      "prices": [{"type": "CreditCard", "amount": 1500, "vatAmount": 0}],
      "description": "Test Purchase", "userAgent": "curl", "language": "sv-SE",
      "urls": {"completeUrl": "https://example.com/done"},
      "payeeInfo": {"payeeId": "5cabf558-5283-482f-b252-4d58e06f6f3b", "payeeReference": "AH123456"}}}'

`, base, adminPrefix)
}

// sandbox is a server on a socket, both doors on one port.
type sandbox struct {
	*server.Server
	url      string
	listener net.Listener
	http     *http.Server
}

// open listens on addr. A port in use is said with its remedy.
func open(addr string, options ...server.Option) (*sandbox, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &exit{code: exitFindings, err: fmt.Errorf("%s is in use; stop what listens there, or choose another with --addr (port 0 takes a free one)", addr)}
	case errors.Is(err, syscall.EACCES):
		return nil, &exit{code: exitFindings, err: fmt.Errorf("%s may not be listened on; choose a port above 1023 with --addr", addr)}
	case err != nil:
		return nil, &exit{code: exitMisuse, err: fmt.Errorf("%s cannot be listened on; give host:port with --addr, such as 127.0.0.1:8585: %w", addr, err)}
	}
	box, err := server.New(options...)
	if err != nil {
		_ = listener.Close()
		return nil, &exit{code: exitMisuse, err: err}
	}
	mux := http.NewServeMux()
	mux.Handle(adminPrefix+"/", http.StripPrefix(adminPrefix, box.Admin()))
	mux.Handle("/", box)
	return &sandbox{
		Server:   box,
		url:      "http://" + listener.Addr().String(),
		listener: listener,
		http:     &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second},
	}, nil
}

// serve answers until ctx ends, then lets what is under way finish for a
// moment.
func (s *sandbox) serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	select {
	case err := <-failed:
		return &exit{code: exitFindings, err: err}
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := s.http.Shutdown(last); err != nil {
		_ = s.http.Close()
	}
	return nil
}

func (s *sandbox) close() {
	_ = s.http.Close()
	_ = s.Close()
}
