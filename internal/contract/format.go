package contract

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// formats of strings that are asserted. A format that is neither here nor in
// freeFormats is refused when a document is loaded.
var formats = map[string]func(string) bool{
	"date":      func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil },
	"date-time": isDateTime,
	"uuid":      regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`).MatchString,
	"uri": func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && u.IsAbs() && !strings.ContainsAny(s, " \t\r\n")
	},
	"uri-reference": func(s string) bool { _, err := url.Parse(s); return err == nil && !strings.ContainsAny(s, " \t\r\n") },
	"email":         isEmail,
	"ipv4":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
	"hostname":      regexp.MustCompile(`^(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?))*$`).MatchString,
	"byte":          func(s string) bool { _, err := base64.StdEncoding.DecodeString(s); return err == nil },
}

// freeFormats say something to people or to code generators and nothing that
// could be checked.
var freeFormats = map[string]bool{"": true, "password": true, "binary": true, "float": true, "double": true, "int32": true, "int64": true}

var dateTime = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$`)

// isDateTime asserts RFC 3339 on a real day, with up to nine fraction digits.
func isDateTime(s string) bool {
	if !dateTime.MatchString(s) {
		return false
	}
	_, err := time.Parse(time.RFC3339, strings.ToUpper(s))
	return err == nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}
