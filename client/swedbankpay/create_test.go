package swedbankpay

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
)

// Every kind of payment of every instrument: what is sent, and that it keeps
// the contract. WHO and PAYEE stand for what all of them say.
func TestCreateKinds(t *testing.T) {
	const (
		who     = `"userAgent":"Mozilla/5.0","language":"sv-SE","urls":{"completeUrl":"https://example.com/done"},"payeeInfo":{"payeeId":"` + payeeID + `","payeeReference":"AH123456"}`
		bought  = `"description":"Test Purchase",` + who
		proved  = `"description":"Test Verification","currency":"NOK","userAgent":"Mozilla/5.0","language":"nb-NO","urls":{"completeUrl":"https://example.com/done"},"payeeInfo":{"payeeId":"` + payeeID + `","payeeReference":"AH123457","payeeName":"Shop"},"payer":{"payerReference":"payer1"},"metadata":{"order":4711}`
		charged = `"amount":1500,"vatAmount":300,"description":"Test Charge","userAgent":"Mozilla/5.0","language":"sv-SE","urls":{"callbackUrl":"https://example.com/callback"},"payeeInfo":{"payeeId":"` + payeeID + `","payeeReference":"AH123458","orderReference":"order1","productCategory":"books","subsite":"north"},"payer":{"payerReference":"payer1"},"metadata":{"order":4711}`
	)
	verify := verification()
	verify.PayeeName, verify.PayerReference, verify.Metadata = "Shop", "payer1", map[string]any{"order": 4711}
	again := func(a Amount) Charge {
		c := charge(a)
		c.VAT = Amount{300, a.currency}
		c.OrderReference, c.ProductCategory, c.Subsite = "order1", "books", "north"
		c.PayerReference, c.Metadata = "payer1", map[string]any{"order": 4711}
		return c
	}
	tests := []struct {
		name, id, body string
		call           func(context.Context, *Client) (*Payment, error)
	}{
		{"card, all options", cardID,
			`{"creditCard":{"noCvc":true},"payment":{"operation":"Purchase","intent":"Authorization","currency":"SEK","prices":[{"type":"CreditCard","amount":1500,"vatAmount":0}],` + bought + `,
			"generatePaymentToken":true,"generateRecurrenceToken":true,"generateUnscheduledToken":true,"generateMotoPayment":true,"paymentToken":"` + stored + `",
			"cardholder":{"firstName":"Olivia","shippingAddress":{"city":"Bergen"},"accountInfo":{"accountAgeIndicator":"01"}},"riskIndicator":{"shipIndicator":"05","giftCardPurchase":true}}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.Create(ctx, purchase(SEK(1500)), &CardOptions{
					GeneratePaymentToken: true, GenerateRecurrenceToken: true, GenerateUnscheduledToken: true, PaymentToken: stored, MailOrder: true,
					Card: creditcard.CardOptions{NoCvc: true},
					Cardholder: creditcard.Cardholder{
						FirstName: "Olivia", ShippingAddress: creditcard.CardholderAddress{City: "Bergen"},
						AccountInfo: creditcard.AccountInfo{AccountAgeIndicator: creditcard.AccountInfoAccountAgeIndicatorN01},
					},
					Risk: creditcard.RiskIndicator{ShipIndicator: creditcard.RiskIndicatorShipIndicatorN05, GiftCardPurchase: true},
				})
			}},
		{"card, captured by itself", cardID,
			`{"payment":{"operation":"Purchase","intent":"AutoCapture","currency":"EUR","prices":[{"type":"CreditCard","amount":1500,"vatAmount":0}],` + bought + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.Create(ctx, purchase(EUR(1500)), &CardOptions{AutoCapture: true})
			}},
		{"card, verification", cardID,
			`{"creditCard":{"rejectCreditCards":true},"payment":{"operation":"Verify",` + proved + `,"generatePaymentToken":true,"generateRecurrenceToken":true,"generateUnscheduledToken":true,"generateTransactionOnFileToken":true}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.Verify(ctx, verify, &CardVerificationOptions{
					GeneratePaymentToken: true, GenerateRecurrenceToken: true, GenerateUnscheduledToken: true, GenerateTransactionOnFileToken: true,
					Card: creditcard.CardOptions{RejectCreditCards: true},
				})
			}},
		{"card, plain verification", cardID, `{"payment":{"operation":"Verify",` + proved + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) { return c.CreditCard.Verify(ctx, verify, nil) }},
		{"card, recurring", cardID, `{"payment":{"operation":"Recur","intent":"Authorization","recurrenceToken":"` + stored + `","currency":"SEK",` + charged + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.Recur(ctx, again(SEK(1500)), nil)
			}},
		{"card, recurring, captured", cardID, `{"payment":{"operation":"Recur","intent":"AutoCapture","recurrenceToken":"` + stored + `","currency":"SEK",` + charged + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.Recur(ctx, again(SEK(1500)), &ChargeOptions{AutoCapture: true})
			}},
		{"card, unscheduled", cardID, `{"payment":{"operation":"UnscheduledPurchase","intent":"Authorization","paymentToken":"` + stored + `","currency":"SEK",` + charged + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.ChargeUnscheduled(ctx, again(SEK(1500)), nil)
			}},
		{"card, unscheduled by its own token, captured", cardID, `{"payment":{"operation":"UnscheduledPurchase","intent":"AutoCapture","unscheduledToken":"` + stored + `","currency":"SEK",` + charged + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.ChargeUnscheduled(ctx, again(SEK(1500)), &ChargeOptions{AutoCapture: true, UnscheduledToken: true})
			}},
		{"card, paid out", cardID, `{"payment":{"operation":"Payout","intent":"AutoCapture","paymentToken":"` + stored + `","currency":"DKK",` + charged + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.CreditCard.Payout(ctx, again(DKK(1500)))
			}},
		{"invoice, Swedish", invoiceID, `{"invoice":{"invoiceType":"PayExFinancingSe"},"payment":{"operation":"FinancingConsumer","intent":"Authorization","currency":"SEK","prices":[{"type":"Invoice","amount":1500,"vatAmount":0}],` + bought + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Invoice.Create(ctx, purchase(SEK(1500)), nil)
			}},
		{"invoice, Finnish, with tokens", invoiceID, `{"invoice":{"invoiceType":"PayExFinancingFi"},"payment":{"operation":"FinancingConsumer","intent":"Authorization","currency":"EUR","prices":[{"type":"Invoice","amount":1500,"vatAmount":0}],` + bought + `,"generatePaymentToken":true,"generateRecurrenceToken":true}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Invoice.Create(ctx, purchase(EUR(1500)), &InvoiceOptions{GeneratePaymentToken: true, GenerateRecurrenceToken: true})
			}},
		{"invoice, by agreement", invoiceID, `{"invoice":{"invoiceType":"PayExFinancingSE"},"payment":{"operation":"FinancingConsumer","intent":"Authorization","currency":"DKK","prices":[{"type":"Invoice","amount":1500,"vatAmount":0}],` + bought + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Invoice.Create(ctx, purchase(DKK(1500)), &InvoiceOptions{Type: "PayExFinancingSE"})
			}},
		{"invoice, verification", invoiceID, `{"invoice":{"invoiceType":"PayExFinancingNo"},"payment":{"operation":"Verify",` + proved + `,"generateRecurrenceToken":true}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Invoice.Verify(ctx, verify, &InvoiceOptions{GenerateRecurrenceToken: true})
			}},
		{"invoice, recurring", invoiceID, `{"payment":{"operation":"Recur","intent":"Authorization","recurrenceToken":"` + stored + `","currency":"SEK",` + charged + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) { return c.Invoice.Recur(ctx, again(SEK(1500))) }},
		{"Swish", swishID, `{"payment":{"operation":"Purchase","intent":"Sale","currency":"SEK","prices":[{"type":"Swish","amount":1500,"vatAmount":0}],` + bought + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Swish.Create(ctx, purchase(SEK(1500)), nil)
			}},
		{"Swish, all options", swishID, `{"swish":{"enableEcomOnly":true,"paymentRestrictedToAgeLimit":18,"paymentRestrictedToSocialSecurityNumber":"199710202392"},"payment":{"operation":"Purchase","intent":"Sale","currency":"SEK","prices":[{"type":"Swish","amount":1500,"vatAmount":0}],` + bought + `,"prefillInfo":{"msisdn":"+46739000001"}}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Swish.Create(ctx, purchase(SEK(1500)), &SwishOptions{MSISDN: "+46739000001", BrowserOnly: true, AgeLimit: 18, SocialSecurityNumber: "199710202392"})
			}},
		{"Vipps", vippsID, `{"payment":{"operation":"Purchase","intent":"Authorization","currency":"NOK","prices":[{"type":"Vipps","amount":1500,"vatAmount":0}],` + bought + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Vipps.Create(ctx, purchase(NOK(1500)), nil)
			}},
		{"Vipps, with a number", vippsID, `{"payment":{"operation":"Purchase","intent":"Authorization","currency":"NOK","prices":[{"type":"Vipps","amount":1500,"vatAmount":0}],` + bought + `,"prefillInfo":{"msisdn":"+4745612345"}}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Vipps.Create(ctx, purchase(NOK(1500)), &VippsOptions{MSISDN: "+4745612345"})
			}},
		{"MobilePay", mobileID, `{"payment":{"operation":"Purchase","intent":"Authorization","currency":"DKK","prices":[{"type":"MobilePay","amount":1500,"vatAmount":0}],` + bought + `}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.MobilePay.Create(ctx, purchase(DKK(1500)), nil)
			}},
		{"MobilePay, all options", mobileID, `{"mobilepay":{"shoplogoUrl":"https://example.com/logo.png"},"payment":{"operation":"Purchase","intent":"Authorization","currency":"EUR","prices":[{"type":"MobilePay","amount":1500,"vatAmount":0}],` + bought + `,"prefillInfo":{"msisdn":"+4522222222"}}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.MobilePay.Create(ctx, purchase(EUR(1500)), &MobilePayOptions{MSISDN: "+4522222222", ShopLogoURL: "https://example.com/logo.png"})
			}},
		{"Trustly", trustlyID, `{"payment":{"operation":"Purchase","intent":"Sale","currency":"EUR","prices":[{"type":"Trustly","amount":1500,"vatAmount":0}],` + bought + `,"prefillInfo":{"firstName":"Olivia","lastName":"Nyhuus"}}}`,
			func(ctx context.Context, c *Client) (*Payment, error) {
				return c.Trustly.Create(ctx, purchase(EUR(1500)), &TrustlyOptions{FirstName: "Olivia", LastName: "Nyhuus"})
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBank(t, "PATCH update-payment-abort /.")
			collection, _, _ := strings.Cut(tt.id[1:], "payments")
			collection = "/" + collection + "payments"
			payment, err := tt.call(t.Context(), b.client())
			require.NoError(t, err)
			assert.Equal(t, tt.id, payment.Payment.ID)
			assert.True(t, payment.Offers(AbortPayment))
			assert.JSONEq(t, tt.body, b.last().Body)
			b.keepsContract(t)
			assert.Equal(t, []string{"POST " + collection}, b.calls())

			b.answers["POST "+collection] = `400 {"type":"https://api.payex.com/psp/errordetail/inputerror","detail":"` + stored + ` or 199710202392 is wrong"}`
			payment, err = tt.call(t.Context(), b.client())
			assert.Nil(t, payment)
			assert.Equal(t, http.StatusBadRequest, client.StatusOf(err))
			if strings.Contains(tt.body, stored) {
				assert.NotContains(t, err.Error(), stored, "a stored token shows")
			}
			if strings.Contains(tt.body, ssn) {
				assert.NotContains(t, err.Error(), ssn, "an identity number shows")
			}
		})
	}
}

