// Package swedbankpay speaks to the payment resources of Swedbank Pay: cards,
// invoices, MobilePay and Vipps in two steps, Swish and Trustly in one.
//
//	pay := swedbankpay.New(client.StaticToken(token))
//	payment, err := pay.CreditCard.Create(ctx, swedbankpay.Purchase{…}, nil)
//	page, ok := payment.Link(swedbankpay.RedirectAuthorization)
//	// … the payer authorises …
//	err = payment.Refresh(ctx)
//	capture, err := payment.Capture(ctx, swedbankpay.Movement{
//		Amount:         swedbankpay.SEK(1500),
//		Description:    "order 4711",
//		PayeeReference: "capture4711",
//	})
//
// # Links, not addresses
//
// The API says in every payment what may be done with it now. A method of
// [Payment] follows what was offered, with the offered href and method, and
// refuses with an [*UnavailableError] what was not: nothing is sent then. No
// address is ever built but those that create a payment and those that delete a
// stored token. Store the id of a payment and open it again with
// [Client.Payment]; store no href.
//
// # Instruments
//
// The fields of [Client] create payments.
//
//   - Create, on each of them, takes a [Purchase]. The payer authorises or pays
//     on a page; Authorize, AuthorizeCard and Sell do without the page.
//   - Verify, on cards and invoices, takes a [Verification] and no money.
//   - Recur, on cards and invoices, and ChargeUnscheduled and Payout, on cards,
//     take a [Charge] of a stored token, which DeleteToken deletes.
//
// What follows is the same for all: Capture, Cancel and Reverse where there are
// two steps, Reverse alone where there is one.
//
// # Exactly once
//
// The payee reference makes an operation happen exactly once, so every create,
// charge, capture, cancellation and reversal wants its own: make one, store it
// with the order, and then send. For the sake of it a request that was cut off
// is sent again with the very same body. When the outcome is unknown even so,
// the error is a [*client.OutcomeUnknownError], and [Payment.Reconcile] finds
// out what became of it: do that before trying a new reference.
//
// # Callbacks
//
// Swedbank Pay tells a URL of the merchant's that something happened to a
// payment, unsigned, more than once and out of order. [Callbacks] is the handler
// for that URL: it reads what is true and hands it to a function of the
// merchant's, once. Package sqlinbox keeps what it has noted in a database.
//
// # Errors
//
// They are those of package client and [*UnavailableError]. A refusal of the
// server is a [*client.Problem].
package swedbankpay

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/guard"
	"github.com/kassa-dev/kassa/client/internal/settings"
	"github.com/kassa-dev/kassa/client/internal/wire"
)

// The hosts of the two environments.
const (
	// Test is the vendor's environment for trying things; no money moves. It
	// is the default.
	Test = "https://api.externalintegration.payex.com"
	// Production moves real money. It is the default, and is taken at all, with
	// [client.WithEnvironment] of [client.Production] alone.
	Production = "https://api.payex.com"
)

// Client speaks to the API. It is safe for concurrent use.
type Client struct {
	CreditCard *CreditCard // authorised by the payer, captured by the merchant
	Invoice    *Invoice    // likewise; the capture issues the invoice
	MobilePay  *MobilePay  // likewise
	Swish      *Swish      // paid at once
	Trustly    *Trustly    // paid at once, by bank
	Vipps      *Vipps      // authorised by the payer, captured by the merchant

	conn  *wire.Conn
	guard guard.Guard
}

