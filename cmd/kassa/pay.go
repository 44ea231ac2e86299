package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// defaultAdmin is where `kassa sandbox` opens its second door by default.
const defaultAdmin = "http://127.0.0.1:8586"

// anyReason is what --decline says when it names no reason.
const anyReason = "usual"

// payFlags are what the flags of `kassa pay` say.
type payFlags struct {
	decline                string
	cancel, timeout, start bool
	card, msisdn           string
	now                    bool
	namespace              string
	admin                  string
}

func newPay() *cobra.Command {
	var f payFlags
	cmd := &cobra.Command{
		Use:   "pay ID|PATH|URL",
		Short: "Act for the payer of a payment in a running sandbox",
		Long: `Pay does what the payer would do in a browser or an app: it pays, or with a flag does something else. The payment is
named by its id, its path, or any URL of it, such as the one its payer is sent to. It speaks to the second door of
` + "`kassa sandbox`" + `, at --admin or at the URL in the environment variable KASSA_ADMIN.

What is asynchronous settles within seconds, at the time that is printed; with --now it has settled already.

Exit status: 0 it happened; 1 the sandbox refused, or did not answer; 2 the command line makes no sense, or names a reason
to decline that does not exist.`,
		Example: `  kassa pay /psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1
  kassa pay 7e6cdfc3-1276-44e9-9992-7cf4419750e1 --decline acquirerinsufficientfunds
  kassa pay --decline help
  kassa pay 7e6cdfc3-1276-44e9-9992-7cf4419750e1 --card Visa
  kassa pay 7e6cdfc3-1276-44e9-9992-7cf4419750e1 --timeout --now`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.decline, "decline", "", "the bank says no, for the usual `reason` or the one named; help lists them")
	flags.Lookup("decline").NoOptDefVal = anyReason
	flags.BoolVar(&f.cancel, "cancel", false, "the payer goes back to the shop")
	flags.BoolVar(&f.timeout, "timeout", false, "the payer does nothing until it is too late")
	flags.BoolVar(&f.start, "start", false, "the payer opens the page or the app, and does no more")
	flags.StringVar(&f.card, "card", "", "pay with this published test card, by its `number or brand`")
	flags.StringVar(&f.msisdn, "msisdn", "", "the payer's phone `number`")
	flags.BoolVar(&f.now, "now", false, "settle at once what would settle within seconds")
	flags.StringVar(&f.namespace, "namespace", "", "look in this `namespace` alone; by default in all")
	flags.StringVar(&f.admin, "admin", "", "`URL` of the second door; by default KASSA_ADMIN, else "+defaultAdmin)
	return cmd
}

// aReason is how reasons are written, and payments never are.
var aReason = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func (f *payFlags) run(cmd *cobra.Command, args []string) error {
	// A flag whose value may be left out takes it after = alone, and leaves a
	// reason that follows it among the arguments.
	if f.decline == anyReason && cmd.Flags().Changed("decline") {
		for i, arg := range args {
			if aReason.MatchString(arg) {
				f.decline = arg
				args = append(args[:i:i], args[i+1:]...)
				break
			}
		}
	}
	acts := 0
	for _, act := range []bool{f.decline != "", f.cancel, f.timeout, f.start} {
		if act {
			acts++
		}
	}
	if acts > 1 {
		return misuse("a payer does one thing; choose one of --decline, --cancel, --timeout and --start, or none to pay")
	}
	at := cmp.Or(f.admin, os.Getenv("KASSA_ADMIN"), defaultAdmin)
	if u, err := url.Parse(at); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return misuse("%q is no URL of a second door; write it like %s, with --admin or in KASSA_ADMIN", at, defaultAdmin)
	}
	client, err := door.NewClientWithResponses(at, door.WithHTTPClient(&http.Client{Timeout: 30 * time.Second}))
	if err != nil {
		return misuse("%w", err)
	}
	second := secondDoor{client, at}
	if f.decline == "help" {
		if len(args) > 0 {
			return misuse("--decline help lists all reasons; leave the payment out")
		}
		return second.writeReasons(cmd.Context(), cmd.OutOrStdout())
	}
	if len(args) != 1 || args[0] == "" {
		return misuse("pay wants one payment: its id, its path, or a URL of it; `kassa pay --help` shows some")
	}
	return second.act(cmd.Context(), cmd.OutOrStdout(), f.namespace, f.request(args[0]))
}

// request is the act that the flags ask for.
func (f *payFlags) request(payment string) door.ActRequest {
	in := door.ActRequest{Payment: payment, Act: door.ActPay, Card: f.card, Msisdn: f.msisdn, Now: f.now}
	switch {
	case f.cancel:
		in.Act = door.ActCancel
	case f.timeout:
		in.Act = door.ActTimeout
	case f.start:
		in.Act = door.ActStart
	case f.decline != "":
		in.Act = door.ActDecline
		if f.decline != anyReason {
			in.Reason = f.decline
		}
	}
	return in
}

