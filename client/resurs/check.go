package resurs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/client"
)

// ScopeError says that the token endpoint gave a token, but of another scope
// than was asked for. What the token is good for is for the service to say: it
// answers 403 where it is not.
type ScopeError struct {
	Asked   string // as [WithScope] said it
	Granted string // as the server named it
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("asked for a token of the scope %.100q, got one of %.100q: ask Resurs what the credentials were issued for", e.Asked, e.Granted)
}

// Check tries what a shop needs, before its first shopper comes: at its start,
// or before it goes to production. Nil means that a token was given, and a
// widget session for the store.
//
// The session is thrown away; no money is touched. Errors, in the order in which
// they are looked for:
//
//   - [*client.Problem] of the token endpoint: 400 or 401, with the Type
//     invalid_client for credentials that are wrong or of the other environment,
//     and invalid_scope for a scope they were not issued for.
//   - [*ScopeError] for a token whose scope, if the server names one, lacks what
//     was asked for. By the OAuth standard a server that names none gave what
//     was asked. Sources other than [Credentials] are not looked at.
//   - [*client.Problem] of the service: 401 or 403 for a token it does not take
//     for the store, 404 or 422 for a store it does not know.
//   - what else package client describes.
func (c *Client) Check(ctx context.Context, storeID string) error {
	switch {
	case c.source == nil:
		return &client.InputError{Field: "New", Reason: "a session wants a token source, such as Credentials"}
	case storeID == "":
		return &client.InputError{Field: "storeID", Reason: "want the id of a store"}
	case c.conn.Err() != nil:
		return c.conn.Err()
	}
	if own, ok := c.source.(*credentials); ok {
		if err := own.check(ctx); err != nil {
			return err
		}
	}
	_, err := c.session(ctx, storeID)
	return err
}

// check holds the scope of a token against the one that was asked for, where
// each may be several words.
func (c *credentials) check(ctx context.Context) error {
	if _, err := c.Token(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	granted := strings.Fields(c.granted)
	for _, word := range strings.Fields(c.scope) {
		if len(granted) > 0 && !slices.Contains(granted, word) {
			return &ScopeError{Asked: c.scope, Granted: c.granted}
		}
	}
	return nil
}

// Kind is client.Forbidden.
func (e *ScopeError) Kind() client.Kind { return client.Forbidden }
