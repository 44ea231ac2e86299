package contract

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
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
	if err := compile.circular(); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := c.distinct(); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if len(c.documents) == 0 {
		return nil, fmt.Errorf("contract: there is no OpenAPI document with paths among %d files", len(files))
	}
	return c, nil
}

// distinct refuses two documents that describe one request: which of them
// should judge it nobody could say.
func (c *Contract) distinct() error {
	type request struct{ server, path, method string }
	owner := map[request]*Operation{}
	for _, d := range c.documents {
		for _, s := range d.servers {
			for _, o := range d.operations {
				if o.Callback {
					continue
				}
				path := s.base + variable.ReplaceAllString(o.Path, "{}")
				if d.ignorePathCase {
					path = lower(path)
				}
				r := request{fmt.Sprint(s.host), path, o.Method}
				if other := owner[r]; other != nil && other.Document != o.Document {
					return fmt.Errorf("%s: %s %s is described at %s too; one document has to own it", o.At, o.Method, o.Path, other.At)
				}
				owner[r] = o
			}
		}
	}
	return nil
}

// explain makes one line of an error of the library: the place, where the
// error or the YAML reader knows it, and no dump of schemas.
func explain(name string, err error) error {
	at := originIn(err)
	text := err.Error()
	if _, yaml, ok := strings.Cut(text, "yaml error: "); ok { // that it is no JSON either is no news
		text = "it cannot be read: " + yaml
		if line := yamlLine.FindStringSubmatch(yaml); line != nil && at.File == "" {
			at.File = name
			at.Line, _ = strconv.Atoi(line[1])
		}
	}
	text, _, _ = strings.Cut(text, "\n")
	where := at.String()
	if where == "" {
		where = name
	}
	return &loadError{text: where + ": " + text, err: err}
}

// yamlLine is how the YAML reader names a line.
var yamlLine = regexp.MustCompile(`\bline (\d+):`)

// lineOf is the first line of a file that matches.
func lineOf(name string, data []byte, what *regexp.Regexp) Place {
	at := Place{File: name, Line: 1}
	if found := what.FindIndex(data); found != nil {
		at.Line += bytes.Count(data[:found[0]], []byte("\n"))
	}
	return at
}

// loadError says in its own words what the library found.
type loadError struct {
	text string
	err  error
}

func (e *loadError) Error() string { return e.text }
func (e *loadError) Unwrap() error { return e.err }

// originIn finds the place in an error that is nearest to the cause. The
// library has dozens of types of error with a field of that name.
func originIn(err error) Place {
	var causes []error
	switch err := err.(type) { //nolint:errorlint // the tree is walked, nothing is compared
	case interface{ Unwrap() error }:
		causes = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		causes = err.Unwrap()
	}
	for _, cause := range causes {
		if cause != nil {
			if at := originIn(cause); at.File != "" {
				return at
			}
		}
	}
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return Place{}
	}
	field := v.FieldByName("Origin")
	if !field.IsValid() || !field.CanInterface() {
		return Place{}
	}
	origin, _ := field.Interface().(*openapi3.Origin)
	return placeOf(origin)
}

func (c *Contract) load(loader *openapi3.Loader, compile *compiler, fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if !isDocument(data) {
		return nil // some other YAML that documents may refer to
	}
	doc, err := loader.LoadFromDataWithPath(data, &url.URL{Path: name})
	if err != nil {
		return explain(name, err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.0.") {
		return fmt.Errorf("%s: the document is of OpenAPI %q; only 3.0 is judged, so convert it", lineOf(name, data, documentKey), doc.OpenAPI)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return explain(name, err)
	}
	evidence, err := evidenceOf(name, doc)
	if err != nil {
		return err
	}
	c.evidence = append(c.evidence, evidence...)
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
	ignore, err := ignoreCaseOf(doc.Extensions)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
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
			compiled, err := c.operation(d, doc, template, method, item, op, ignore)
			if err != nil {
				return nil, err
			}
			at.methods[method] = compiled
			d.operations = append(d.operations, compiled)
			d.addCallbacks(compiled)
		}
	}
	return d, nil
}

// addCallbacks lists the operations that an operation may be followed by.
func (d *document) addCallbacks(o *Operation) {
	for _, callback := range o.callbacks {
		d.operations = append(d.operations, callback.Operation)
		d.addCallbacks(callback.Operation)
	}
}

type ignoreCase struct{ paths, members, values bool }

func ignoreCaseOf(extensions map[string]any) (ignore ignoreCase, err error) {
	raw, there := extensions["x-ignore-case"]
	if !there {
		return ignore, nil
	}
	wrong := fmt.Errorf("x-ignore-case is an object of paths, members and values, each true or false")
	named, ok := raw.(map[string]any)
	if !ok {
		return ignore, wrong
	}
	for name, value := range named {
		truth, ok := value.(bool)
		switch {
		case ok && name == "paths":
			ignore.paths = truth
		case ok && name == "members":
			ignore.members = truth
		case ok && name == "values":
			ignore.values = truth
		default:
			return ignore, wrong
		}
	}
	return ignore, nil
}

