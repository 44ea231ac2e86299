package client

import (
	"context"

	"github.com/kassa-dev/kassa/client/internal/secret"
)

// TokenSource gives the bearer token of the next request. It must be safe for
// concurrent use and should answer from a cache.
//
// A source that also has the method
//
//	Invalidate(token string)
//
// is told when a server answered 401 to that token, and is then asked once
// more: the request is repeated with what it gives, and a second 401 is final.
// A source without the method gets no second chance.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// StaticToken is the source of a token that never changes, such as the access
// token of Swedbank Pay's merchant portal. An empty token is refused by an
// [*InputError] at the first call.
func StaticToken(token string) TokenSource {
	return static{secret.Of(token)}
}

type static struct{ secret.Text }

func (s static) Token(context.Context) (string, error) {
	if s.Reveal() == "" {
		return "", &InputError{Field: "StaticToken", Reason: "the token is empty"}
	}
	return s.Reveal(), nil
}
