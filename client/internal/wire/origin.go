package wire

import (
	"net/url"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// base reads a base URL: an absolute http or https URL that has a host and
// neither user, query nor fragment. The path ends in one slash, which is how
// the generated request builders want it.
func base(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		(u.Scheme != "http" && u.Scheme != "https") {
		return nil, &client.InputError{Field: "base URL", Reason: "want http or https, a host, and at most a port and a path, as in https://api.example.com"}
	}
	return u.JoinPath("/"), nil
}

// origin is scheme://host:port, lower-case and with the port spelled out, so
// that two spellings of one origin are equal.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return strings.ToLower(u.Scheme) + "://" + host + ":" + port
}

// pin refuses any URL that is not on the origin of to.
func pin(to, u *url.URL) error {
	if u.User == nil && u.Opaque == "" && (u.Scheme == to.Scheme && u.Host == to.Host || origin(u) == origin(to)) {
		return nil
	}
	named := origin(u)
	if u.User != nil {
		named = "an address with user information on " + named
	}
	return &client.ForeignHostError{Host: named, Base: origin(to)}
}

// resolve turns what a server called an href or an id into a URL on the
// origin of to. An absolute reference must have that origin; one that begins
// with a single slash is taken below the path of to; anything else, a
// backslash, white space or a dot segment included, is refused.
func resolve(to *url.URL, ref string) (*url.URL, error) {
	refused := &client.InputError{Field: "href", Reason: "want a path that begins with one slash, or an absolute URL, without spaces, backslashes, fragments or dot segments"}
	if ref == "" || len(ref) > 4096 || strings.ContainsFunc(ref, func(r rune) bool { return r <= ' ' || r == '\\' || r == '#' || r == 0x7f }) {
		return nil, refused
	}
	u, err := url.Parse(ref)
	if err != nil {
		return nil, refused
	}
	if u.Scheme != "" || u.Host != "" {
		if u.Scheme == "" { // "//host/path" takes our scheme
			u.Scheme = to.Scheme
		}
		if err := pin(to, u); err != nil {
			return nil, err
		}
	} else if !strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "//") {
		return nil, refused
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return nil, refused
		}
	}
	prefix := ""
	if u.Host == "" {
		prefix = strings.TrimSuffix(to.EscapedPath(), "/")
	}
	out, err := url.Parse(to.Scheme + "://" + to.Host + prefix + u.EscapedPath())
	if err != nil {
		return nil, refused
	}
	out.RawQuery = u.RawQuery
	return out, nil
}
