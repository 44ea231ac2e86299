package conformance

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
)

// Gate is a least coverage.
type Gate struct {
	Document string  // "": all documents together
	Kind     string  // see [Share]
	Percent  float64 // above 0, at most 100
}

// ParseGate reads KIND=PERCENT or DOCUMENT:KIND=PERCENT, such as
// swedbankpay/creditcard:operations=60. The error says what is wrong and what
// there is instead.
func ParseGate(text string) (Gate, error) {
	name, number, ok := strings.Cut(text, "=")
	if !ok {
		return Gate{}, fmt.Errorf("the least coverage %q has no percentage; write it like operations=60", redactText(text))
	}
	g := Gate{Kind: name}
	if document, kind, ok := strings.Cut(name, ":"); ok {
		g.Document, g.Kind = strings.TrimSuffix(document, ".yaml"), kind
	}
	if kinds := contract.ItemKinds(); !slices.Contains(kinds, contract.ItemKind(g.Kind)) {
		all := make([]string, len(kinds))
		for i, kind := range kinds {
			all[i] = string(kind)
		}
		return Gate{}, fmt.Errorf("there is no coverage of %q; there is %s", redactText(g.Kind), strings.Join(all, ", "))
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(number, "%"), 64)
	if err != nil || math.IsNaN(percent) || percent <= 0 || percent > 100 {
		return Gate{}, fmt.Errorf("the least coverage %q is no percentage above 0 and up to 100", redactText(text))
	}
	g.Percent = percent
	return g, nil
}

// Require adds a finding for each gate that the coverage does not reach, and
// for each gate that nothing could reach, because no document has such things.
func (r *Report) Require(gates ...Gate) {
	for _, g := range gates {
		if f, missed := r.Coverage.miss(g); missed {
			r.Add(f)
		}
	}
}

func (c Coverage) miss(g Gate) (Finding, bool) {
	f := found(ruleCoverage, "", "")
	f.Entry, f.Count, f.Pointer = -1, 1, g.Kind
	where := ""
	if g.Document != "" {
		where, f.Pointer = " of "+g.Document, g.Document+":"+g.Kind
	}
	for _, share := range c.shares(func(item contract.Item) bool { return g.Document == "" || item.Document == g.Document }) {
		if share.Kind != g.Kind {
			continue
		}
		if float64(share.Seen)*100 >= g.Percent*float64(share.Of) {
			return f, false
		}
		f.Message = fmt.Sprintf("the coverage of %s%s is %g %% (%d of %d); at least %g %% are wanted", g.Kind, where, share.Percent, share.Seen, share.Of, g.Percent)
		if missing := c.missing(g); len(missing) > 0 {
			f.Hint = "not seen: " + list(missing)
		}
		return f.safe(), true
	}
	f.Message = fmt.Sprintf("there are no %s%s that could be covered", g.Kind, where)
	f.Hint = "take the gate out, or correct the name of the document"
	return f.safe(), true
}

// missing names what a gate wants and nobody saw.
func (c Coverage) missing(g Gate) (names []string) {
	for i, item := range c.items() {
		if string(item.Kind) != g.Kind || g.Document != "" && item.Document != g.Document || c.has(i, item.Kind) {
			continue
		}
		name := item.Name
		if item.Operation != "" && item.Operation != item.Name {
			name = item.Operation
			if item.Kind != contract.ItemOperation {
				name += " " + item.Name
			}
		}
		names = append(names, name)
	}
	return names
}
