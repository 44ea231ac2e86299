package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/kassa-dev/kassa/conformance"
)

// report prints the table, what was left out, the errors that nothing excuses, and what is wrong with the baseline. It
// returns how many of the last two there are. With all it prints warnings and notes in full too.
func report(w io.Writer, verdicts []verdict, left []omission, known baseline, all bool) (int, error) {
	var out bytes.Buffer
	if err := table(&out, verdicts, known); err != nil {
		return 0, err
	}
	omitted(&out, left)
	complaints := 0
	for _, v := range verdicts {
		for _, f := range v.findings {
			wrong := f.Severity == conformance.Error && (v.grade == live || !known.excuses(failureOf(v, f)))
			if wrong {
				complaints++
			}
			if wrong || all && f.Severity != conformance.Error {
				fmt.Fprintf(&out, "\n%s\n    entry %s, grade %s, %s %s\n", f, v.id, v.grade, v.instrument, v.operation)
			}
			if wrong && known.excuse(failureOf(v, f)) == missing {
				fmt.Fprintln(&out, "    its line in the baseline gives no reason; remedy: say why the entry is wrong, or mend the contract")
			}
		}
	}
	for i, line := range known.complain(verdicts) {
		if i == 0 {
			fmt.Fprintln(&out)
		}
		complaints++
		fmt.Fprintln(&out, line)
	}
	_, err := w.Write(out.Bytes())
	return complaints, err
}

// omitted says which fragments were not judged, and why.
func omitted(out io.Writer, left []omission) {
	counts := map[string]int{}
	for _, one := range left {
		counts[one.file+": "+one.why]++
	}
	if len(left) > 0 {
		_, _ = fmt.Fprintf(out, "\n%d fragments were not judged:\n", len(left))
	}
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		_, _ = fmt.Fprintf(out, "%5d  %s\n", counts[why], why)
	}
}
