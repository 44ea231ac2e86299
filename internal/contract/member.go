package contract

import "slices"

// undocumented walks a body beside the schemas that apply to it and says which
// members none of them knows. A member is documented if any schema that
// applies documents it: those of allOf, and the accepted branches of oneOf and
// anyOf. A free map documents every member.
func (e *evaluation) undocumented(applied []*node, v *value, at *spot) {
	if len(v.list) == 0 || e.lesser >= 4*maxViolations || e.effort.over {
		return
	}
	all := e.applying(applied, v)
	switch v.kind {
	case kindArray:
		var items []*node
		for _, n := range all {
			if n.items != nil {
				items = append(items, n.items)
			}
		}
		here := &spot{parent: at, item: true} // one for all: nobody keeps it
		for i := range v.list {
			if here.index = i; len(items) > 0 {
				e.undocumented(items, &v.list[i].value, here)
			}
		}
	case kindObject:
		here := &spot{parent: at}
		for i := range v.list {
			here.name = v.list[i].name
			e.undocumentedMember(all, &v.list[i], here)
		}
	}
}

func (e *evaluation) undocumentedMember(all []*node, m *member, here *spot) {
	var children []*node
	known, otherwise, objects := false, "", false
	for _, n := range all {
		objects = objects || n.properties != nil || n.free || n.closed
		if name, folded, ok := e.find(n, m.name); ok {
			known = true
			if folded {
				otherwise = name
			}
			children = append(children, n.properties[name].node)
			continue
		}
		known = known || n.free || n.closed // closed: said already
		if n.rest != nil {
			children = append(children, n.rest)
		}
	}
	switch {
	case !known && objects:
		severity := Note
		if e.side == Request {
			severity = Warning
		}
		e.say("member.undocumented", severity, here, all[0], "the member is not documented")
	case otherwise != "":
		e.say("member.case", Warning, here, all[0], "the document spells the member %q", otherwise)
	}
	if len(children) > 0 {
		e.undocumented(children, &m.value, here)
	}
}

// applying is every schema that has a say about v.
func (e *evaluation) applying(nodes []*node, v *value) (all []*node) {
	if !slices.ContainsFunc(nodes, (*node).composed) {
		return nodes
	}
	seen := map[*node]bool{}
	var add func(n *node)
	add = func(n *node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		all = append(all, n)
		for _, each := range n.allOf {
			add(each)
		}
		if n.choice != nil && v.kind == kindObject {
			if name := v.member(n.choice.member, e.ignore.members); name != nil {
				add(e.named(n.choice, name))
			}
			return
		}
		for _, branches := range [][]*node{n.oneOf, n.anyOf} {
			accepting := slices.DeleteFunc(slices.Clone(branches), func(branch *node) bool { return !e.accepts(branch, v) })
			if len(accepting) == 0 {
				accepting = branches // an error already; whose members these are is then not known
			}
			for _, branch := range accepting {
				add(branch)
			}
		}
	}
	for _, n := range nodes {
		add(n)
	}
	return all
}
