package swedbankpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
)

const (
	pan  = "4925000000000004"
	code = "749"
	ssn  = "199710202392"
)

func card() Card {
	c := NewCard("4925 0000-0000 0004", 3, 2032, code)
	c.Holder = "Olivia Nyhuus"
	return c
}

func consumer() Consumer {
	return Consumer{SocialSecurityNumber: ssn, MSISDN: "+46739000001", IP: "203.0.113.7", LegalAddress: legal}
}

var legal = invoice.AddressRequest{Addressee: "Leia Ahlström", StreetAddress: "Hökvägen 5", ZipCode: "17674", City: "Järfälla", CountryCode: "SE"}

func errorAs[T error](err error) (T, bool) { return errors.AsType[T](err) }

// What an operation sends depends on the instrument. The payment is read with
// and without the member that names it.
func TestInstrumentTransactions(t *testing.T) {
	ctx := t.Context()
	const (
		cardBody = `{"transaction":{"cardNumber":"4925000000000004","cardExpiryMonth":"03","cardExpiryYear":"32","cardVerificationCode":"749","cardholderName":"Olivia Nyhuus"}}`
		address  = `{"addressee":"Leia Ahlström","streetAddress":"Hökvägen 5","zipCode":"17674","city":"Järfälla","countryCode":"SE"}`
		payer    = `"consumer":{"socialSecurityNumber":"199710202392","msisdn":"+46739000001","ip":"203.0.113.7"`
	)
	full := consumer()
	full.BillingAddress, full.Activity = legal, "AccountsReceivableConsumer"
	full.Name, full.Email, full.CustomerNumber = "Leia", "leia@example.com", "7"
	lines := Movement{
		Amount: SEK(1001), VAT: SEK(200), Description: "d", PayeeReference: "ref-1", ReceiptReference: "receipt 1",
		Items:      []invoice.ItemDescriptionRequest{{Amount: 1001, Description: "a book"}},
		VATSummary: []invoice.VatSummaryRequest{{Amount: 1001, VatAmount: 200, VatPercent: "2500"}},
	}
	back := Movement{Amount: SEK(1), Description: "d", PayeeReference: "ref-1", ReceiptReference: "receipt 1"}
	factoring := back
	factoring.Activity = "AccountsReceivableConsumer"
	tests := []struct {
		name, id, rel, tail, kind, body string
		call                            func(*Payment) (*Transaction, error)
	}{
		{"card authorised", cardID, "direct-authorization", "authorizations", "authorization", cardBody,
			func(p *Payment) (*Transaction, error) { return p.AuthorizeCard(ctx, card()) }},
		{"card verified", cardID, "direct-verification", "verifications", "verification", cardBody,
			func(p *Payment) (*Transaction, error) { return p.VerifyCard(ctx, card()) }},
		{"card of two brands without a code", cardID, "direct-authorization", "authorizations", "authorization",
			`{"transaction":{"cardNumber":"4925000000000004","cardExpiryMonth":"12","cardExpiryYear":"05","chosenCoBrand":"visa"}}`,
			func(p *Payment) (*Transaction, error) {
				c := NewCard(pan, 12, 5, "")
				c.CoBrand = "visa"
				return p.AuthorizeCard(ctx, c)
			}},
		{"invoice authorised", invoiceID, "create-authorization", "authorizations", "authorization",
			`{"transaction":{"activity":"FinancingConsumer"},` + payer + `},"legalAddress":` + address + `}`,
			func(p *Payment) (*Transaction, error) { return p.Authorize(ctx, consumer()) }},
		{"invoice authorised by its other name, all told", invoiceID, "create-authorize", "authorizations", "authorization",
			`{"transaction":{"activity":"AccountsReceivableConsumer"},` + payer + `,"name":"Leia","email":"leia@example.com","customerNumber":"7"},"legalAddress":` + address + `,"billingAddress":` + address + `}`,
			func(p *Payment) (*Transaction, error) { return p.Authorize(ctx, full) }},
		{"payer verified", invoiceID, "create-verification", "verifications", "verification",
			`{"transaction":{"activity":"FinancingConsumer"},` + payer + `},"legalAddress":` + address + `}`,
			func(p *Payment) (*Transaction, error) { return p.Verify(ctx, consumer()) }},
		{"invoice captured", invoiceID, "create-capture", "captures", "capture",
			`{"transaction":{"activity":"FinancingConsumer","amount":1001,"vatAmount":200,"description":"d","payeeReference":"ref-1","receiptReference":"receipt 1",
			"itemDescriptions":[{"amount":1001,"description":"a book"}],"vatSummary":[{"amount":1001,"vatAmount":200,"vatPercent":2500}]}}`,
			func(p *Payment) (*Transaction, error) { return p.Capture(ctx, lines) }},
		{"invoice reversed", invoiceID, "create-reversal", "reversals", "reversal",
			`{"transaction":{"activity":"AccountsReceivableConsumer","amount":1,"vatAmount":0,"description":"d","payeeReference":"ref-1","receiptReference":"receipt 1"}}`,
			func(p *Payment) (*Transaction, error) { return p.Reverse(ctx, factoring) }},
		{"invoice cancelled", invoiceID, "create-cancellation", "cancellations", "cancellation",
			`{"transaction":{"activity":"FinancingConsumer","description":"bye","payeeReference":"ref-1"}}`,
			func(p *Payment) (*Transaction, error) {
				return p.Cancel(ctx, Release{Description: "bye", PayeeReference: "ref-1"})
			}},
		{"Vipps captured", vippsID, "create-capture", "captures", "capture",
			`{"transaction":{"amount":1,"vatAmount":0,"description":"d","payeeReference":"r"}}`,
			func(p *Payment) (*Transaction, error) {
				return p.Capture(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
			}},
		{"MobilePay cancelled", mobileID, "create-cancellation", "cancellations", "cancellation",
			`{"transaction":{"description":"bye","payeeReference":"ref-1"}}`,
			func(p *Payment) (*Transaction, error) {
				return p.Cancel(ctx, Release{Description: "bye", PayeeReference: "ref-1"})
			}},
		{"Swish sold to a number", swishID, "create-sale", "sales", "sale", `{"transaction":{"msisdn":"+46739000001"}}`,
			func(p *Payment) (*Transaction, error) { return p.Sell(ctx, Buyer{MSISDN: "+46739000001"}) }},
		{"Swish sold in the app", swishID, "create-sale", "sales", "sale", `{"transaction":{}}`,
			func(p *Payment) (*Transaction, error) { return p.Sell(ctx, Buyer{}) }},
		{"Swish reversed", swishID, "create-reversal", "reversals", "reversal",
			`{"transaction":{"amount":1,"vatAmount":0,"description":"d","payeeReference":"r"}}`,
			func(p *Payment) (*Transaction, error) {
				return p.Reverse(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
			}},
		{"Trustly sold", trustlyID, "create-sale", "sales", "sale", `{"transaction":{"lastName":"Nyhuus"}}`,
			func(p *Payment) (*Transaction, error) { return p.Sell(ctx, Buyer{LastName: "Nyhuus"}) }},
		{"Trustly reversed", trustlyID, "create-reversal", "reversals", "reversal",
			`{"transaction":{"amount":1,"vatAmount":0,"description":"d","payeeReference":"ref-1","receiptReference":"receipt 1"}}`,
			func(p *Payment) (*Transaction, error) { return p.Reverse(ctx, back) }},
	}
	names := map[string]string{cardID: "CreditCard", invoiceID: "INVOICE", swishID: "Swish", trustlyID: "Trustly", vippsID: "Vipps", mobileID: "Mobilepay"}
	for _, tt := range tests {
		for _, named := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, instrument named %v", tt.name, named), func(t *testing.T) {
				b := newBank(t, "POST "+tt.rel+" /"+tt.tail)
				if named {
					b.payment["instrument"] = names[tt.id]
				}
				b.answers["POST "+tt.id+"/"+tt.tail] = moved(tt.kind, tt.id)
				payment, err := b.client().Payment(ctx, tt.id)
				require.NoError(t, err)
				b.calls()
				transaction, err := tt.call(payment)
				require.NoError(t, err)
				assert.Equal(t, tt.id+"/transactions/t1", transaction.ID)
				assert.Equal(t, tt.id+"/"+tt.tail+"/t1", transaction.Resource)
				assert.JSONEq(t, tt.body, b.log[0].Body)
				require.NoError(t, payment.Stale())
				if tt.rel != "direct-verification" { // which has a path of its own
					b.keepsContract(t)
				}
				assert.Equal(t, []string{"POST " + tt.id + "/" + tt.tail, "GET " + tt.id}, b.calls())

				b.offers = nil
				require.NoError(t, payment.Refresh(ctx))
				b.calls()
				_, err = tt.call(payment)
				var unavailable *UnavailableError
				require.ErrorAs(t, err, &unavailable)
				assert.Empty(t, b.calls())
			})
		}
	}
}

