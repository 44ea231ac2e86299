package contract

// undocumented walks a body beside the schemas that apply to it and says which
// members none of them knows. A member is documented if any schema that
// applies documents it: those of allOf, and the accepted branches of oneOf and
// anyOf. A free map documents every member.
func (e *evaluation) undocumented(applied []*node, v *value, at *spot) {
	if len(e.out) > 4*maxViolations {
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
		for i := range v.items {
			e.undocumented(items, &v.items[i], at.item(i))
		}
	case kindObject:
		for i := range v.members {
			e.undocumentedMember(all, &v.members[i], at)
		}
	}
}

func (e *evaluation) undocumentedMember(all []*node, m *member, at *spot) {
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
		e.say("member.undocumented", severity, at.member(m.name), all[0], "the member is not documented")
	case otherwise != "":
		e.say("member.case", Warning, at.member(m.name), all[0], "the document spells the member %q", otherwise)
	}
	if len(children) > 0 {
		e.undocumented(children, &m.value, at.member(m.name))
	}
}

// applying is every schema that has a say about v.
func (e *evaluation) applying(nodes []*node, v *value) (all []*node) {
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
		for _, branches := range [][]*node{n.oneOf, n.anyOf} {
			for _, branch := range branches {
				if e.accepts(branch, v) {
					add(branch)
				}
			}
		}
	}
	for _, n := range nodes {
		add(n)
	}
	return all
}
