package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
)

// A grade says how far a fact may be trusted. The best evidence comes first.
type grade int

const (
	seen       grade = iota // in a response captured from the vendor's live test environment: [R]
	implied                 // by the code or the tests of a vendor's own library: [S]
	documented              // in a vendor's documentation: [D], or a source without a letter
	inferred                // from other facts: [I]
	assumed                 // x-assumed: nothing says so, and something had to be chosen
	unsourced               // neither x-source nor x-assumed
	grades                  // how many there are
)

// letters are the grades an x-source names, the strongest first: where sources differ, what was seen beats what was
// written.
var letters = []struct {
	text  string
	grade grade
}{{"[R]", seen}, {"[S]", implied}, {"[D]", documented}}

// gradeOf judges a fact by its weakest part when that part is a guess, and else by its strongest source: a fact that
// is partly assumed is assumed, partly inferred is inferred, and one both seen and documented is seen.
func gradeOf(e contract.Evidence) grade {
	switch {
	case e.Assumed != "":
		return assumed
	case e.Source == "":
		return unsourced
	case strings.Contains(e.Source, "[I]"):
		return inferred
	}
	for _, l := range letters {
		if strings.Contains(e.Source, l.text) {
			return l.grade
		}
	}
	return documented
}

// A chapter is what is known about one document.
type chapter struct {
	document string
	facts    [grades][]contract.Evidence
}

// total counts the facts of the chapter.
func (c chapter) total() int {
	n := 0
	for _, facts := range c.facts {
		n += len(facts)
	}
	return n
}

// chapters groups evidence by document and grade, each in the order of the lines it stands on, whatever order it came
// in. Evidence of the shared vocabulary is counted once, however many documents refer to it.
func chapters(evidence []contract.Evidence) []chapter {
	evidence = slices.Clone(evidence)
	slices.SortFunc(evidence, func(a, b contract.Evidence) int {
		return cmp.Or(
			cmp.Compare(document(a), document(b)),
			cmp.Compare(a.At.Line, b.At.Line),
			cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Assumed, b.Assumed),
			cmp.Compare(a.Document, b.Document),
		)
	})
	evidence = slices.CompactFunc(evidence, func(a, b contract.Evidence) bool {
		a.Document, b.Document = document(a), document(b)
		return a == b
	})
	var out []chapter
	for _, e := range evidence {
		if len(out) == 0 || out[len(out)-1].document != document(e) {
			out = append(out, chapter{document: document(e)})
		}
		last, g := &out[len(out)-1], gradeOf(e)
		last.facts[g] = append(last.facts[g], e)
	}
	return out
}

// document is the file a fact stands in, which for shared vocabulary is not the document that uses it.
func document(e contract.Evidence) string { return cmp.Or(e.At.File, e.Document) }

// facts is the evidence of the contract, and beside it every operation that carries none: an operation without a
// source must not be missing from the count.
func facts(c *contract.Contract) []contract.Evidence {
	out := c.Evidence()
	has := map[contract.Place]bool{}
	for _, e := range out {
		if e.Kind == "operation" {
			has[e.At] = true
		}
	}
	for _, op := range c.Operations() {
		if !has[op.At] {
			out = append(out, contract.Evidence{Document: op.Document, Kind: "operation", Name: op.ID, At: op.At})
		}
	}
	return out
}