// documentKey is what a document has at its root and other YAML has not.
var documentKey = regexp.MustCompile(`(?m)^["']?(openapi|swagger|paths)["']?[ \t]*:`)

func isDocument(data []byte) bool {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return bytes.Contains(data, []byte("openapi")) || bytes.Contains(data, []byte("swagger"))
	}
	return documentKey.Match(data)
}

var variable = regexp.MustCompile(`\{([^{}]+)\}`)

// addServers reads the servers of a document. A variable in the host stands
// for the values it lists, or for any text; one in the path for its default.
func (d *document) addServers(servers openapi3.Servers) error {
	for _, s := range servers {
		origin, path := s.URL, ""
		if i := strings.Index(s.URL, "://"); i < 0 {
			origin, path = "", s.URL
		} else if j := strings.IndexByte(s.URL[i+3:], '/'); j >= 0 {
			origin, path = s.URL[:i+3+j], s.URL[i+3+j:]
		}
		var hosts []string // by which a place in the host's pattern is found again
		u, err := url.Parse(variable.ReplaceAllStringFunc(origin, func(name string) string {
			v := s.Variables[name[1:len(name)-1]]
			expression := `[^/:]+`
			if v != nil && len(v.Enum) > 0 {
				quoted := make([]string, len(v.Enum))
				for i, value := range v.Enum {
					quoted[i] = regexp.QuoteMeta(strings.ToLower(value))
				}
				expression = "(" + strings.Join(quoted, "|") + ")"
			}
			hosts = append(hosts, expression)
			return fmt.Sprintf("variable-%d-", len(hosts)-1)
		}) + variable.ReplaceAllStringFunc(path, func(name string) string {
			if v := s.Variables[name[1:len(name)-1]]; v != nil {
				return v.Default
			}
			return name
		}))
		if err != nil {
			return fmt.Errorf("%s: the server %q is no URL that is understood: %w", placeOf(s.Origin), s.URL, err)
		}
		compiled := server{template: s.URL, base: strings.TrimSuffix(u.EscapedPath(), "/")}
		if u.Host != "" {
			expression := regexp.QuoteMeta(authority(u))
			for i, host := range hosts {
				expression = strings.Replace(expression, fmt.Sprintf("variable-%d-", i), host, 1)
			}
			compiled.host = regexp.MustCompile("^" + expression + "$")
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

func (c *compiler) operation(d *document, doc *openapi3.T, template, method string, item *openapi3.PathItem, op *openapi3.Operation, ignore ignoreCase) (*Operation, error) {
	o := &Operation{
		ID: op.OperationID, Method: method, Path: template, Document: d.name,
		Summary: op.Summary, Tags: op.Tags, At: placeOf(op.Origin),
		ignore: ignore, responses: map[string]*response{},
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
	for _, status := range sortedKeys(op.Responses.Map()) {
		if !documentedStatus.MatchString(status) {
			return nil, unsupported(o.At, fmt.Sprintf("the status %q", status))
		}
		if o.responses[status], err = c.response(op.Responses.Value(status).Value); err != nil {
			return nil, err
		}
	}
	return o, c.addCallbacks(o, d, doc, op, ignore)
}

var documentedStatus = regexp.MustCompile(`^([1-5]([0-9][0-9]|XX)|default)$`)

func (c *compiler) response(r *openapi3.Response) (_ *response, err error) {
	out := &response{at: placeOf(r.Origin)}
	if raw, there := r.Extensions["x-body-optional"]; there {
		optional, ok := raw.(bool)
		if !ok {
			return nil, fmt.Errorf("%s: x-body-optional is true or false", out.at)
		}
		out.bodyOptional = optional
	}
	if out.content, err = c.content(r.Content, out.at); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(r.Headers) {
		h := r.Headers[name].Value
		if method, err := h.SerializationMethod(); err != nil || method.Style != "simple" {
			return nil, unsupported(placeOf(h.Origin), fmt.Sprintf("the style %q", h.Style))
		}
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

func (c *compiler) addCallbacks(o *Operation, d *document, doc *openapi3.T, op *openapi3.Operation, ignore ignoreCase) error {
	for _, name := range sortedKeys(op.Callbacks) {
		items := op.Callbacks[name].Value.Map()
		for _, expression := range sortedKeys(items) {
			item := items[expression]
			for _, method := range methods {
				called := item.GetOperation(method)
				if called == nil {
					continue
				}
				compiled, err := c.operation(d, doc, expression, method, item, called, ignore)
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
