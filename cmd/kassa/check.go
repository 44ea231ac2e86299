package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/conformance"
)

func newCheck() *cobra.Command {
	var format, failOn string
	var servers []string
	cmd := &cobra.Command{
		Use:   "check FILE|DIR|-...",
		Short: "Judge recorded traffic by the contract",
		Long: `Check reads HAR recordings and holds every exchange with a documented host against the documents.
A directory is searched for *.har; - is standard input.

Exit status:
  0  judged, and nothing of the --fail-on severity or worse was found
  1  at least one such finding
  2  the command line makes no sense
  3  something could not be judged: a file is missing or damaged, has no entries, or none for a known host
Findings (1) win over what could not be judged (3).`,
		Example: `  kassa check checkout.har
  kassa check --format json --fail-on warning recordings/ > report.json
  kassa check --server http://127.0.0.1:8585 sandbox.har`,
		RunE: func(cmd *cobra.Command, args []string) error {
			severity, err := parseSeverity(failOn)
			if err != nil {
				return err
			}
			if format != "text" && format != "json" {
				return misuse("--format %q is unknown; use text or json", format)
			}
			if len(args) == 0 {
				return misuse("nothing to check; name a HAR file, a directory, or - for standard input")
			}
			checker, err := newChecker(servers)
			if err != nil {
				return err
			}
			report, problem := conformance.CheckFiles(cmd.Context(), checker, args, cmd.InOrStdin())
			if err := writeReport(cmd.OutOrStdout(), report, format); err != nil {
				return &exit{code: exitUnjudged, err: fmt.Errorf("the report could not be written: %w", err)}
			}
			for _, each := range unjoin(problem) {
				fmt.Fprintf(cmd.ErrOrStderr(), "kassa: %v\n", each)
			}
			if code := report.ExitCode(severity); code != exitClean {
				return &exit{code: code}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "how to print the report: `text` or json")
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "least severity that fails the check: `error`, warning or note")
	cmd.Flags().StringArrayVar(&servers, "server", nil, "judge traffic with this base `URL` too, such as a sandbox's; may be repeated")
	return cmd
}

func newChecker(servers []string) (*conformance.Checker, error) {
	var options []conformance.Option
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

func writeReport(out io.Writer, report conformance.Report, format string) error {
	if format == "json" {
		return report.WriteJSON(out)
	}
	return report.WriteText(out)
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
