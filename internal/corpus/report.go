package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/kassa-dev/kassa/conformance"
)

// complaints prints the errors that nothing excuses and what is wrong with the baseline, and returns how many there are.
// With all it prints warnings and notes in full too.
func complaints(out io.Writer, verdicts []verdict, known baseline, all bool) (complaints int) {
	for _, v := range verdicts {
		for _, f := range v.findings {
			wrong := f.Severity == conformance.Error && (v.grade == live || !known.excuses(failureOf(v, f)))
			if wrong {
				complaints++
			}
			if wrong || all && f.Severity != conformance.Error {
				_, _ = fmt.Fprintf(out, "\n%s\n    entry %s, grade %s, %s %s\n", f, v.id, v.grade, v.instrument, v.operation)
			}
			if wrong && known.excuse(failureOf(v, f)) == missing {
				_, _ = fmt.Fprintln(out, "    its line in the baseline gives no reason; remedy: say why the entry is wrong, or mend the contract")
			}
		}
	}
	for i, line := range known.complain(verdicts) {
		if i == 0 {
			_, _ = fmt.Fprintln(out)
		}
		complaints++
		_, _ = fmt.Fprintln(out, line)
	}
	return complaints
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
