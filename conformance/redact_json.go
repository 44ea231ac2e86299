package conformance

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
	"github.com/kassa-dev/kassa/internal/checkdigit"
)

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
	if checkdigit.Person(value) && !strings.HasSuffix(strings.ToLower(name), "reference") {
		return zeros(value)
	}
	if nested < 4 && len(value) > 1 && (value[0] == '{' || value[0] == '[') {
		return string(redactJSON([]byte(value), nested+1))
	}
	return redactText(value)
}
