package swedbankpay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

func TestCreate(t *testing.T) {
	b := newBank(t, "PATCH update-payment-abort /.", "GET redirect-authorization https://ecom.example/pay")
	pay := b.client(client.WithUserAgent("shop", "2.1"))

	p := purchase(SEK(1500))
	p.VAT, p.PayerReference, p.Metadata = SEK(300), "payer1", map[string]any{"order": 4711}
	payment, err := pay.CreditCard.Create(WithPayer(t.Context(), "203.0.113.7:1234"), p,
		&CardOptions{GenerateRecurrenceToken: true, Card: creditcard.CardOptions{RejectDebitCards: true}})
	require.NoError(t, err)
	got := b.last()
	assert.Equal(t, "POST /psp/creditcard/payments", got.Method+" "+got.Path)
	assert.JSONEq(t, `{"creditCard":{"rejectDebitCards":true},"payment":{
		"operation":"Purchase","intent":"Authorization","currency":"SEK","prices":[{"type":"CreditCard","amount":1500,"vatAmount":300}],
		"description":"Test Purchase","userAgent":"Mozilla/5.0","language":"sv-SE","urls":{"completeUrl":"https://example.com/done"},
		"payeeInfo":{"payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b","payeeReference":"AH123456"},
		"payer":{"payerReference":"payer1"},"metadata":{"order":4711},"generateRecurrenceToken":true}}`, got.Body)
	assert.Equal(t, "Bearer hunter2-access-token", got.Header.Get("Authorization"))
	assert.Equal(t, "for=203.0.113.7", got.Header.Get("Forwarded"))
	assert.Equal(t, "shop/2.1 kassa", got.Header.Get("User-Agent"))
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, got.Header.Get("Session-Id"))
	assert.Equal(t, "application/json; charset=utf-8", got.Header.Get("Content-Type"))

	assert.Equal(t, cardID, payment.Payment.ID)
	assert.Equal(t, int64(40101602179), payment.Payment.Number)
	link, ok := payment.Link(RedirectAuthorization)
	assert.True(t, ok)
	assert.Equal(t, "https://ecom.example/pay", link)
	assert.Contains(t, string(payment.Raw), "unknownMember")

	_, err = pay.CreditCard.Create(t.Context(), purchase(EUR(1)), &CardOptions{AutoCapture: true})
	require.NoError(t, err)
	assert.Contains(t, b.last().Body, `"intent":"AutoCapture"`)
	assert.NotContains(t, b.last().Header, "Forwarded")

	payment, err = pay.Trustly.Create(t.Context(), purchase(EUR(1500)), &TrustlyOptions{FirstName: "Olivia"})
	require.NoError(t, err)
	assert.Equal(t, trustlyID, payment.Payment.ID)
	assert.JSONEq(t, `{"payment":{
		"operation":"Purchase","intent":"Sale","currency":"EUR","prices":[{"type":"Trustly","amount":1500,"vatAmount":0}],
		"description":"Test Purchase","userAgent":"Mozilla/5.0","language":"sv-SE","urls":{"completeUrl":"https://example.com/done"},
		"payeeInfo":{"payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b","payeeReference":"AH123456"},
		"prefillInfo":{"firstName":"Olivia"}}}`, b.last().Body)
	_, err = pay.Trustly.Create(t.Context(), purchase(SEK(1)), nil)
	require.NoError(t, err)
}

func TestSessionIDIsFresh(t *testing.T) {
	b := newBank(t)
	pay := b.client()
	ids := map[string]bool{}
	for range 20 {
		_, err := pay.Payment(t.Context(), cardID)
		require.NoError(t, err)
		ids[b.last().Header.Get("Session-Id")] = true
	}
	assert.Len(t, ids, 20)
}

