package guard

import (
	"net/netip"
	"slices"
	"strings"
)

// canonical is a host as it is compared: lower-case, without the dot of the
// root.
func canonical(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// reserved are names that lead nowhere in the internet (RFC 2606, 6761, 6762 and
// 9476, and what private networks call themselves).
var reserved = []string{
	"localhost", "local", "localdomain", "internal", "intranet", "lan", "home.arpa", "alt", "onion",
	"test", "example", "invalid", "example.com", "example.net", "example.org",
}

// nobodys says that a host is on this machine or a private network, or has a
// name that nobody can own.
func nobodys(host string) bool {
	if address, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return !address.IsGlobalUnicast() || address.IsPrivate()
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	// An address in a spelling of old, such as 127.1 or 2130706433, ends in
	// a number, which no name of the internet does.
	return len(labels) < 2 || last != "" && last[0] >= '0' && last[0] <= '9' ||
		slices.ContainsFunc(reserved, func(name string) bool { return below(host, name) })
}

// words are parts of names that say what a host is for.
var words = []string{"test", "testing", "integration", "externalintegration", "sandbox", "mock", "stage", "staging"}

// forTrying says that the name of a host tells it is no production.
func forTrying(host string) bool {
	return slices.ContainsFunc(trial, func(name string) bool { return below(host, name) }) ||
		slices.ContainsFunc(strings.FieldsFunc(host, func(r rune) bool { return r == '.' || r == '-' }),
			func(part string) bool { return slices.Contains(words, part) })
}

// mocked says that a segment of a path names a simulated service, as Resurs's
// mock_payment_widget_service does.
func mocked(segment string) bool { return strings.HasPrefix(strings.ToLower(segment), "mock") }

func below(host, name string) bool { return host == name || strings.HasSuffix(host, "."+name) }
