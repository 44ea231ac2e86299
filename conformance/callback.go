package conformance

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
	"github.com/kassa-dev/kassa/internal/contract"
)

// callback is what an address was given for.
type callback struct {
	operation *contract.Operation
	path      string // of the operation that was told the address
}

// told is an address that a request gave, and what for.
type told struct {
	address string
	callback
}

// tells is where the server was asked to call back, unless it refused. Of the
// runtime expressions, those that point into the request's body are understood:
// {$request.body#/urls/callbackUrl}.
func tells(op *contract.Operation, x Exchange) []told {
	callbacks := op.Callbacks()
	if len(callbacks) == 0 || x.Response.Status >= 400 || !json.Valid(x.Request.Body) {
		return nil
	}
	var list []told
	for _, cb := range callbacks {
		pointer, ok := strings.CutPrefix(strings.Trim(cb.Expression, "{}"), "$request.body#")
		if !ok {
			continue
		}
		raw := rawjson.Get(x.Request.Body, pointer)
		if len(raw) == 0 || raw[0] != '"' {
			continue
		}
		u, err := url.Parse(string(rawjson.Unquote(raw)))
		if err != nil || u.Host == "" {
			continue
		}
		list = append(list, told{canonical(u), callback{cb.Operation, op.Path}})
	}
	return list
}

// remember notes what addresses were told. The session is locked.
func (s *Session) remember(list []told) {
	for _, one := range list {
		if known := s.callbacks[one.address]; !slices.Contains(known, one.callback) &&
			(known != nil || len(s.callbacks) < maxCallbacks) {
			s.callbacks[one.address] = append(known, one.callback)
		}
	}
}

// judgeCallback judges a POST to a remembered address. Where an address was
// given for several operations, the callback's body tells which it is about,
// and where it does not, the operation it fits best.
func (s *Session) judgeCallback(x Exchange) (best verdict, ok bool) {
	if x.Request.Method != "POST" {
		return verdict{}, false
	}
	u, err := url.Parse(x.Request.URL)
	if err != nil || u.Host == "" {
		return verdict{}, false
	}
	s.mu.Lock()
	candidates := s.callbacks[canonical(u)]
	s.mu.Unlock()
	ok = len(candidates) > 0
	defer best.crashed()
	fewest, named := 0, false
	for i, c := range candidates {
		v := s.checker.apply(c.operation, nil, "", x) // the query is the merchant's own
		errors, about := 0, bytes.Contains(bytes.ToLower(x.Request.Body), []byte(strings.ToLower(c.path)))
		for _, f := range v.findings {
			if f.Severity == Error {
				errors++
			}
		}
		if i == 0 || about && !named || about == named && errors < fewest {
			best, fewest, named = v, errors, about
		}
	}
	return best, ok
}

// canonical spells equal addresses equally: letter case of scheme and host,
// default ports, an empty path, no fragment.
func canonical(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return scheme + "://" + host + path
}
