package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// names are the keywords whose value maps names to objects. Below them, a key called `$ref` or `example` is a name
// like any other.
var names = []string{
	"callbacks", "content", "encoding", "examples", "headers", "links", "parameters", "paths", "properties",
	"requestBodies", "responses", "schemas", "securitySchemes", "variables",
}

// data are the keywords whose value is a stranger's: it is copied as it stands. Extensions (x-...) are too.
var data = []string{"default", "enum", "example", "value"}

// A bundler makes one document self-contained.
type bundler struct {
	fsys  fs.FS
	name  string                // of the document, as in openapi/
	files map[string]*yaml.Node // root nodes of everything read so far, by name
	taken map[string]component  // what came from other files, by "kind/name"
}

// A component is one named part of a file.
type component struct {
	file, kind, name string
	key, value       *yaml.Node
}

func (c component) place() string { return fmt.Sprintf("%s:%d", c.file, c.key.Line) }

// documents names the documents of fsys that have paths, sorted. Names are those of fs.FS. Folders called dist hold
// bundles and are passed over. Having no such document at all is an error.
func documents(fsys fs.FS) ([]string, error) {
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "dist":
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".yaml":
			return nil
		}
		root, err := read(fsys, name)
		if err != nil {
			return err
		}
		if paths := value(root, "paths"); value(root, "openapi") != nil && paths != nil && len(paths.Content) > 0 {
			found = append(found, name)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = errors.New("there is no OpenAPI document with paths; remedy: name the folder that holds them")
	}
	return found, err
}

// bundle returns the document as one YAML file: every component it reaches in another file stands among its own,
// after them, in the order of that file, and references lead there. Nothing else is changed, save that comments are
// left behind. The same documents give the same bytes.
//
// Refused, naming the line: a reference that leaves fsys or names anything but a component, two components of one
// kind and name, and YAML aliases.
func bundle(fsys fs.FS, name string) ([]byte, error) {
	b := &bundler{fsys: fsys, name: name, files: map[string]*yaml.Node{}, taken: map[string]component{}}
	root, err := b.file(name)
	if err != nil {
		return nil, err
	}
	if err := b.walk(name, root, false); err != nil {
		return nil, err
	}
	if err := b.insert(root); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Made by `make bundle` from openapi/%s and what it refers to.\n", name)
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out.Bytes(), encoder.Close()
}

