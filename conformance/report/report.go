// Package report writes what the judge found: as text like a compiler's, as
// JSON (docs/report.schema.json), as JUnit XML, as SARIF 2.1.0, as Markdown for
// a pull request, and as a page of HTML that stands by itself.
//
// A report holds no time and no chance: the same recordings give the same
// bytes. Whatever a recording says passes through the redaction once more
// before it is written, see [conformance.RedactText].
package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	Text     Format = "text"
	JSON     Format = "json"
	JUnit    Format = "junit"
	SARIF    Format = "sarif"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

var writers = map[Format]func(*bytes.Buffer, Data) error{
	Text: writeText, JSON: writeJSON, JUnit: writeJUnit, SARIF: writeSARIF, Markdown: writeMarkdown, HTML: writeHTML,
}

// Formats lists the formats.
func Formats() []Format { return []Format{Text, JSON, JUnit, SARIF, Markdown, HTML} }

// ParseFormat finds a format by its name. The error lists them.
func ParseFormat(name string) (Format, error) {
	if writers[Format(name)] != nil {
		return Format(name), nil
	}
	names := make([]string, len(Formats()))
	for i, f := range Formats() {
		names[i] = string(f)
	}
	return "", fmt.Errorf("the format %q is unknown; use %s or %s", name, strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

// Data is what a report tells.
type Data struct {
	Report conformance.Report
	FailOn conformance.Severity // least severity that fails; by default Error
	Bars   bool                 // the text shows the coverage
	Drift  []Drift              // where the documents and the world differ; nil: nobody looked
}

// Drift is something the API says and the documents do not, wherever it was
// seen. It carries no value that is not redacted.
type Drift struct {
	Kind      string   `json:"kind"` // such as member, value, status, header
	Operation string   `json:"operation"`
	Status    string   `json:"status"`
	Pointer   string   `json:"pointer"` // with * for the places in arrays
	Types     []string `json:"types"`   // that values had
	Sample    string   `json:"sample"`
	Count     int      `json:"count"`
	First     string   `json:"first"` // where it was seen first, as in checkout.har:17
	Last      string   `json:"last"`
	Spec      string   `json:"spec"` // the line of the document it would belong to
}

// Write writes a report in one piece, or nothing. The error is that of the
// writer.
func Write(w io.Writer, format Format, d Data) error {
	write := writers[format]
	if write == nil {
		_, err := ParseFormat(string(format))
		return err
	}
	var out bytes.Buffer
	if err := write(&out, d.safe()); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// safe is the data with every text fit to be written, and nothing left to
// default.
func (d Data) safe() Data {
	d.FailOn = cmp.Or(d.FailOn, conformance.Error)
	findings := make([]conformance.Finding, len(d.Report.Findings))
	for i, f := range d.Report.Findings {
		for _, text := range []*string{&f.Operation, &f.File, &f.Side, &f.Pointer, &f.Message, &f.Hint, &f.Spec, &f.Excused} {
			*text = conformance.RedactText(*text)
		}
		findings[i] = f
	}
	d.Report.Findings = findings
	problems := make([]string, len(d.Report.Problems))
	for i, problem := range d.Report.Problems {
		problems[i] = conformance.RedactText(problem)
	}
	d.Report.Problems = problems
	if d.Drift == nil {
		return d
	}
	drift := make([]Drift, len(d.Drift))
	for i, row := range d.Drift {
		for _, text := range []*string{&row.Kind, &row.Operation, &row.Status, &row.Pointer, &row.Sample, &row.First, &row.Last, &row.Spec} {
			*text = conformance.RedactText(*text)
		}
		types := make([]string, len(row.Types))
		for j, each := range row.Types {
			types[j] = conformance.RedactText(each)
		}
		row.Types = types
		drift[i] = row
	}
	d.Drift = drift
	return d
}

// fails tells whether a finding is one that fails the check.
func (d Data) fails(f conformance.Finding) bool {
	return f.Excused == "" && f.Severity.AtLeast(d.FailOn)
}

// A verdict is what a report comes to.
type verdict string

const (
	clean    verdict = "clean"
	findings verdict = "findings"
	unjudged verdict = "unjudged"
)

func (d Data) verdict() verdict {
	return map[int]verdict{0: clean, 1: findings, 3: unjudged}[d.Report.ExitCode(d.FailOn)]
}

// headline is the verdict in a few words, and sentence what it rests on.
func (d Data) headline() (headline, sentence string) {
	s := d.Report.Summary
	failing, kinds := 0, map[string]bool{}
	for _, f := range d.Report.Findings {
		if d.fails(f) {
			failing++
			kinds[f.Rule] = true
		}
	}
	excuse := ""
	if s.Excused > 0 {
		excuse = " that is not excused"
	}
	switch d.verdict() {
	case clean:
		return "Clean", fmt.Sprintf("%s judged, and nothing as bad as %s was found%s.", amount(s.Judged, "exchange")+verb(s.Judged, " was", " were"), article(d.FailOn), excuse)
	case findings:
		return amount(failing, "finding") + verb(failing, " fails", " fail") + " the check",
			fmt.Sprintf("%s broken; %s judged.", amount(len(kinds), "rule")+verb(len(kinds), " is", " are"), amount(s.Judged, "exchange")+verb(s.Judged, " was", " were"))
	}
	if s.Judged == 0 {
		return "Nothing was judged", fmt.Sprintf("None of %s could be held against the documents, so nothing is known.", amount(s.Exchanges, "exchange"))
	}
	return "Not everything was judged", fmt.Sprintf("Nothing as bad as %s was found in the %s that could be judged%s.", article(d.FailOn), amount(s.Judged, "exchange"), excuse)
}

func article(s conformance.Severity) string {
	if s == conformance.Error {
		return "an error"
	}
	return "a " + string(s)
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// amount is a number with its noun.
func amount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped is a number with its thousands apart.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}

// detailOf is what is known of a rule.
func detailOf(id string) conformance.Rule {
	for _, rule := range conformance.Rules() {
		if rule.ID == id {
			return rule
		}
	}
	return conformance.Rule{ID: id, Severity: conformance.Error, Title: id}
}
