// Package guard keeps the test environment and production apart, by what can be
// told before anything is sent.
package guard

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

// production are the hosts that vendors document as production.
var production = []string{
	"api.payex.com",                  // Swedbank Pay
	"merchant-api.resurs.com",        // Resurs: token and Merchant API
	"apigw.resurs.com",               // Resurs: the older gateway
	"api.checkout.prod.resurs.cloud", // Resurs: checkout
}

// trial are documented test hosts that do not say test, and what lies below
// them.
var trial = []string{
	"api.checkout.int.resurs.cloud",
	"wa3.int.resurs.cloud",
	"i.eks.aws.cld.resurs.com",
}

// Base settles the base URL of s: test or prod, unless an option named one. It
// refuses one that belongs to the other environment, and an empty prod: nobody
// documents that host.
func Base(s *settings.Settings, test, prod string) {
	if s.BaseURL == "" {
		s.BaseURL = test
		if s.Production {
			s.BaseURL = prod
		}
		if s.BaseURL == "" {
			refuse(s, "WithBaseURL", "want the production host: none is documented, so ask the vendor")
		}
		return
	}
	u, err := url.Parse(s.BaseURL)
	if err != nil || s.Unguarded {
		return // what cannot be parsed is refused where it is used
	}
	host := canonical(u.Hostname())
	switch {
	case !s.Production && slices.Contains(production, host):
		refuse(s, "WithBaseURL", host+" is production, which client.WithEnvironment(client.Production) has to name")
	case s.Production && !strings.EqualFold(u.Scheme, "https"):
		refuse(s, "WithBaseURL", "want https in production")
	case s.Production && (nobodys(host) || forTrying(host) || slices.ContainsFunc(strings.Split(u.Path, "/"), mocked)):
		refuse(s, "WithBaseURL", "want a production host: this one is for trying things (client.WithoutGuard takes it all the same)")
	}
}

// Guard looks at what requests say. The zero Guard refuses nothing.
type Guard struct{ on bool }

// Of is the guard that s asks for: none in the test environment.
func Of(s settings.Settings) Guard { return Guard{s.Production && !s.Unguarded} }

// On says whether there is anything to look at.
func (g Guard) On() bool { return g.on }

// Address refuses in production an address that a payer's browser or the vendor
// is to open and cannot, or not safely. An empty one is none.
func (g Guard) Address(field, address string) error {
	u, err := url.Parse(address)
	if !g.on || err != nil {
		return nil //nolint:nilerr // what an address may look like is for the vendor to say
	}
	switch {
	case strings.EqualFold(u.Scheme, "http"):
		return &client.InputError{Field: field, Reason: "want https in production"}
	case strings.EqualFold(u.Scheme, "https") && nobodys(canonical(u.Hostname())):
		return &client.InputError{Field: field, Reason: "want a host of the internet in production"}
	}
	return nil
}

// ID refuses in production the id that documentation prints.
func (g Guard) ID(field, id, printed string) error {
	if g.on && strings.EqualFold(strings.TrimSpace(id), printed) {
		return &client.InputError{Field: field, Reason: "want one of your own in production: this one is printed in documentation"}
	}
	return nil
}

// Scope refuses in production a scope that was made for trying things.
func Scope(s *settings.Settings) {
	if !Of(*s).on {
		return
	}
	for _, word := range strings.Fields(strings.ToLower(s.Scope)) {
		if strings.HasPrefix(word, "mock-") || strings.HasPrefix(word, "test-") {
			refuse(s, "WithScope", "want a scope of production, such as merchant-api: mock-… and test-… are for trying things")
		}
	}
}

func refuse(s *settings.Settings, field, reason string) {
	s.Refuse(&client.InputError{Field: field, Reason: reason})
}
