package conformance

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Redact returns the exchange without what must never be written down:
// credentials, cookies, card numbers and codes, national identity numbers,
// e-mail addresses and telephone numbers, in the URL, the headers and the
// bodies. Names and street addresses are kept.
//
// Values keep their shape as far as possible, so that the redacted exchange is
// judged like the original: digits become zeros, an address becomes another
// address. Numbers in JSON are touched only where the member's name says what
// they are; ids, GUIDs and times are left alone. Redacting twice changes
// nothing more. The exchange given is not modified.
func Redact(x Exchange) Exchange {
	x.Request.URL = redactURL(x.Request.URL)
	x.Error = redactText(x.Error)
	x.Request.Header = redactHeader(x.Request.Header)
	x.Response.Header = redactHeader(x.Response.Header)
	x.Request.Body = redactBody(x.Request.Header, x.Request.Body)
	x.Response.Body = redactBody(x.Response.Header, x.Response.Body)
	return x
}

func redactURL(address string) string {
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		authority := rest
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			authority = rest[:end]
		}
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			address = scheme + "://" + rest[at+1:]
		}
	}
	return redactText(address)
}

func redactHeader(header http.Header) http.Header {
	out := header.Clone()
	for name, values := range out {
		for i, value := range values {
			values[i] = redactField(name, value)
		}
	}
	return out
}

// redactField redacts one header. Of an authorization the scheme is kept.
func redactField(name, value string) string {
	name = strings.ToLower(name)
	switch {
	case name == "authorization" || name == "proxy-authorization":
		scheme, _, ok := strings.Cut(strings.TrimSpace(value), " ")
		switch {
		case ok:
			return scheme + " REDACTED"
		case scheme == "" || strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "basic"):
			return value // credentials that are not there
		}
		return "REDACTED"
	case value != "" && (name == "cookie" || name == "set-cookie" || strings.HasSuffix(name, "apikey") ||
		strings.HasSuffix(name, "api-key") || strings.HasSuffix(name, "subscription-key") ||
		strings.HasSuffix(name, "token") || strings.HasSuffix(name, "secret") || strings.HasSuffix(name, "signature")):
		return "REDACTED"
	}
	return redactText(value)
}

// redactBody redacts a body, and corrects the header's Content-Length if it
// was right before.
func redactBody(header http.Header, body []byte) []byte {
	if len(body) == 0 {
		return body
	}
	var out []byte
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if start := bytes.TrimLeft(body, "\xEF\xBB\xBF \t\r\n"); mediaType != "application/x-www-form-urlencoded" &&
		len(start) > 0 && (start[0] == '{' || start[0] == '[' || start[0] == '"') {
		out = redactJSON(body, 0)
	} else {
		out = []byte(redactText(string(body)))
	}
	if header.Get("Content-Length") == strconv.Itoa(len(body)) {
		header.Set("Content-Length", strconv.Itoa(len(out)))
	}
	return out
}
