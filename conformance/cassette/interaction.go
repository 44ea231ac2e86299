package cassette

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kassa-dev/kassa/conformance/har"
)

// parse reads the text of one interaction, which stands at a line of the file. It
// returns what is wrong with it, if anything, in words of our own: what the YAML
// library says quotes the text.
func parse(text []byte, line int) (e har.Entry, problem string) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return e, "it is not valid YAML, near line " + strconv.Itoa(line+lineOf(err))
	}
	node := &document
	for node.Kind == yaml.DocumentNode || node.Kind == yaml.SequenceNode {
		if len(node.Content) != 1 {
			return e, "it is no interaction"
		}
		node = node.Content[0]
	}
	request, response := member(node, "request"), member(node, "response")
	switch {
	case node.Kind != yaml.MappingNode:
		return e, "it is no interaction"
	case request == nil:
		return e, "it has no request"
	case scalar(request, "method") == "":
		return e, "request.method is missing"
	case scalar(request, "url") == "":
		return e, "request.url is missing"
	}
	e = har.Entry{
		Method: strings.ToUpper(scalar(request, "method")),
		URL:    address(scalar(request, "url"), scalar(request, "host")),
		// what a server receives has a request_uri, what a client sends has not
		Inbound: scalar(request, "request_uri") != "",
	}
	e.Status, _ = strconv.Atoi(scalar(response, "code"))
	if e.Status < 100 || e.Status > 999 {
		return e, "response.code is missing or no status"
	}
	e.Request, e.Response = message(request), message(response)
	if e.Method == http.MethodHead { // its content length is that of a GET
		e.Response.BodyUnknown = false
	}
	e.AuthUnknown = e.Request.Header.Get("Authorization") == ""
	return e, ""
}

var yamlLine = regexp.MustCompile(`line (\d+):`)

// lineOf is how many lines into the text a mistake is.
func lineOf(err error) int {
	found := yamlLine.FindStringSubmatch(err.Error())
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1])
	return max(0, n-1)
}

// address is an absolute URL, without fragment.
func address(recorded, host string) string {
	recorded, _, _ = strings.Cut(recorded, "#")
	if u, err := url.Parse(recorded); err != nil || u.IsAbs() || u.Host != "" || host == "" {
		return recorded
	}
	scheme, name := "https://", host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); name == "localhost" || ip != nil && ip.IsLoopback() {
		scheme = "http://"
	}
	return scheme + host + recorded
}

// message is one side of an interaction. A body that is not there although its
// length says so was taken out by a hook.
func message(side *yaml.Node) har.Message {
	m := har.Message{Header: http.Header{}}
	if headers := member(side, "headers"); headers != nil {
		for i := 0; i+1 < len(headers.Content); i += 2 {
			name := textproto.CanonicalMIMEHeaderKey(headers.Content[i].Value)
			if values := resolved(headers.Content[i+1]); values.Kind == yaml.ScalarNode {
				m.Header.Add(name, values.Value)
			} else {
				for _, value := range values.Content {
					m.Header.Add(name, resolved(value).Value)
				}
			}
		}
		m.Header.Del("Host") // which the URL tells
	}
	if body := bytesOf(member(side, "body")); len(body) > 0 {
		m.Body, m.BodyUnknown = unpacked(m.Header, body)
		return m
	}
	length, err := strconv.ParseInt(scalar(side, "content_length"), 10, 64)
	m.BodyUnknown = err == nil && length > 0
	return m
}

// unpacked undoes gzip, which the library records as it came when the program
// asked for it itself. It says whether the body is unknown.
func unpacked(header http.Header, body []byte) ([]byte, bool) {
	if !strings.Contains(strings.ToLower(header.Get("Content-Encoding")), "gzip") || !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		return body, false
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, true
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	if err != nil || len(plain) > maxUnpacked {
		return nil, true
	}
	return plain, false
}

const maxUnpacked = 16 << 20

// bytesOf is what a scalar holds. Bytes that are not UTF-8 are written as base64.
func bytesOf(node *yaml.Node) []byte {
	if node == nil || node.Kind != yaml.ScalarNode || node.ShortTag() == "!!null" {
		return nil
	}
	if node.ShortTag() == "!!binary" {
		if decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(node.Value), "")); err == nil {
			return decoded
		}
	}
	return []byte(node.Value)
}

func scalar(node *yaml.Node, name string) string { return string(bytesOf(member(node, name))) }

// member is the value of a mapping's member; nil if there is none.
func member(node *yaml.Node, name string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return resolved(node.Content[i+1])
		}
	}
	return nil
}

// resolved follows an alias.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}