func TestFinalise(t *testing.T) {
	b := newBank(t, "PATCH update-authorization-finalize /authorizations/a1") //nolint:misspell // the word of the wire
	b.answers["PATCH "+cardID+"/authorizations/a1"] = moved("authorization", cardID)
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	transaction, err := payment.Finalise(t.Context())
	require.NoError(t, err)
	assert.Equal(t, cardID+"/authorizations/t1", transaction.Resource)
	assert.JSONEq(t, `{"transaction":{"activity":"Finalize"}}`, b.log[1].Body) //nolint:misspell // the word of the wire
	b.keepsContract(t)
}

// A verification was once seen as the bare transaction.
func TestBareVerification(t *testing.T) {
	b := newBank(t, "POST direct-verification /verifications")
	b.answers["POST "+cardID+"/verifications"] = `200 {"verification":{"id":"` + cardID + `/verifications/t1","type":"Verification","state":"Failed","number":7,"amount":0,"problem":{"type":"p"}}}`
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	transaction, err := payment.VerifyCard(t.Context(), card())
	require.NoError(t, err)
	assert.Equal(t, "Failed", transaction.State)
	assert.Equal(t, int64(7), transaction.Number)
	assert.Equal(t, "p", transaction.Problem.Type)
	assert.Equal(t, cardID+"/verifications/t1", transaction.Resource)
}

