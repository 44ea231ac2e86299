package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

const (
	maxRows  = 500 // findings of one rule, and drift, that a page lists
	maxWords = 300 // unseen things of one kind that a page lists
)

// page is a report as its template asks for it.
type page struct {
	Verdict            verdict
	Headline, Sentence string
	FailOn             conformance.Severity
	Summary            conformance.Summary
	Problems           []string
	Groups             []group
	Listed             []listed // how many findings of which kind
	Kinds              []conformance.Share
	Documents          []documentRow
	Unseen             []unseenKind
	Operations         []operationGroup
	Drift              []Drift
	Looked             bool // for drift
	MoreDrift          int
}

// listed counts the findings of a severity, or those that are excused.
type listed struct {
	Name  string
	Count int
}

// group is the findings of one rule.
type group struct {
	Rule     conformance.Rule
	Severity conformance.Severity // the worst
	Failing  bool
	Times    int
	Findings []row
	More     int
}

type row struct {
	conformance.Finding
	Fails bool
}

type documentRow struct {
	Name    string
	Touched bool
	Cells   []conformance.Share // one for each kind; Of is 0 where there is none
}

type unseenKind struct {
	Kind  string
	Count int
	Items []conformance.Unseen
	More  int
}

type operationGroup struct {
	Document   string
	Seen       int
	Operations []conformance.OperationCoverage
}

// Percent is how many of the operations occurred.
func (g operationGroup) Percent() int { return g.Seen * 100 / len(g.Operations) }

func newPage(d Data) page {
	p := page{
		Verdict: d.verdict(), FailOn: d.FailOn, Summary: d.Report.Summary, Problems: d.Report.Problems,
		Groups: groups(d), Kinds: d.Report.Coverage.Kinds(),
		Operations: operationGroups(d.Report.Coverage), Unseen: unseenKinds(d.Report.Coverage),
		Drift: d.Drift, Looked: d.Drift != nil,
	}
	p.Headline, p.Sentence = d.headline()
	for _, name := range []string{"error", "warning", "note", "excused"} {
		one := listed{Name: name}
		for _, f := range d.Report.Findings {
			if name == "excused" && f.Excused != "" || name == string(f.Severity) && f.Excused == "" {
				one.Count++
			}
		}
		if one.Count > 0 {
			p.Listed = append(p.Listed, one)
		}
	}
	for _, document := range d.Report.Coverage.Documents() {
		r := documentRow{Name: document.Document, Touched: touched(document)}
		for _, kind := range p.Kinds {
			at := slices.IndexFunc(document.Kinds, func(s conformance.Share) bool { return s.Kind == kind.Kind })
			if at < 0 {
				r.Cells = append(r.Cells, conformance.Share{Kind: kind.Kind})
			} else {
				r.Cells = append(r.Cells, document.Kinds[at])
			}
		}
		p.Documents = append(p.Documents, r)
	}
	if len(p.Drift) > maxRows {
		p.MoreDrift, p.Drift = len(p.Drift)-maxRows, p.Drift[:maxRows]
	}
	return p
}

// groups are the rules with findings: what fails first, then the worst, then
// the most frequent. In a group what fails comes first, too.
func groups(d Data) []group {
	var list []*group
	byRule := map[string]*group{}
	for _, f := range d.Report.Findings {
		g := byRule[f.Rule]
		if g == nil {
			g = &group{Rule: detailOf(f.Rule), Severity: f.Severity}
			byRule[f.Rule] = g
			list = append(list, g)
		}
		g.Failing = g.Failing || d.fails(f)
		g.Times += max(f.Count, 1)
		if !g.Severity.AtLeast(f.Severity) {
			g.Severity = f.Severity
		}
		g.Findings = append(g.Findings, row{f, d.fails(f)})
	}
	slices.SortFunc(list, func(a, b *group) int {
		return cmp.Or(before(a.Failing, b.Failing), worse(a.Severity, b.Severity), cmp.Compare(b.Times, a.Times), cmp.Compare(a.Rule.ID, b.Rule.ID))
	})
	sorted := make([]group, len(list))
	for i, g := range list {
		slices.SortStableFunc(g.Findings, func(a, b row) int {
			return cmp.Or(before(a.Fails, b.Fails), before(a.Excused == "", b.Excused == ""), worse(a.Severity, b.Severity))
		})
		if len(g.Findings) > maxRows {
			g.More, g.Findings = len(g.Findings)-maxRows, g.Findings[:maxRows]
		}
		sorted[i] = *g
	}
	return sorted
}

// before puts what is true first.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func worse(a, b conformance.Severity) int { return before(a.AtLeast(b), b.AtLeast(a)) }

func operationGroups(c conformance.Coverage) (list []operationGroup) {
	for _, o := range c.Operations() {
		if len(list) == 0 || list[len(list)-1].Document != o.Document {
			list = append(list, operationGroup{Document: o.Document})
		}
		g := &list[len(list)-1]
		g.Operations = append(g.Operations, o)
		if o.Exchanges > 0 {
			g.Seen++
		}
	}
	return list
}

func unseenKinds(c conformance.Coverage) (list []unseenKind) {
	unseen := c.Unseen()
	for _, share := range c.Kinds() {
		k := unseenKind{Kind: share.Kind, Count: share.Of - share.Seen}
		if share.Kind == "operations" || share.Kind == "statuses" {
			continue // the table of operations shows them
		}
		for _, u := range unseen {
			if u.Kind == share.Kind {
				k.Items = append(k.Items, u)
			}
		}
		if len(k.Items) > maxWords {
			k.More, k.Items = len(k.Items)-maxWords, k.Items[:maxWords]
		}
		if k.Count > 0 {
			list = append(list, k)
		}
	}
	return list
}

// kindName is the name of a kind for people.
func kindName(kind string) string {
	switch kind {
	case "enum-values":
		return "Words of vocabularies"
	case "rels":
		return "Link relations"
	case "expand-names":
		return "$expand names"
	}
	name := strings.ReplaceAll(kind, "-", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

func joined(list []string) string { return strings.Join(list, ", ") }
