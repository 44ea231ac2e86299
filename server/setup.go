package server

import (
	"slices"
	"strings"
	"time"
)

// A Setup is who may ask a sandbox for what, and how long things take. ReadSetup makes one; the zero Setup changes nothing.
type Setup struct {
	merchants     []merchantSetup
	token         *time.Duration // how long a Resurs access token is good for
	session       *time.Duration // how long a Resurs widget session is
	swishSale     *time.Duration
	trustlySale   *time.Duration
	swishReversal *time.Duration
	confirm       bool
	hosts         []string
	attempts      *int
	keep          *int
}

// A merchantSetup is one merchant of a setup.
type merchantSetup struct {
	account account
	tokens  []string
	clients []resursClient
	stores  []resursStore
}

// An account is a merchant who is known.
type account struct {
	name        string   // its namespace; empty for one that WithMerchant made
	payees      []string // whom its tokens may act for
	anyPayee    bool     // they may act for everyone
	instruments []string // what its tokens may use; nil is everything
	lists       bool     // its stores are all listed
}

// namespace is where the merchant's payments are.
func (a *account) namespace() string {
	if a.name != "" {
		return a.name
	}
	payees := slices.Clone(a.payees)
	slices.Sort(payees)
	return worldName(strings.Join(payees, " ")) // two tokens for the same payees meet
}

func (a *account) mayUse(instrument string) bool {
	return a.instruments == nil || slices.Contains(a.instruments, instrument)
}

func (a *account) mayActFor(payee string) bool {
	return a.anyPayee || slices.ContainsFunc(a.payees, func(p string) bool { return strings.EqualFold(p, payee) })
}

// A resursClient may ask for access tokens.
type resursClient struct {
	id, secret string
	scopes     []string // that it may ask for
	account    *account // nil for one that WithCredentials made
}

// A resursStore is a store that a merchant lists.
type resursStore struct {
	id      string // in lower case
	owner   string // the namespace
	methods []paymentMethod
}

// A paymentMethod is one of a store's.
type paymentMethod struct {
	id, kind  string
	customers []string // who may use it; nil is everyone
}

// WithSetup sets the sandbox up. What the setup does not say stays as it was. By default, and for each vendor of which no
// merchant has credentials, every token and every client is accepted, each in a namespace of its own.
func WithSetup(s Setup) Option {
	return func(c *config) {
		for _, m := range s.merchants {
			c.admit(m)
		}
		for at, value := range map[*time.Duration]*time.Duration{
			&c.tokenLifetime: s.token, &c.sessionLifetime: s.session, &c.delays.SwishSale: s.swishSale,
			&c.delays.TrustlySale: s.trustlySale, &c.delays.SwishReversal: s.swishReversal,
		} {
			if value != nil {
				*at = *value
			}
		}
		c.confirmed = c.confirmed || s.confirm
		c.callbackHosts = append(c.callbackHosts, s.hosts...)
		if s.attempts != nil {
			c.attempts = *s.attempts
		}
		if s.keep != nil {
			c.keep = int64(*s.keep)
		}
	}
}

// admit accepts the tokens and the clients of a merchant.
func (c *config) admit(m merchantSetup) {
	a := m.account // a setup may be used for several sandboxes
	a.payees = slices.Clone(a.payees)
	a.lists = len(m.stores) > 0
	for _, token := range m.tokens {
		c.accept(token, &a)
	}
	for _, client := range m.clients {
		client.account = &a
		c.acceptClient(client)
	}
	for _, store := range m.stores {
		if c.stores == nil {
			c.stores = map[string]*resursStore{}
		}
		store.owner = a.name
		c.stores[store.id] = &store
	}
}

func (c *config) accept(token string, a *account) {
	if c.merchants == nil {
		c.merchants = map[string]*account{}
	}
	c.merchants[token] = a
}

func (c *config) acceptClient(r resursClient) {
	if c.credentials == nil {
		c.credentials = map[string]resursClient{}
	}
	c.credentials[r.id] = r
}
