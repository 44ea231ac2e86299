package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The meanings of the exit status.
const (
	exitClean    = 0 // judged and clean, or done
	exitFindings = 1 // findings at or above --fail-on; for other commands, failure
	exitMisuse   = 2 // the command line makes no sense
	exitUnjudged = 3 // nothing could be judged
)

// exit ends a command with a status. With an error, that is said first.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// misuse is an error of the caller's making.
func misuse(format string, args ...any) error {
	return &exit{code: exitMisuse, err: fmt.Errorf(format, args...)}
}

// run is the whole program as a function: what it reads, where it writes, and
// the status it ends with.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitClean
	}
	code := exitClean
	for _, each := range unjoin(err) {
		code = cmp.Or(code, tell(stderr, each))
	}
	return code
}

// tell says what is wrong, each thing on a line, and returns the status.
func tell(stderr io.Writer, err error) int {
	var status *exit
	if errors.As(err, &status) {
		for _, each := range unjoin(status.err) {
			fmt.Fprintf(stderr, "kassa: %v\n", each)
		}
		return status.code
	}
	// What is left comes from the parsing of flags and arguments.
	fmt.Fprintf(stderr, "kassa: %v\nkassa: see `kassa --help`\n", err)
	return exitMisuse
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "kassa",
		Short: "Sandbox and judge for the Resurs widget backend and Swedbank Pay payments",
		Long: `Kassa stands in for two payment APIs and judges traffic by their contract.

It is independent of, and not affiliated with, Resurs or Swedbank Pay.`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              cobra.NoArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(newDemo(), newSandbox(), newPay(), newCheck(), newRules(), newExplain(), newVersion())
	return root
}
