// Package rawjson looks into JSON text without building values from it.
//
// It exists because a judge needs the bytes as they were: encoding/json
// replaces invalid UTF-8 while it decodes, and so hides the defect it should
// report. Everything here keeps bytes it does not understand, allocates little
// and never recurses, so nesting cannot exhaust the stack.
package rawjson

import (
	"bytes"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Valid asks for the grammar of JSON alone: names may stand twice, and strings
// hold any bytes.
func Valid(text []byte) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// Members walks the members of an object, names unquoted, values as written.
// It expects valid JSON; of anything else it yields what it can and stops.
func Members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		rest := space(object)
		if len(rest) == 0 || rest[0] != '{' {
			return
		}
		rest = rest[1:]
		for {
			rest = separators(rest)
			if len(rest) == 0 || rest[0] != '"' {
				return
			}
			n := Length(rest)
			name := string(Unquote(rest[:n]))
			rest = separators(rest[n:])
			n = Length(rest)
			if n == 0 || !yield(name, rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Elements walks the elements of an array, as written. It expects valid JSON.
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		rest := space(array)
		if len(rest) == 0 || rest[0] != '[' {
			return
		}
		rest = rest[1:]
		for {
			rest = separators(rest)
			if len(rest) == 0 || rest[0] == ']' {
				return
			}
			n := Length(rest)
			if n == 0 || !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Get follows an RFC 6901 pointer, member names in any letter case if no
// member has the exact name, and returns the value as written, or nil.
func Get(document []byte, pointer string) []byte {
	at := space(document)
	if pointer == "" {
		return at
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		var found []byte
		if len(at) > 0 && at[0] == '[' {
			index := 0
			for element := range Elements(at) {
				if strconv.Itoa(index) == token {
					found = element
					break
				}
				index++
			}
		} else {
			for name, value := range Members(at) {
				if name == token {
					found = value
					break
				}
				if found == nil && strings.EqualFold(name, token) {
					found = value
				}
			}
		}
		if found == nil {
			return nil
		}
		at = found
	}
	return at
}

// Length is the number of bytes of the value, or of the structural byte, that
// text starts with; all of text if the value does not end in it.
func Length(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '"':
		return stringLength(text)
	case '{', '[':
		depth := 0
		for i := 0; i < len(text); {
			switch text[i] {
			case '"':
				i += stringLength(text[i:])
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return len(text)
	default:
		if n := bytes.IndexAny(text, " \t\r\n,:]}[{\""); n > 0 {
			return n
		} else if n == 0 {
			return 1
		}
		return len(text)
	}
}

func stringLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		quote := bytes.IndexByte(text[i:], '"')
		if quote < 0 {
			return len(text)
		}
		end := i + quote
		escapes := end
		for escapes > i && text[escapes-1] == '\\' {
			escapes--
		}
		if (end-escapes)%2 == 0 {
			return end + 1
		}
		i = end
	}
	return len(text)
}

func space(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n") }

func separators(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n,:") }

// Unquote is the text of a JSON string, without its quotes. Bytes that are not
// UTF-8 and escapes that mean nothing are kept as they are; a lone surrogate
// becomes its three-byte form, which is not UTF-8 either, so that whoever
// judges the text later still sees the defect.
func Unquote(quoted []byte) []byte {
	text := bytes.TrimPrefix(quoted, []byte{'"'})
	if n := len(text); n > 0 && text[n-1] == '"' && len(quoted) > 1 {
		text = text[:n-1]
	}
	return Unescape(bytes.Clone(text))
}

// Unescape is Unquote for what stands between the quotes. It works in place: no
// escape is shorter than what it stands for.
func Unescape(text []byte) []byte {
	i := bytes.IndexByte(text, '\\')
	if i < 0 {
		return text
	}
	out := text[:i]
	for i < len(text) {
		if text[i] != '\\' || i+1 == len(text) {
			n := bytes.IndexByte(text[i+1:], '\\') + 1
			if n == 0 {
				n = len(text) - i
			}
			out = append(out, text[i:i+n]...)
			i += n
			continue
		}
		c := text[i+1]
		if at := strings.IndexByte(`"\/bfnrt`, c); at >= 0 {
			out = append(out, "\"\\/\b\f\n\r\t"[at])
			i += 2
			continue
		}
		r, ok := hex4(text[i:])
		if !ok {
			out = append(out, '\\')
			i++
			continue
		}
		i += 6
		if utf16.IsSurrogate(r) {
			if low, ok := hex4(text[i:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					out = utf8.AppendRune(out, pair)
					i += 6
					continue
				}
			}
			out = append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// hex4 reads \uXXXX.
func hex4(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	return rune(n), err == nil
}

// AppendQuote appends text as a JSON string. It escapes what JSON demands and
// nothing else: bytes that are not UTF-8 stay as they are.
func AppendQuote(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
