package main

import (
	_ "embed"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
)

//go:embed preface.md
var preface string

// titles names the grades in the table of counts, in the order of the columns.
var titles = [grades]string{"seen", "implied", "documented", "inferred", "assumed", "neither"}

// sections is the order in which a chapter lists its facts: what may be wrong comes first.
var sections = []grade{assumed, inferred, unsourced, seen, implied, documented}

// write renders the page. Equal evidence gives equal bytes, whatever order it comes in.
func write(w io.Writer, evidence []contract.Evidence) error {
	var b strings.Builder
	b.WriteString(preface)
	all := chapters(evidence)
	writeCounts(&b, all)
	for _, c := range all {
		writeChapter(&b, c)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCounts(b *strings.Builder, all []chapter) {
	b.WriteString("## In numbers\n\n")
	fmt.Fprintf(b, "| document | facts | %s |\n", strings.Join(titles[:], " | "))
	fmt.Fprintf(b, "| --- |%s\n", strings.Repeat(" ---: |", 1+len(titles)))
	sum := chapter{document: "**all**"}
	for _, c := range all {
		writeCount(b, c)
		for g := range c.facts {
			sum.facts[g] = append(sum.facts[g], c.facts[g]...)
		}
	}
	writeCount(b, sum)
}

func writeCount(b *strings.Builder, c chapter) {
	fmt.Fprintf(b, "| %s | %d |", c.document, c.total())
	for _, facts := range c.facts {
		fmt.Fprintf(b, " %d |", len(facts))
	}
	b.WriteByte('\n')
}

func writeChapter(b *strings.Builder, c chapter) {
	fmt.Fprintf(b, "\n## %s\n", c.document)
	for _, g := range sections {
		if len(c.facts[g]) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n### %s: %d\n\n", titles[g], len(c.facts[g]))
		for _, e := range c.facts[g] {
			fmt.Fprintf(b, "- %s `%s` (%s)%s\n", e.Kind, e.Name, place(e.At), reason(e))
		}
	}
}

// place links to the line, as the command's findings name it: "psp.yaml:42".
func place(at contract.Place) string {
	if at.File == "" {
		return "place unknown"
	}
	return fmt.Sprintf("[%s:%d](../openapi/%s#L%d)", path.Base(at.File), at.Line, at.File, at.Line)
}

// reason is what follows the name of a fact: why it was assumed, then where it stands.
func reason(e contract.Evidence) string {
	var parts []string
	if e.Assumed != "" {
		parts = append(parts, inline(e.Assumed))
	}
	if e.Source != "" {
		parts = append(parts, "source: "+inline(e.Source))
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, "; ")
}

// inline makes free text one line of Markdown that shows it letter by letter.
func inline(text string) string {
	return escaper.Replace(strings.Join(strings.Fields(text), " "))
}

var escaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`", "](", `]\(`)
