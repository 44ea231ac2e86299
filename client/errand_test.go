package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/resurs"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

const (
	bearer       = "hunter2-access-token-of-the-merchant"
	clientSecret = "hunter2-client-secret"
	pan          = "4925000000000004"
	nationalID   = "199710202392"
	payee        = "5cabf558-5283-482f-b252-4d58e06f6f3b"
)

// gossip stands between a client and the sandbox and tells whatever it is given:
// in a refusal, or in the error of a wire that broke.
type gossip struct {
	next   http.RoundTripper
	refuse bool
	lose   bool
	told   []string // tokens that were given out
}

func (g *gossip) RoundTrip(req *http.Request) (*http.Response, error) {
	if !g.refuse && !g.lose {
		resp, err := g.next.RoundTrip(req)
		if err == nil && (strings.HasSuffix(req.URL.Path, "/token") || strings.HasSuffix(req.URL.Path, "/session")) {
			body, _ := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(strings.NewReader(string(body)))
			for word := range strings.SplitSeq(string(body), `"`) {
				if len(word) > 24 && !strings.Contains(word, ":") {
					g.told = append(g.told, word)
				}
			}
		}
		return resp, err
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	all := fmt.Sprintf("%s %v %s", req.URL, req.Header, body)
	if g.lose {
		return nil, errors.New("lost: " + all)
	}
	header := http.Header{"Content-Type": {"application/problem+json"}}
	text := fmt.Sprintf(`{"type":"https://api.payex.com/psp/errordetail/forbidden","status":403,"title":"no","detail":%q,"instance":%q}`, all, all)
	return &http.Response{StatusCode: http.StatusForbidden, Header: header, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
}

// errands has all of a merchant's secrets carried to the sandbox and back. Among
// gossips they go three times: with success, refused by somebody who repeats
// them, and lost with an error that does. It gives the secrets, none of which
// may turn up anywhere.
func errands(t *testing.T, gossips bool, opts ...client.Option) []string {
	t.Helper()
	ctx := t.Context()
	sandbox, err := server.New(server.WithSeed(1))
	require.NoError(t, err)
	t.Cleanup(func() { _ = sandbox.Close() })
	g := &gossip{next: sandbox.Client().Transport}
	opts = append([]client.Option{client.WithHTTPClient(&http.Client{Transport: g}), client.WithRetries(0)}, opts...)
	pay := swedbankpay.New(client.StaticToken(bearer), opts...)
	used := 0
	purchase := func() swedbankpay.Purchase {
		used++
		return swedbankpay.Purchase{
			Amount: swedbankpay.SEK(1500), Description: "an order", PayeeID: payee, PayeeReference: fmt.Sprint("order", used),
			UserAgent: "Mozilla/5.0", Language: "sv-SE", URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
		}
	}

	shopper := resurs.Shopper{StoreID: "550e8400-e29b-41d4-a716-446655440000", ShopperID: "cookie"}
	widget := func() error {
		_, err := resurs.New(resurs.Credentials("client-id", clientSecret, opts...), opts...).CreateSession(ctx, shopper)
		return err
	}
	byCard := func() error {
		p, err := pay.CreditCard.Create(ctx, purchase(), nil)
		if err != nil {
			return err
		}
		href := swedbankpay.Test + strings.Replace(p.Payment.ID, "/creditcard/", "/creditcard/confined/", 1) + "/authorizations"
		p.Operations = append(p.Operations, psp.Operation{Rel: string(swedbankpay.DirectAuthorization), Method: "POST", Href: href})
		_, err = p.AuthorizeCard(ctx, swedbankpay.NewCard(pan, 12, 2032, "749"))
		return err
	}
	invoice, err := pay.Invoice.Create(ctx, purchase(), nil)
	require.NoError(t, err)
	byInvoice := func() error {
		_, err := invoice.LegalAddress(ctx, nationalID, "17674")
		return err
	}
	stored, err := pay.CreditCard.Create(ctx, purchase(), &swedbankpay.CardOptions{GenerateRecurrenceToken: true})
	require.NoError(t, err)
	require.NoError(t, sandbox.Pay(ctx, stored.Payment.ID))
	require.NoError(t, stored.Refresh(ctx))
	paid, err := stored.Paid(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, paid.Tokens)
	token := paid.Tokens[0].Token

	read := func() error { return pay.Get(ctx, "/psp/creditcard/payments/instrumentData/"+token, new(any)) }
	byToken := func() error { return pay.CreditCard.DeleteToken(ctx, token, "gone") }

	all := map[string]func() error{"widget": widget, "card": byCard, "invoice": byInvoice, "read": read, "token": byToken}
	for name, call := range all {
		if name != "read" {
			require.NoError(t, call(), name)
		}
	}
	for _, how := range []*bool{&g.refuse, &g.lose} {
		if !gossips {
			break
		}
		*how = true
		for name, call := range all {
			err := call()
			require.Error(t, err, name)
			assert.Contains(t, []client.Kind{client.Forbidden, client.NoAnswer, client.OutcomeUnknown}, client.KindOf(err), name)
		}
		*how = false
	}
	require.Len(t, g.told, 2, "an access token and a session")
	return append(g.told, bearer, clientSecret, pan, nationalID, token, strings.ToLower(token))
}