// Whom the payer is led on to stands in the transaction.
func TestTransactionLinks(t *testing.T) {
	tests := []struct {
		id, offer, tail, kind string
		rel                   Rel
		call                  func(context.Context, *Payment) (*Transaction, error)
	}{
		{swishID, "create-sale", "sales", "sale", RedirectAppSwish,
			func(ctx context.Context, p *Payment) (*Transaction, error) { return p.Sell(ctx, Buyer{}) }},
		{trustlyID, "create-sale", "sales", "sale", RedirectTrustly,
			func(ctx context.Context, p *Payment) (*Transaction, error) { return p.Sell(ctx, Buyer{}) }},
		{cardID, "direct-authorization", "authorizations", "authorization", RedirectAuthentication,
			func(ctx context.Context, p *Payment) (*Transaction, error) { return p.AuthorizeCard(ctx, card()) }},
	}
	for _, tt := range tests {
		t.Run(string(tt.rel), func(t *testing.T) {
			b := newBank(t, "POST "+tt.offer+" /"+tt.tail)
			const href = "swish://paymentrequest?token=x"
			b.answers["POST "+tt.id+"/"+tt.tail] = `201 {"` + tt.kind + `":{"id":"s1","transaction":{"id":"94b1a6ab","state":"AwaitingActivity","operations":[{"method":"GET","rel":"` + string(tt.rel) + `","href":"` + href + `"}]}}}`
			payment, err := b.client().Payment(t.Context(), tt.id)
			require.NoError(t, err)
			transaction, err := tt.call(t.Context(), payment)
			require.NoError(t, err)
			link, ok := transaction.Link(tt.rel)
			assert.True(t, ok)
			assert.Equal(t, href, link)
			assert.Equal(t, "94b1a6ab", transaction.ID, "a bare id, as Swish has it")
		})
	}
}

func TestLegalAddress(t *testing.T) {
	b := newBank(t, "POST create-approved-legal-address /approvedlegaladdress")
	path := "POST " + invoiceID + "/approvedlegaladdress"
	b.answers[path] = `201 {"payment":"` + invoiceID + `","approvedLegalAddress":{"id":"` + invoiceID + `/approvedlegaladdress","addressee":"Leia Ahlström","coAddress":"","streetAddress":"Hökvägen 5","zipCode":"17674","city":"Järfälla","countryCode":"SE"}}`
	payment, err := b.client().Payment(t.Context(), invoiceID)
	require.NoError(t, err)
	b.calls()
	address, err := payment.LegalAddress(t.Context(), ssn, "17674")
	require.NoError(t, err)
	assert.Equal(t, legal, address)
	assert.JSONEq(t, `{"addressee":{"socialSecurityNumber":"199710202392","zipCode":"17674"}}`, b.log[0].Body)
	b.keepsContract(t)
	assert.Equal(t, []string{path, "GET " + invoiceID}, b.calls())
	require.NoError(t, payment.Stale())

	for status, answer := range map[int]string{200: `200 {}`, 201: `201 <html>`, 404: `404 {"detail":"nobody has ` + ssn + `"}`} {
		b.answers[path] = answer
		_, err = payment.LegalAddress(t.Context(), ssn, "17674")
		assert.Equal(t, status, client.StatusOf(err))
		assert.NotContains(t, err.Error(), ssn)
	}
	b.calls()
	for _, missing := range [][2]string{{"", "17674"}, {ssn, ""}} {
		_, err = payment.LegalAddress(t.Context(), missing[0], missing[1])
		var input *client.InputError
		require.ErrorAs(t, err, &input)
	}
	assert.Empty(t, b.calls())
}

