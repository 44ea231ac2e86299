package swedbankpay

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// documented are the addresses callbacks come from: the range since 12 March
// 2025, and the single ones of earlier documentation.
var documented = []netip.Prefix{
	netip.MustParsePrefix("20.91.170.120/29"),
	netip.MustParsePrefix("51.107.183.58/32"),
	netip.MustParsePrefix("91.132.170.1/32"),
	netip.MustParsePrefix("82.115.146.1/32"),
}

// CallbackSources are the addresses Swedbank Pay documents as those its
// callbacks come from: 20.91.170.120/29 since 12 March 2025, and 51.107.183.58,
// 91.132.170.1 and 82.115.146.1 before. The old ones are among them because a
// callback refused in error costs an order its payment, and one let through in
// error costs two requests.
func CallbackSources() []netip.Prefix { return slices.Clone(documented) }

// sources decides where callbacks may come from.
type sources struct {
	said    bool           // by the merchant, not by default
	allowed []netip.Prefix // none for anywhere
	proxies []netip.Prefix
	vendor  bool // the client speaks to one of the vendor's own hosts
}

// isVendor says whether a base URL is on one of the vendor's two hosts.
func isVendor(base string) bool {
	u, err := url.Parse(base)
	return err == nil && slices.ContainsFunc([]string{Test, Production}, func(own string) bool {
		return strings.EqualFold("https://"+u.Hostname(), own)
	})
}

// check refuses a request that comes from elsewhere.
func (s *sources) check(r *http.Request) error {
	allowed := s.allowed
	if !s.said {
		allowed = documented
	}
	peer, named := addressIn(r.RemoteAddr)
	switch {
	case s.said && len(allowed) == 0, !s.said && !s.vendor:
		return nil
	case !s.said && len(s.proxies) == 0 && !(named && public(peer)):
		return nil
	}
	for _, from := range s.origins(peer, named, r.Header) {
		if !contain(allowed, from) {
			return &client.InputError{
				Field:  "callback source",
				Reason: from.String() + " is none of the addresses callbacks come from; name proxies in between with WithTrustedProxies, or other addresses with WithCallbackSources",
			}
		}
	}
	return nil
}

// origins are where the request comes from, according to the peer and, as long
// as those who say so are trusted proxies, to each header that there is. An
// address that nobody can read is the zero one.
func (s *sources) origins(peer netip.Addr, named bool, h http.Header) []netip.Addr {
	trusted := func(a netip.Addr) bool { return contain(s.proxies, a) }
	if !named && len(s.proxies) > 0 { // a socket of this machine
		trusted = func(a netip.Addr) bool { return a == peer || contain(s.proxies, a) }
	}
	chains := [][]string{list(h, "X-Forwarded-For")}
	if forwarded := list(h, "Forwarded"); len(forwarded) > 0 {
		for i, element := range forwarded {
			forwarded[i] = forIn(element)
		}
		chains = append(chains, forwarded)
		if len(chains[0]) == 0 {
			chains = chains[1:]
		}
	}
	var out []netip.Addr
	for _, chain := range chains {
		from := peer
		for _, hop := range slices.Backward(chain) {
			if !trusted(from) {
				break
			}
			from, _ = addressIn(hop)
			if !from.IsValid() {
				break
			}
		}
		out = append(out, from)
	}
	return out
}

// list gives the elements of a header that is a list, over all its lines.
func list(h http.Header, name string) []string {
	lines := h.Values(name)
	if len(lines) == 0 {
		return nil
	}
	return strings.Split(strings.Join(lines, ","), ",")
}

// forIn gives the node of for= in an element of Forwarded (RFC 7239).
func forIn(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// addressIn reads an address with or without a port and brackets. An IPv4
// address in the form of IPv6 is what it is.
func addressIn(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if both, err := netip.ParseAddrPort(s); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		s = strings.TrimSuffix(inner, "]")
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

// carriers is the address space of carriers (RFC 6598), where proxies of clouds are found.
var carriers = netip.MustParsePrefix("100.64.0.0/10")

// public says whether an address is one that a stranger can have.
func public(a netip.Addr) bool { return a.IsGlobalUnicast() && !a.IsPrivate() && !carriers.Contains(a) }

func contain(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
