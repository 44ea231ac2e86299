package resurs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/resurs/widget"
)

// Shopper is one customer in one store. ShopperID is the merchant's own name
// for the customer's session, such as a session cookie; it is not sent.
type Shopper struct {
	StoreID   string
	ShopperID string
}

// Session is what the widget starts with. Printed and logged it shows no
// token; as JSON it does, since that is how it gets to the browser.
type Session struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func (s Session) String() string {
	return "widget session until " + s.ExpiresAt.UTC().Format(time.RFC3339)
}

// Format writes String, whatever the verb.
func (s Session) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.String()) }

// LogValue gives String to slog.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// CreateSession gives the shopper a widget session: the one made before, until
// 30 seconds before it expires (a tenth of its life, when that is less), then a
// new one. Sessions are never shared between shoppers, and calls for the same
// shopper at the same time share one request.
//
// The ten thousand sessions that expire last are remembered. A shopper who was
// forgotten gets a new session, which does no harm.
//
// A Shopper without StoreID or ShopperID, or with one longer than 512 bytes, is
// refused by a [*client.InputError] before anything is sent. Whether StoreID is
// a store is for the service to say: it answers 404 or 422.
func (c *Client) CreateSession(ctx context.Context, shopper Shopper) (Session, error) {
	switch {
	case c.source == nil:
		return Session{}, &client.InputError{Field: "New", Reason: "a session wants a token source, such as Credentials"}
	case shopper.StoreID == "":
		return Session{}, &client.InputError{Field: "StoreID", Reason: "want the id of a store"}
	case shopper.ShopperID == "":
		return Session{}, &client.InputError{Field: "ShopperID", Reason: "want what tells this shopper from any other: sessions are never shared"}
	case len(shopper.StoreID) > 512 || len(shopper.ShopperID) > 512:
		return Session{}, &client.InputError{Field: "Shopper", Reason: "want ids of at most 512 bytes"}
	}
	if s, ok := c.sessions.get(shopper, c.conn.Now()); ok {
		return s, nil
	}
	key := fmt.Sprintf("%q %q", shopper.StoreID, shopper.ShopperID)
	return c.sessions.flight.Do(ctx, key, func(ctx context.Context) (Session, error) {
		if s, ok := c.sessions.get(shopper, c.conn.Now()); ok { // made while we came here
			return s, nil
		}
		s, err := c.session(ctx, shopper.StoreID)
		if err == nil {
			c.sessions.put(shopper, s, c.conn.Now())
		}
		return s, err
	})
}

// ForgetSession makes the next CreateSession of the shopper ask for a new
// session: call it when the widget reports 401, 403 or 404, or the shopper
// leaves.
func (c *Client) ForgetSession(shopper Shopper) { c.sessions.drop(shopper) }

// session asks for a session, and does not remember it.
func (c *Client) session(ctx context.Context, storeID string) (Session, error) {
	if err := c.conn.Err(); err != nil {
		return Session{}, err
	}
	if err := c.guard.ID("StoreID", storeID, printedStore); err != nil {
		return Session{}, err
	}
	req, err := widget.NewCreateSessionRequest(c.conn.Server(), widget.SessionRequest{StoreID: storeID})
	if err != nil {
		return Session{}, &client.InputError{Field: "CreateSession", Reason: err.Error()}
	}
	answer, err := c.conn.Do(ctx, req)
	if err != nil {
		return Session{}, err
	}
	var body widget.SessionResponse
	if err := answer.Decode(&body); err != nil {
		return Session{}, err
	}
	until, err := time.Parse(time.RFC3339, strings.ToUpper(body.Data.ExpiresAt))
	if body.Data.Token == "" || err != nil {
		return Session{}, answer.Unreadable(errors.New("want data.token, and data.expiresAt as a time"))
	}
	return Session{Token: body.Data.Token, ExpiresAt: until}, nil
}