func TestInstrumentRefusals(t *testing.T) {
	ctx := t.Context()
	move := Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"}
	capture := func(change func(*Movement)) func(*Payment) error {
		return func(p *Payment) error { m := move; change(&m); _, err := p.Capture(ctx, m); return err }
	}
	reverse := func(change func(*Movement)) func(*Payment) error {
		return func(p *Payment) error { m := move; change(&m); _, err := p.Reverse(ctx, m); return err }
	}
	authorize := func(change func(*Consumer)) func(*Payment) error {
		return func(p *Payment) error { c := consumer(); change(&c); _, err := p.Authorize(ctx, c); return err }
	}
	pay := func(c Card) func(*Payment) error {
		return func(p *Payment) error { _, err := p.AuthorizeCard(ctx, c); return err }
	}
	items := func(m *Movement) { m.Items = []invoice.ItemDescriptionRequest{{Amount: 1}} }
	summary := func(m *Movement) { m.VATSummary = []invoice.VatSummaryRequest{{Amount: 1}} }
	receipt := func(m *Movement) { m.ReceiptReference = "r" }
	active := func(m *Movement) { m.Activity = "FinancingConsumer" }
	tests := []struct {
		name, id, field string
		call            func(*Payment) error
	}{
		{"items of a card", cardID, "Items", capture(items)},
		{"items of a reversal", invoiceID, "Items", reverse(items)},
		{"VAT summary of Vipps", vippsID, "VATSummary", capture(summary)},
		{"VAT summary of a reversal", invoiceID, "VATSummary", reverse(summary)},
		{"receipt of a card", cardID, "ReceiptReference", capture(receipt)},
		{"receipt of a reversed card", cardID, "ReceiptReference", reverse(receipt)},
		{"receipt of a captured Trustly", trustlyID, "ReceiptReference", capture(receipt)},
		{"long receipt", invoiceID, "ReceiptReference", capture(func(m *Movement) { m.ReceiptReference = fmt.Sprintf("%051d", 1) })},
		{"activity of a card", cardID, "Activity", capture(active)},
		{"activity of Swish", swishID, "Activity", reverse(active)},
		{"activity of a cancelled card", cardID, "Activity", func(p *Payment) error {
			_, err := p.Cancel(ctx, Release{Description: "d", PayeeReference: "r", Activity: "FinancingConsumer"})
			return err
		}},
		{"reversal without words", cardID, "Description", reverse(func(m *Movement) { m.Description = "" })},
		{"no identity number", invoiceID, "SocialSecurityNumber", authorize(func(c *Consumer) { c.SocialSecurityNumber = "" })},
		{"no telephone", invoiceID, "MSISDN", authorize(func(c *Consumer) { c.MSISDN = "" })},
		{"no address on the net", invoiceID, "IP", authorize(func(c *Consumer) { c.IP = "localhost" })},
		{"no city", invoiceID, "LegalAddress", authorize(func(c *Consumer) { c.LegalAddress.City = "" })},
		{"long street", invoiceID, "LegalAddress", authorize(func(c *Consumer) { c.LegalAddress.StreetAddress = fmt.Sprintf("%051d", 1) })},
		{"half a billing address", invoiceID, "BillingAddress", authorize(func(c *Consumer) { c.BillingAddress.City = "Oslo" })},
		{"unverifiable payer", invoiceID, "IP", func(p *Payment) error {
			_, err := p.Verify(ctx, Consumer{SocialSecurityNumber: "1", MSISDN: "1"})
			return err
		}},
		{"a card for Vipps", vippsID, "Card", pay(card())},
		{"a card for an invoice", invoiceID, "Card", func(p *Payment) error { _, err := p.VerifyCard(ctx, card()); return err }},
		{"no card", cardID, "Card", pay(Card{})},
		{"letters on a card", cardID, "Card", pay(NewCard("4925abc0000000004", 1, 32, code))},
		{"a short card", cardID, "Card", pay(NewCard("49250000000", 1, 32, code))},
		{"a card without a month", cardID, "Card", pay(NewCard(pan, 0, 32, code))},
		{"a card of the thirteenth month", cardID, "Card", pay(NewCard(pan, 13, 32, code))},
		{"a card of old", cardID, "Card", pay(NewCard(pan, 1, 1999, code))},
		{"a card of the far future", cardID, "Card", pay(NewCard(pan, 1, 2100, code))},
		{"a short code", cardID, "Card", pay(NewCard(pan, 1, 32, "12"))},
		{"a name for Swish", swishID, "Buyer", func(p *Payment) error { _, err := p.Sell(ctx, Buyer{LastName: "x"}); return err }},
		{"a number for Trustly", trustlyID, "Buyer", func(p *Payment) error { _, err := p.Sell(ctx, Buyer{MSISDN: "1"}); return err }},
	}
	b := newBank(t,
		"POST create-capture /captures", "POST create-reversal /reversals", "POST create-cancellation /cancellations", "POST create-sale /sales",
		"POST direct-authorization /authorizations", "POST direct-verification /verifications", "POST create-authorization /authorizations", "POST create-verification /verifications")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			payment, err := b.client().Payment(ctx, tt.id)
			require.NoError(t, err)
			b.calls()
			err = tt.call(payment)
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			assert.Equal(t, tt.field, input.Field)
			assert.NotContains(t, err.Error(), "4925")
			assert.Empty(t, b.calls(), "something was sent")
		})
	}
}

