// Fidelity writes docs/fidelity.md: for every fact of the contract, where it stands, or why it was assumed.
//
// The documents in openapi carry the evidence themselves, as x-source and x-assumed. This program collects it, grades
// it and sorts it, so that a reader can tell what the sandbox knows from what it guesses. `make generate` runs it;
// a test compares the committed page with what it would write now.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/kassa-dev/kassa/internal/contract"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run writes the page to the file named by -o, by default to stdout. It returns 0, 2 when it was called wrongly,
// and 1 when the documents do not load or the file cannot be written; the file is then as it was.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("fidelity", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("o", "", "write to this `file`, by default to stdout")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "fidelity: takes no arguments, got %q\n", flags.Args())
		return 2
	}
	text, err := generate()
	if err == nil && *out == "" {
		_, err = stdout.Write(text)
	} else if err == nil {
		err = os.WriteFile(*out, text, 0o644) //nolint:gosec // a page of documentation, for everyone to read
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "fidelity:", err)
		return 1
	}
	return 0
}

// generate loads the embedded documents and writes the page about them.
func generate() ([]byte, error) {
	c, err := contract.Own()
	if err != nil {
		return nil, fmt.Errorf("load the documents: %w", err)
	}
	var page bytes.Buffer
	if err := write(&page, facts(c)); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}
