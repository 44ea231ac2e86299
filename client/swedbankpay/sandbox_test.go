package swedbankpay_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// shop is a merchant at a sandbox of its own, with the terms of its payments.
type shop struct {
	*testing.T
	sandbox *server.Server
	pay     *swedbankpay.Client
	used    int
}

func open(t *testing.T) *shop {
	sandbox, err := server.New(server.WithSeed(1))
	require.NoError(t, err)
	t.Cleanup(func() { _ = sandbox.Close() })
	return &shop{T: t, sandbox: sandbox, pay: swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(sandbox.Client()))}
}

func (s *shop) reference() string {
	s.used++
	return "order" + string(rune('a'+s.used))
}

func (s *shop) purchase(a swedbankpay.Amount) swedbankpay.Purchase {
	return swedbankpay.Purchase{
		Amount: a, Description: "an order", PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: s.reference(),
		UserAgent: "Mozilla/5.0", Language: "sv-SE", URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}
}

func (s *shop) verification(currency string) swedbankpay.Verification {
	return swedbankpay.Verification{
		Currency: currency, Description: "a check", PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: s.reference(),
		UserAgent: "Mozilla/5.0", Language: "sv-SE", URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
	}
}

func (s *shop) charge(token string, a swedbankpay.Amount) swedbankpay.Charge {
	return swedbankpay.Charge{
		Token: token, Amount: a, Description: "a month", PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: s.reference(),
		UserAgent: "Mozilla/5.0", Language: "sv-SE", CallbackURL: "https://shop.example/callback",
	}
}

func (s *shop) move(a swedbankpay.Amount) swedbankpay.Movement {
	return swedbankpay.Movement{Amount: a, Description: "goods", PayeeReference: s.reference()}
}

// paid lets the payer act and reads the payment again.
func (s *shop) paid(p *swedbankpay.Payment) {
	s.Helper()
	require.NoError(s, s.sandbox.Pay(s.Context(), p.Payment.ID))
	require.NoError(s, p.Refresh(s.Context()))
}

// done wants a completed transaction.
func (s *shop) done(t *swedbankpay.Transaction, err error) {
	s.Helper()
	require.NoError(s, err)
	assert.Equal(s, "Completed", t.State)
}

// twoSteps captures 10 of 15, cancels the rest and reverses 10.
func (s *shop) twoSteps(p *swedbankpay.Payment, in func(int64) swedbankpay.Amount) {
	s.Helper()
	s.done(p.Capture(s.Context(), s.move(in(1000))))
	s.done(p.Cancel(s.Context(), swedbankpay.Release{Description: "the rest", PayeeReference: s.reference()}))
	s.done(p.Reverse(s.Context(), s.move(in(1000))))
	assert.False(s, p.Offers(swedbankpay.CreateReversal))
}

func (s *shop) token(p *swedbankpay.Payment, kind string) string {
	s.Helper()
	paid, err := p.Paid(s.Context())
	require.NoError(s, err)
	for _, token := range paid.Tokens {
		if token.Type == kind {
			return token.Token
		}
	}
	require.Fail(s, "no token of that kind", "%s in %+v", kind, paid.Tokens)
	return ""
}