// New makes a client that authorises itself with the merchant's access token,
// usually a [client.StaticToken]. Nothing is sent yet. By default it speaks to
// [Test], and by [client.WithEnvironment] of [client.Production] to
// [Production]. There a payee id out of documentation and addresses that the
// payer or a callback cannot reach are refused before they are sent.
//
// Every request carries a fresh Session-Id, which comes back as SessionID of a
// [*client.Problem].
func New(token client.TokenSource, opts ...client.Option) *Client {
	s := settings.Of(opts)
	switch {
	case token == nil:
		s.Refuse(&client.InputError{Field: "New", Reason: "want a token source, such as client.StaticToken"})
	case s.Scope != "" || s.Form:
		s.Refuse(&client.InputError{Field: "New", Reason: "WithScope and WithFormBody belong to resurs.Credentials"})
	}
	guard.Base(&s, Test, Production)
	c := &Client{conn: wire.New(s, Test, token), guard: guard.Of(s)}
	c.conn.Stamp, c.conn.Reference = stamp, referenceIn
	c.CreditCard, c.Invoice, c.MobilePay = &CreditCard{client: c}, &Invoice{client: c}, &MobilePay{client: c}
	c.Swish, c.Trustly, c.Vipps = &Swish{client: c}, &Trustly{client: c}, &Vipps{client: c}
	return c
}

// Format writes a name, whatever the verb: what the client holds stays out.
func (*Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "swedbankpay.Client") }

// stamp adds what is new in each request.
func stamp(ctx context.Context, h http.Header) error {
	id, err := uuid.NewRandom()
	if err != nil {
		return &client.InputError{Field: "Session-Id", Reason: "the system gives no randomness"}
	}
	h.Set("Session-Id", id.String())
	return forward(ctx, h)
}

// referenceIn finds the payee reference in the body of a request: in the
// payment it creates, or in the transaction.
func referenceIn(body []byte) string {
	var r struct {
		Payment struct {
			PayeeInfo struct {
				PayeeReference string `json:"payeeReference"`
			} `json:"payeeInfo"`
		} `json:"payment"`
		Transaction struct {
			PayeeReference string `json:"payeeReference"`
		} `json:"transaction"`
	}
	if json.Unmarshal(body, &r) != nil {
		return ""
	}
	return cmp.Or(r.Transaction.PayeeReference, r.Payment.PayeeInfo.PayeeReference)
}

// Payment opens a payment again by its id, as payment.id and a callback give
// it, or by its absolute URL on the configured host. It may have been made by
// any instrument. By default sub-resources are links; the names in expand are
// shown in full.
func (c *Client) Payment(ctx context.Context, id string, expand ...Expand) (*Payment, error) {
	answer, err := c.get(ctx, id, expand)
	if err != nil {
		return nil, err
	}
	return c.open(answer, expand)
}

// open makes a payment of an answer that shows one.
func (c *Client) open(answer *wire.Answer, expand []Expand) (*Payment, error) {
	p := &Payment{client: c, expand: expand}
	if err := p.read(answer); err != nil {
		return nil, err
	}
	return p, nil
}

// Get reads any resource by its id into v, such as the captures of a payment:
//
//	var captures psp.CapturesResponse
//	err := pay.Get(ctx, payment.Payment.Captures.ID, &captures)
//
// The id is a path, or an absolute URL on the configured host.
func (c *Client) Get(ctx context.Context, id string, v any, expand ...Expand) error {
	answer, err := c.get(ctx, id, expand)
	if err != nil {
		return err
	}
	return answer.Decode(v)
}

func (c *Client) get(ctx context.Context, id string, expand []Expand) (*wire.Answer, error) {
	return c.send(ctx, http.MethodGet, id, nil, expand)
}

func (c *Client) send(ctx context.Context, method, ref string, body any, expand []Expand) (*wire.Answer, error) {
	req, err := c.conn.NewRequest(ctx, method, ref, body)
	if err != nil {
		return nil, err
	}
	if err := show(req.URL, expand); err != nil {
		return nil, err
	}
	return c.conn.Do(ctx, req)
}

// create sends the request build makes, unless it was refused already, and
// reads the new payment. An error of build is about what, such as Purchase.
func (c *Client) create(ctx context.Context, what string, refused error, build func(server string) (*http.Request, error)) (*Payment, error) {
	if err := c.conn.Err(); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	req, err := build(c.conn.Server())
	if err != nil {
		return nil, &client.InputError{Field: what, Reason: err.Error()}
	}
	if err := c.inspect(req, what); err != nil {
		return nil, err
	}
	answer, err := c.conn.Do(ctx, req)
	if err != nil {
		return nil, err
	}
	return c.open(answer, nil)
}