// A card shows nowhere: not printed, not in errors, not in what errors hold,
// even when the server repeats it, escaped or not.
func TestCardDoesNotShow(t *testing.T) {
	b := newBank(t, "POST direct-authorization /authorizations")
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	c := card()
	values := map[string]any{"card": c, "pointer": &c, "inside": struct{ C Card }{c}, "hidden inside": struct{ c Card }{c}}
	for name, answer := range map[string]string{
		"refused":    `400 {"title":"card 4925000000000004","detail":"code 749, not 17490","instance":"492500000000000\u0034","problems":[{"name":"4925000000000004","description":"(749)"}]}`,
		"HTML":       `500 <html>4925000000000004 749</html>`,
		"unreadable": `200 {"authorization":"4925000000000004 749"}`,
		"empty":      `200 {"authorization":{"id":"4925000000000004"}}`,
	} {
		b.answers["POST "+cardID+"/authorizations"] = answer
		_, err := payment.AuthorizeCard(t.Context(), c)
		require.Error(t, err, name)
		values[name] = err
		values[name+", wrapped"] = fmt.Errorf("paying: %w", err)
		values[name+", stale"] = payment.Stale()
		if p, ok := errorAs[*client.Problem](err); ok {
			values[name+", told"] = fmt.Sprint(p.Title, p.Detail, p.Instance, p.Fields)
			values[name+", body"] = string(bytes.ReplaceAll(p.Body, []byte(`\u0034`), nil))
			if name == "refused" {
				assert.Equal(t, "code [secret], not 17490", p.Detail)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, values["cut"] = payment.AuthorizeCard(ctx, c)
	require.Error(t, values["cut"].(error))
	for name, v := range values {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&out, verb, v)
		}
		j, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(j)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		assert.NotContains(t, out.String(), pan, name)
		assert.NotRegexp(t, `\b749\b`, out.String(), name)
	}
	assert.Equal(t, "swedbankpay.Card", fmt.Sprint(c))
}

func TestIdentityNumberDoesNotShow(t *testing.T) {
	b := newBank(t, "POST create-authorization /authorizations", "POST create-verification /verifications")
	payment, err := b.client().Payment(t.Context(), invoiceID)
	require.NoError(t, err)
	calls := map[string]func(context.Context, Consumer) (*Transaction, error){"authorizations": payment.Authorize, "verifications": payment.Verify}
	for tail, call := range calls {
		b.answers["POST "+invoiceID+"/"+tail] = `400 {"detail":"nobody is 199710202392"}`
		_, err := call(t.Context(), consumer())
		p, ok := errorAs[*client.Problem](err)
		require.True(t, ok, tail)
		assert.Equal(t, "nobody is [secret]", p.Detail)
		assert.NotContains(t, string(p.Body), ssn)
	}
}
