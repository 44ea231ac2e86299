package wire

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/kassa-dev/kassa/client/internal/secret"
)

type hiddenKey struct{}

// Hide gives a context whose requests keep secrets to themselves: they are
// blanked out of the path in errors and out of refusals, as the bearer is.
// Empty ones are passed over.
func Hide(ctx context.Context, secrets ...string) context.Context {
	hidden := hiddenIn(ctx)
	hidden = hidden[:len(hidden):len(hidden)]
	for _, s := range secrets {
		if s != "" {
			hidden = append(hidden, secret.Of(s))
		}
	}
	return context.WithValue(ctx, hiddenKey{}, hidden)
}

func hiddenIn(ctx context.Context) []secret.Text {
	hidden, _ := ctx.Value(hiddenKey{}).([]secret.Text)
	return hidden
}

// secretsOf is what a request must not show: what its context hides, and the
// stored token in its path, which a server may repeat in lower case.
func secretsOf(req *http.Request) []string {
	var out []string
	for _, s := range hiddenIn(req.Context()) {
		out = append(out, s.Reveal())
	}
	if path := req.URL.Path; strings.Contains(path, "/i") || strings.Contains(path, "/I") {
		if m := stored.FindStringSubmatch(path); m != nil {
			out = append(out, m[1], strings.ToLower(m[1]))
		}
	}
	return out
}

// stored is where a stored token stands in a path.
var stored = regexp.MustCompile(`(?i)/instrumentdata/([^/]+)`)

// digits is a secret so short that it turns up inside other numbers.
var digits = regexp.MustCompile(`^[0-9]{1,4}$`)

// hidePath blanks secrets out of a path, where short digits are no secret.
func hidePath(path string, secrets []string) string {
	for _, secret := range secrets {
		if !digits.MatchString(secret) {
			path = hide(path, []string{secret})
		}
	}
	return path
}

// hide blanks secrets out of s: a code of up to four digits where no letter or
// digit touches it, anything else wherever it stands.
func hide(s string, secrets []string) string {
	for _, secret := range secrets {
		switch {
		case secret == "":
		case digits.MatchString(secret):
			s = regexp.MustCompile(`\b`+secret+`\b`).ReplaceAllString(s, blank)
		default:
			s = strings.ReplaceAll(s, secret, blank)
		}
	}
	return s
}

const blank = "[secret]"