// A secondDoor is that of a running sandbox.
type secondDoor struct {
	*door.ClientWithResponses

	at string
}

// act does something for a payer, and tells what became of it.
func (d secondDoor) act(ctx context.Context, out io.Writer, namespace string, in door.ActRequest) error {
	where := &door.ActAsPayerParams{}
	if namespace != "" {
		where.Namespace = &namespace
	}
	answer, err := d.ActAsPayerWithResponse(ctx, where, in)
	if err != nil {
		return d.silent(err)
	}
	if answer.JSON200 == nil {
		if err := d.unknownReason(ctx, in); err != nil {
			return err
		}
		return d.refusal(answer.StatusCode(), answer.Body)
	}
	o := answer.JSON200
	tell := func(what, format string, args ...any) {
		fmt.Fprintf(out, "%-12s %s\n", what, fmt.Sprintf(format, args...))
	}
	tell("payment", "%s is %s", o.Payment, o.State)
	switch {
	case o.Transaction != "" && o.Settles != "":
		tell("transaction", "%s is %s and settles at %s", o.Transaction, o.TransactionState, inSeconds(o.Settles))
	case o.Transaction != "":
		tell("transaction", "%s is %s", o.Transaction, o.TransactionState)
	}
	if o.Next != "" {
		tell("next", "the payer's browser goes to %s", o.Next)
	}
	return nil
}

// inSeconds is a moment, rounded up: then at the latest it has happened.
func inSeconds(moment string) string {
	t, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return moment
	}
	return t.Add(time.Second - 1).Truncate(time.Second).Format(time.RFC3339)
}

// unknownReason is an error when an act has a reason that the payment cannot be
// declined for, and lists those there are. Nil also means that nobody could be
// asked: then the refusal itself is told.
func (d secondDoor) unknownReason(ctx context.Context, in door.ActRequest) error {
	if in.Reason == "" {
		return nil
	}
	found, err := d.GetPaymentWithResponse(ctx, aGUID.FindString(in.Payment), nil)
	if err != nil || found.JSON200 == nil {
		return nil //nolint:nilerr // as promised
	}
	instrument := found.JSON200.Payment.Instrument
	reasons, err := d.reasons(ctx, instrument)
	if err != nil || slices.ContainsFunc(reasons, func(r door.DeclineReason) bool { return strings.EqualFold(r.Reason, in.Reason) }) {
		return nil //nolint:nilerr // as promised
	}
	var list strings.Builder
	tableOf(&list, reasons)
	return misuse("a payment by %s is not declined for %q; the reasons are\n%s", instrument, in.Reason, strings.TrimRight(list.String(), "\n"))
}

var aGUID = regexp.MustCompile(`[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)

// reasons are those of an instrument, or of all for "".
func (d secondDoor) reasons(ctx context.Context, instrument string) ([]door.DeclineReason, error) {
	of := &door.ListReasonsParams{}
	if instrument != "" {
		of.Instrument = new(door.Instrument(instrument))
	}
	answer, err := d.ListReasonsWithResponse(ctx, of)
	switch {
	case err != nil:
		return nil, d.silent(err)
	case answer.JSON200 == nil:
		return nil, d.refusal(answer.StatusCode(), answer.Body)
	}
	return answer.JSON200.Reasons, nil
}

func (d secondDoor) writeReasons(ctx context.Context, out io.Writer) error {
	reasons, err := d.reasons(ctx, "")
	if err != nil {
		return err
	}
	tableOf(out, reasons)
	return nil
}

func tableOf(out io.Writer, reasons []door.DeclineReason) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range reasons {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.Instrument, r.Reason, cmp.Or(r.Detail, r.Title))
	}
	_ = table.Flush()
}

// silent is the error of a sandbox that did not answer.
func (d secondDoor) silent(err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &exit{code: exitFindings, err: fmt.Errorf("no sandbox answers at %s (%w); start one with `kassa sandbox`, or say where its second door is with --admin or KASSA_ADMIN", d.at, err)}
}

// refusal is what the second door said no with; whatever else answers there is
// no second door.
func (d secondDoor) refusal(status int, body []byte) error {
	var problem door.Problem
	ours := func() bool { return problem.Type == "about:blank" || strings.HasPrefix(problem.Type, "urn:kassa:") }
	if err := json.Unmarshal(body, &problem); err != nil || problem.Title == "" || !ours() {
		return &exit{code: exitFindings, err: fmt.Errorf("what answers at %s with %d is no second door of a sandbox; say where that is with --admin or KASSA_ADMIN", d.at, status)}
	}
	text := problem.Title
	if problem.Detail != "" {
		text += ": " + problem.Detail
	}
	if problem.Remedy != "" {
		text = strings.TrimSuffix(text, ".") + "; " + problem.Remedy
	}
	return &exit{code: exitFindings, err: errors.New(text)}
}
