package contract

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// document is one document with paths, compiled.
type document struct {
	name           string
	title          string
	version        string
	ignorePathCase bool
	servers        []server
	bases          []string // base paths of the servers
	routes         *route
	operations     []*Operation
}

var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}

// Load reads every *.yaml and *.yml file of fsys, validates the documents
// among them that have paths, and compiles them. References may lead to other
// files of fsys and nowhere else. Only OpenAPI 3.0 is taken. The error names
// file and line, as far as they are known.
func Load(fsys fs.FS) (*Contract, error) {
	var files []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml"}, path.Ext(name)) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("contract: the documents cannot be read: %w", err)
	}
	slices.Sort(files)
	loader := &openapi3.Loader{
		Context:               context.Background(),
		IsExternalRefsAllowed: true,
		IncludeOrigin:         true,
		ReadFromURIFunc: func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
			if u.Scheme != "" || u.Host != "" {
				return nil, fmt.Errorf("the reference %s leaves the documents; nothing is fetched", u.Redacted())
			}
			return fs.ReadFile(fsys, path.Clean(u.Path))
		},
	}
	c := &Contract{}
	compile := &compiler{nodes: map[*openapi3.Schema]*node{}}
	for _, name := range files {
		if err := c.load(loader, compile, fsys, name); err != nil {
			return nil, fmt.Errorf("contract: %w", err)
		}
	}
	if len(c.documents) == 0 {
		return nil, fmt.Errorf("contract: there is no OpenAPI document with paths among %d files", len(files))
	}
	return c, nil
}

func (c *Contract) load(loader *openapi3.Loader, compile *compiler, fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if !bytes.Contains(data, []byte("openapi:")) && !bytes.Contains(data, []byte("swagger:")) {
		return nil // some other YAML that documents may refer to
	}
	doc, err := loader.LoadFromDataWithPath(data, &url.URL{Path: name})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.0.") {
		return fmt.Errorf("%s: the document is of OpenAPI %q; only 3.0 is judged, so convert it", name, doc.OpenAPI)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.evidence = append(c.evidence, evidenceOf(name, doc)...)
	if doc.Paths.Len() == 0 {
		return nil
	}
	d, err := compile.document(name, doc)
	if err != nil {
		return err
	}
	c.documents = append(c.documents, d)
	return nil
}

func (c *compiler) document(name string, doc *openapi3.T) (*document, error) {
	d := &document{name: name, title: doc.Info.Title, version: doc.Info.Version, routes: &route{}}
	ignore := struct{ paths, members bool }{}
	if raw, ok := doc.Extensions["x-ignore-case"].(map[string]any); ok {
		ignore.paths, _ = raw["paths"].(bool)
		ignore.members, _ = raw["members"].(bool)
	}
	d.ignorePathCase = ignore.paths
	if err := d.addServers(doc.Servers); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, template := range sortedKeys(doc.Paths.Map()) {
		item := doc.Paths.Value(template)
		if len(item.Servers) > 0 {
			return nil, unsupported(placeOf(item.Origin), "servers of a path")
		}
		at, err := d.routes.add(template, ignore.paths)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", placeOf(item.Origin), err)
		}
		if at.methods != nil {
			return nil, fmt.Errorf("%s: the path %s is the same as %s", placeOf(item.Origin), template, at.template)
		}
		at.template, at.methods = template, map[string]*Operation{}
		for _, method := range methods {
			op := item.GetOperation(method)
			if op == nil {
				continue
			}
			compiled, err := c.operation(d, doc, template, method, item, op, ignore.members)
			if err != nil {
				return nil, err
			}
			at.methods[method] = compiled
			d.operations = append(d.operations, compiled)
			for _, callback := range compiled.callbacks {
				d.operations = append(d.operations, callback.Operation)
			}
		}
	}
	return d, nil
}

var variable = regexp.MustCompile(`\{([^{}]+)\}`)

