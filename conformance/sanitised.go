package conformance

import (
	"strings"

	"github.com/kassa-dev/kassa/conformance/har"
)

// sanitised says that an entry may have lost its credentials on the way into
// the recording. Browsers take Authorization and cookies out of what they
// export unless told otherwise, so a cookie tells that they did not. Other
// tools write a word in the place of credentials; it is taken away here.
func sanitised(creator string, e *har.Entry) bool {
	const authorization = "Authorization"
	if value := e.Request.Header.Get(authorization); value != "" && creator != "kassa" && placeholder(value) {
		e.Request.Header.Del(authorization)
		return true
	}
	browser := strings.HasPrefix(creator, "WebInspector") || strings.HasPrefix(creator, "WebKit")
	return browser && e.Request.Header.Get("Cookie") == "" && e.Response.Header.Get("Set-Cookie") == ""
}

// placeholder says that a value stands for one that was taken out, scheme and
// all: a word in brackets or of asterisks, or one that says so.
func placeholder(value string) bool {
	value = strings.ToLower(strings.TrimSpace(value))
	scheme, _, more := strings.Cut(value, " ")
	if more && (scheme == "bearer" || scheme == "basic") {
		return false // the scheme is there to be judged
	}
	if strings.Trim(value, "*x.-_#<>[](){}") == "" {
		return true
	}
	for _, word := range []string{"redacted", "removed", "stripped", "filtered", "sanitized", "sanitised", "scrubbed", "masked", "hidden"} { //nolint:misspell // as recorders write it
		if strings.Contains(value, word) {
			return true
		}
	}
	return false
}
