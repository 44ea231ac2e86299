package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/conformance/har"
)

// SourceError says that a file, or the rest of one, could not be judged, and
// what to do about it.
type SourceError struct {
	File    string
	Problem string
	Remedy  string
	Err     error // what the system or the reader said; may be nil
}

// Error is one line: the file, the problem, the remedy.
func (e *SourceError) Error() string {
	return oneLine(redactText(e.File + ": " + e.Problem + "; " + e.Remedy))
}

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// CheckFiles judges HAR files: each argument is a file, a directory, which is
// searched for *.har, or "-" for stdin. A file may name servers of its own to
// judge (log._servers), as the recordings of the sandbox do.
//
// What cannot be judged does not stop the rest: every file, or part of one, is
// a *SourceError in the error returned (see errors.Join), beside the report on
// all that was judged. If ctx ends, the error wraps its cause too.
func CheckFiles(ctx context.Context, c *Checker, args []string, stdin io.Reader) (Report, error) {
	var problems []error
	report := c.Session().Report()
	for _, arg := range args {
		files, err := expand(arg)
		problems = append(problems, err...)
		for _, file := range files {
			if ctx.Err() != nil {
				break
			}
			judged, err := c.checkFile(ctx, file, stdin)
			report.merge(judged)
			problems = append(problems, err)
		}
	}
	if err := context.Cause(ctx); err != nil {
		problems = append(problems, fmt.Errorf("interrupted, not everything was judged: %w", err))
	}
	err := errors.Join(problems...)
	report.Blind = err != nil
	for _, problem := range problems {
		if problem != nil {
			report.Problems = append(report.Problems, oneLine(redactText(problem.Error())))
		}
	}
	return report, err
}

// expand is the list of files an argument stands for.
func expand(arg string) (files []string, problems []error) {
	info, err := os.Stat(arg)
	switch {
	case arg == "-":
		return []string{arg}, nil
	case err != nil:
		return nil, []error{unreadable(arg, err)}
	case !info.IsDir():
		return []string{arg}, nil
	}
	_ = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			problems = append(problems, unreadable(path, err))
		case !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".har"):
			files = append(files, path)
		}
		return nil
	})
	if len(files) == 0 && len(problems) == 0 {
		problems = append(problems, &SourceError{arg, "the directory holds no *.har files", "name a directory of HAR recordings, or a file", nil})
	}
	return files, problems
}

func unreadable(file string, err error) *SourceError {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &SourceError{file, "there is no such file", "check the path", err}
	case errors.Is(err, fs.ErrPermission):
		return &SourceError{file, "the file may not be read", "check its permissions", err}
	}
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return &SourceError{file, "reading failed: " + err.Error(), "check the file and its disk, and try again", err}
}

func (c *Checker) checkFile(ctx context.Context, file string, stdin io.Reader) (Report, error) {
	if file == "-" {
		return c.checkReader(ctx, "stdin", c.watched("stdin", stdin, 0))
	}
	f, err := os.Open(file)
	if err != nil {
		return Report{}, unreadable(file, err)
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	return c.checkReader(ctx, filepath.ToSlash(file), c.watched(filepath.ToSlash(file), f, size))
}

// checkReader judges one recording. Only a *SourceError is returned.
func (c *Checker) checkReader(ctx context.Context, file string, r io.Reader) (Report, error) {
	reader, session := har.NewReader(r), c.Session()
	var problem *SourceError
	for entry, err := range reader.Entries() {
		if session.checker == c && len(reader.Meta().Servers) > 0 {
			more, err := c.with(reader.Meta().Servers)
			if err != nil {
				problem = &SourceError{file, "log._servers names " + err.Error(), "correct or remove log._servers", err}
				break
			}
			session.checker = more
		}
		var damaged *har.EntryError
		switch {
		case errors.As(err, &damaged):
			session.damaged(file, damaged.Index, damaged.Problem)
		case err != nil:
			problem = explain(file, err)
		default:
			session.Check(fromEntry(file, reader.Meta(), entry))
		}
		if ctx.Err() != nil {
			break
		}
	}
	report := session.Report()
	if problem == nil && ctx.Err() == nil {
		problem = c.unseen(file, session, report.Summary)
	}
	if problem != nil {
		report.Blind = true
		return report, problem
	}
	return report, nil
}

// explain tells what to do about a file that could not be read to its end.
func explain(file string, err error) *SourceError {
	remedy := "record it again as HAR"
	switch {
	case errors.Is(err, har.ErrEmpty):
		remedy = "record it again; the recorder may write only when it stops"
	case errors.Is(err, har.ErrNoEntries):
		remedy = "give a HAR 1.2 file, an object with log.entries"
	case errors.Is(err, har.ErrTruncated):
		remedy = "what came before was judged; record again, and let the recorder finish"
	case errors.Is(err, har.ErrNotJSON):
		remedy = "give a HAR 1.2 file; one that is compressed must be unpacked first"
	case !errors.Is(err, har.ErrDamaged):
		return unreadable(file, err)
	}
	return &SourceError{file, err.Error(), remedy, err}
}

// unseen is the problem of a file that was read well and did not hold what had
// to be judged. A check of what is left would be green for the wrong reason.
func (c *Checker) unseen(file string, s *Session, sum Summary) *SourceError {
	switch {
	case s.bodiless > 0:
		return &SourceError{file, fmt.Sprintf("%s without the body there was, which was not judged", plural(s.bodiless, "exchange")),
			"record with bodies (HAR with content)", nil}
	case sum.Judged > 0 && s.answered == 0:
		return &SourceError{file, "no response was recorded, so none was judged", "record again, and let the requests finish", nil}
	case sum.Judged > 0:
		return nil
	case sum.Exchanges == 0:
		return &SourceError{file, "it holds no entries", "record some traffic", nil}
	case len(s.foreign) == 0:
		return &SourceError{file, "none of its entries could be judged", "see the findings, and record again", nil}
	}
	hosts := list(slices.Sorted(maps.Keys(s.foreign)))
	known := cmp.Or(list(c.hosts), "none")
	return &SourceError{file, fmt.Sprintf("none of its entries is for a host of the documents: it has %s", hosts),
		fmt.Sprintf("record traffic with %s, or say that this host is one with a server option", known), nil}
}