// addServers reads the servers of a document. A variable in the host stands
// for any text there; one in the path for its default.
func (d *document) addServers(servers openapi3.Servers) error {
	for _, s := range servers {
		plain := variable.ReplaceAllStringFunc(s.URL, func(name string) string {
			if v := s.Variables[strings.Trim(name, "{}")]; v != nil {
				return v.Default
			}
			return "variable"
		})
		u, err := url.Parse(plain)
		if err != nil {
			return fmt.Errorf("the server %q is no URL", s.URL)
		}
		compiled := server{template: s.URL, base: strings.TrimSuffix(u.EscapedPath(), "/")}
		if u.Host != "" {
			compiled.host = regexp.MustCompile("^" + regexp.QuoteMeta(authority(u)) + "$")
		}
		if hosted, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s.URL, "https://"), "http://"), "/"); u.Host != "" && strings.Contains(hosted, "{") {
			var expression string
			last := 0
			for _, at := range variable.FindAllStringIndex(hosted, -1) {
				expression += regexp.QuoteMeta(strings.ToLower(hosted[last:at[0]])) + `[^/]+`
				last = at[1]
			}
			compiled.host = regexp.MustCompile("^" + expression + regexp.QuoteMeta(strings.ToLower(hosted[last:])) + "(:default)?$")
		}
		d.servers = append(d.servers, compiled)
		if !slices.Contains(d.bases, compiled.base) {
			d.bases = append(d.bases, compiled.base)
		}
	}
	if len(d.bases) == 0 {
		d.bases = []string{""}
	}
	return nil
}

func (c *compiler) operation(d *document, doc *openapi3.T, template, method string, item *openapi3.PathItem, op *openapi3.Operation, ignoreCase bool) (*Operation, error) {
	o := &Operation{
		ID: op.OperationID, Method: method, Path: template, Document: d.name,
		Summary: op.Summary, Tags: op.Tags, At: placeOf(op.Origin),
		ignoreCase: ignoreCase, responses: map[string]*response{},
	}
	if o.ID == "" {
		o.ID = strings.ToLower(method) + " " + template
	}
	if op.Servers != nil && len(*op.Servers) > 0 {
		return nil, unsupported(o.At, "servers of an operation")
	}
	var err error
	if o.parameters, err = c.parameters(item.Parameters, op.Parameters); err != nil {
		return nil, err
	}
	if o.security, err = securityOf(doc, op); err != nil {
		return nil, err
	}
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		documented := op.RequestBody.Value
		o.body = &body{at: placeOf(documented.Origin), required: documented.Required}
		if o.body.content, err = c.content(documented.Content, o.body.at); err != nil {
			return nil, err
		}
	}
	for status, ref := range op.Responses.Map() {
		if o.responses[strings.ToUpper(status)], err = c.response(ref.Value); err != nil {
			return nil, err
		}
	}
	if r := o.responses["DEFAULT"]; r != nil {
		delete(o.responses, "DEFAULT")
		o.responses["default"] = r
	}
	return o, c.addCallbacks(o, d, doc, op, ignoreCase)
}

func (c *compiler) response(r *openapi3.Response) (_ *response, err error) {
	out := &response{at: placeOf(r.Origin)}
	out.bodyOptional, _ = r.Extensions["x-body-optional"].(bool)
	if out.content, err = c.content(r.Content, out.at); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(r.Headers) {
		h := r.Headers[name].Value
		header := &parameter{name: name, in: "header", at: placeOf(h.Origin), required: h.Required}
		if err := c.parameterSchema(header, h.Schema, h.Content); err != nil {
			return nil, err
		}
		if strings.EqualFold(name, "Content-Type") {
			continue // said by the media types
		}
		out.headers = append(out.headers, header)
	}
	return out, nil
}

func (c *compiler) addCallbacks(o *Operation, d *document, doc *openapi3.T, op *openapi3.Operation, ignoreCase bool) error {
	for _, name := range sortedKeys(op.Callbacks) {
		items := op.Callbacks[name].Value.Map()
		for _, expression := range sortedKeys(items) {
			item := items[expression]
			for _, method := range methods {
				called := item.GetOperation(method)
				if called == nil {
					continue
				}
				compiled, err := c.operation(d, doc, expression, method, item, called, ignoreCase)
				if err != nil {
					return err
				}
				compiled.Callback = true
				o.callbacks = append(o.callbacks, Callback{Expression: expression, Operation: compiled})
			}
		}
	}
	return nil
}
