package contract

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// ItemKind says of what kind a documented thing is.
type ItemKind string

// The kinds of documented things.
const (
	ItemOperation      ItemKind = "operations"
	ItemStatus         ItemKind = "statuses"         // each with each of its media types
	ItemRequestMember  ItemKind = "request-members"  // of the schemas of a document's requests
	ItemResponseMember ItemKind = "response-members" // of the schemas of a document's responses
	ItemValue          ItemKind = "enum-values"      // words of vocabularies, closed and open
	ItemRel            ItemKind = "rels"
	ItemExpand         ItemKind = "expand-names"
	ItemProblemType    ItemKind = "problem-types"
)

// ItemKinds lists the kinds in the order of reports.
func ItemKinds() []ItemKind {
	return []ItemKind{ItemOperation, ItemStatus, ItemRequestMember, ItemResponseMember, ItemValue, ItemRel, ItemExpand, ItemProblemType}
}

// Item is a documented thing that traffic can show. A member of a schema stands
// once for each document whose messages have it, however many of them do, and
// the word of a vocabulary once at all.
type Item struct {
	Kind      ItemKind
	Document  string // without extension: of the operation, or the one that holds the vocabulary
	Operation string // its name; "" for members and words
	Name      string // such as "201 application/json", "/payment/amount", "state = Ready"
	At        Place
}

// Inventory is what the traffic of a contract can show. It is immutable and
// safe for concurrent use.
type Inventory struct {
	items   []Item
	outlook map[*Operation]*outlook
}

// Inventory takes stock of the documents.
func (c *Contract) Inventory() *Inventory {
	t := &stocktaking{inventory: &Inventory{outlook: map[*Operation]*outlook{}}, known: map[any]int{}, shapes: map[string]*shape{}}
	for _, o := range c.Operations() {
		t.take(o)
	}
	return t.inventory
}

// Items lists everything, by operation, then by what is nearest to the root of
// its message.
func (v *Inventory) Items() []Item { return v.items }

// outlook is where the items of an operation's exchanges are.
type outlook struct {
	item     int
	statuses map[*response]map[*media]int // under nil: without a body
	request  map[*media]*shape
	response map[*media]*shape
	words    map[*parameter]map[string]int
}

// shape is where the items of a value are. Shapes may refer to themselves.
type shape struct {
	members map[string]*below
	folded  map[string]*below // by name in lower case
	items   *shape
	words   map[string]int
	lower   map[string]int // in lower case
	problem bool           // the words are types of problems, compared in any letter case
}

type below struct {
	item  int
	shape *shape
}

// bare is the name of a document without its extension.
func bare(document string) string { return strings.TrimSuffix(document, path.Ext(document)) }

// stocktaking makes an inventory.
type stocktaking struct {
	inventory *Inventory
	known     map[any]int       // places of items by what makes them one
	shapes    map[string]*shape // by document, side and schemas
	waiting   []pending
}

// pending is a shape that is still empty. The nearest to the root come first,
// which gives members their shortest pointers.
type pending struct {
	shape         *shape
	nodes         []*node
	document      string
	side          Side
	pointer, name string
	problem       bool // it is a member of an object of RFC 7807
}

// add is the place of an item, which may be there already under the same key.
func (t *stocktaking) add(key any, item Item) int {
	if i, ok := t.known[key]; ok {
		return i
	}
	t.known[key] = len(t.inventory.items)
	t.inventory.items = append(t.inventory.items, item)
	return len(t.inventory.items) - 1
}

