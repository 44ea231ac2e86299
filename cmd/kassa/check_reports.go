package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/report"
)

// destinations are where the reports of a check go.
type destinations struct {
	format, output string
	reports        []string
	bars           bool

	first report.Format
	files []destination
}

type destination struct {
	format report.Format
	file   string
}

func (d *destinations) flags(flags *pflag.FlagSet) {
	flags.StringVar(&d.format, "format", "text", "how to print the report: `text`, json, junit, sarif, markdown or html")
	flags.StringVarP(&d.output, "output", "o", "", "print the report to this `file` and not to standard output")
	flags.StringArrayVar(&d.reports, "report", nil, "write a further report: `FORMAT=FILE`, such as html=report.html; may be repeated")
	flags.BoolVar(&d.bars, "coverage", false, "the text shows the coverage as bars")
}

// read makes sense of the flags, before anything is judged.
func (d *destinations) read() error {
	var err error
	if d.first, err = report.ParseFormat(d.format); err != nil {
		return misuse("--format: %w", err)
	}
	if d.output != "" {
		d.files = append(d.files, destination{d.first, d.output})
	}
	for _, each := range d.reports {
		name, file, ok := strings.Cut(each, "=")
		if !ok || file == "" {
			return misuse("--report %q names no file; write it like html=report.html", each)
		}
		format, err := report.ParseFormat(name)
		if err != nil {
			return misuse("--report: %w", err)
		}
		d.files = append(d.files, destination{format, file})
	}
	seen := map[string]bool{}
	for _, to := range d.files {
		name := filepath.Clean(to.file)
		if seen[name] {
			return misuse("two reports would be written to %s; give each a file of its own", to.file)
		}
		seen[name] = true
		if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
			return misuse("there is no folder %s for the report %s; make it first", filepath.Dir(name), to.file)
		}
	}
	return nil
}

// write writes every report, and tells of all that could not be written.
func (d *destinations) write(stdout io.Writer, r conformance.Report, failOn conformance.Severity) error {
	data := report.Data{Report: r, FailOn: failOn, Bars: d.bars}
	var failed []error
	unwritten := func(err error) {
		failed = append(failed, &exit{code: exitUnjudged, err: fmt.Errorf("the report could not be written: %w", err)})
	}
	if d.output == "" {
		if err := report.Write(stdout, d.first, data); err != nil {
			unwritten(err)
		}
	}
	for _, to := range d.files {
		if err := replace(to.file, func(w io.Writer) error { return report.Write(w, to.format, data) }); err != nil {
			unwritten(fmt.Errorf("%s: %w", to.file, cause(err)))
		}
	}
	return errors.Join(failed...)
}

// replace writes a file in one piece: a reader sees the old one or the new one.
func replace(name string, write func(io.Writer) error) error {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		return err
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(name, os.O_WRONLY, 0) // a pipe, or a device
		if err != nil {
			return err
		}
		_, err = file.Write(out.Bytes())
		return errors.Join(err, file.Close())
	}
	file, err := os.Create(name + ".new")
	if err != nil {
		return err
	}
	_, err = file.Write(out.Bytes())
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
