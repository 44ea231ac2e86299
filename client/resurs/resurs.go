// Package resurs is the backend side of the Resurs payment widget.
//
//	source := resurs.Credentials(id, secret)
//	widget := resurs.New(source)
//	session, err := widget.CreateSession(ctx, resurs.Shopper{StoreID: store, ShopperID: cookie})
//
// The token of the session goes to the browser, where the widget starts with
// it; the access token and the client secret never leave the backend.
//
// # Hosts
//
// The token and the widget live on different hosts, and each constructor takes
// its own [client.WithBaseURL]. The defaults are Resurs's integration
// environment. [client.WithEnvironment] of [client.Production] goes to both
// constructors, or they refuse each other. No production host of the widget is
// documented, so there is no constant for one, and New wants it said there: ask
// Resurs.
//
// # Errors
//
// They are those of package client. A refusal is a [*client.Problem]: 400, 401,
// 403, 404, 422 and 500 are documented, and Fields says for a 422 which member
// was wrong. Branch on the status: only one value of Type is documented.
package resurs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/guard"
	"github.com/kassa-dev/kassa/client/internal/settings"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/resurs/widget"
)

// The documented hosts.
const (
	// TokenHost is the Merchant API of the integration environment, the
	// default of Credentials.
	TokenHost = "https://merchant-api.integration.resurs.com"
	// ProductionTokenHost is the Merchant API where the money is real, the
	// default of Credentials with [client.WithEnvironment] of
	// [client.Production]. Without that it is refused.
	ProductionTokenHost = "https://merchant-api.resurs.com"
	// WidgetHost is the widget service of the integration environment, the
	// default of New.
	WidgetHost = "https://apigw.integration.resurs.com/api/mock_payment_widget_service"
)

// printedStore is the store in the examples of the documentation.
const printedStore = "550e8400-e29b-41d4-a716-446655440000"

// Client speaks to the widget service. It is safe for concurrent use, and one
// is enough for a process: it holds the sessions.
type Client struct {
	conn     *wire.Conn
	source   client.TokenSource
	guard    guard.Guard
	sessions sessions
}

// New makes a client that authorises itself with what source gives, usually
// [Credentials]. Nothing is sent yet. By default it speaks to [WidgetHost]; in
// [client.Production] it wants a base URL, and refuses the store id that
// documentation prints.
//
// A nil source sends no token, which is enough for PaymentMethodTypes;
// CreateSession refuses it.
func New(source client.TokenSource, opts ...client.Option) *Client {
	s := settings.Of(opts)
	if s.Scope != "" || s.Form {
		s.Refuse(&client.InputError{Field: "New", Reason: "WithScope and WithFormBody belong to Credentials"})
	}
	guard.Base(&s, WidgetHost, "")
	if other, ok := source.(*credentials); ok && other.production != s.Production && !s.Unguarded {
		s.Refuse(&client.InputError{Field: "WithEnvironment", Reason: "want the same environment in Credentials and in New"})
	}
	c := &Client{conn: wire.New(s, WidgetHost, source), source: source, guard: guard.Of(s)}
	c.sessions.flight.Request = "POST session"
	return c
}

// Format writes a name, whatever the verb: what the client holds stays out.
func (*Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "resurs.Client") }

// CustomerType is who buys.
type CustomerType string

// A person or a company.
const (
	B2C CustomerType = "B2C"
	B2B CustomerType = "B2B"
)

// PaymentMethodType says how a payment method is to be treated. The vocabulary
// is open: values that are not listed here occur and are passed on as they are.
type PaymentMethodType string

// The documented types.
const (
	Invoice            PaymentMethodType = "RESURS_INVOICE"
	PartPaymentLater   PaymentMethodType = "RESURS_PART_PAYMENT_SELECT_LATER"
	PartPaymentNow     PaymentMethodType = "RESURS_PART_PAYMENT_SELECT_NOW"
	Card               PaymentMethodType = "RESURS_CARD"
	RevolvingCredit    PaymentMethodType = "RESURS_REVOLVING_CREDIT"
	NewRevolvingCredit PaymentMethodType = "RESURS_NEW_REVOLVING_CREDIT"
)

// PaymentMethodTypes tells the types of the payment methods ids in a store, by
// id. An id the service does not know may be missing from the map. An empty
// customer is left out of the request. Without a store or an id nothing is sent
// and the error is a [*client.InputError].
func (c *Client) PaymentMethodTypes(ctx context.Context, storeID string, customer CustomerType, ids ...string) (map[string]PaymentMethodType, error) {
	if err := c.conn.Err(); err != nil {
		return nil, err
	}
	switch {
	case storeID == "":
		return nil, &client.InputError{Field: "storeID", Reason: "want the id of a store"}
	case len(ids) == 0:
		return nil, &client.InputError{Field: "ids", Reason: "want at least one payment method id"}
	}
	if err := c.guard.ID("storeID", storeID, printedStore); err != nil {
		return nil, err
	}
	req, err := widget.NewListPaymentMethodTypesRequest(c.conn.Server(), widget.PaymentMethodTypesRequest{
		StoreID:         storeID,
		CustomerType:    widget.PaymentMethodTypesRequestCustomerType(customer),
		PaymentMethodID: ids,
	})
	if err != nil {
		return nil, &client.InputError{Field: "PaymentMethodTypes", Reason: err.Error()}
	}
	answer, err := c.conn.Do(ctx, req)
	if err != nil {
		return nil, err
	}
	return types(answer)
}

// types finds the map where it is documented, and where an older form of the
// service put it: in data, or in the first element of data.
func types(answer *wire.Answer) (map[string]PaymentMethodType, error) {
	type envelope struct {
		Types map[string]PaymentMethodType `json:"types"`
	}
	var outer struct {
		envelope
		Data json.RawMessage `json:"data"`
	}
	if err := answer.Decode(&outer); err != nil {
		return nil, err
	}
	if outer.Types != nil {
		return outer.Types, nil
	}
	var inner envelope
	if json.Unmarshal(outer.Data, &inner) == nil && inner.Types != nil {
		return inner.Types, nil
	}
	var list []envelope
	if json.Unmarshal(outer.Data, &list) == nil && len(list) > 0 && list[0].Types != nil {
		return list[0].Types, nil
	}
	return nil, answer.Unreadable(errors.New("no member types"))
}