func TestReopen(t *testing.T) {
	b := newBank(t)
	pay := b.client()
	payment, err := pay.Payment(t.Context(), cardID, ExpandTransactions, ExpandPaid)
	require.NoError(t, err)
	assert.Equal(t, "$expand=transactions,paid", b.last().Query)
	require.NoError(t, payment.Refresh(t.Context()))
	assert.Equal(t, "$expand=transactions,paid", b.last().Query, "what was shown in full stays so")
	require.NoError(t, payment.Refresh(t.Context(), ExpandURLs))
	assert.Equal(t, "$expand=urls", b.last().Query)

	_, err = pay.Payment(t.Context(), b.URL+cardID)
	require.NoError(t, err)
	b.calls()

	_, err = pay.Payment(t.Context(), "https://api.payex.com"+cardID)
	var foreign *client.ForeignHostError
	require.ErrorAs(t, err, &foreign)
	for _, expand := range []Expand{"", "a,b", "a&b=c", "Å"} {
		_, err = pay.Payment(t.Context(), cardID, expand)
		var input *client.InputError
		require.ErrorAs(t, err, &input, expand)
	}
	assert.Empty(t, b.calls())

	b.answers["GET "+cardID] = `200 {"type":"https://api.payex.com/psp/errordetail/forbidden"}`
	_, err = pay.Payment(t.Context(), cardID)
	var d *client.DecodeError
	require.ErrorAs(t, err, &d, "a problem that says 200 is no payment")
	require.ErrorAs(t, payment.Refresh(t.Context()), &d)
	assert.Equal(t, "Ready", payment.Payment.State, "the payment is as it was")
}

