package contract

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// formats of strings that are asserted. A format that is neither here nor in
// freeFormats nor one of numbers is refused when a document is loaded.
var formats = map[string]func(string) bool{
	"date":          isDate,
	"date-time":     isDateTime,
	"uuid":          isUUID,
	"uri":           isURI,
	"uri-reference": func(s string) bool { return parseURI(s) != nil },
	"email":         isEmail,
	"ipv4":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
	"hostname":      isHostname,
	"byte":          isBase64,
}

// freeFormats of strings say something to people or to code generators and
// nothing that could be checked.
var freeFormats = map[string]bool{"password": true, "binary": true}

// numberFormats are the formats of numbers. The first two are asserted.
var numberFormats = map[string]kind{"int32": kindInteger, "int64": kindInteger, "float": kindNumber, "double": kindNumber}

// isDate wants a day of the calendar: 31 February is none.
func isDate(s string) bool {
	if len(s) != len(time.DateOnly) || !hasForm(s, "dddd-dd-dd") {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// hasForm compares the beginning of s with a form in which d is any digit.
func hasForm(s, form string) bool {
	if len(s) < len(form) {
		return false
	}
	for i := range len(form) {
		if c := s[i]; form[i] == 'd' && (c < '0' || c > '9') || form[i] != 'd' && c != form[i] {
			return false
		}
	}
	return true
}

// isDateTime is RFC 3339 with capitals T and Z, none to nine fraction digits,
// and a leap second at the end of a UTC day only.
func isDateTime(s string) bool {
	if !hasForm(s, "dddd-dd-ddTdd:dd:dd") || !isDate(s[:10]) {
		return false
	}
	two := func(at int) int { return int(s[at]-'0')*10 + int(s[at+1]-'0') }
	hour, minute, second := two(11), two(14), two(17)
	if hour > 23 || minute > 59 || second > 60 {
		return false
	}
	rest := s[19:]
	if strings.HasPrefix(rest, ".") {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 || n > 10 {
			return false
		}
		rest = rest[n:]
	}
	offset := 0
	if rest != "Z" {
		if len(rest) != 6 || !hasForm(rest[1:], "dd:dd") || rest[0] != '+' && rest[0] != '-' {
			return false
		}
		at := len(s) - 5
		if two(at) > 23 || two(at+3) > 59 {
			return false
		}
		if offset = two(at)*60 + two(at+3); rest[0] == '-' {
			offset = -offset
		}
	}
	const day = 24 * 60
	return second < 60 || (hour*60+minute-offset+day)%day == day-1
}

// isUUID takes any version and variant, with dashes.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHex(s[i]) {
				return false
			}
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isURI wants a scheme, and of a web address a host as well.
func isURI(s string) bool {
	u := parseURI(s)
	return u != nil && u.Scheme != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Hostname() != "")
}

// parseURI knows the characters of RFC 3986, on which package url does not
// insist. It is nil for what is no reference.
func parseURI(s string) *url.URL {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return nil
		}
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			return nil
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	return u
}

// isEmail takes the everyday form: words with dots between them, and a host.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || !isHostname(s[at+1:]) {
		return false
	}
	for word := range strings.SplitSeq(s[:at], ".") {
		if word == "" {
			return false
		}
		for i := range len(word) {
			if !isAlphanumeric(word[i]) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", word[i]) < 0 {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHostname(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

// isBase64 wants the standard alphabet, padded, on one line.
func isBase64(s string) bool {
	if strings.ContainsAny(s, "\r\n") {
		return false
	}
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}
