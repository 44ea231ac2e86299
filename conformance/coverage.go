package conformance

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
)

// Coverage says how much of what the documents describe recordings have shown.
// It grows by what is judged; a request that the server refused shows nothing.
// The zero Coverage knows no documents.
type Coverage struct {
	documents *contract.Contract
	inventory *contract.Inventory
	seen      contract.Set
	exchanges map[int]int // by the item of the operation
}

// Share is how much of one kind was seen. These are the kinds:
//
//   - operations, and statuses, each status with each of its media types;
//   - request-members and response-members: the members of the schemas of each
//     document, wherever its messages have them;
//   - enum-values: the words of vocabularies, closed and open ones. Words stand
//     in the document that holds the vocabulary, often a shared one;
//   - rels, expand-names and problem-types: the words of these vocabularies.
type Share struct {
	Kind    string  `json:"kind"`
	Seen    int     `json:"seen"`
	Of      int     `json:"of"`
	Percent float64 `json:"percent"` // rounded down to tenths
}

// DocumentCoverage is the coverage of one document, without the kinds of which
// it has nothing.
type DocumentCoverage struct {
	Document string  `json:"document"`
	Kinds    []Share `json:"kinds"`
}

// OperationCoverage is what was seen of one operation.
type OperationCoverage struct {
	Operation string        `json:"operation"`
	Document  string        `json:"document"`
	Method    string        `json:"method"`
	Path      string        `json:"path"`
	Summary   string        `json:"summary,omitempty"`
	Callback  bool          `json:"callback,omitempty"`
	Exchanges int           `json:"exchanges"`
	Statuses  []StatusTimes `json:"statuses"`
}

// StatusTimes is a documented status of an operation with one of its media
// types, such as "201 application/json".
type StatusTimes struct {
	Status string `json:"status"`
	Seen   bool   `json:"seen"`
}

// Unseen is a documented thing that did not occur.
type Unseen struct {
	Kind      string `json:"kind"`
	Document  string `json:"document"`
	Operation string `json:"operation,omitempty"`
	Name      string `json:"name"`
	Spec      string `json:"spec"`
}

// coverage is the coverage of nothing yet.
func (c *Checker) coverage() Coverage {
	return Coverage{documents: c.contract, inventory: c.inventory(), exchanges: map[int]int{}}
}

// add counts an exchange.
func (c *Coverage) add(shown *contract.Shown) {
	if shown == nil {
		return
	}
	c.seen.Add(shown.Seen)
	c.exchanges[shown.Operation()]++
}

// clone is a copy that does not grow with the original.
func (c Coverage) clone() Coverage {
	c.seen, c.exchanges = slices.Clone(c.seen), maps.Clone(c.exchanges)
	return c
}

// merge adds the coverage of another recording, judged by the same documents.
func (c *Coverage) merge(other Coverage) {
	if other.inventory == nil || c.inventory != nil && c.inventory != other.inventory {
		return
	}
	if c.inventory == nil {
		*c = other.clone()
		return
	}
	c.seen.Add(other.seen)
	for item, times := range other.exchanges {
		c.exchanges[item] += times
	}
}

func (c Coverage) items() []contract.Item {
	if c.inventory == nil {
		return nil
	}
	return c.inventory.Items()
}

// has tells whether an item was seen.
func (c Coverage) has(item int, kind contract.ItemKind) bool {
	return kind == contract.ItemOperation && c.exchanges[item] > 0 || c.seen.Has(item)
}

// Kinds is the coverage of all documents together, in the order of [Share].
func (c Coverage) Kinds() []Share { return c.shares(func(contract.Item) bool { return true }) }

// shares counts the items that count, and leaves out kinds without any.
func (c Coverage) shares(counts func(contract.Item) bool) []Share {
	of, seen := map[contract.ItemKind]int{}, map[contract.ItemKind]int{}
	for i, item := range c.items() {
		if counts(item) {
			of[item.Kind]++
			if c.has(i, item.Kind) {
				seen[item.Kind]++
			}
		}
	}
	shares := []Share{}
	for _, kind := range contract.ItemKinds() {
		if of[kind] > 0 {
			shares = append(shares, Share{string(kind), seen[kind], of[kind], float64(seen[kind]*1000/of[kind]) / 10})
		}
	}
	return shares
}

// Documents is the coverage of each document, by name.
func (c Coverage) Documents() []DocumentCoverage {
	names := map[string]bool{}
	for _, item := range c.items() {
		names[item.Document] = true
	}
	list := []DocumentCoverage{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, DocumentCoverage{name, c.shares(func(item contract.Item) bool { return item.Document == name })})
	}
	return list
}

// Operations is the coverage of each operation, in the order of the documents.
func (c Coverage) Operations() []OperationCoverage {
	list, place := []OperationCoverage{}, map[string]int{}
	if c.documents == nil {
		return list
	}
	for _, op := range c.documents.Operations() {
		place[op.Name()] = len(list)
		list = append(list, OperationCoverage{
			Operation: op.Name(), Document: strings.TrimSuffix(op.Name(), " "+op.ID), Method: op.Method, Path: op.Path,
			Summary: op.Summary, Callback: op.Callback, Statuses: []StatusTimes{},
		})
	}
	for i, item := range c.items() {
		at, ok := place[item.Operation]
		switch {
		case !ok:
		case item.Kind == contract.ItemOperation:
			list[at].Exchanges = c.exchanges[i]
		case item.Kind == contract.ItemStatus:
			list[at].Statuses = append(list[at].Statuses, StatusTimes{item.Name, c.seen.Has(i)})
		}
	}
	return list
}

// Unseen lists what has not been seen where something has: every operation;
// the statuses of the operations that occurred and the members of their
// documents; the words of vocabularies of which one was seen; and every rel,
// name for $expand, and type of problem.
func (c Coverage) Unseen() []Unseen {
	occurred, known := map[string]bool{}, map[string]bool{}
	for i, item := range c.items() {
		if c.has(i, item.Kind) {
			occurred[item.Operation], known[item.At.String()] = true, true
			if item.Kind == contract.ItemOperation {
				occurred[item.Document] = true
			}
		}
	}
	list := []Unseen{}
	for i, item := range c.items() {
		wanted := true
		switch item.Kind {
		case contract.ItemStatus:
			wanted = occurred[item.Operation]
		case contract.ItemRequestMember, contract.ItemResponseMember:
			wanted = occurred[item.Document]
		case contract.ItemValue:
			wanted = known[item.At.String()]
		}
		if wanted && !c.has(i, item.Kind) {
			list = append(list, Unseen{string(item.Kind), item.Document, item.Operation, item.Name, item.At.String()})
		}
	}
	return list
}

// MarshalJSON writes the shares, the operations that occurred, and what is
// unseen beside them.
func (c Coverage) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Kinds      []Share             `json:"kinds"`
		Documents  []DocumentCoverage  `json:"documents"`
		Operations []OperationCoverage `json:"operations"`
		Unseen     []Unseen            `json:"unseen"`
	}{
		c.Kinds(), c.Documents(),
		slices.DeleteFunc(c.Operations(), func(o OperationCoverage) bool { return o.Exchanges == 0 }), c.Unseen(),
	})
	return out.Bytes(), err
}
