package contract

import (
	"slices"
	"strings"
)

// parameter adds the words of a parameter's vocabulary. Where the document lists
// none for $expand, they are what can be expanded.
func (t *stocktaking) parameter(o *Operation, p *parameter) map[string]int {
	n := p.node
	if n != nil && n.kinds == kindArray {
		n = n.items
	}
	if n == nil {
		return nil
	}
	kind, words := ItemValue, wordsOf(n)
	if p.name == "$expand" {
		kind = ItemExpand
		if len(words) == 0 {
			words = o.expandable()
		}
	}
	places := map[string]int{}
	for _, word := range words {
		at := t.word(kind, p.name, word, p.at)
		places[word], places[lower(word)] = at, at
	}
	return places
}

func (t *stocktaking) word(kind ItemKind, name, word string, at Place) int {
	text := label(word)
	if kind == ItemValue {
		text = name + " = " + text
	}
	return t.add(Item{Name: word, At: at}, Item{Kind: kind, Document: bare(at.File), Name: text, At: at})
}

// expandable are members of what a successful answer is about that may be a
// link alone: nothing but their id is required.
func (o *Operation) expandable() (names []string) {
	for _, status := range sortedKeys(o.responses) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		for _, m := range o.responses[status].content {
			for _, root := range properties(flat(m.node)) {
				for name, p := range properties(flat(root.node)) {
					link := flat(p.node)
					if properties(link)["id"] != nil && slices.ContainsFunc(link, func(n *node) bool { return slices.Equal(n.required, []string{"id"}) }) {
						names = append(names, name)
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// wordsOf lists the words that a schema names.
func wordsOf(n *node) []string {
	words := sortedKeys(n.openEnum)
	for _, each := range n.enum {
		if each.kind == kindString || each.kind == kindNumber {
			words = append(words, each.text)
		}
	}
	return words
}

// fillWords adds the vocabularies of a value.
func (t *stocktaking) fillWords(p pending, all []*node) {
	kind := ItemValue
	switch {
	case p.name == "rel":
		kind = ItemRel
	case p.problem:
		kind = ItemProblemType
	}
	for _, n := range all {
		for _, word := range wordsOf(n) {
			if p.shape.words == nil {
				p.shape.words, p.shape.lower = map[string]int{}, map[string]int{}
			}
			at := t.word(kind, p.name, word, n.at)
			p.shape.words[word], p.shape.lower[lower(word)] = at, at
		}
	}
}
