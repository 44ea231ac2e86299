package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// kind is a payment of one instrument as a merchant's request spells it, for
// what the typed clients are not asked to make in this test.
type kind struct {
	instrument string
	operation  string
	intent     string
	currency   string
	more       string // members of payment
	beside     string // members beside payment
}

// authorization is the vendor's published test person.
const authorization = `{"transaction": {"activity": "FinancingConsumer"},
	"consumer": {"socialSecurityNumber": "199710202392", "email": "leia.ahlstrom@swedbankpay.com", "msisdn": "+46739000001", "ip": "127.0.0.1"},
	"legalAddress": {"addressee": "Leia Ahlström", "streetAddress": "Hökvägen 5", "zipCode": "17674", "city": "Järfälla", "countryCode": "SE"}}`

const stored = `"amount": 10000, "vatAmount": 0, "urls": {"callbackUrl": %q}`

// make creates the payment by its documented request and opens it.
func (l *loop) make(t *testing.T, k kind, reference string) *swedbankpay.Payment {
	t.Helper()
	more := k.more
	if more == "" {
		price := map[string]string{"creditcard": "CreditCard", "invoice": "Invoice", "swish": "Swish", "vipps": "Vipps", "mobilepay": "MobilePay", "trustly": "Trustly"}[k.instrument]
		more = fmt.Sprintf(`"prices": [{"type": %q, "amount": 10000, "vatAmount": 2000}]`, price)
	}
	if !strings.Contains(more, `"urls"`) {
		more += fmt.Sprintf(`, "urls": {"hostUrls": ["https://shop.example"], "completeUrl": "https://shop.example/done", "callbackUrl": %q}`, l.merchant.URL+"/callback")
	}
	if k.intent != "" {
		more += fmt.Sprintf(`, "intent": %q`, k.intent)
	}
	body := fmt.Sprintf(`{"payment": {"operation": %q, "currency": %q, "description": "An order", "userAgent": "Mozilla/5.0", "language": "sv-SE",
		"payeeInfo": {"payeeId": "5cabf558-5283-482f-b252-4d58e06f6f3b", "payeeReference": %q, "payeeName": "Shop"}, %s}%s}`,
		k.operation, k.currency, reference, more, k.beside)
	var answer struct{ Payment struct{ ID string } }
	l.send(t, http.MethodPost, "/psp/"+k.instrument+"/payments", body, http.StatusCreated, &answer)
	payment, err := l.swedbankpay().Payment(t.Context(), answer.Payment.ID)
	require.NoError(t, err)
	return payment
}

// send is a request by hand, with the answer read into v.
func (l *loop) send(t *testing.T, method, path, body string, status int, v any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, l.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer token")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := l.http.Transport.RoundTrip(req) // redirects are for the payer's browser
	require.NoError(t, err)
	defer res.Body.Close()
	var answer json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&answer); v != nil {
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(answer, v))
	}
	require.Equal(t, status, res.StatusCode, "%s %s: %s", method, path, answer)
}

// twoSteps are the instruments whose payers authorise and whose merchants
// capture without more to say than an amount.
func (l *loop) twoSteps(t *testing.T) {
	for _, k := range []kind{
		{instrument: "vipps", operation: "Purchase", intent: "Authorization", currency: "NOK"},
		{instrument: "mobilepay", operation: "Purchase", intent: "Authorization", currency: "DKK"},
	} {
		t.Run(k.instrument, func(t *testing.T) {
			amount := map[string]func(int64) swedbankpay.Amount{"NOK": swedbankpay.NOK, "DKK": swedbankpay.DKK}[k.currency]
			payment := l.make(t, k, k.instrument+"1")
			require.NoError(t, l.sandbox.Pay(t.Context(), payment.Payment.ID))
			l.await(t, payment.Payment.ID)
			require.NoError(t, payment.Refresh(t.Context()))
			move := func(minor int64, reference string) swedbankpay.Movement {
				return swedbankpay.Movement{Amount: amount(minor), Description: "An order", PayeeReference: reference}
			}
			_, err := payment.Capture(t.Context(), move(1001, k.instrument+"1capture"))
			require.NoError(t, err)
			_, err = payment.Reverse(t.Context(), move(1, k.instrument+"1reversal"))
			require.NoError(t, err)
			released, err := payment.Cancel(t.Context(), swedbankpay.Release{Description: "the rest", PayeeReference: k.instrument + "1cancel"})
			require.NoError(t, err)
			assert.EqualValues(t, 8999, released.Amount)
			l.read(t, l.swedbankpay(), payment)
			l.send(t, http.MethodGet, payment.Payment.ID+"/paid", "", http.StatusOK, nil) // MobilePay has it and does not offer it
		})
	}
}