// walk points every reference below node to the bundle, and takes what they lead to along. In a map of names, keys
// are no keywords.
func (b *bundler) walk(file string, node *yaml.Node, isNames bool) error {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return fmt.Errorf("%s:%d: a bundle takes no YAML anchors and aliases; remedy: a component and a $ref", file, node.Line)
	}
	if node.Kind != yaml.MappingNode {
		for _, item := range node.Content {
			if err := b.walk(file, item, false); err != nil {
				return err
			}
		}
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, item := node.Content[i], node.Content[i+1]
		var err error
		switch {
		case isNames:
			err = b.walkPair(file, key, item, false)
		case key.Value == "$ref":
			err = b.point(file, item)
		case key.Value == "discriminator":
			err = b.mapping(file, key, item)
		case slices.Contains(data, key.Value), strings.HasPrefix(key.Value, "x-"):
			strip(key)
			strip(item)
		default:
			err = b.walkPair(file, key, item, slices.Contains(names, key.Value) && item.Kind == yaml.MappingNode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bundler) walkPair(file string, key, item *yaml.Node, isNames bool) error {
	return errors.Join(b.walk(file, key, false), b.walk(file, item, isNames))
}

// mapping points the values of a discriminator, which are references where they contain a #, else names.
func (b *bundler) mapping(file string, key, discriminator *yaml.Node) error {
	strip(key)
	strip(discriminator)
	targets := value(discriminator, "mapping")
	if targets == nil {
		return nil
	}
	for i := 1; i < len(targets.Content); i += 2 {
		if !strings.Contains(targets.Content[i].Value, "#") {
			continue
		}
		if err := b.point(file, targets.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

// point makes one reference, found in file, lead into the bundle.
func (b *bundler) point(file string, ref *yaml.Node) error {
	strip(ref)
	at := fmt.Sprintf("%s:%d: the reference %q", file, ref.Line, ref.Value)
	target, pointer, found := strings.Cut(ref.Value, "#")
	if !found || ref.Kind != yaml.ScalarNode {
		return fmt.Errorf("%s names a whole file; remedy: name a component of it, file.yaml#/components/kind/name", at)
	}
	if target == "" {
		target = file
	} else {
		target = path.Join(path.Dir(file), target)
	}
	if strings.Contains(ref.Value, ":") || !fs.ValidPath(target) {
		return fmt.Errorf("%s leaves the documents; nothing is fetched; remedy: keep a copy beside them", at)
	}
	if target != b.name {
		if err := b.take(target, pointer); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	}
	ref.Value = "#" + pointer
	return nil
}

// take notes the component of another file that the pointer leads into, and everything it needs in turn.
func (b *bundler) take(file, pointer string) error {
	part := strings.Split(pointer, "/") // "", components, kind, name, and possibly more below it
	if len(part) < 4 || part[0] != "" || part[1] != "components" {
		return errors.New("it does not name a component; remedy: file.yaml#/components/kind/name")
	}
	root, err := b.file(file)
	if err != nil {
		return err
	}
	wanted := lookup(file, root, part[2], part[3])
	if wanted.value == nil {
		return fmt.Errorf("%s has no such component", file)
	}
	id := part[2] + "/" + part[3]
	if before, ok := b.taken[id]; ok {
		if before.file == file {
			return nil
		}
		return clash(before, wanted)
	}
	b.taken[id] = wanted
	return b.walk(file, wanted.value, false)
}

// insert puts what was taken among the document's own components.
func (b *bundler) insert(root *yaml.Node) error {
	all := make([]component, 0, len(b.taken))
	for _, c := range b.taken {
		all = append(all, c)
	}
	slices.SortFunc(all, func(x, y component) int {
		return cmp.Or(cmp.Compare(x.file, y.file), cmp.Compare(x.key.Line, y.key.Line), cmp.Compare(x.key.Column, y.key.Column))
	})
	for _, c := range all {
		own := lookup(b.name, root, c.kind, c.name)
		if own.value == nil {
			kind := member(member(root, "components"), c.kind)
			strip(c.key)
			kind.Content = append(kind.Content, c.key, c.value)
			continue
		}
		// A component that only forwards to its namesake now refers to itself: the namesake takes its place.
		if ref := value(own.value, "$ref"); ref == nil || ref.Value != "#/components/"+c.kind+"/"+c.name {
			return clash(own, c)
		}
		*own.value = *c.value
	}
	return nil
}

func clash(one, other component) error {
	return fmt.Errorf("%s and %s are both called %s/%s, and a bundle has room for one; remedy: rename one",
		one.place(), other.place(), one.kind, one.name)
}

// file returns the root node of a file. Each is read once, since walking changes it.
func (b *bundler) file(name string) (*yaml.Node, error) {
	if root, ok := b.files[name]; ok {
		return root, nil
	}
	root, err := read(b.fsys, name)
	if err == nil {
		b.files[name] = root
	}
	return root, err
}

// read returns the root mapping of a YAML file.
func read(fsys fs.FS, name string) (*yaml.Node, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(node.Content) != 1 || node.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:1: the file is not a mapping, so it is no part of an OpenAPI document", name)
	}
	return node.Content[0], nil
}

func lookup(file string, root *yaml.Node, kind, name string) component {
	parts := value(value(root, "components"), kind)
	for i := 0; parts != nil && i+1 < len(parts.Content); i += 2 {
		if parts.Content[i].Value == name {
			return component{file: file, kind: kind, name: name, key: parts.Content[i], value: parts.Content[i+1]}
		}
	}
	return component{}
}

// value returns the value of a key of a mapping; nil when there is none.
func value(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// member is value, and makes an empty mapping where there is none.
func member(node *yaml.Node, key string) *yaml.Node {
	if found := value(node, key); found != nil {
		return found
	}
	made := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, made)
	return made
}

// strip removes the comments of a node and of everything below it.
func strip(node *yaml.Node) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	for _, item := range node.Content {
		strip(item)
	}
}