// A charge that asks for no callback still has its urls.
func TestChargeWithoutCallback(t *testing.T) {
	b := newBank(t)
	c := charge(SEK(1500))
	c.CallbackURL = ""
	_, err := b.client().CreditCard.Recur(t.Context(), c, nil)
	require.NoError(t, err)
	assert.Contains(t, b.last().Body, `"urls":{}`)
	b.keepsContract(t)
}

func TestCreateRefused(t *testing.T) {
	verify := func(change func(*Verification)) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			v := verification()
			change(&v)
			_, err := c.CreditCard.Verify(ctx, v, nil)
			return err
		}
	}
	recur := func(change func(*Charge)) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error {
			v := charge(SEK(1))
			change(&v)
			_, err := c.CreditCard.Recur(ctx, v, nil)
			return err
		}
	}
	function := map[string]any{"f": func() {}}
	tests := []struct {
		name, field string
		call        func(context.Context, *Client) error
	}{
		{"no currency", "Currency", verify(func(v *Verification) { v.Currency = "" })},
		{"small currency", "Currency", verify(func(v *Verification) { v.Currency = "sek" })},
		{"verification without words", "Description", verify(func(v *Verification) { v.Description = "" })},
		{"verification without an end", "URLs.CompleteURL", verify(func(v *Verification) { v.URLs.CompleteURL = "" })},
		{"verification with strange metadata", "Verification", verify(func(v *Verification) { v.Metadata = function })},
		{"no token", "Token", recur(func(c *Charge) { c.Token = "" })},
		{"charge of nothing", "Amount", recur(func(c *Charge) { c.Amount = SEK(0) })},
		{"charge with more VAT than amount", "VAT", recur(func(c *Charge) { c.VAT = SEK(2) })},
		{"charge without a browser", "UserAgent", recur(func(c *Charge) { c.UserAgent = "" })},
		{"charge with strange metadata", "Charge", recur(func(c *Charge) { c.Metadata = function })},
		{"recurring by an unscheduled token", "UnscheduledToken", func(ctx context.Context, c *Client) error {
			_, err := c.CreditCard.Recur(ctx, charge(SEK(1)), &ChargeOptions{UnscheduledToken: true})
			return err
		}},
		{"invoice in kroner", "Type", func(ctx context.Context, c *Client) error {
			_, err := c.Invoice.Create(ctx, purchase(DKK(1)), nil)
			return err
		}},
		{"verified invoice in dollars", "Type", func(ctx context.Context, c *Client) error {
			v := verification()
			v.Currency = "USD"
			_, err := c.Invoice.Verify(ctx, v, nil)
			return err
		}},
		{"invoice of nothing", "Amount", func(ctx context.Context, c *Client) error {
			_, err := c.Invoice.Create(ctx, purchase(Amount{}), nil)
			return err
		}},
		{"invoice with strange metadata", "Purchase", func(ctx context.Context, c *Client) error {
			p := purchase(SEK(1))
			p.Metadata = function
			_, err := c.Invoice.Create(ctx, p, nil)
			return err
		}},
		{"Swish in euro", "Amount", func(ctx context.Context, c *Client) error {
			_, err := c.Swish.Create(ctx, purchase(EUR(1)), nil)
			return err
		}},
		{"Swish for the unborn", "AgeLimit", func(ctx context.Context, c *Client) error {
			_, err := c.Swish.Create(ctx, purchase(SEK(1)), &SwishOptions{AgeLimit: -1})
			return err
		}},
		{"Swish for a short number", "SocialSecurityNumber", func(ctx context.Context, c *Client) error {
			_, err := c.Swish.Create(ctx, purchase(SEK(1)), &SwishOptions{SocialSecurityNumber: "9710202392"})
			return err
		}},
		{"Vipps in kronor", "Amount", func(ctx context.Context, c *Client) error {
			_, err := c.Vipps.Create(ctx, purchase(SEK(1)), nil)
			return err
		}},
		{"Trustly in kroner", "Amount", func(ctx context.Context, c *Client) error {
			_, err := c.Trustly.Create(ctx, purchase(DKK(1)), nil)
			return err
		}},
		{"MobilePay without words", "Description", func(ctx context.Context, c *Client) error {
			p := purchase(DKK(1))
			p.Description = ""
			_, err := c.MobilePay.Create(ctx, p, nil)
			return err
		}},
	}
	b := newBank(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call(t.Context(), b.client())
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			assert.Equal(t, tt.field, input.Field)
			assert.NotContains(t, err.Error(), "9710202392")
			assert.Empty(t, b.calls(), "something was sent")
		})
	}
}

