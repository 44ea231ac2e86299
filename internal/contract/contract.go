// Package contract loads OpenAPI documents once and judges single messages by
// them. It is the one importer of kin-openapi, which loads the documents,
// resolves their references, validates them, and remembers line numbers.
//
// What is judged is ours: routes, media types, parameters and schemas are
// compiled at load, and messages are held against the compiled form. What the
// compiler does not know is refused at load, with its line; nothing that a
// document says is silently ignored.
package contract

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/kassa-dev/kassa/openapi"
)

// Contract is a set of documents, compiled. It is immutable and safe for
// concurrent use.
type Contract struct {
	documents []*document
	evidence  []Evidence
}

// Own is the contract of Kassa's own documents, compiled once.
var Own = sync.OnceValues(func() (*Contract, error) { return Load(openapi.FS) })

// SecondDoor is the document of the sandbox's own management API, compiled
// once. It stands apart from Own: no traffic with a vendor is judged by it.
var SecondDoor = sync.OnceValues(func() (*Contract, error) { return Load(openapi.SecondDoor) })

// Document describes one document of a contract.
type Document struct {
	Name    string // such as swedbankpay/creditcard.yaml
	Title   string
	Version string
	Servers []string // URL templates
}

// Documents lists the documents that have paths, by name.
func (c *Contract) Documents() []Document {
	list := make([]Document, len(c.documents))
	for i, d := range c.documents {
		list[i] = Document{Name: d.name, Title: d.title, Version: d.version}
		for _, s := range d.servers {
			list[i].Servers = append(list[i].Servers, s.template)
		}
	}
	return list
}

// Operations lists every operation by document, path and method, each followed
// by those it may call back.
func (c *Contract) Operations() []*Operation {
	var list []*Operation
	for _, d := range c.documents {
		list = append(list, d.operations...)
	}
	return list
}

// Select is the contract of the named documents alone; a name that ends with a
// slash selects a folder.
func (c *Contract) Select(names ...string) *Contract {
	selected := &Contract{}
	named := func(document string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return document == name || strings.HasSuffix(name, "/") && strings.HasPrefix(document, name)
		})
	}
	for _, d := range c.documents {
		if named(d.name) {
			selected.documents = append(selected.documents, d)
		}
	}
	for _, e := range c.evidence {
		if named(e.Document) {
			selected.evidence = append(selected.evidence, e)
		}
	}
	return selected
}

// WithServer is the contract with one more server for every document: base is
// scheme, host, and a prefix. The paths of a document are expected right below
// it, and below it with the base path of the document's own servers, which is
// how a stand-in for several hosts serves them all. A base that is no absolute
// URL changes nothing.
func (c *Contract) WithServer(base string) *Contract {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return c
	}
	more := &Contract{evidence: c.evidence}
	for _, d := range c.documents {
		wider := *d
		wider.servers = slices.Clip(d.servers)
		prefix := strings.TrimSuffix(u.EscapedPath(), "/")
		for _, path := range append(slices.Clone(d.bases), "") {
			wider.servers = append(wider.servers, serverOf(u, prefix+path))
		}
		more.documents = append(more.documents, &wider)
	}
	return more
}

// Evidence lists what the documents say about their own sources, in the order
// of the files.
func (c *Contract) Evidence() []Evidence { return slices.Clone(c.evidence) }
