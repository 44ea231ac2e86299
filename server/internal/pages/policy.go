package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	styleHash  = hash(styleText)
	scriptHash = hash(frameText)
)

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// A policy is the Content-Security-Policy of a page.
type policy struct {
	framed  bool
	hosts   []string // origins that may frame it
	targets []string // addresses that the answer to its form may lead to
}

// String allows the page its style, its form and, in a frame, its script. Chromium holds every redirect that follows a
// form against form-action, and not the first alone: with the shop's origin there, a payer whose shop sends him on to
// another host would be stopped with nothing to see. So the schemes of the shop's addresses are allowed, and nothing but
// the page itself where there are none, as in a frame.
func (p policy) String() string {
	actions := []string{"'self'"}
	schemes := map[string][]string{"https": {"https:"}, "http": {"http:", "https:"}}
	for _, t := range p.targets {
		if u, err := url.Parse(strings.TrimSpace(t)); err == nil && IsLink(t) {
			actions = append(actions, schemes[strings.ToLower(u.Scheme)]...)
		}
	}
	actions = slices.Compact(slices.Sorted(slices.Values(actions)))
	directives := []string{
		"default-src 'none'",
		"style-src " + styleHash,
		"img-src data:", // the icon
		"form-action " + strings.Join(actions, " "),
		"base-uri 'none'",
	}
	switch {
	case !p.framed || len(p.hosts) == 0:
		directives = append(directives, "frame-ancestors 'none'")
	default:
		directives = append(directives, "frame-ancestors "+strings.Join(p.hosts, " "))
	}
	if p.framed {
		directives = append(directives, "script-src "+scriptHash)
	}
	return strings.Join(directives, "; ")
}

// plainHost is a host that a policy can name: no brackets, nothing that would end a directive.
var plainHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// origin is the origin of an http or https address, as browsers write it, and false for anything else and for hosts that
// a policy cannot name.
func origin(address string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || !IsLink(address) {
		return "", false
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
	return scheme + "://" + host, plainHost.MatchString(host)
}

// origins are the origins of those addresses that have one, each once.
func origins(addresses []string) []string {
	var out []string
	for _, a := range addresses {
		if o, ok := origin(a); ok && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// IsLink is whether an address that a shop handed in may become a link or a redirect: http or https, with a host. All
// others, javascript: among them, are shown as text.
func IsLink(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	return err == nil && u.Hostname() != "" && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https"))
}

func onlyLink(address string) string {
	if !IsLink(address) {
		return ""
	}
	return strings.TrimSpace(address)
}

// inCulture is the address with its language replaced.
func inCulture(address, locale string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set(Culture, locale)
	u.RawQuery = q.Encode()
	return u.String()
}
