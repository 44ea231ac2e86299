package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/conformance"
)

func newDemo() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Drive both clients against the sandbox, record it, judge the recording",
		Long: `Demo starts the sandbox on a free loopback port and does what a merchant's backend does: a Resurs widget session,
a card purchase with captures and reversals, sales by Trustly and Swish with their callbacks. All of it goes over real HTTP, is recorded
as HAR, and judged. Nothing but loopback is contacted.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "kassa-demo.har", "`file` to leave the recording in")
	return cmd
}

// demo is a merchant's backend with everything it needs.
type demo struct {
	out      io.Writer
	sandbox  *sandbox
	merchant *merchant
	recorder *conformance.Recorder
	http     *http.Client
}

func runDemo(ctx context.Context, out, stderr io.Writer, file string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	recording, err := create(file)
	if err != nil {
		return err
	}
	defer recording.Close()
	box, err := place{addr: "127.0.0.1:0"}.open()
	if err != nil {
		return err
	}
	defer box.close()
	if err := box.furnish(nil); err != nil {
		return err
	}
	go func() { _ = box.serve(ctx) }()

	checker, err := newChecker([]string{box.url})
	if err != nil {
		return err
	}
	recorder := conformance.NewRecorder(checker, recording)
	d := &demo{
		out: out, sandbox: box, recorder: recorder,
		http: &http.Client{Transport: conformance.Transport(nil, recorder), Timeout: 30 * time.Second},
	}
	if d.merchant, err = newMerchant(recorder); err != nil {
		return err
	}
	defer d.merchant.close()

	fmt.Fprintf(out, "Kassa demo. Both clients speak to the sandbox at %s.\n", box.url)
	for _, story := range []func(context.Context) error{d.resurs, d.card, d.trustly, d.swish} {
		if err := story(ctx); err != nil {
			return &exit{code: exitFindings, err: fmt.Errorf("the demo broke: %w", err)}
		}
	}
	d.merchant.close()
	if err := errors.Join(recorder.Close(), recording.Close()); err != nil {
		return &exit{code: exitFindings, err: fmt.Errorf("%s could not be written to its end; check the disk, or choose another with --out: %w", file, err)}
	}
	return verdict(ctx, out, stderr, file)
}

// create makes the file of the recording, or says what to do instead.
func create(file string) (*os.File, error) {
	f, err := os.Create(file)
	if err == nil {
		return f, nil
	}
	return nil, &exit{code: exitFindings, err: fmt.Errorf("%s cannot be written (%w); choose another file with --out", file, cause(err))}
}

// verdict judges the recording as `kassa check` does, from the file alone.
func verdict(ctx context.Context, out, stderr io.Writer, file string) error {
	checker, err := newChecker(nil)
	if err != nil {
		return err
	}
	report, problem := conformance.CheckFiles(ctx, checker, []string{file}, nil)
	fmt.Fprintf(out, "\nThe recording, judged by the contract\n")
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprintf(out, "  %s", line)
	}
	for _, each := range unjoin(problem) {
		fmt.Fprintf(stderr, "kassa: %v\n", each)
	}
	code := report.ExitCode(conformance.Error)
	word := map[int]string{exitClean: "clean", exitFindings: "not clean", exitUnjudged: "not judged"}[code]
	fmt.Fprintf(out, "\nVerdict: %s. The recording is %s; look again with\n  kassa check %s\n", word, file, file)
	if code != exitClean {
		return &exit{code: code}
	}
	return nil
}

// chapter opens a part of the account.
func (d *demo) chapter(title string) { fmt.Fprintf(d.out, "\n%s\n", title) }

// tell is one line of the account: what was done, what came of it.
func (d *demo) tell(what, format string, args ...any) {
	fmt.Fprintf(d.out, "  %-22s %s\n", what, fmt.Sprintf(format, args...))
}
