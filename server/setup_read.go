package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxSetup is how large a setup may be.
const maxSetup = 1 << 20

// ReadSetup reads a setup from YAML. An empty one is the zero Setup. The repository's docs/setup.yaml shows every key
// with its default.
//
// It is strict, because a mistyped key would otherwise change nothing: what is wrong is told with its line and with what
// would be right, all of it at once, as errors that errors.Join has joined. No error repeats a token or a secret.
func ReadSetup(r io.Reader) (Setup, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSetup+1))
	switch {
	case err != nil:
		return Setup{}, fmt.Errorf("the setup cannot be read: %w", err)
	case len(text) > maxSetup:
		return Setup{}, errors.New("the setup is larger than a mebibyte")
	}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	err = documents.Decode(&document)
	if errors.Is(err, io.EOF) {
		return Setup{}, nil
	}
	if err == nil {
		err = documents.Decode(&second)
	}
	switch {
	case err == nil:
		return Setup{}, fmt.Errorf("line %d: a second document begins; a setup is one", second.Line)
	case !errors.Is(err, io.EOF):
		return Setup{}, fmt.Errorf("the setup is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	in := setupReader{seen: map[string]int{}}
	s := in.setup(document.Content[0])
	if len(in.problems) > 0 {
		return Setup{}, errors.Join(in.problems...)
	}
	return s, nil
}

// A setupReader reads YAML nodes and notes what is wrong with them.
type setupReader struct {
	problems []error
	seen     map[string]int // the lines of what may be there once
}

func (r *setupReader) refuse(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("line %d: %s", n.Line, fmt.Sprintf(format, args...)))
}

// once refuses what is there a second time. Secret is left out of the message.
func (r *setupReader) once(n *yaml.Node, what, value string, secret bool) {
	key := what + " " + strings.ToLower(value)
	line, again := r.seen[key]
	switch {
	case again && secret:
		r.refuse(n, "this %s is on line %d already", what, line)
	case again:
		r.refuse(n, "%s %s is on line %d already", what, value, line)
	default:
		r.seen[key] = n.Line
	}
}

// A key is a name that an object may have, and who reads its value.
type key struct {
	name string
	read func(*yaml.Node)
}

func (r *setupReader) setup(n *yaml.Node) (s Setup) {
	r.object(n, "a setup", []key{
		{"merchants", r.list("merchants", func(n *yaml.Node) { s.merchants = append(s.merchants, r.merchant(n)) })},
		{"lifetimes", r.nested("lifetimes", []key{
			{"accessToken", r.duration(&s.token, time.Second)}, {"widgetSession", r.duration(&s.session, time.Second)},
		})},
		{"delays", r.nested("delays", []key{
			{"swishSale", r.duration(&s.swishSale, 0)}, {"trustlySale", r.duration(&s.trustlySale, 0)}, {"swishReversal", r.duration(&s.swishReversal, 0)},
		})},
		{"swish", r.nested("swish", []key{{"confirm", r.flag(&s.confirm)}})},
		{"callbacks", r.nested("callbacks", []key{{"hosts", r.texts("hosts", &s.hosts, r.host)}})},
		{"payer", r.nested("payer", []key{{"attempts", r.count(&s.attempts)}})},
		{"keep", r.count(&s.keep)},
	})
	return s
}

var merchantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

func (r *setupReader) merchant(n *yaml.Node) (m merchantSetup) {
	a := &m.account
	r.object(n, "a merchant", []key{
		{"name", r.text(&a.name, func(n *yaml.Node, name string) {
			if !merchantName.MatchString(name) || strings.HasPrefix(name, "token-") {
				r.refuse(n, "a merchant's name is letters, digits, dots, dashes and underscores, 63 at most, and does not begin with token-")
			}
			r.once(n, "the merchant", name, false)
		})},
		{"tokens", r.texts("tokens", &m.tokens, func(n *yaml.Node, token string) {
			if strings.ContainsAny(token, " \t\r\n") {
				r.refuse(n, "a token has no blanks")
			}
			r.once(n, "token", token, true)
		})},
		{"payees", r.texts("payees", &a.payees, r.guid("payee"))},
		{"instruments", r.texts("instruments", &a.instruments, r.word("instrument", "creditcard", "invoice", "mobilepay", "swish", "trustly", "vipps"))},
		{"clients", r.list("clients", func(n *yaml.Node) { m.clients = append(m.clients, r.client(n)) })},
		{"stores", r.list("stores", func(n *yaml.Node) { m.stores = append(m.stores, r.store(n)) })},
	})
	a.anyPayee = a.payees == nil
	switch {
	case a.name == "":
		r.refuse(n, "the merchant has no name")
	case m.tokens == nil && m.clients == nil:
		r.refuse(n, "the merchant %s has neither tokens nor clients, so nobody is it", a.name)
	case m.tokens == nil && (a.payees != nil || a.instruments != nil):
		r.refuse(n, "the merchant %s has payees or instruments and no tokens to use them with", a.name)
	case m.clients == nil && m.stores != nil:
		r.refuse(n, "the merchant %s has stores and no clients to use them with", a.name)
	}
	return m
}

func (r *setupReader) client(n *yaml.Node) (c resursClient) {
	r.object(n, "a client", []key{
		{"id", r.text(&c.id, func(n *yaml.Node, id string) { r.once(n, "the client", id, false) })},
		{"secret", r.text(&c.secret, nil)},
		{"scopes", r.texts("scopes", &c.scopes, func(n *yaml.Node, scope string) {
			if strings.ContainsAny(scope, " \t\r\n") {
				r.refuse(n, "a scope has no blanks; write several as a list")
			}
		})},
	})
	if c.id == "" || c.secret == "" {
		r.refuse(n, "a client has an id and a secret")
	}
	if c.scopes == nil {
		c.scopes = widgetScopes
	}
	return c
}

