package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/cmd/kassa/internal/authority"
	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// sandboxFlags are what the flags of `kassa sandbox` say.
type sandboxFlags struct {
	place        place
	certificate  certificate
	publicURL    string
	seed         int64
	seeded       bool
	config       string
	data         string
	record       string
	judge        bool
	swishConfirm bool
	log          string
	verbose      bool
}

func newSandbox() *cobra.Command {
	var f sandboxFlags
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a stand-in for both APIs",
		Long: `Sandbox answers as the Resurs token and widget services and as Swedbank Pay's payment instruments do.
By default it keeps its state in memory and forgets it on exit, and takes any credentials that are not empty.

What a payer does, and what a test may ask, goes through a second door on a listener of its own, which is no part of
either API: see ` + "`kassa pay`" + `, and openapi/kassa/door.yaml. It asks for no credentials, so keep it on loopback.

An interrupt or SIGTERM ends it with status 0: it takes no more connections, lets requests under way and callbacks end,
and completes the recording. A second one does not wait. With --judge the status is 1 when there were errors.`,
		Example: `  kassa sandbox
  kassa sandbox --config setup.yaml --record traffic.har --judge
  kassa sandbox --addr 0.0.0.0:443 --tls --tls-ca ca.pem --log json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.seeded = cmd.Flags().Changed("seed")
			return f.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.place.addr, "addr", "127.0.0.1:8585", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&f.place.adminAddr, "admin-addr", "127.0.0.1:8586", "`address` of the second door, for payers and tests; port 0 takes a free one")
	flags.StringVar(&f.publicURL, "public-url", "", "base `URL` in links, if callers reach the sandbox by another name than they connect to")
	flags.StringVar(&f.config, "config", "", "YAML `file` with merchants, stores and times; docs/setup.yaml shows every key")
	flags.StringVar(&f.data, "data", "", "keep what happens in this SQLite `file`, and go on from what is there; by default it is forgotten on exit")
	flags.Int64Var(&f.seed, "seed", 0, "make ids and tokens repeat from run to run; by default they differ")
	flags.BoolVar(&f.swishConfirm, "swish-confirm", false, "confirm Swish sales to a payer's number without the payer")
	flags.StringVar(&f.record, "record", "", "leave everything that is asked and answered in this HAR `file`, redacted")
	flags.BoolVar(&f.judge, "judge", false, "hold everything against the contract as it happens, print what is found to standard error, and end with status 1 when there were errors")
	flags.BoolVar(&f.certificate.own, "tls", false, "speak TLS with a certificate made for whatever name a client asks for")
	flags.StringVar(&f.certificate.ca, "tls-ca", "", "`file` to leave the authority in that --tls makes; by default it is printed")
	flags.StringVar(&f.certificate.cert, "tls-cert", "", "speak TLS with the certificate in this PEM `file`")
	flags.StringVar(&f.certificate.key, "tls-key", "", "PEM `file` with the key of --tls-cert")
	flags.StringVar(&f.log, "log", "", "log what happens to standard error, as `text` or json; by default only what is wrong, as text")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "the same as --log text")
	return cmd
}

func (f *sandboxFlags) run(cmd *cobra.Command) (err error) {
	logger, err := f.logger(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	options, err := f.options(logger)
	if err != nil {
		return err
	}
	tlsConfig, made, err := f.certificate.config()
	if err != nil {
		return err
	}
	f.place.tls, f.place.logger = tlsConfig, logger
	box, err := f.place.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.close()) }()

	var sinks []conformance.Sink
	if f.record != "" {
		checker, err := newChecker(addresses(box.doors[0], box.url, f.publicURL))
		if err != nil {
			return err
		}
		tape, err := record(f.record, checker)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, tape.close()) }()
		sinks = append(sinks, tape)
		options = append(options, server.WithRecording(tape.copyTo))
	}
	var judge *judge
	if f.judge {
		if judge, err = newJudge(box.url, cmd.ErrOrStderr()); err != nil {
			return err
		}
		sinks = append(sinks, judge)
	}
	if err := f.furnish(box, sinks, options); err != nil {
		return err
	}
	tune()
	if box.admin != "" && !loopback(box.doors[1]) {
		logger.Warn("the second door is open to other machines, and asks nobody for credentials; keep it on loopback with --admin-addr 127.0.0.1:8586 unless a container or a firewall does", "address", box.doors[1].Addr().String())
	}
	logger.Info("listening", "api", box.url, "second door", box.admin)
	if _, err := io.WriteString(cmd.OutOrStdout(), f.welcome(box, made)); err != nil {
		return &exit{code: exitFindings, err: fmt.Errorf("nothing can be printed: %w", err)}
	}
	if err := box.serve(cmd.Context()); err != nil {
		return err
	}
	if judge != nil {
		return judge.close()
	}
	return nil
}

// furnish makes the server, which closes the store if there is one.
func (f *sandboxFlags) furnish(box *sandbox, sinks []conformance.Sink, options []server.Option) error {
	if f.data == "" {
		return box.furnish(sinks, options...)
	}
	store, err := sqlite.Open(f.data)
	if err != nil {
		return &exit{code: exitFindings, err: err}
	}
	if err := box.furnish(sinks, append(options, server.WithStore(store))...); err != nil {
		return errors.Join(err, store.Close())
	}
	return nil
}

// logger logs what is wrong by default, and everything when asked to.
func (f *sandboxFlags) logger(out io.Writer) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: slog.LevelWarn}
	if f.verbose || f.log != "" {
		options.Level = slog.LevelInfo
	}
	switch f.log {
	case "json":
		return slog.New(slog.NewJSONHandler(out, options)), nil
	case "text", "":
		return slog.New(slog.NewTextHandler(out, options)), nil
	}
	return nil, misuse("--log %q is unknown; use text or json", f.log)
}

// options are those of the server. What a flag says goes before the setup.
func (f *sandboxFlags) options(logger *slog.Logger) ([]server.Option, error) {
	options := []server.Option{server.WithLogger(logger)}
	if f.config != "" {
		setup, err := readSetup(f.config)
		if err != nil {
			return nil, err
		}
		options = append(options, server.WithSetup(setup))
	}
	if f.publicURL != "" {
		options = append(options, server.WithBaseURL(f.publicURL))
	}
	if f.seeded {
		options = append(options, server.WithSeed(f.seed))
	}
	if f.swishConfirm {
		options = append(options, server.WithSwishConfirmation())
	}
	return options, nil
}

// readSetup reads a setup, or says what is wrong with it, each line for itself.
func readSetup(name string) (server.Setup, error) {
	file, err := os.Open(name)
	if err != nil {
		return server.Setup{}, misuse("%s cannot be read (%w); name the setup with --config", name, cause(err))
	}
	defer file.Close()
	setup, err := server.ReadSetup(file)
	var all []error
	for _, each := range unjoin(err) {
		all = append(all, fmt.Errorf("%s: %w", name, each))
	}
	if all != nil {
		return setup, &exit{code: exitMisuse, err: errors.Join(all...)}
	}
	return setup, nil
}

// welcome says where the sandbox is, and what to try.
func (f *sandboxFlags) welcome(box *sandbox, made *authority.Authority) string {
	var out strings.Builder
	base := box.url
	if f.publicURL != "" {
		base = strings.TrimSuffix(f.publicURL, "/")
	}
	fmt.Fprintf(&out, `Kassa sandbox, independent of the vendors it stands in for. Stop it with ctrl-c.

  Resurs token          %[1]s/oauth2/token
  Resurs widget         %[1]s/api/mock_payment_widget_service
  Swedbank Pay          %[1]s/psp
  second door (payers)  %[2]s
`, base, box.admin)
	curl := "curl -s"
	switch {
	case made != nil && f.certificate.ca != "":
		fmt.Fprintf(&out, "  its authority is in   %s\n", f.certificate.ca)
		curl += " --cacert " + f.certificate.ca
	case made != nil:
		fmt.Fprintf(&out, "\nTrust this authority, which is gone with the process:\n\n%s", made.PEM())
		curl += " --cacert ca.pem"
	}
	fmt.Fprintf(&out, `
Try:

  %[2]s %[1]s/psp/creditcard/payments -H 'Authorization: Bearer any' -H 'Content-Type: application/json' -d '{
    "payment": {"operation": "Purchase", "intent": "Authorization", "currency": "SEK",
      "prices": [{"type": "CreditCard", "amount": 1500, "vatAmount": 0}],
      "description": "Test Purchase", "userAgent": "curl", "language": "sv-SE",
      "urls": {"completeUrl": "https://example.com/done"},
      "payeeInfo": {"payeeId": "5cabf558-5283-482f-b252-4d58e06f6f3b", "payeeReference": "AH123456"}}}'

and pay, with the id of the answer:

  kassa pay /psp/creditcard/payments/...%[3]s

`, base, curl, adminHint(box.admin))
	return out.String()
}

// adminHint is what `kassa pay` needs to know when the second door is not where
// it looks by default.
func adminHint(admin string) string {
	if admin == defaultAdmin {
		return ""
	}
	return " --admin " + admin
}

// tune gives back what reading the documents took, and from then on trades memory
// for speed, where the environment says nothing: a sandbox keeps what it made, so
// that what is collected is short-lived. Towards the limit it collects as usual.
func tune() {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(512 << 20)
	}
}
