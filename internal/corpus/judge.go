package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/kassa-dev/kassa/conformance"
)

// A verdict is what the judge says about a sample.
type verdict struct {
	sample
	findings []conformance.Finding
}

// Rules of our own and of the judge's that mean something particular here.
const (
	ruleUnjudged = "corpus.unjudged"
	ruleSilent   = "recording.response.missing"
)

// judge reads a sample as if it were a recording by itself: the samples of a file are no conversation, and go the same
// way as the files of any user. A sample that could not be judged has at least one error.
func judge(ctx context.Context, checker *conformance.Checker, one sample) ([]conformance.Finding, error) {
	recording := fmt.Appendf(nil, `{"log":{"version":"1.2","creator":{"name":"corpus","version":"1"},"entries":[%s]}}`, one.entry)
	report, err := conformance.CheckFiles(ctx, checker, []string{"-"}, bytes.NewReader(recording))
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	var found []conformance.Finding
	failed := false
	for _, f := range report.Findings {
		if one.half && f.Rule == ruleSilent {
			err = nil // found only once the request has been judged
			continue
		}
		failed = failed || f.Severity == conformance.Error
		f.File, f.Entry = one.file, one.index
		found = append(found, f)
	}
	if err != nil && !failed {
		problem := "it was not judged"
		if source := (*conformance.SourceError)(nil); errors.As(err, &source) {
			problem = source.Problem
		}
		found = append(found, conformance.Finding{
			Rule: ruleUnjudged, Severity: conformance.Error, Message: problem, File: one.file, Entry: one.index, Count: 1,
		})
	}
	return found, nil
}

// errors are the findings that need a line in the baseline.
func (v verdict) errors() []conformance.Finding {
	var out []conformance.Finding
	for _, f := range v.findings {
		if f.Severity == conformance.Error {
			out = append(out, f)
		}
	}
	return out
}

// count is how many times something of this severity was found.
func (v verdict) count(severity conformance.Severity) int {
	n := 0
	for _, f := range v.findings {
		if f.Severity == severity {
			n += f.Count
		}
	}
	return n
}
