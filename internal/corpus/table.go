package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

// A group is a row of the table.
type group struct {
	instrument, operation string
	grade                 grade
	verdicts              []verdict
}

// String names the row.
func (g group) String() string { return g.instrument + " " + g.operation + " " + string(g.grade) }

// groups gathers the verdicts by instrument, operation and grade, in the order of their names.
func groups(verdicts []verdict) []group {
	return gather(verdicts, func(v verdict) group {
		return group{instrument: v.instrument, operation: cmp.Or(v.operation, "?"), grade: v.grade}
	})
}

func gather(verdicts []verdict, key func(verdict) group) []group {
	var out []group
	at := map[string]int{}
	for _, v := range verdicts {
		k := key(v)
		i, ok := at[k.String()]
		if !ok {
			i = len(out)
			at[k.String()], out = i, append(out, k)
		}
		out[i].verdicts = append(out[i].verdicts, v)
	}
	slices.SortFunc(out, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.instrument, b.instrument), cmp.Compare(a.operation, b.operation), cmp.Compare(a.grade, b.grade))
	})
	return out
}

// row is the group in words: its names, its exchanges, its errors and how many of them are known, warnings, notes.
func (g group) row(known baseline) []string {
	errors, excused, warnings, notes := 0, 0, 0, 0
	for _, v := range g.verdicts {
		errors, warnings, notes = errors+v.count(conformance.Error), warnings+v.count(conformance.Warning), notes+v.count(conformance.Note)
		for _, f := range v.errors() {
			if v.grade != live && known.excuses(failureOf(v, f)) {
				excused += f.Count
			}
		}
	}
	row := []string{g.instrument, g.operation, string(g.grade)}
	for _, n := range []int{len(g.verdicts), errors, excused, warnings, notes} {
		row = append(row, strconv.Itoa(n))
	}
	return row
}

// table is the whole of it: a row for each group, then one for each grade.
func table(w io.Writer, verdicts []verdict, known baseline) error {
	rows := [][]string{{"instrument", "operation", "grade", "exchanges", "errors", "known", "warnings", "notes"}}
	for _, g := range groups(verdicts) {
		rows = append(rows, g.row(known))
	}
	for _, g := range gather(verdicts, func(v verdict) group { return group{instrument: "all", grade: v.grade} }) {
		rows = append(rows, g.row(known))
	}
	return grid(w, rows)
}

// grid prints rows below a head, which is the first of them: three columns of words, then numbers.
func grid(w io.Writer, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	rule := make([]string, len(widths))
	for i, width := range widths {
		rule[i] = strings.Repeat("-", width)
	}
	for _, row := range slices.Insert(rows, 1, rule) {
		for i, cell := range row {
			if i < 3 {
				row[i] = fmt.Sprintf("%-*s", widths[i], cell)
			} else {
				row[i] = fmt.Sprintf("%*s", widths[i], cell)
			}
		}
		if _, err := fmt.Fprintln(w, "| "+strings.Join(row, " | ")+" |"); err != nil {
			return err
		}
	}
	return nil
}