func (l *loop) swish(t *testing.T) {
	payment := l.make(t, kind{instrument: "swish", operation: "Purchase", intent: "Sale", currency: "SEK"}, "swish1")
	require.NoError(t, payment.Follow(t.Context(), swedbankpay.CreateSale, json.RawMessage(`{"transaction": {"msisdn": "+46739000001"}}`), nil))
	require.NoError(t, l.sandbox.Pay(t.Context(), payment.Payment.ID))
	l.await(t, payment.Payment.ID)
	require.NoError(t, payment.Refresh(t.Context()))
	_, err := payment.Reverse(t.Context(), movement(swedbankpay.SEK(10000), "swish1reversal"))
	require.NoError(t, err)
	_, err = payment.Paid(t.Context())
	require.NoError(t, err)
	l.read(t, l.swedbankpay(), payment)
}

func (l *loop) invoice(t *testing.T) {
	const beside = `, "invoice": {"invoiceType": "PayExFinancingSe"}`
	payment := l.make(t, kind{instrument: "invoice", operation: "FinancingConsumer", intent: "Authorization", currency: "SEK", beside: beside}, "invoice1")
	follow := func(rel swedbankpay.Rel, body string) {
		t.Helper()
		require.NoError(t, payment.Follow(t.Context(), rel, json.RawMessage(body), nil))
		require.NoError(t, payment.Refresh(t.Context()))
	}
	follow("create-approved-legal-address", `{"addressee": {"socialSecurityNumber": "199710202392", "zipCode": "17674"}}`)
	follow("create-authorization", authorization)
	const words = `"activity": "FinancingConsumer", "description": "An order", "payeeReference": %q`
	amount := words + `, "amount": %d, "vatAmount": 0`
	follow(swedbankpay.CreateCapture, fmt.Sprintf(`{"transaction": {`+amount+`, "itemDescriptions": [{"amount": 1001, "description": "Shoes"}],
		"vatSummary": [{"amount": 1001, "vatPercent": 0, "vatAmount": 0}]}}`, "invoice1capture", 1001))
	follow(swedbankpay.CreateReversal, fmt.Sprintf(`{"transaction": {`+amount+`}}`, "invoice1reversal", 1))
	follow(swedbankpay.CreateCancellation, fmt.Sprintf(`{"transaction": {`+words+`}}`, "invoice1cancel"))
	_, err := payment.Paid(t.Context())
	require.NoError(t, err)
	l.read(t, l.swedbankpay(), payment)
}

