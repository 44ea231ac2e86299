package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"maps"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

type junitReport struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCount
	Suites []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCount
	Cases []junitCase `xml:"testcase"`
}

type junitCount struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Skipped *junitNote `xml:"skipped"`
	Error   *junitNote `xml:"error"`
	Failure *junitNote `xml:"failure"`
	Out     string     `xml:"system-out,omitempty"`
}

type junitNote struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite for each file, with a case for each finding: one
// that fails the check is a failure, an excused one is skipped, another passes
// and tells what it is. A suite of operations has a case that passes for each
// that occurred and has no failing finding. What could not be judged is an
// error of a suite of its own.
func writeJUnit(out *bytes.Buffer, d Data) error {
	suites, failing := map[string]*junitSuite{}, map[string]bool{}
	for _, f := range d.Report.Findings {
		failing[f.Operation] = failing[f.Operation] || d.fails(f)
		name := cmp.Or(f.File, "traffic")
		if suites[name] == nil {
			suites[name] = &junitSuite{Name: name}
		}
		suites[name].add(d.junitCase(f))
	}
	report := junitReport{Name: "kassa check"}
	operations := &junitSuite{Name: "operations"}
	for _, name := range d.Report.Seen {
		if !failing[name] {
			operations.add(junitCase{Class: name, Name: "keeps to the contract"})
		}
	}
	sources := &junitSuite{Name: "recordings"}
	for _, problem := range d.Report.Problems {
		file, _, _ := strings.Cut(problem, ": ")
		sources.add(junitCase{Class: "recordings", Name: file, Error: &junitNote{Message: problem, Type: "unjudged", Text: problem}})
	}
	if d.verdict() == unjudged && len(d.Report.Problems) == 0 {
		_, sentence := d.headline()
		sources.add(junitCase{Class: "recordings", Name: "judged", Error: &junitNote{Message: sentence, Type: "unjudged", Text: sentence}})
	}
	all := []*junitSuite{sources, operations}
	for _, name := range slices.Sorted(maps.Keys(suites)) {
		all = append(all, suites[name])
	}
	for _, suite := range all {
		if suite.Tests == 0 {
			continue
		}
		report.Suites = append(report.Suites, suite)
		report.Tests += suite.Tests
		report.Failures += suite.Failures
		report.Errors += suite.Errors
		report.Skipped += suite.Skipped
	}
	out.WriteString(xml.Header)
	enc := xml.NewEncoder(out)
	enc.Indent("", "  ")
	if err := enc.Encode(report); err != nil {
		return err
	}
	out.WriteByte('\n')
	return nil
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (d Data) junitCase(f conformance.Finding) junitCase {
	c := junitCase{Class: cmp.Or(f.Operation, f.Rule), Name: f.Rule + " at " + place(f)}
	text := f.String()
	switch {
	case f.Excused != "":
		c.Skipped = &junitNote{Message: f.Excused}
		c.Out = text
	case d.fails(f):
		c.Failure = &junitNote{Message: f.Message, Type: string(f.Severity), Text: text}
	default:
		c.Out = text
	}
	return c
}

// place is where a finding is: the entry, the side and the pointer.
func place(f conformance.Finding) string {
	return strings.Join(slices.DeleteFunc([]string{f.Place(), f.Side, f.Pointer}, func(part string) bool { return part == "" }), " ")
}