func (t *stocktaking) take(o *Operation) {
	document := bare(o.Document)
	look := &outlook{
		item:     t.add(o, Item{ItemOperation, document, o.Name(), o.ID, o.At}),
		statuses: map[*response]map[*media]int{}, request: map[*media]*shape{}, response: map[*media]*shape{},
		words: map[*parameter]map[string]int{},
	}
	t.inventory.outlook[o] = look
	for _, status := range sortedKeys(o.responses) {
		r := o.responses[status]
		look.statuses[r] = map[*media]int{}
		for _, m := range r.content {
			item := Item{ItemStatus, document, o.Name(), status + " " + m.name, r.at}
			look.statuses[r][m] = t.add(item, item)
		}
		if len(r.content) == 0 {
			item := Item{ItemStatus, document, o.Name(), status, r.at}
			look.statuses[r][nil] = t.add(item, item)
		}
	}
	if o.body != nil {
		for _, m := range o.body.content {
			look.request[m] = t.shape(pending{nodes: []*node{m.node}, document: document, side: Request})
		}
	}
	for _, status := range sortedKeys(o.responses) {
		for _, m := range o.responses[status].content {
			look.response[m] = t.shape(pending{nodes: []*node{m.node}, document: document, side: Response})
		}
	}
	for len(t.waiting) > 0 {
		next := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.fill(next)
	}
	for _, p := range o.parameters {
		look.words[p] = t.parameter(o, p)
	}
}

// flat is every schema that may have a say where the given ones have one.
func flat(nodes ...*node) (all []*node) {
	var add func(n *node)
	add = func(n *node) {
		if n == nil || slices.Contains(all, n) {
			return
		}
		all = append(all, n)
		for _, each := range slices.Concat(n.allOf, n.oneOf, n.anyOf) {
			add(each)
		}
	}
	for _, n := range nodes {
		add(n)
	}
	return all
}

// properties are those of all the schemas; of one name, the first.
func properties(nodes []*node) map[string]*property {
	all := map[string]*property{}
	for _, n := range nodes {
		for name, p := range n.properties {
			if all[name] == nil {
				all[name] = p
			}
		}
	}
	return all
}

// shape is the one for such values, filled later if it is new.
func (t *stocktaking) shape(p pending) *shape {
	key := fmt.Sprintf("%s %s %t %t", p.document, p.side, p.problem, p.name == "rel")
	for _, n := range p.nodes {
		key += fmt.Sprintf(" %p", n)
	}
	if t.shapes[key] == nil {
		p.shape = &shape{problem: p.problem}
		t.shapes[key] = p.shape
		t.waiting = append(t.waiting, p)
	}
	return t.shapes[key]
}

func (t *stocktaking) fill(p pending) {
	all := flat(p.nodes...)
	t.fillWords(p, all)
	var items []*node
	members, owners := map[string][]*node{}, map[string]*node{}
	for _, n := range all {
		if n.items != nil {
			items = append(items, n.items)
		}
		for name, each := range n.properties {
			if each.readOnly && p.side == Request || each.writeOnly && p.side == Response {
				continue
			}
			if owners[name] == nil {
				owners[name] = n
			}
			members[name] = append(members[name], each.node)
		}
	}
	if len(items) > 0 {
		p.shape.items = t.shape(pending{nodes: items, document: p.document, side: p.side, pointer: p.pointer + "/*", name: p.name})
	}
	if len(members) == 0 {
		return
	}
	kind := map[Side]ItemKind{Request: ItemRequestMember, Response: ItemResponseMember}[p.side]
	problem := members["type"] != nil && members["title"] != nil && members["status"] != nil
	p.shape.members, p.shape.folded = map[string]*below{}, map[string]*below{}
	for _, name := range sortedKeys(members) {
		pointer := p.pointer + "/" + pointerEscaper.Replace(name)
		at := owners[name].at
		if own := members[name][0]; own != nil && own.at.File != "" {
			at = own.at
		}
		type member struct {
			kind     ItemKind
			document string
			of       *node
			name     string
		}
		b := &below{
			item:  t.add(member{kind, p.document, owners[name], name}, Item{Kind: kind, Document: p.document, Name: pointer, At: at}),
			shape: t.shape(pending{nodes: members[name], document: p.document, side: p.side, pointer: pointer, name: name, problem: problem && name == "type"}),
		}
		p.shape.members[name], p.shape.folded[lower(name)] = b, b
	}
}