// kinds are the payments that need no payer, with the tokens they need.
func (l *loop) kinds(t *testing.T) {
	charge := func(token string) string {
		return fmt.Sprintf(stored, l.merchant.URL+"/callback") + `, "` + token + `": %q`
	}
	verified := l.make(t, kind{instrument: "creditcard", operation: "Verify", currency: "SEK", more: `"generatePaymentToken": true, "generateRecurrenceToken": true`}, "verify1")
	require.NoError(t, l.sandbox.Pay(t.Context(), verified.Payment.ID))
	l.read(t, l.swedbankpay(), verified)
	paid, err := verified.Paid(t.Context())
	require.NoError(t, err)
	tokens := map[string]string{}
	for _, each := range paid.Tokens {
		tokens[each.Type] = each.Token
	}
	require.NotEmpty(t, tokens["payment"], "%v", paid.Tokens)
	require.NotEmpty(t, tokens["recurrence"], "%v", paid.Tokens)

	recurring := l.make(t, kind{instrument: "creditcard", operation: "Recur", intent: "Authorization", currency: "SEK", more: fmt.Sprintf(charge("recurrenceToken"), tokens["recurrence"])}, "recur1")
	assert.EqualValues(t, 10000, recurring.Payment.RemainingCaptureAmount)
	require.NoError(t, recurring.Follow(t.Context(), "update-authorization-overchargedamount", json.RawMessage(`{"transaction": {}}`), nil))
	unscheduled := l.make(t, kind{instrument: "creditcard", operation: "UnscheduledPurchase", intent: "Authorization", currency: "SEK", more: fmt.Sprintf(charge("paymentToken"), tokens["payment"])}, "unscheduled1")
	l.read(t, l.swedbankpay(), unscheduled)
	payout := l.make(t, kind{instrument: "creditcard", operation: "Payout", intent: "AutoCapture", currency: "SEK", more: fmt.Sprintf(charge("paymentToken"), tokens["payment"])}, "payout1")
	l.read(t, l.swedbankpay(), payout)
	l.send(t, http.MethodPatch, "/psp/creditcard/payments/instrumentdata/"+tokens["payment"], `{"state": "Deleted", "comment": "asked for", "tokenType": "PaymentToken"}`, http.StatusOK, nil)

	invoice := l.make(t, kind{instrument: "invoice", operation: "Verify", currency: "SEK", more: `"generateRecurrenceToken": true`, beside: `, "invoice": {"invoiceType": "PayExFinancingSe"}`}, "verify2")
	require.NoError(t, invoice.Follow(t.Context(), "create-verification", json.RawMessage(authorization), nil))
	l.read(t, l.swedbankpay(), invoice)
	require.NotEmpty(t, invoice.Payment.RecurrenceToken)
	again := l.make(t, kind{instrument: "invoice", operation: "Recur", intent: "Authorization", currency: "SEK", more: fmt.Sprintf(charge("recurrenceToken"), invoice.Payment.RecurrenceToken)}, "recur2")
	assert.EqualValues(t, 10000, again.Payment.RemainingCaptureAmount)
	l.send(t, http.MethodPatch, "/psp/invoice/payments/instrumentdata/"+invoice.Payment.RecurrenceToken, `{"state": "Deleted", "comment": "asked for"}`, http.StatusOK, nil)
}

// direct is what merchants do who take the payer's card or number themselves.
func (l *loop) direct(t *testing.T) {
	const typed = `{"transaction": {"cardNumber": "4925000000000004", "cardExpiryMonth": "12", "cardExpiryYear": "32", "cardVerificationCode": "749"}}`
	purchase := kind{instrument: "creditcard", operation: "Purchase", intent: "Authorization", currency: "SEK"}
	one := l.make(t, purchase, "direct1")
	l.send(t, http.MethodPost, strings.Replace(one.Payment.ID, "/payments/", "/confined/payments/", 1)+"/authorizations", typed, http.StatusOK, nil)
	two := l.make(t, purchase, "direct2")
	l.send(t, http.MethodPost, two.Payment.ID+"/authorizations", typed, http.StatusOK, nil)
	verified := l.make(t, kind{instrument: "creditcard", operation: "Verify", currency: "SEK", more: `"generatePaymentToken": true`}, "direct3")
	l.send(t, http.MethodPost, strings.Replace(verified.Payment.ID, "/payments/", "/confined/payments/", 1)+"/verifications", typed, http.StatusOK, nil)
	vipps := l.make(t, kind{instrument: "vipps", operation: "Purchase", intent: "Authorization", currency: "NOK"}, "direct4")
	l.send(t, http.MethodPost, vipps.Payment.ID+"/authorizations", `{"transaction": {"msisdn": "+4745612345"}}`, http.StatusCreated, nil)
}

// everyEnd aborts a payment of each instrument and lets another fail.
func (l *loop) everyEnd(t *testing.T) {
	for _, k := range []kind{
		{instrument: "invoice", operation: "FinancingConsumer", intent: "Authorization", currency: "SEK", beside: `, "invoice": {"invoiceType": "PayExFinancingSe"}`},
		{instrument: "swish", operation: "Purchase", intent: "Sale", currency: "SEK"},
		{instrument: "vipps", operation: "Purchase", intent: "Authorization", currency: "NOK"},
		{instrument: "mobilepay", operation: "Purchase", intent: "Authorization", currency: "DKK"},
	} {
		t.Run(k.instrument, func(t *testing.T) {
			aborted := l.make(t, k, k.instrument+"abort")
			require.NoError(t, aborted.Abort(t.Context(), "CancelledByConsumer"))
			_, err := aborted.Aborted(t.Context())
			require.NoError(t, err)

			failed := l.make(t, k, k.instrument+"fail")
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
