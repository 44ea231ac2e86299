package conformance_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// get fetches by hand what is not JSON, follows no redirect, and wants a status, or any for zero.
func (l *loop) get(t *testing.T, path string, status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.url+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer token")
	resp, err := l.http.Transport.RoundTrip(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	if status != 0 {
		assert.Equal(t, status, resp.StatusCode)
	}
}

// start is a payment of one instrument, made by its typed client.
type start struct {
	instrument string
	amount     func(minor int64) swedbankpay.Amount
	create     func(l *loop, t *testing.T, p swedbankpay.Purchase) (*swedbankpay.Payment, error)
}

var starts = []start{
	{"vipps", swedbankpay.NOK, func(l *loop, t *testing.T, p swedbankpay.Purchase) (*swedbankpay.Payment, error) {
		return l.swedbankpay().Vipps.Create(t.Context(), p, nil)
	}},
	{"mobilepay", swedbankpay.DKK, func(l *loop, t *testing.T, p swedbankpay.Purchase) (*swedbankpay.Payment, error) {
		return l.swedbankpay().MobilePay.Create(t.Context(), p, nil)
	}},
	{"swish", swedbankpay.SEK, func(l *loop, t *testing.T, p swedbankpay.Purchase) (*swedbankpay.Payment, error) {
		return l.swedbankpay().Swish.Create(t.Context(), p, &swedbankpay.SwishOptions{BrowserOnly: true})
	}},
	{"invoice", swedbankpay.SEK, func(l *loop, t *testing.T, p swedbankpay.Purchase) (*swedbankpay.Payment, error) {
		return l.swedbankpay().Invoice.Create(t.Context(), p, nil)
	}},
}

func (l *loop) start(t *testing.T, s start, reference string) *swedbankpay.Payment {
	t.Helper()
	p := l.purchase(s.amount(10000), reference)
	p.VAT = s.amount(2000)
	payment, err := s.create(l, t, p)
	require.NoError(t, err)
	return payment
}

// send is a request by hand, for what no offered operation leads to.
func (l *loop) send(t *testing.T, method, path, body string, status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, l.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer token")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := l.http.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var answer json.RawMessage
	_ = json.NewDecoder(res.Body).Decode(&answer)
	require.Equal(t, status, res.StatusCode, "%s %s: %s", method, path, answer)
}

// twoSteps are the instruments whose payers authorise and whose merchants
// capture without more to say than an amount.
func (l *loop) twoSteps(t *testing.T) {
	for _, s := range starts[:2] {
		t.Run(s.instrument, func(t *testing.T) {
			payment := l.start(t, s, s.instrument+"1")
			require.NoError(t, l.sandbox.Pay(t.Context(), payment.Payment.ID))
			l.await(t, payment.Payment.ID)
			require.NoError(t, payment.Refresh(t.Context()))
			move := func(minor int64, reference string) swedbankpay.Movement {
				return swedbankpay.Movement{Amount: s.amount(minor), Description: "An order", PayeeReference: reference}
			}
			_, err := payment.Capture(t.Context(), move(1001, s.instrument+"1capture"))
			require.NoError(t, err)
			_, err = payment.Reverse(t.Context(), move(1, s.instrument+"1reversal"))
			require.NoError(t, err)
			released, err := payment.Cancel(t.Context(), swedbankpay.Release{Description: "the rest", PayeeReference: s.instrument + "1cancel"})
			require.NoError(t, err)
			assert.EqualValues(t, 8999, released.Amount)
			l.read(t, l.swedbankpay(), payment)
			l.send(t, http.MethodGet, payment.Payment.ID+"/paid", "", http.StatusOK) // MobilePay has it and does not offer it
		})
	}
}

func (l *loop) swish(t *testing.T) {
	payment := l.start(t, starts[2], "swish1")
	sale, err := payment.Sell(t.Context(), swedbankpay.Buyer{MSISDN: "+46739000001"})
	require.NoError(t, err)
	assert.Equal(t, psp.TransactionStateAwaitingActivity, sale.State)
	require.NoError(t, l.sandbox.Pay(t.Context(), payment.Payment.ID))
	l.await(t, payment.Payment.ID)
	require.NoError(t, payment.Refresh(t.Context()))
	_, err = payment.Reverse(t.Context(), movement(swedbankpay.SEK(10000), "swish1reversal"))
	require.NoError(t, err)
	_, err = payment.Paid(t.Context())
	require.NoError(t, err)
	l.read(t, l.swedbankpay(), payment)
}

// consumer is one of the vendor's published test persons, but for the address.
var consumer = swedbankpay.Consumer{
	SocialSecurityNumber: "199710202392", Email: "leia.ahlstrom@swedbankpay.com", MSISDN: "+46739000001", IP: "127.0.0.1",
	LegalAddress: invoice.AddressRequest{Addressee: "Leia Ahlström", StreetAddress: "Hökvägen 5", ZipCode: "17674", City: "Järfälla", CountryCode: "SE"},
}

func (l *loop) invoice(t *testing.T) {
	payment := l.start(t, starts[3], "invoice1")
	payer := consumer
	address, err := payment.LegalAddress(t.Context(), payer.SocialSecurityNumber, "17674")
	require.NoError(t, err)
	assert.Equal(t, payer.LegalAddress, address)
	_, err = payment.Authorize(t.Context(), payer)
	require.NoError(t, err)

	shipped := movement(swedbankpay.SEK(1001), "invoice1capture")
	shipped.Items = []invoice.ItemDescriptionRequest{{Amount: 1001, Description: "Shoes"}}
	shipped.VATSummary = []invoice.VatSummaryRequest{{Amount: 1001}}
	_, err = payment.Capture(t.Context(), shipped)
	require.NoError(t, err)
	_, err = payment.Reverse(t.Context(), movement(swedbankpay.SEK(1), "invoice1reversal"))
	require.NoError(t, err)
	_, err = payment.Cancel(t.Context(), swedbankpay.Release{Description: "the rest", PayeeReference: "invoice1cancel"})
	require.NoError(t, err)
	_, err = payment.Paid(t.Context())
	require.NoError(t, err)
	l.read(t, l.swedbankpay(), payment)
}

func (l *loop) verification(reference string) swedbankpay.Verification {
	p := l.purchase(swedbankpay.SEK(0), reference)
	return swedbankpay.Verification{
		Currency: "SEK", Description: p.Description, PayeeID: p.PayeeID, PayeeReference: p.PayeeReference,
		UserAgent: p.UserAgent, Language: p.Language, URLs: p.URLs,
	}
}

func (l *loop) charge(token, reference string) swedbankpay.Charge {
	p := l.purchase(swedbankpay.SEK(10000), reference)
	return swedbankpay.Charge{
		Token: token, Amount: p.Amount, Description: p.Description, PayeeID: p.PayeeID, PayeeReference: p.PayeeReference,
		UserAgent: p.UserAgent, Language: p.Language, CallbackURL: p.URLs.CallbackURL,
	}
}

// kinds are the payments that need no payer, with the tokens they need.
func (l *loop) kinds(t *testing.T) {
	pay := l.swedbankpay()
	verified, err := pay.CreditCard.Verify(t.Context(), l.verification("verify1"),
		&swedbankpay.CardVerificationOptions{GeneratePaymentToken: true, GenerateRecurrenceToken: true})
	require.NoError(t, err)
	require.NoError(t, l.sandbox.Pay(t.Context(), verified.Payment.ID))
	l.read(t, pay, verified)
	paid, err := verified.Paid(t.Context())
	require.NoError(t, err)
	tokens := map[string]string{}
	for _, each := range paid.Tokens {
		tokens[each.Type] = each.Token
	}
	require.NotEmpty(t, tokens[psp.PaidTokenTypePayment])
	require.NotEmpty(t, tokens[psp.PaidTokenTypeRecurrence])

	recurring, err := pay.CreditCard.Recur(t.Context(), l.charge(tokens[psp.PaidTokenTypeRecurrence], "recur1"), nil)
	require.NoError(t, err)
	assert.EqualValues(t, 10000, recurring.Payment.RemainingCaptureAmount)
	require.NoError(t, recurring.Follow(t.Context(), psp.OperationRelUpdateAuthorizationOverchargedamount, json.RawMessage(`{"transaction": {}}`), nil))
	unscheduled, err := pay.CreditCard.ChargeUnscheduled(t.Context(), l.charge(tokens[psp.PaidTokenTypePayment], "unscheduled1"), nil)
	require.NoError(t, err)
	l.read(t, pay, unscheduled)
	payout, err := pay.CreditCard.Payout(t.Context(), l.charge(tokens[psp.PaidTokenTypePayment], "payout1"))
	require.NoError(t, err)
	l.read(t, pay, payout)
	require.NoError(t, pay.CreditCard.DeleteToken(t.Context(), tokens[psp.PaidTokenTypePayment], "asked for"))

	person, err := pay.Invoice.Verify(t.Context(), l.verification("verify2"), &swedbankpay.InvoiceOptions{GenerateRecurrenceToken: true})
	require.NoError(t, err)
	_, err = person.Verify(t.Context(), consumer)
	require.NoError(t, err)
	l.read(t, pay, person)
	require.NotEmpty(t, person.Payment.RecurrenceToken)
	again, err := pay.Invoice.Recur(t.Context(), l.charge(person.Payment.RecurrenceToken, "recur2"))
	require.NoError(t, err)
	assert.EqualValues(t, 10000, again.Payment.RemainingCaptureAmount)
	require.NoError(t, pay.Invoice.DeleteToken(t.Context(), person.Payment.RecurrenceToken, "asked for"))
}

// direct is what merchants do who take the payer's card or number themselves.
// The sandbox offers it to nobody, so it is done by hand.
func (l *loop) direct(t *testing.T) {
	const typed = `{"transaction": {"cardNumber": "4925000000000004", "cardExpiryMonth": "12", "cardExpiryYear": "32", "cardVerificationCode": "749"}}`
	pay := l.swedbankpay()
	for i, path := range []string{"/confined/payments/", "/payments/"} {
		payment, err := pay.CreditCard.Create(t.Context(), l.purchase(swedbankpay.SEK(100), []string{"direct1", "direct2"}[i]), nil)
		require.NoError(t, err)
		l.send(t, http.MethodPost, strings.Replace(payment.Payment.ID, "/payments/", path, 1)+"/authorizations", typed, http.StatusOK)
	}
	secure, err := pay.CreditCard.Create(t.Context(), l.purchase(swedbankpay.SEK(100), "direct5"), nil)
	require.NoError(t, err)
	l.send(t, http.MethodPost, secure.Payment.ID+"/authorizations", strings.Replace(typed, "4925000000000004", "4547781087013329", 1), http.StatusOK)
	require.NoError(t, secure.Refresh(t.Context()))
	transactions := secure.Payment.Transactions.ID
	var list struct {
		Transactions struct {
			TransactionList []struct {
				Operations []struct{ Href string }
			}
		}
	}
	require.NoError(t, pay.Get(t.Context(), transactions, &list))
	require.Len(t, list.Transactions.TransactionList, 1)
	l.get(t, strings.TrimPrefix(list.Transactions.TransactionList[0].Operations[0].Href, l.url), http.StatusFound)

	verified, err := pay.CreditCard.Verify(t.Context(), l.verification("direct3"), &swedbankpay.CardVerificationOptions{GeneratePaymentToken: true})
	require.NoError(t, err)
	l.send(t, http.MethodPost, strings.Replace(verified.Payment.ID, "/payments/", "/confined/payments/", 1)+"/verifications", typed, http.StatusOK)
	vipps := l.start(t, starts[0], "direct4")
	l.send(t, http.MethodPost, vipps.Payment.ID+"/authorizations", `{"transaction": {"msisdn": "+4745612345"}}`, http.StatusCreated)
}

// everyEnd aborts a payment of each instrument and lets another fail.
func (l *loop) everyEnd(t *testing.T) {
	for _, s := range starts {
		t.Run(s.instrument, func(t *testing.T) {
			aborted := l.start(t, s, s.instrument+"abort")
			require.NoError(t, aborted.Abort(t.Context(), "CancelledByConsumer"))
			_, err := aborted.Aborted(t.Context())
			require.NoError(t, err)

			failed := l.start(t, s, s.instrument+"fail")
			for range 10 {
				require.NoError(t, failed.Refresh(t.Context()))
				if failed.Offers(swedbankpay.FailedPayment) {
					break
				}
				require.NoError(t, l.sandbox.Decline(t.Context(), failed.Payment.ID))
			}
			_, err = failed.Failed(t.Context())
			require.NoError(t, err)
			l.read(t, l.swedbankpay(), failed)
		})
	}
}
