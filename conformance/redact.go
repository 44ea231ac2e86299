package conformance

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
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

// redactJSON rewrites sensitive scalars in place and copies every other byte.
// It asks for no validity: what a broken document hides is looked at as text.
func redactJSON(text []byte, nested int) []byte {
	out := make([]byte, 0, len(text))
	var (
		name string   // of the member whose value comes next
		open []string // the names of the containers we are in
		deep int      // containers beyond the ones remembered
	)
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '{' || c == '[':
			if len(open) < 512 {
				open = append(open, name)
			} else {
				deep++
			}
			if c == '{' {
				name = ""
			}
			out = append(out, c)
			i++
		case c == '}' || c == ']':
			if deep > 0 {
				deep--
			} else if n := len(open); n > 0 {
				name, open = open[n-1], open[:n-1]
			}
			out = append(out, c)
			i++
		case c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n':
			out = append(out, c)
			i++
		default:
			n := scalarLength(text[i:])
			scalar := text[i : i+n]
			i += n
			if rest := bytes.TrimLeft(text[i:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
				name = string(rawjson.Unquote(scalar))
				if c == '"' {
					out = appendString(out, scalar, redactText(name), name)
				} else {
					out = append(out, redactText(string(scalar))...)
				}
				continue
			}
			if c == '"' {
				value := string(rawjson.Unquote(scalar))
				out = appendString(out, scalar, redactValue(name, value, nested), value)
			} else {
				out = append(out, redactBare(name, string(scalar))...)
			}
		}
	}
	return out
}

// scalarLength measures a string, or whatever else stands up to the next
// structural byte; broken JSON may have anything there.
func scalarLength(text []byte) int {
	if text[0] == '"' {
		return rawjson.Length(text)
	}
	n := bytes.IndexAny(text, "{}[],:\"\n")
	if n < 0 {
		n = len(text)
	}
	return max(1, len(bytes.TrimRight(text[:n], " \t\r")))
}

// appendString appends a JSON string: as it was written if its text stays.
func appendString(dst, written []byte, text, before string) []byte {
	if text == before {
		return append(dst, written...)
	}
	return rawjson.AppendQuote(dst, []byte(text))
}

// redactBare redacts what is no string. Of a number only the length is kept if its
// member's name is that of something sensitive.
func redactBare(name, value string) string {
	if _, err := strconv.ParseFloat(value, 64); err != nil {
		switch value {
		case "true", "false", "null":
			return value
		}
		return redactText(value)
	}
	if kindOf(name) == plain {
		return value
	}
	if allDigit.MatchString(value) {
		return "1" + strings.Repeat("0", len(value)-1)
	}
	return "1"
}

// redactValue redacts the whole value of a named member or field.
func redactValue(name, value string, nested int) string {
	if k := kindOf(name); k != plain {
		return mask(k, value)
	}
	if nationalID(value) && !strings.HasSuffix(strings.ToLower(name), "reference") {
		return zeros(value)
	}
	if nested < 4 && len(value) > 1 && (value[0] == '{' || value[0] == '[') {
		return string(redactJSON([]byte(value), nested+1))
	}
	return redactText(value)
}

// redactText redacts what running text holds: fields (name=value) of
// sensitive names, e-mail addresses, tokens, card and telephone numbers.
func redactText(text string) string {
	var at, equals, plus, dots bool
	count := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '@':
			at = true
		case c == '=':
			equals = true
		case c == '+':
			plus = true
		case c == '.' || c == ' ':
			dots = true
		case c >= '0' && c <= '9':
			count++
		}
	}
	if equals {
		text = redactFields(text)
	}
	if at {
		text = address.ReplaceAllStringFunc(text, func(word string) string {
			return redactedEmail + word[len(strings.TrimRight(word, ".!")):]
		})
	}
	if dots && len(text) > 12 {
		text = bearer.ReplaceAllString(text, "$1 REDACTED")
		if strings.Contains(text, "eyJ") {
			text = jwt.ReplaceAllString(text, redacted)
		}
	}
	if count >= 13 || plus && count >= 8 {
		text = redactDigits(text)
	}
	return text
}

// redactDigits redacts card and telephone numbers that are words of their own.
// Digits that belong to a GUID, or touch a letter, belong to an id.
func redactDigits(text string) string {
	out := []byte(text)
	ids := guid.FindAllStringIndex(text, -1)
	for _, at := range grouped.FindAllStringIndex(text, -1) {
		from, to := at[0], at[1]
		for len(ids) > 0 && ids[0][1] <= from {
			ids = ids[1:]
		}
		if len(ids) > 0 && ids[0][0] < to || from > 0 && wordy(text[from-1]) || to < len(text) && wordy(text[to]) {
			continue
		}
		run := text[from:to]
		if holdsPAN(run) {
			run = harmlessPAN(run)
		}
		if from > 0 && text[from-1] == '+' && (from == 1 || !wordy(text[from-2])) {
			n := phoneDigits(run)
			run = zeros(run[:n]) + run[n:]
		}
		copy(out[from:to], run)
	}
	return string(out)
}

func wordy(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// redactFields redacts the values in name=value pairs, as in queries, forms
// and logs. A value of another name is looked into if it is percent-encoded.
func redactFields(text string) string {
	var out strings.Builder
	done := 0
	for i := range len(text) {
		if text[i] != '=' || i < done {
			continue
		}
		start := i
		for start > done && fieldName(text[start-1]) {
			start--
		}
		name := unescape(text[start:i])
		stop := " \t\r\n&;,#\"'<>\\{}|"
		if kindOf(name) == plain {
			stop += "=" // which may belong to a field inside this one
		}
		value := text[i+1:]
		if end := strings.IndexAny(value, stop); end >= 0 {
			value = value[:end]
		}
		inner := unescape(value)
		var safe string
		switch {
		case start == i || value == "":
			continue
		case kindOf(name) != plain:
			safe = mask(kindOf(name), inner)
		case inner != value || nationalID(value):
			safe = redactValue(name, inner, 4)
		default:
			continue
		}
		if safe == inner {
			continue
		}
		out.WriteString(text[done : i+1])
		out.WriteString(url.QueryEscape(safe))
		done = i + 1 + len(value)
	}
	if done == 0 {
		return text
	}
	return out.String() + text[done:]
}

func fieldName(c byte) bool {
	return wordy(c) || c == '_' || c == '-' || c == '.' || c == '%' || c == '$'
}

func unescape(text string) string {
	if inner, err := url.QueryUnescape(text); err == nil {
		return inner
	}
	return text
}
