package contract

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Outcome says how far a request could be matched.
type Outcome int

// The outcomes.
const (
	Matched Outcome = iota
	UnknownHost
	UnknownPath
	UnknownMethod
)

// Match is the documented operation of a request, or how far it went.
type Match struct {
	Outcome       Outcome
	Operation     *Operation        // if Matched
	Params        map[string]string // path parameters, decoded
	Path          string            // escaped: literals as documented, no trailing slash, base path included
	TrailingSlash bool              // one was forgiven
	Methods       []string          // if UnknownMethod: the documented ones
	Documents     []string          // unless UnknownHost: those with such a server, or such a path
}

// server is where a document says its API is.
type server struct {
	template string
	host     *regexp.Regexp // of host:port in lower case, the port always there
	base     string         // escaped path, "" or without trailing slash
}

func serverOf(u *url.URL, base string) server {
	return server{
		template: u.Scheme + "://" + u.Host + base,
		host:     regexp.MustCompile("^" + regexp.QuoteMeta(authority(u)) + "$"),
		base:     strings.TrimSuffix(base, "/"),
	}
}

// authority is the host with its port, the scheme's own one where none is
// given. http and https have the same one here: that a request went out in
// plain text makes it no stranger.
func authority(u *url.URL) string {
	host, port := lower(u.Hostname()), u.Port()
	if port == "" || port == "80" && u.Scheme != "https" || port == "443" && u.Scheme != "http" {
		port = "default"
	}
	return strings.TrimSuffix(host, ".") + ":" + port
}

// Match finds the operation of an absolute URL. Host and base path are strict:
// host names match in any letter case and default ports are equal to none.
func (c *Contract) Match(method string, u *url.URL) Match {
	if u == nil {
		return Match{Outcome: UnknownHost}
	}
	host := authority(u)
	path := u.EscapedPath()
	best := Match{Outcome: UnknownHost}
	for _, d := range c.documents {
		for _, s := range d.servers {
			if s.host == nil || !s.host.MatchString(host) {
				continue
			}
			m := Match{Outcome: UnknownPath, Documents: []string{d.name}}
			if rest, ok := d.below(s.base, path); ok {
				m = d.match(method, s.base, rest)
			}
			best = better(best, m)
		}
	}
	return best
}

// MatchPath finds the operation of a path on any host, for a server that is
// itself the host. The base paths of the documents are part of the path.
func (c *Contract) MatchPath(method, escapedPath string) Match {
	best := Match{Outcome: UnknownPath}
	for _, d := range c.documents {
		for _, base := range d.bases {
			if rest, ok := d.below(base, escapedPath); ok {
				best = better(best, d.match(method, base, rest))
			}
		}
	}
	return best
}

// better is the match that went further.
func better(a, b Match) Match {
	rank := func(m Match) int {
		return slices.Index([]Outcome{UnknownHost, UnknownPath, UnknownMethod, Matched}, m.Outcome)
	}
	switch {
	case rank(b) > rank(a):
		return b
	case rank(b) < rank(a) || a.Outcome == Matched:
		return a
	}
	for _, name := range b.Documents {
		if !slices.Contains(a.Documents, name) {
			a.Documents = append(a.Documents, name)
		}
	}
	for _, method := range b.Methods {
		if !slices.Contains(a.Methods, method) {
			a.Methods = append(a.Methods, method)
		}
	}
	slices.Sort(a.Methods)
	return a
}

// below is the part of a path below a base path, beginning with a slash.
func (d *document) below(base, path string) (string, bool) {
	if len(path) < len(base) {
		return "", false
	}
	head, rest := path[:len(base)], path[len(base):]
	if head != base && !(d.ignorePathCase && lower(head) == lower(base)) {
		return "", false
	}
	if rest == "" {
		rest = "/"
	}
	return rest, strings.HasPrefix(rest, "/")
}

// maxPath bounds a path that is looked up at all.
const maxPath = 8 << 10

func (d *document) match(method, base, path string) Match {
	m := Match{Outcome: UnknownPath, Documents: []string{d.name}}
	if len(path) > maxPath {
		return m
	}
	segments := strings.Split(path[1:], "/")
	found, params := d.routes.find(segments, method, d.ignorePathCase)
	if found == nil && len(segments) > 1 && segments[len(segments)-1] == "" {
		segments = segments[:len(segments)-1]
		found, params = d.routes.find(segments, method, d.ignorePathCase)
		m.TrailingSlash = found != nil
	}
	if found == nil {
		return m
	}
	m.Path = base + canonical(found.template, segments)
	if m.Operation = found.methods[method]; m.Operation == nil {
		m.Outcome, m.Methods = UnknownMethod, d.routes.methodsOf(segments, d.ignorePathCase)
		return m
	}
	m.Outcome, m.Params = Matched, params
	return m
}

// canonical is the path with its literal segments as the document spells them.
func canonical(template string, segments []string) string {
	documented := strings.Split(strings.TrimPrefix(template, "/"), "/")
	out := make([]string, len(segments))
	for i, segment := range segments {
		out[i] = segment
		if i < len(documented) && !strings.ContainsAny(documented[i], "{}") {
			out[i] = documented[i]
		}
	}
	return "/" + strings.Join(out, "/")
}
