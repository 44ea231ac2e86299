package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/baseline"
)

// agreed is what a check is held against besides the contract.
type agreed struct {
	baseline, suppressions string
	update                 bool
	coverage               []string

	known      *baseline.Baseline
	suppressed *baseline.Suppressions
	gates      []conformance.Gate
	now        time.Time
}

func (a *agreed) flags(flags *pflag.FlagSet) {
	flags.StringVar(&a.baseline, "baseline", "", "findings listed in this `file` do not fail; lines of it that do not occur do")
	flags.BoolVar(&a.update, "update-baseline", false, "write the findings to the file of --baseline, which knows them from then on")
	flags.StringVar(&a.suppressions, "suppressions", "", "YAML `file` of findings that somebody answers for until a day")
	flags.StringArrayVar(&a.coverage, "min-coverage", nil, "fail below this coverage: `[DOCUMENT:]KIND=PERCENT`, such as operations=40; may be repeated")
}

// read reads the files and makes sense of the flags, before anything is judged.
func (a *agreed) read(now time.Time) error {
	a.now = now
	for _, text := range a.coverage {
		gate, err := conformance.ParseGate(text)
		if err != nil {
			return misuse("--min-coverage: %w", err)
		}
		a.gates = append(a.gates, gate)
	}
	if a.update && a.baseline == "" {
		return misuse("--update-baseline writes the file of --baseline; name it")
	}
	var failed []error
	if a.baseline != "" && !a.update {
		failed = append(failed, from(a.baseline, "name another with --baseline, or write it with --update-baseline", func(name string, r io.Reader) (err error) {
			a.known, err = baseline.Read(name, r)
			return err
		}))
	}
	if a.suppressions != "" {
		failed = append(failed, from(a.suppressions, "name another with --suppressions", func(name string, r io.Reader) (err error) {
			a.suppressed, err = baseline.ReadSuppressions(name, r)
			return err
		}))
	}
	if err := errors.Join(failed...); err != nil {
		return &exit{code: exitMisuse, err: err}
	}
	return nil
}

// from reads a file of the caller's.
func from(name, remedy string, read func(name string, r io.Reader) error) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("%s cannot be read (%w); %s", name, cause(err), remedy)
	}
	defer file.Close()
	return read(filepath.ToSlash(name), file)
}

// apply holds a report against what was agreed on. The error says why a
// baseline could not be written.
func (a *agreed) apply(report *conformance.Report, failOn conformance.Severity, stderr io.Writer) error {
	if a.suppressed != nil {
		a.suppressed.Apply(report, a.now)
	}
	var failed error
	if a.update {
		failed = a.write(*report, failOn, stderr)
	}
	if a.known != nil {
		a.known.Apply(report)
	}
	report.Require(a.gates...)
	return failed
}

// write writes the baseline, and knows it from then on.
func (a *agreed) write(report conformance.Report, failOn conformance.Severity, stderr io.Writer) error {
	known, left := 0, 0
	err := replace(a.baseline, func(w io.Writer) (err error) {
		known, left, err = baseline.Write(w, report, failOn)
		return err
	})
	if err == nil {
		err = from(a.baseline, "", func(name string, r io.Reader) (err error) {
			a.known, err = baseline.Read(name, r)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.baseline, cause(err))
	}
	fmt.Fprintf(stderr, "kassa: %s: findings that are known from now on: %d\n", a.baseline, known)
	if left > 0 {
		fmt.Fprintf(stderr, "kassa: %s: findings that say that something was not judged cannot be known beforehand and still fail: %d\n", a.baseline, left)
	}
	return nil
}
