package har

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/kassa-dev/kassa/conformance/internal/rawjson"
)

// body turns recorded text into bytes, in the place where it is written. Text
// marked as base64 that is not is taken as it stands; text of a JSON body that
// is base64 and not marked is decoded, for both mistakes are made by recorders
// in use.
func body(written []byte, encoding, mediaType string) []byte {
	recorded := rawjson.Unescape(written[1 : len(written)-1])
	unmarked := encoding == "" && looksEncoded(recorded) && strings.Contains(mediaType, "json")
	if !unmarked && !strings.EqualFold(encoding, "base64") {
		return recorded
	}
	compact := recorded
	if bytes.ContainsAny(recorded, " \r\n") {
		compact = bytes.Join(bytes.Fields(recorded), nil)
	}
	for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		decoded := make([]byte, alphabet.DecodedLen(len(compact)))
		n, err := alphabet.Decode(decoded, compact)
		if err == nil && (!unmarked || json.Valid(decoded[:n])) {
			return decoded[:n]
		}
	}
	return recorded
}

// looksEncoded: "{" and "[" followed by anything become these in base64.
func looksEncoded(text []byte) bool {
	return len(text) >= 4 && (text[0] == 'e' && text[1] >= 'w' && text[1] <= 'z' || text[0] == 'W')
}

// form rebuilds a form body from its parameters, in their order.
func form(params []byte) []byte {
	var out bytes.Buffer
	for name, value := range rawjson.Named(params) {
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(rawjson.Text(name)) + "=" + url.QueryEscape(rawjson.Text(value)))
	}
	return out.Bytes()
}
