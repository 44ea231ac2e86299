package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kassa-dev/kassa/conformance"
)

// writeText writes the findings as a compiler would, and the coverage where it
// is asked for.
func writeText(out *bytes.Buffer, d Data) error {
	if err := d.Report.WriteText(out); err != nil {
		return err
	}
	if d.Bars {
		writeBars(out, d.Report.Coverage)
	}
	return nil
}

const barWidth = 20

// writeBars draws the coverage of all documents, then of those with traffic.
func writeBars(out *bytes.Buffer, c conformance.Coverage) {
	width := 0
	for _, share := range c.Kinds() {
		width = max(width, utf8.RuneCountInString(share.Kind))
	}
	shares := func(title string, list []conformance.Share) {
		fmt.Fprintf(out, "\n%s\n", title)
		for _, share := range list {
			fmt.Fprintf(out, "  %-*s  %s %5.1f %%  %d of %d\n", width, share.Kind, bar(share), share.Percent, share.Seen, share.Of)
		}
	}
	shares("coverage of all documents", c.Kinds())
	others := 0
	for _, document := range c.Documents() {
		if touched(document) {
			shares("coverage of "+document.Document, document.Kinds)
		} else {
			others++
		}
	}
	if others > 0 {
		fmt.Fprintf(out, "\n%s showed nothing\n", amount(others, "other document"))
	}
}

// touched tells whether anything of a document was seen.
func touched(d conformance.DocumentCoverage) bool {
	for _, share := range d.Kinds {
		if share.Seen > 0 {
			return true
		}
	}
	return false
}

// bar is full only if all was seen, and empty only if nothing was.
func bar(s conformance.Share) string {
	full := s.Seen * barWidth / s.Of
	text := strings.Repeat("█", full)
	if full == 0 && s.Seen > 0 {
		text, full = "▏", 1
	}
	return text + strings.Repeat("░", barWidth-full)
}