// Every instrument and every kind, from creation to the end, against the
// sandbox.
func TestSandbox(t *testing.T) {
	leia := func(address invoice.AddressRequest) swedbankpay.Consumer {
		return swedbankpay.Consumer{SocialSecurityNumber: "199710202392", MSISDN: "+46739000001", IP: "203.0.113.7", LegalAddress: address}
	}
	stories := map[string]func(*shop){
		"cards": func(s *shop) {
			p, err := s.pay.CreditCard.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(s, err)
			s.paid(p)
			s.twoSteps(p, swedbankpay.SEK)
		},
		"cards by number": func(s *shop) {
			// The sandbox takes cards of anybody, and offers it to nobody, as the
			// environments of the vendor do to merchants without a certificate.
			offer := func(p *swedbankpay.Payment, rel swedbankpay.Rel, tail string) {
				href := swedbankpay.Test + strings.Replace(p.Payment.ID, "/creditcard/", "/creditcard/confined/", 1) + tail
				p.Operations = append(p.Operations, psp.Operation{Rel: string(rel), Method: "POST", Href: href})
			}
			card := swedbankpay.NewCard("4925000000000004", 12, 2032, "749")
			p, err := s.pay.CreditCard.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(s, err)
			offer(p, swedbankpay.DirectAuthorization, "/authorizations")
			s.done(p.AuthorizeCard(s.Context(), card))
			s.twoSteps(p, swedbankpay.SEK)
			p, err = s.pay.CreditCard.Verify(s.Context(), s.verification("SEK"), nil)
			require.NoError(s, err)
			offer(p, swedbankpay.DirectVerification, "/verifications")
			s.done(p.VerifyCard(s.Context(), card))
		},
		"stored cards": func(s *shop) {
			p, err := s.pay.CreditCard.Verify(s.Context(), s.verification("NOK"), &swedbankpay.CardVerificationOptions{
				GeneratePaymentToken: true, GenerateRecurrenceToken: true, GenerateUnscheduledToken: true,
			})
			require.NoError(s, err)
			s.paid(p)
			payment, recurrence, unscheduled := s.token(p, "payment"), s.token(p, "recurrence"), s.token(p, "unscheduled")

			p, err = s.pay.CreditCard.Recur(s.Context(), s.charge(recurrence, swedbankpay.NOK(1500)), nil)
			require.NoError(s, err)
			s.twoSteps(p, swedbankpay.NOK)
			p, err = s.pay.CreditCard.Recur(s.Context(), s.charge(recurrence, swedbankpay.NOK(1500)), &swedbankpay.ChargeOptions{AutoCapture: true})
			require.NoError(s, err)
			s.done(p.Reverse(s.Context(), s.move(swedbankpay.NOK(1500))))
			p, err = s.pay.CreditCard.ChargeUnscheduled(s.Context(), s.charge(payment, swedbankpay.NOK(1500)), nil)
			require.NoError(s, err)
			s.twoSteps(p, swedbankpay.NOK)
			p, err = s.pay.CreditCard.ChargeUnscheduled(s.Context(), s.charge(unscheduled, swedbankpay.NOK(1)), &swedbankpay.ChargeOptions{UnscheduledToken: true})
			require.NoError(s, err)
			assert.EqualValues(s, 1, p.Payment.Amount)
			_, err = s.pay.CreditCard.Payout(s.Context(), s.charge(payment, swedbankpay.NOK(1500)))
			require.NoError(s, err)

			require.NoError(s, s.pay.CreditCard.DeleteToken(s.Context(), recurrence, "the payer asked for it"))
			_, err = s.pay.CreditCard.Recur(s.Context(), s.charge(recurrence, swedbankpay.NOK(1500)), nil)
			assert.GreaterOrEqual(s, client.StatusOf(err), 400)
		},
		"invoices": func(s *shop) {
			p, err := s.pay.Invoice.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(s, err)
			address, err := p.LegalAddress(s.Context(), "199710202392", "17674")
			require.NoError(s, err)
			s.done(p.Authorize(s.Context(), leia(address)))
			capture := s.move(swedbankpay.SEK(1000))
			capture.Items = []invoice.ItemDescriptionRequest{{Amount: 1000, Description: "a book"}}
			s.done(p.Capture(s.Context(), capture))
			s.done(p.Cancel(s.Context(), swedbankpay.Release{Description: "the rest", PayeeReference: s.reference()}))
			s.done(p.Reverse(s.Context(), s.move(swedbankpay.SEK(1000))))
		},
		"stored payers": func(s *shop) {
			p, err := s.pay.Invoice.Verify(s.Context(), s.verification("SEK"), &swedbankpay.InvoiceOptions{GenerateRecurrenceToken: true})
			require.NoError(s, err)
			s.done(p.Verify(s.Context(), leia(invoice.AddressRequest{Addressee: "Leia Ahlström", ZipCode: "17674", City: "Järfälla", CountryCode: "SE"})))
			token := p.Payment.RecurrenceToken
			require.NotEmpty(s, token)
			p, err = s.pay.Invoice.Recur(s.Context(), s.charge(token, swedbankpay.SEK(1500)))
			require.NoError(s, err)
			s.twoSteps(p, swedbankpay.SEK)
			require.NoError(s, s.pay.Invoice.DeleteToken(s.Context(), token, "the payer asked for it"))
		},
		"MobilePay": func(s *shop) {
			p, err := s.pay.MobilePay.Create(s.Context(), s.purchase(swedbankpay.DKK(1500)), nil)
			require.NoError(s, err)
			s.paid(p)
			s.twoSteps(p, swedbankpay.DKK)
		},
		"Vipps": func(s *shop) {
			p, err := s.pay.Vipps.Create(s.Context(), s.purchase(swedbankpay.NOK(1500)), nil)
			require.NoError(s, err)
			s.paid(p)
			s.twoSteps(p, swedbankpay.NOK)
		},
		"Swish": func(s *shop) {
			p, err := s.pay.Swish.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(s, err)
			sale, err := p.Sell(s.Context(), swedbankpay.Buyer{MSISDN: "+46739000001"})
			require.NoError(s, err)
			assert.Equal(s, "AwaitingActivity", sale.State)
			s.paid(p)
			_, err = p.Reverse(s.Context(), s.move(swedbankpay.SEK(1500)))
			require.NoError(s, err)
		},
		"Swish in the app": func(s *shop) {
			p, err := s.pay.Swish.Create(s.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(s, err)
			sale, err := p.Sell(s.Context(), swedbankpay.Buyer{})
			require.NoError(s, err)
			link, _ := sale.Link(swedbankpay.RedirectAppSwish)
			assert.Contains(s, link, "swish://")
		},
		"Trustly": func(s *shop) {
			p, err := s.pay.Trustly.Create(s.Context(), s.purchase(swedbankpay.EUR(1500)), nil)
			require.NoError(s, err)
			sale, err := p.Sell(s.Context(), swedbankpay.Buyer{FirstName: "Olivia"})
			require.NoError(s, err)
			_, ok := sale.Link(swedbankpay.RedirectTrustly)
			assert.True(s, ok)
			s.paid(p)
			s.done(p.Reverse(s.Context(), s.move(swedbankpay.EUR(1500))))
		},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) { story(open(t)) })
	}
}