func TestTransactions(t *testing.T) {
	ctx := t.Context()
	move := Movement{Amount: SEK(1001), VAT: SEK(200), Description: "order 4711", PayeeReference: "ref-1"}
	moveBody := `{"transaction":{"amount":1001,"vatAmount":200,"description":"order 4711","payeeReference":"ref-1"}}`
	tests := []struct {
		name, rel, tail, kind, body string
		call                        func(*Payment) (*Transaction, error)
	}{
		{"capture", "create-capture", "/captures", "capture", moveBody,
			func(p *Payment) (*Transaction, error) { return p.Capture(ctx, move) }},
		{"reverse", "create-reversal", "/reversals", "reversal", moveBody,
			func(p *Payment) (*Transaction, error) { return p.Reverse(ctx, move) }},
		{"cancel", "create-cancellation", "/cancellations", "cancellation", `{"transaction":{"description":"bye","payeeReference":"ref-1"}}`,
			func(p *Payment) (*Transaction, error) {
				return p.Cancel(ctx, Release{Description: "bye", PayeeReference: "ref-1"})
			}},
		{"cancel by its other name", "create-cancel", "/somewhere/else", "cancellation", `{"transaction":{"description":"bye","payeeReference":"ref-1"}}`,
			func(p *Payment) (*Transaction, error) {
				return p.Cancel(ctx, Release{Description: "bye", PayeeReference: "ref-1"})
			}},
		{"sell", "create-sale", "/sales", "sale", `{"transaction":{"firstName":"Olivia"}}`,
			func(p *Payment) (*Transaction, error) { return p.Sell(ctx, Buyer{FirstName: "Olivia"}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBank(t, "POST "+tt.rel+" "+tt.tail)
			path := cardID + tt.tail
			b.answers["POST "+path] = moved(tt.kind, cardID)
			payment, err := b.client().Payment(ctx, cardID)
			require.NoError(t, err)
			b.calls()

			b.payment["remainingReversalAmount"] = 7
			transaction, err := tt.call(payment)
			require.NoError(t, err)
			assert.JSONEq(t, tt.body, b.log[0].Body)
			assert.Equal(t, []string{"POST " + path, "GET " + cardID}, b.calls(), "the payment is read again")
			assert.Equal(t, int64(7), payment.Payment.RemainingReversalAmount)
			require.NoError(t, payment.Stale())
			assert.Equal(t, cardID+"/transactions/t1", transaction.ID)
			assert.Equal(t, cardID+"/"+tt.kind+"s/t1", transaction.Resource)
			assert.Equal(t, int64(1001), transaction.Amount)
			assert.Contains(t, string(transaction.Raw), "unknownMember")

			t.Run("the reading again fails", func(t *testing.T) {
				b.answers["GET "+cardID] = "500 "
				transaction, err := tt.call(payment)
				require.NoError(t, err, "the transaction happened")
				assert.Equal(t, cardID+"/transactions/t1", transaction.ID)
				assert.Equal(t, 500, client.StatusOf(payment.Stale()))
				b.calls()

				_, err = tt.call(payment)
				assert.Equal(t, 500, client.StatusOf(err))
				assert.Equal(t, []string{"GET " + cardID}, b.calls(), "nothing is done on old knowledge")

				delete(b.answers, "GET "+cardID)
				b.offers = nil
				_, err = tt.call(payment)
				var unavailable *UnavailableError
				require.ErrorAs(t, err, &unavailable)
				assert.Equal(t, []string{"GET " + cardID}, b.calls())
			})
		})
	}
}

func TestUnavailable(t *testing.T) {
	ctx := t.Context()
	tests := []struct {
		rel  Rel
		call func(*Payment) error
	}{
		{CreateCapture, func(p *Payment) error {
			_, err := p.Capture(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
			return err
		}},
		{CreateReversal, func(p *Payment) error {
			_, err := p.Reverse(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
			return err
		}},
		{CreateCancellation, func(p *Payment) error {
			_, err := p.Cancel(ctx, Release{Description: "d", PayeeReference: "r"})
			return err
		}},
		{CreateSale, func(p *Payment) error { _, err := p.Sell(ctx, Buyer{}); return err }},
		{AbortPayment, func(p *Payment) error { return p.Abort(ctx, "CancelledByConsumer") }},
		{PaidPayment, func(p *Payment) error { _, err := p.Paid(ctx); return err }},
		{FailedPayment, func(p *Payment) error { _, err := p.Failed(ctx); return err }},
		{AbortedPayment, func(p *Payment) error { _, err := p.Aborted(ctx); return err }},
		{"something-new", func(p *Payment) error { return p.Follow(ctx, "something-new", nil, nil) }},
	}
	for _, tt := range tests {
		t.Run(string(tt.rel), func(t *testing.T) {
			b := newBank(t, "GET view-payment https://ecom.example/x")
			payment, err := b.client().Payment(ctx, cardID)
			require.NoError(t, err)
			// Without method or href it is no offer.
			payment.Operations = append(payment.Operations, psp.Operation{Rel: string(tt.rel), Method: "POST"}, psp.Operation{Rel: string(tt.rel), Href: b.URL + "/x"})
			b.calls()
			assert.False(t, payment.Offers(tt.rel))
			var unavailable *UnavailableError
			require.ErrorAs(t, tt.call(payment), &unavailable)
			assert.Equal(t, tt.rel, unavailable.Rel)
			assert.Equal(t, cardID, unavailable.Payment)
			assert.Equal(t, "Ready", unavailable.State)
			assert.Contains(t, unavailable.Error(), "view-payment")
			assert.Empty(t, b.calls(), "something was sent")
			require.NoError(t, payment.Stale())
		})
	}
}

// An offered href that leads elsewhere is not followed, whatever the rel.
func TestForeignOffer(t *testing.T) {
	b := newBank(t, "POST create-capture https://evil.example/captures", "GET redirect-sale https://ecom.example/x")
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	b.calls()
	var foreign *client.ForeignHostError
	_, err = payment.Capture(t.Context(), Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
	require.ErrorAs(t, err, &foreign)
	assert.Equal(t, "https://evil.example:443", foreign.Host)
	assert.Empty(t, b.calls())
	require.ErrorAs(t, payment.Follow(t.Context(), RedirectSale, nil, nil), &foreign)
}

func TestRefusedAndUnreadableTransactions(t *testing.T) {
	move := Movement{Amount: SEK(9999), Description: "d", PayeeReference: "r"}
	tests := []struct {
		name, answer string
		status       int
	}{
		{"over-capture", `403 {"type":"https://api.payex.com/psp/errordetail/forbidden","problems":[{"name":"Capture","description":"Capture amount too high."}]}`, 403},
		{"taken, but unreadable", "201 <html>", 201},
		{"taken, but empty", "201 ", 201},
		{"taken, but without a transaction", `201 {"payment":"/x","capture":{}}`, 201},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBank(t, "POST create-capture /captures")
			b.answers["POST "+cardID+"/captures"] = tt.answer
			payment, err := b.client().Payment(t.Context(), cardID)
			require.NoError(t, err)
			b.calls()
			transaction, err := payment.Capture(t.Context(), move)
			assert.Nil(t, transaction)
			assert.Equal(t, tt.status, client.StatusOf(err))
			assert.Equal(t, []string{"POST " + cardID + "/captures"}, b.calls(), "sent once")
			require.Error(t, payment.Stale())

			b.answers["POST "+cardID+"/captures"] = moved("capture", cardID)
			_, err = payment.Capture(t.Context(), move)
			require.NoError(t, err)
			assert.Equal(t, []string{"GET " + cardID, "POST " + cardID + "/captures", "GET " + cardID}, b.calls(), "read before it is tried again")
		})
	}
}

func TestAbort(t *testing.T) {
	b := newBank(t, "PATCH update-payment-abort /.")
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	b.calls()
	var input *client.InputError
	require.ErrorAs(t, payment.Abort(t.Context(), ""), &input)
	b.answers["PATCH "+cardID] = `200 {"payment":{"id":"` + cardID + `","state":"Aborted"},"operations":[{"method":"GET","rel":"aborted-payment","href":"` + cardID + `/aborted"}]}`
	require.NoError(t, payment.Abort(t.Context(), "CancelledByConsumer"))
	assert.JSONEq(t, `{"payment":{"operation":"Abort","abortReason":"CancelledByConsumer"}}`, b.last().Body)
	assert.Equal(t, []string{"PATCH " + cardID}, b.calls())
	assert.Equal(t, "Aborted", payment.Payment.State)
	assert.True(t, payment.Offers(AbortedPayment))

	b.answers["GET "+cardID+"/aborted"] = `200 {"payment":"` + cardID + `","aborted":{"abortReason":"Aborted by consumer"}}`
	aborted, err := payment.Aborted(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Aborted by consumer", aborted.AbortReason)
	b.answers["GET "+cardID+"/aborted"] = `200 {}`
	_, err = payment.Aborted(t.Context())
	assert.Equal(t, 200, client.StatusOf(err))
}

func TestPaidAndFailed(t *testing.T) {
	b := newBank(t, "GET paid-payment /paid", "GET failed-payment /failed", "PATCH update-something /some")
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	b.answers["GET "+cardID+"/paid"] = `200 {"payment":"x","paid":{"id":"` + cardID + `/paid","tokens":[{"type":"recurrence","token":"t"}],"details":{"MaskedPan":"4925"}}}`
	paid, err := payment.Paid(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "t", paid.Tokens[0].Token)
	b.answers["GET "+cardID+"/failed"] = `200 {"problem":{"type":"https://api.payex.com/psp/errordetail/creditcard/acquirererror","status":403,"problems":[{"name":"n","description":"d"}]}}`
	failed, err := payment.Failed(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 403, failed.Status)
	assert.Equal(t, []client.Field{{Name: "n", Detail: "d"}}, failed.Fields)
	require.NoError(t, payment.Stale(), "reading changes nothing")
	for path, call := range map[string]func() error{
		"/paid":   func() error { _, err := payment.Paid(t.Context()); return err },
		"/failed": func() error { _, err := payment.Failed(t.Context()); return err },
	} {
		b.answers["GET "+cardID+path] = `200 {}`
		var d *client.DecodeError
		require.ErrorAs(t, call(), &d, path)
	}

	b.answers["PATCH "+cardID+"/some"] = `200 {"x":1}`
	var v struct{ X int }
	require.NoError(t, payment.Follow(t.Context(), "update-something", map[string]int{"y": 2}, &v))
	assert.Equal(t, 1, v.X)
	assert.JSONEq(t, `{"y":2}`, b.last().Body)
	require.Error(t, payment.Stale())
}

func TestGet(t *testing.T) {
	b := newBank(t)
	b.answers["GET "+cardID+"/captures"] = `200 {"payment":"` + cardID + `","captures":{"id":"c","captureList":[{"id":"c1"}]}}`
	var captures psp.CapturesResponse
	require.NoError(t, b.client().Get(t.Context(), cardID+"/captures", &captures))
	assert.Equal(t, "c1", captures.Captures.CaptureList[0].ID)
	err := b.client().Get(t.Context(), "//evil.example/x", &captures)
	var foreign *client.ForeignHostError
	require.ErrorAs(t, err, &foreign)
}

// Members of strange kinds in unknown places, unknown enum values and absent
// optional members do not disturb a reader.
func TestTolerantReader(t *testing.T) {
	b := newBank(t)
	b.answers["GET "+cardID] = `200 {"operations":[{"rel":"x","extra":[]}],"payment":{"id":"` + cardID + `","state":"Brand New","instrument":"Barter","extra":{"id":1},"created":"yesterday"}}`
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	assert.Equal(t, "Brand New", payment.Payment.State)
}

func TestRefusedBeforeSending(t *testing.T) {
	ctx := t.Context()
	create := func(change func(*Purchase)) func(*Client, *Payment) error {
		return func(c *Client, _ *Payment) error {
			p := purchase(SEK(1500))
			change(&p)
			_, err := c.CreditCard.Create(ctx, p, nil)
			return err
		}
	}
	capture := func(m Movement) func(*Client, *Payment) error {
		return func(_ *Client, p *Payment) error { _, err := p.Capture(ctx, m); return err }
	}
	tests := []struct {
		name, field string
		call        func(*Client, *Payment) error
	}{
		{"no amount", "Amount", create(func(p *Purchase) { p.Amount = Amount{} })},
		{"nothing", "Amount", create(func(p *Purchase) { p.Amount = SEK(0) })},
		{"less than nothing", "Amount", create(func(p *Purchase) { p.Amount = SEK(-1) })},
		{"more VAT than amount", "VAT", create(func(p *Purchase) { p.VAT = SEK(1501) })},
		{"VAT in another currency", "VAT", create(func(p *Purchase) { p.VAT = NOK(1) })},
		{"no description", "Description", create(func(p *Purchase) { p.Description = "" })},
		{"long description", "Description", create(func(p *Purchase) { p.Description = fmt.Sprintf("%041d", 1) })},
		{"no reference", "PayeeReference", create(func(p *Purchase) { p.PayeeReference = "" })},
		{"long reference", "PayeeReference", create(func(p *Purchase) { p.PayeeReference = fmt.Sprintf("%051d", 1) })},
		{"reference with a space", "PayeeReference", create(func(p *Purchase) { p.PayeeReference = "order 1" })},
		{"reference with a line break", "PayeeReference", create(func(p *Purchase) { p.PayeeReference = "order1\n" })},
		{"no payee", "PayeeID", create(func(p *Purchase) { p.PayeeID = "" })},
		{"no browser", "UserAgent", create(func(p *Purchase) { p.UserAgent = "" })},
		{"no country", "Language", create(func(p *Purchase) { p.Language = "sv" })},
		{"no complete URL", "URLs.CompleteURL", create(func(p *Purchase) { p.URLs.CompleteURL = "" })},
		{"long order", "OrderReference", create(func(p *Purchase) { p.OrderReference = fmt.Sprintf("%051d", 1) })},
		{"metadata that is no JSON", "Purchase", create(func(p *Purchase) { p.Metadata = map[string]any{"f": func() {}} })},
		{"Trustly in kroner", "Amount", func(c *Client, _ *Payment) error {
			_, err := c.Trustly.Create(ctx, purchase(NOK(1)), nil)
			return err
		}},
		{"capture of nothing", "Amount", capture(Movement{Description: "d", PayeeReference: "r"})},
		{"capture in another currency", "Amount", capture(Movement{Amount: NOK(1), Description: "d", PayeeReference: "r"})},
		{"capture without reference", "PayeeReference", capture(Movement{Amount: SEK(1), Description: "d"})},
		{"cancellation without words", "Description", func(_ *Client, p *Payment) error {
			_, err := p.Cancel(ctx, Release{PayeeReference: "r"})
			return err
		}},
		{"junk for a payer", "WithPayer", func(c *Client, _ *Payment) error {
			_, err := c.Payment(WithPayer(ctx, "evil\r\nX: y"), cardID)
			return err
		}},
		{"no token source", "New", func(c *Client, _ *Payment) error {
			_, err := New(nil, client.WithBaseURL(c.conn.Server())).Payment(ctx, cardID)
			return err
		}},
	}
	b := newBank(t, "POST create-capture /captures", "POST create-cancellation /cancellations")
	pay := b.client()
	payment, err := pay.Payment(ctx, cardID)
	require.NoError(t, err)
	b.calls()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call(pay, payment)
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			assert.Equal(t, tt.field, input.Field)
			assert.Empty(t, b.calls(), "something was sent")
		})
	}
}

