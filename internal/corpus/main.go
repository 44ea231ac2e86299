// Corpus judges exchanges that nobody here wrote: those recorded from the vendor's test host, and those printed in its
// documentation. `make corpus` runs it. Then it sends every request among them that has a body to the sandbox, which is
// to accept it as it stands but for the payee, the references, stored tokens and the ids in its address.
//
// The exchanges are kept outside the repository, in a folder of four files (see [files]), and nothing of them is
// committed but the ids of some entries. What was recorded from the live test host (grade A) is truth: an error of ours about
// it is a mistake of the contract or of the sandbox, without exception. The rest was edited by hand, or written by it: an error about
// that may be the author's, and then a line of the baseline says why. A line whose error no longer occurs must go.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"

	"github.com/kassa-dev/kassa/conformance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are what the command line says. By default paths are those of a run from the root of the repository.
type settings struct {
	dir, baseline   string
	update, verbose bool
}

// run judges the corpus and prints the table, then what is wrong. It returns 0 when nothing is, or when there is no
// corpus; 1 when something is, or could not be read; 2 when it was called wrongly.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	flags := flag.NewFlagSet("corpus", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.dir, "dir", "../shared/corpus", "the `folder` of the corpus")
	flags.StringVar(&s.baseline, "baseline", "internal/corpus/baseline.txt", "the `file` of known errors and their reasons")
	flags.BoolVar(&s.update, "update", false, "write the baseline anew: reasons are kept, new lines wait for one")
	flags.BoolVar(&s.verbose, "v", false, "print warnings and notes in full too")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "corpus: takes no arguments, got %q; remedy: see -h\n", flags.Args())
		return 2
	}
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintf(stdout, "corpus: there is no folder %s, so nothing was judged\n", s.dir)
		return 0
	}
	complaints, err := s.judge(ctx, stdout)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "corpus:", err)
		return 1
	}
	if complaints > 0 {
		_, _ = fmt.Fprintf(stdout, "\n%d to mend\n", complaints)
		return 1
	}
	_, _ = fmt.Fprintln(stdout, "\nnothing to mend")
	return 0
}

// judge does the work, and returns how many things are wrong. An error means that not everything could be judged.
func (s settings) judge(ctx context.Context, stdout io.Writer) (int, error) {
	samples, left, err := read(os.DirFS(s.dir))
	if err != nil {
		return 0, err
	}
	checker, err := conformance.New()
	if err != nil {
		return 0, err
	}
	var verdicts []verdict
	for _, one := range samples {
		found, err := judge(ctx, checker, one)
		if err != nil {
			return 0, err
		}
		verdicts = append(verdicts, verdict{one, found})
	}
	replays, err := s.replay(ctx)
	if err != nil {
		return 0, err
	}
	all := beside(verdicts, replays)
	known, err := readBaseline(s.baseline)
	switch {
	case s.update && (err == nil || errors.Is(err, fs.ErrNotExist)):
		known = known.renew(all)
		err = os.WriteFile(s.baseline, known.text(all), 0o644) //nolint:gosec // a file of the repository, for everyone to read
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%w; remedy: write it with -update", err)
	}
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	if err := table(&out, verdicts, known); err != nil {
		return 0, err
	}
	omitted(&out, left)
	if err := replayTable(&out, replays, known); err != nil {
		return 0, err
	}
	complaints := complaints(&out, all, known, s.verbose)
	_, err = stdout.Write(out.Bytes())
	return complaints, err
}

// replay sends the requests of the corpus to the sandbox.
func (s settings) replay(ctx context.Context) ([]replay, error) {
	all, err := requests(os.DirFS(s.dir))
	if err != nil {
		return nil, err
	}
	var replays []replay
	for _, one := range all {
		done, err := play(ctx, one)
		if err != nil {
			return nil, err
		}
		replays = append(replays, done)
	}
	return replays, nil
}
