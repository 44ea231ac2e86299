package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/kassa-dev/kassa/internal/contract"
)

// Checker holds the documents, compiled. It is immutable and safe for
// concurrent use; making one is worth doing once.
type Checker struct {
	contract  *contract.Contract
	inventory func() *contract.Inventory // of what traffic can show
	servers   []string
	hosts     []string       // of every server, for hints
	progress  func(Progress) // nil: nobody is told
}

// Option changes what a Checker judges.
type Option func(*options)

type options struct {
	servers  []string
	progress func(Progress)
}

// WithServer makes the checker take traffic to this base URL, such as
// http://127.0.0.1:8585, for traffic with every documented API: what follows is
// an API's own base path, if it has one, and the path. By default only the
// servers that the documents name are judged. It may be repeated.
func WithServer(base string) Option {
	return func(o *options) { o.servers = append(o.servers, base) }
}

// New compiles Kassa's own documents. The error says which document is broken,
// or which server is no absolute http or https URL.
func New(opts ...Option) (*Checker, error) {
	own, err := contract.Own()
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	return newChecker(own, opts...)
}

func newChecker(c *contract.Contract, opts ...Option) (*Checker, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	checker := &Checker{contract: c, inventory: sync.OnceValue(c.Inventory), progress: o.progress}
	for _, document := range c.Documents() {
		for _, server := range document.Servers {
			if u, err := url.Parse(server); err == nil && !slices.Contains(checker.hosts, u.Host) {
				checker.hosts = append(checker.hosts, u.Host)
			}
		}
	}
	return checker.with(o.servers)
}

// with is the checker with more servers.
func (c *Checker) with(servers []string) (*Checker, error) {
	more := *c
	for _, server := range servers {
		u, err := url.Parse(server)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("conformance: the server %q is no absolute URL; write it like http://127.0.0.1:8585", redactText(server))
		}
		more.contract = more.contract.WithServer(server)
		more.servers = append(slices.Clip(more.servers), server)
	}
	return &more, nil
}

// foreign says that an address, which need not be well-formed beyond its host,
// is of a host of no document.
func (c *Checker) foreign(address string) bool {
	scheme, rest, ok := strings.Cut(address, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	u, err := url.Parse(scheme + "://" + rest)
	return ok && err == nil && c.contract.Match("GET", u).Outcome == contract.UnknownHost
}

// Session starts the judging of one recording.
func (c *Checker) Session() *Session {
	return &Session{
		checker:   c,
		coverage:  c.coverage(),
		callbacks: map[string][]callback{},
		found:     map[kindred]*Finding{},
		seen:      map[string]bool{},
		foreign:   map[string]bool{},
	}
}
