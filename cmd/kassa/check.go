package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/conformance"
)

func newCheck() *cobra.Command {
	var failOn string
	var servers []string
	var to destinations
	var held agreed
	cmd := &cobra.Command{
		Use:   "check FILE|DIR|-...",
		Short: "Judge recorded traffic by the contract",
		Long: `Check reads HAR recordings and holds every exchange with a documented host against the documents.
A directory is searched for *.har; - is standard input.

Reports have the formats text, json, junit, sarif, markdown and html. One goes to standard output or -o, more to
files with --report. What is known can be left out with --baseline, what is agreed on with --suppressions, and
--min-coverage fails a check that has seen too little. docs/judge.md tells more.

Exit status:
  0  judged, and nothing of the --fail-on severity or worse was found that is not excused
  1  at least one such finding; too little coverage, a stale line of a baseline, and a suppression that is past its day
     or of no use are findings
  2  the command line makes no sense
  3  something could not be judged: a file is missing or damaged, has no entries, or none for a known host
Findings (1) win over what could not be judged (3).`,
		Example: `  kassa check checkout.har
  kassa check --format json --fail-on warning recordings/ > report.json
  kassa check --report html=report.html --report sarif=report.sarif recordings/
  kassa check --baseline known.yaml --min-coverage swedbankpay/creditcard:operations=40 recordings/
  kassa check --server http://127.0.0.1:8585 sandbox.har`,
		RunE: func(cmd *cobra.Command, args []string) error {
			severity, err := parseSeverity(failOn)
			if err != nil {
				return err
			}
			if err := errors.Join(to.read(), held.read(time.Now())); err != nil {
				return err
			}
			if len(args) == 0 {
				return misuse("nothing to check; name a HAR file, a directory, or - for standard input")
			}
			var options []conformance.Option
			bar := newProgressBar(cmd.ErrOrStderr(), time.Now)
			if terminal(cmd.ErrOrStderr()) {
				options = append(options, conformance.WithProgress(bar.tell))
			}
			checker, err := newChecker(servers, options...)
			if err != nil {
				return err
			}
			report, problem := conformance.CheckFiles(cmd.Context(), checker, args, cmd.InOrStdin())
			bar.end()
			failed := held.apply(&report, severity, cmd.ErrOrStderr())
			if err := to.write(cmd.OutOrStdout(), report, severity); err != nil {
				return err
			}
			for _, each := range unjoin(problem) {
				fmt.Fprintf(cmd.ErrOrStderr(), "kassa: %v\n", each)
			}
			code := report.ExitCode(severity)
			if failed != nil {
				code = cmp.Or(code, exitUnjudged)
			}
			if code != exitClean {
				return &exit{code: code, err: failed}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "least severity that fails the check: `error`, warning or note")
	cmd.Flags().StringArrayVar(&servers, "server", nil, "judge traffic with this base `URL` too, such as a sandbox's; may be repeated")
	to.flags(cmd.Flags())
	held.flags(cmd.Flags())
	return cmd
}

func newChecker(servers []string, options ...conformance.Option) (*conformance.Checker, error) {
	for _, server := range servers {
		options = append(options, conformance.WithServer(server))
	}
	checker, err := conformance.New(options...)
	if err != nil {
		return nil, &exit{code: exitMisuse, err: err}
	}
	return checker, nil
}

func parseSeverity(name string) (conformance.Severity, error) {
	switch severity := conformance.Severity(name); severity {
	case conformance.Error, conformance.Warning, conformance.Note:
		return severity, nil
	}
	return "", misuse("--fail-on %q is unknown; use error, warning or note", name)
}

// unjoin is the errors that an error joins, so that each gets a line.
func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	return []error{err}
}