func TestCancelledContext(t *testing.T) {
	b := newBank(t, "POST create-capture /captures")
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	b.calls()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = payment.Capture(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
	require.ErrorIs(t, err, context.Canceled)
	var wire *client.WireError
	require.ErrorAs(t, err, &wire)
	assert.Empty(t, b.calls())
}

func TestForwarded(t *testing.T) {
	tests := []struct{ address, want string }{
		{"203.0.113.7", "for=203.0.113.7"},
		{"203.0.113.7:443", "for=203.0.113.7"},
		{"2001:db8::7", `for="[2001:db8::7]"`},
		{"[2001:DB8::7]:443", `for="[2001:db8::7]"`},
		{"::ffff:203.0.113.7", "for=203.0.113.7"},
		{"", ""},
		{"example.com", ""},
		{"203.0.113.7, 10.0.0.1", ""},
		{"fe80::1%eth0", ""},
		{"0.0.0.0", ""},
		{"::", ""},
		{"224.0.0.1", ""},
		{"1.2.3.4;host=evil", ""},
	}
	for _, tt := range tests {
		h := http.Header{}
		err := forward(WithPayer(t.Context(), tt.address), h)
		assert.Equal(t, tt.want == "", err != nil, tt.address)
		assert.Equal(t, tt.want, h.Get("Forwarded"), tt.address)
	}
}

func TestAmount(t *testing.T) {
	tests := []struct {
		amount Amount
		want   string
	}{
		{SEK(1500), "15.00 SEK"},
		{NOK(5), "0.05 NOK"},
		{DKK(-5), "-0.05 DKK"},
		{EUR(100), "1.00 EUR"},
		{SEK(9223372036854775807), "92233720368547758.07 SEK"},
		{SEK(-9223372036854775808), "-92233720368547758.08 SEK"},
		{Amount{}, "0.00"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, tt.amount.String())
	}
	assert.Equal(t, int64(1500), SEK(1500).Minor())
	assert.Equal(t, "SEK", SEK(1500).Currency())
	assert.NotEqual(t, SEK(1), NOK(1))
}

func TestSecretsDoNotShow(t *testing.T) {
	b := newBank(t)
	pay := b.client()
	payment, err := pay.Payment(t.Context(), cardID)
	require.NoError(t, err)
	b.answers["GET /echo"] = `400 {"detail":"hunter2-access-token is wrong"}`
	refused := pay.Get(t.Context(), "/echo", nil)
	require.Error(t, refused)
	for name, v := range map[string]any{"client": pay, "cards": pay.CreditCard, "payment": payment, "copy": *payment, "problem": refused} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			fmt.Fprintf(&out, verb, v)
		}
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			fmt.Fprintf(&out, verb, struct{ v any }{v})
		}
		j, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(j)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		assert.NotContains(t, out.String(), "hunter2", name)
		assert.NotContains(t, out.String(), fmt.Sprintf("%x", "hunter2"), name)
	}
}