func (r *setupReader) store(n *yaml.Node) (s resursStore) {
	r.object(n, "a store", []key{
		{"id", r.text(&s.id, r.guid("store"))},
		{"methods", r.list("methods", func(n *yaml.Node) { s.methods = append(s.methods, r.method(n, &s)) })},
	})
	if s.id == "" {
		r.refuse(n, "a store has an id")
	}
	s.id = strings.ToLower(s.id)
	return s
}

func (r *setupReader) method(n *yaml.Node, in *resursStore) (m paymentMethod) {
	r.object(n, "a payment method", []key{
		{"id", r.text(&m.id, func(n *yaml.Node, id string) { r.uuid(n, "payment method", id) })},
		{"type", r.text(&m.kind, nil)},
		{"customerTypes", r.texts("customerTypes", &m.customers, r.word("customer type", "B2C", "B2B"))},
	})
	m.id = strings.ToLower(m.id)
	switch {
	case m.id == "" || m.kind == "":
		r.refuse(n, "a payment method has an id and a type")
	case slices.ContainsFunc(in.methods, func(other paymentMethod) bool { return other.id == m.id }):
		r.refuse(n, "the store has the payment method %s already", m.id)
	}
	return m
}

// object reads a mapping. An empty value is as if it were not there.
func (r *setupReader) object(n *yaml.Node, what string, keys []key) {
	n = aliased(n)
	if n.Kind != yaml.MappingNode {
		if !empty(n) {
			r.refuse(n, "%s has keys; got %s", what, form(n))
		}
		return
	}
	done := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		name := n.Content[i]
		at := slices.IndexFunc(keys, func(k key) bool { return k.name == name.Value })
		switch {
		case at < 0:
			r.refuse(name, "%s has no key %q; it knows %s", what, name.Value, names(keys))
		case done[name.Value]:
			r.refuse(name, "%s is there twice", name.Value)
		default:
			done[name.Value] = true
			keys[at].read(n.Content[i+1])
		}
	}
}

func names(keys []key) string {
	var list []string
	for _, k := range keys {
		list = append(list, k.name)
	}
	return strings.Join(list, ", ")
}

func (r *setupReader) nested(what string, keys []key) func(*yaml.Node) {
	return func(n *yaml.Node) { r.object(n, what, keys) }
}

func (r *setupReader) list(what string, each func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = aliased(n)
		if n.Kind != yaml.SequenceNode {
			if !empty(n) {
				r.refuse(n, "%s is a list; got %s", what, form(n))
			}
			return
		}
		for _, one := range n.Content {
			each(one)
		}
	}
}

// text reads a text that is not empty, and lets check look at it.
func (r *setupReader) text(to *string, check func(*yaml.Node, string)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = aliased(n)
		if n.Kind != yaml.ScalarNode || empty(n) || n.Value == "" {
			r.refuse(n, "want a text, got %s", form(n))
			return
		}
		*to = n.Value
		if check != nil {
			check(n, n.Value)
		}
	}
}

func (r *setupReader) texts(what string, to *[]string, check func(*yaml.Node, string)) func(*yaml.Node) {
	return r.list(what, func(n *yaml.Node) {
		var one string
		if r.text(&one, check)(n); one != "" {
			*to = append(*to, one)
		}
	})
}

func (r *setupReader) duration(to **time.Duration, least time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var text string
		if r.text(&text, nil)(n); text == "" {
			return
		}
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			r.refuse(n, "want a duration such as 30s or 1h30m")
		case d < least:
			r.refuse(n, "want a duration of at least %s", least)
		default:
			*to = &d
		}
	}
}

func (r *setupReader) count(to **int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var text string
		if r.text(&text, nil)(n); text == "" {
			return
		}
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			r.refuse(n, "want a whole number of at least 1")
			return
		}
		*to = &number
	}
}

func (r *setupReader) flag(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var text string
		if r.text(&text, nil)(n); text == "" {
			return
		}
		if text != "true" && text != "false" {
			r.refuse(n, "want true or false")
		}
		*to = text == "true"
	}
}

// word refuses what is not among some.
func (r *setupReader) word(what string, known ...string) func(*yaml.Node, string) {
	return func(n *yaml.Node, text string) {
		if !slices.Contains(known, text) {
			r.refuse(n, "there is no %s %q; there are %s", what, text, strings.Join(known, ", "))
		}
	}
}

var uuidForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func (r *setupReader) uuid(n *yaml.Node, what, text string) {
	if !uuidForm.MatchString(text) {
		r.refuse(n, "the id of a %s is a UUID, such as 5cabf558-5283-482f-b252-4d58e06f6f3b", what)
	}
}

// guid wants a UUID that is nobody else's.
func (r *setupReader) guid(what string) func(*yaml.Node, string) {
	return func(n *yaml.Node, text string) {
		r.uuid(n, what, text)
		r.once(n, "the "+what, text, false)
	}
}

// host refuses what can never be the host of a URL.
func (r *setupReader) host(n *yaml.Node, text string) {
	if strings.ContainsAny(text, "/:[] \t") && net.ParseIP(text) == nil {
		r.refuse(n, "want the name or the address of a host without scheme or port, or * for all")
	}
}

func aliased(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// form is what a node is, without what is in it.
func form(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case empty(n) || n.Value == "":
		return "nothing"
	default:
		return "a text"
	}
}
