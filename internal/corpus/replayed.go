package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// beside adds to what the judge says of each entry what the sandbox says of its request, so that one baseline holds both.
func beside(verdicts []verdict, replays []replay) []verdict {
	all := slices.Clone(verdicts)
	for _, r := range replays {
		i := slices.IndexFunc(all, func(v verdict) bool { return v.id == r.id })
		if i < 0 {
			i = len(all)
			all = append(all, verdict{sample: sample{
				id: r.id, grade: r.grade, instrument: r.instrument, operation: r.operation, file: r.file, index: r.index,
			}})
		}
		all[i].findings = append(slices.Clip(all[i].findings), r.refusals...)
	}
	return all
}

// excused says whether the baseline knows each reason of a refusal.
func (r replay) excused(known baseline) bool {
	for _, f := range r.refusals {
		if r.grade == live || !known.excuses(failure{r.id, f.Rule, f.Pointer}) {
			return false
		}
	}
	return true
}

// A tally counts what became of requests.
type tally struct{ sent, accepted, refused, known, left int }

func (n *tally) add(r replay, known baseline) {
	switch {
	case r.why != "":
		n.left++
		return
	case len(r.refusals) == 0:
		n.accepted++
	default:
		n.refused++
		if r.excused(known) {
			n.known++
		}
	}
	n.sent++
}

func (n tally) row(names ...string) []string {
	for _, count := range []int{n.sent, n.accepted, n.refused, n.known, n.left} {
		names = append(names, strconv.Itoa(count))
	}
	return names
}

// replayTable prints what the sandbox made of the requests, a row for each instrument, operation and grade and one for all
// of them; then which were refused and why, and which were not sent.
func replayTable(w io.Writer, replays []replay, known baseline) error {
	if len(replays) == 0 {
		return nil
	}
	counts := map[[3]string]*tally{}
	var all tally
	for _, r := range replays {
		key := [3]string{r.instrument, cmp.Or(r.operation, "?"), string(r.grade)}
		if counts[key] == nil {
			counts[key] = &tally{}
		}
		counts[key].add(r, known)
		all.add(r, known)
	}
	rows := [][]string{{"instrument", "operation", "grade", "requests sent", "accepted", "refused", "known", "not sent"}}
	order := func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }
	for _, key := range slices.SortedFunc(maps.Keys(counts), order) {
		rows = append(rows, counts[key].row(key[:]...))
	}
	rows = append(rows, all.row("all", "", ""))
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := grid(w, rows); err != nil {
		return err
	}
	refused(w, replays, known)
	unsent(w, replays)
	return nil
}

// refused lists the requests that the sandbox refuses, with its reasons and ours.
func refused(w io.Writer, replays []replay, known baseline) {
	first := true
	for _, r := range replays {
		if len(r.refusals) == 0 {
			continue
		}
		if first {
			_, _ = fmt.Fprintln(w, "\nrefused by the sandbox:")
			first = false
		}
		_, _ = fmt.Fprintf(w, "    %s  grade %s, %s %s\n", r.id, r.grade, r.instrument, r.operation)
		for _, f := range r.refusals {
			_, _ = fmt.Fprintf(w, "        %s: %s", cmp.Or(f.Pointer, "-"), f.Message)
			if reason := known.excuse(failure{r.id, f.Rule, f.Pointer}); reason != "" {
				_, _ = fmt.Fprintf(w, " (%s)", reason)
			}
			_, _ = fmt.Fprintln(w)
		}
	}
}

// unsent says which requests were not sent, by the reason.
func unsent(w io.Writer, replays []replay) {
	ids := map[string][]string{}
	count := 0
	for _, r := range replays {
		if r.why != "" {
			ids[r.why] = append(ids[r.why], r.id)
			count++
		}
	}
	if count > 0 {
		_, _ = fmt.Fprintf(w, "\n%d requests were not sent:\n", count)
	}
	for _, why := range slices.Sorted(maps.Keys(ids)) {
		_, _ = fmt.Fprintf(w, "%5d  %s: %s\n", len(ids[why]), why, strings.Join(ids[why], " "))
	}
}
