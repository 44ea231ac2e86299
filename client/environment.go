package client

import "github.com/kassa-dev/kassa/client/internal/settings"

// Environment says whether the money is real. Only the two values below are
// taken, so that one read from a configuration is either right or refused.
type Environment string

// The two environments.
const (
	Test       Environment = "test"       // the vendors' environments for trying things, and sandboxes; the default
	Production Environment = "production" // real money and real people
)

// WithEnvironment says which environment a client is for. By default it is
// [Test]. In [Production] the base URL is by default the vendor's production
// host, where its documentation names one.
//
// The environments are kept apart by what can be told before a request is sent.
// Each of these is refused by an [*InputError]:
//
//   - In Test, a base URL on a host that a vendor documents as production.
//     Nothing else can be told there: a token, an id or the address of a shop
//     looks the same on both sides.
//   - In Production, a base URL without TLS; on a documented test host; with a
//     label or a part of one that says test, testing, integration,
//     externalintegration, sandbox, mock, stage or staging, or a segment of its
//     path that begins with mock; on a loopback or private address, on a name
//     without a dot, or below localhost, local, test, example, invalid and the
//     like, which are nobody's.
//   - In Production, what only documentation and tests use: its payee and store
//     ids and the scopes mock-… and test-….
//   - In Production, an address given for the payer's browser or for callbacks
//     that is plain http, or on a host the vendor and the payer cannot reach: a
//     loopback or private address, or one of the names above.
//
// [WithoutGuard] lifts all of it.
func WithEnvironment(e Environment) Option {
	return func(s *settings.Settings) {
		if e != Test && e != Production {
			s.Refuse(&InputError{Field: "WithEnvironment", Reason: "want client.Test or client.Production"})
			return
		}
		s.Production = e == Production
	}
}

// WithoutGuard sends what [WithEnvironment] describes as refused: for a proxy
// on a private address in front of production, say. By default the guard is on.
func WithoutGuard() Option {
	return func(s *settings.Settings) { s.Unguarded = true }
}