func TestDeleteToken(t *testing.T) {
	deletions := []struct {
		instrument string
		call       func(context.Context, *Client, string, string) error
	}{
		{"creditcard", func(ctx context.Context, c *Client, token, why string) error {
			return c.CreditCard.DeleteToken(ctx, token, why)
		}},
		{"invoice", func(ctx context.Context, c *Client, token, why string) error {
			return c.Invoice.DeleteToken(ctx, token, why)
		}},
	}
	for _, tt := range deletions {
		t.Run(tt.instrument, func(t *testing.T) {
			path := "/psp/" + tt.instrument + "/payments/instrumentdata/" + stored
			b := newBank(t)
			b.answers["PATCH "+path] = `200 {"instrumentData":{"id":"` + strings.ToLower(path) + `","paymentToken":"` + stored + `","isDeleted":true}}`
			require.NoError(t, tt.call(t.Context(), b.client(), stored, "The payer asked for it"))
			assert.JSONEq(t, `{"state":"Deleted","comment":"The payer asked for it"}`, b.last().Body)
			b.keepsContract(t)
			assert.Equal(t, []string{"PATCH " + path}, b.calls())

			for status, answer := range map[int]string{
				200: `200 {"instrumentData":{"isDeleted":false}}`,
				201: `201 {}`,
				202: `202 <html>`,
				404: `404 {"title":"no ` + stored + `","instance":"` + strings.ToLower(path) + `","problems":[{"name":"` + stored + `"}]}`,
			} {
				b.answers["PATCH "+path] = answer
				err := tt.call(t.Context(), b.client(), stored, "why")
				assert.Equal(t, status, client.StatusOf(err))
				assert.NotContains(t, strings.ToUpper(err.Error()), stored)
				if p, ok := errorAs[*client.Problem](err); ok {
					assert.Equal(t, "PATCH /psp/"+tt.instrument+"/payments/instrumentdata/[secret]", p.Request)
					assert.NotContains(t, strings.ToUpper(p.Instance+string(p.Body)), stored)
				}
			}
			b.calls()
			for _, bad := range []string{"", ".", "..", "a/b", "a%2fb", "a?b", "a#b", "a b", "å", strings.Repeat("x", 201)} {
				var input *client.InputError
				require.ErrorAs(t, tt.call(t.Context(), b.client(), bad, "why"), &input, bad)
			}
			var input *client.InputError
			require.ErrorAs(t, tt.call(t.Context(), b.client(), stored, ""), &input)
			assert.Equal(t, "comment", input.Field)
			require.ErrorAs(t, tt.call(t.Context(), New(nil), stored, "why"), &input)
			assert.Empty(t, b.calls(), "something was sent")
		})
	}
}
