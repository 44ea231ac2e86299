package server_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// step moves a payment on.
type step func(t *testing.T, s *sandbox, id string)

func pay(t *testing.T, s *sandbox, id string) { require.NoError(t, s.Pay(t.Context(), id)) }

func decline(t *testing.T, s *sandbox, id string) { require.NoError(t, s.Decline(t.Context(), id)) }

func capture(amount int) step {
	return func(_ *testing.T, s *sandbox, id string) {
		s.must("POST", id+"/captures", moving(amount, s.nextRef()))
	}
}

func reverse(amount int) step {
	return func(_ *testing.T, s *sandbox, id string) {
		s.must("POST", id+"/reversals", moving(amount, s.nextRef()))
	}
}

func cancel(_ *testing.T, s *sandbox, id string) {
	s.must("POST", id+"/cancellations", cancelling(s.nextRef()))
}

func abort(_ *testing.T, s *sandbox, id string) { s.must("PATCH", id, aborting) }

func sell(_ *testing.T, s *sandbox, id string) { s.must("POST", id+"/sales", `{"transaction":{}}`) }

// authorise is what a merchant does with an invoice for a person it knows.
func authorise(_ *testing.T, s *sandbox, id string) { s.must("POST", id+"/authorizations", forAzra) }

const (
	addressee = `{"addressee":{"socialSecurityNumber":"600307-1161","zipCode":"197 92"}}`
	forAzra   = `{"transaction":{"activity":"FinancingConsumer"},"consumer":{"socialSecurityNumber":"196003071161","customerNumber":"123456",
"email":"azra.oliveira@payex.com","msisdn":"+46739000001","ip":"127.0.0.1"},
"legalAddress":{"addressee":"Azra Oliveira","streetAddress":"Helgestavägen 9","zipCode":"19792","city":"Bro","countryCode":"SE"}}`
)

// TestGolden holds payments in every situation against what the live environment was seen to answer: the members of the
// payment and the operations, both in order. The numbered ones are captures; for the others there is documentation, or
// they are ours.
func TestGolden(t *testing.T) {
	const (
		base = "id number created updated instrument operation intent state currency prices amount"
		tail = " description payerReference initiatingSystemUserAgent userAgent language"
		end  = " urls payeeInfo metadata"
		auth = " transactions authorizations"

		cardAbort   = "PATCH update-payment-abort application/json"
		cardPaid    = "GET paid-payment application/json"
		cardView    = "GET view-payment application/javascript"
		cardCancel  = "POST create-cancellation application/json"
		cardCapture = "POST create-capture application/json"
		cardReverse = "POST create-reversal application/json"
	)
	cardCreated := []string{cardAbort, "GET view-authorization application/javascript", "GET redirect-authorization text/html", cardView}
	trustlyCreated := []string{"PATCH update-payment-abort", "POST create-sale", "GET redirect-sale", "GET view-sales application/javascript"}
	const (
		verify  = "id number created updated instrument operation state currency amount"
		lean    = "prices id number created updated instrument operation intent state currency amount"
		leanEnd = " transactions urls payeeInfo"
	)
	cardVerifying := []string{cardAbort, "GET view-verification application/javascript", "GET redirect-verification text/html", cardView}
	invoiceCreated := []string{
		"POST create-approved-legal-address application/json", "POST create-authorization application/json", cardAbort,
		"GET redirect-authorization text/html", "GET view-authorization application/javascript",
	}
	swishCreated := []string{
		"PATCH update-payment-abort", "POST create-sale", "GET redirect-sale", "GET view-sales application/javascript", "GET view-payment application/javascript",
	}
	vippsCreated := []string{
		"PATCH update-payment-abort", "GET redirect-authorization", "GET view-authorization application/javascript", "GET view-payment application/javascript",
	}
	mobilepayCreated := []string{"PATCH update-payment-abort", "GET redirect-authorization"}
	as := func(body string) func(string) string { return func(string) string { return body } }
	tests := []struct {
		name       string
		create     string
		change     func(string) string
		steps      []step
		state      string
		amounts    string // amount and what remains: capture, cancellation, reversal
		members    string
		operations []string
	}{
		{"1 card created", "creditcard", nil, nil, "Ready", "0 - - -", base + tail + end, cardCreated},
		{
			"2 card authorised", "creditcard", nil, []step{pay}, "Ready", "10000 10000 10000 -",
			base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end,
			[]string{cardCancel, cardCapture, cardPaid, cardView},
		},
		{
			"3 card partly captured", "creditcard", nil, []step{pay, capture(1001)}, "Ready", "10000 8999 8999 1001",
			base + " remainingCaptureAmount remainingCancellationAmount remainingReversalAmount" + tail + auth + " captures" + end,
			[]string{cardCancel, cardCapture, cardReverse, cardPaid, cardView},
		},
		{
			"4 card cancelled", "creditcard", nil, []step{pay, cancel}, "Ready", "10000 - - -",
			base + tail + auth + " cancellations" + end, []string{cardPaid, cardView},
		},
		{
			"5 card aborted", "creditcard", nil, []step{abort}, "Aborted", "0 - - -", base + tail + end,
			[]string{"GET aborted-payment application/json"},
		},
		{
			"card without hostUrls", "creditcard",
			func(b string) string { return strings.Replace(b, `"hostUrls":["https://example.com"],`, "", 1) },
			nil, "Ready", "0 - - -", base + tail + end, []string{cardAbort, "GET redirect-authorization text/html"},
		},
		{
			"card without hostUrls authorised", "creditcard",
			func(b string) string { return strings.Replace(b, `["https://example.com"]`, "[]", 1) },
			[]step{pay, capture(1)}, "Ready", "10000 9999 9999 1",
			base + " remainingCaptureAmount remainingCancellationAmount remainingReversalAmount" + tail + auth + " captures" + end,
			[]string{cardCancel, cardCapture, cardReverse, cardPaid},
		},
		{"card declined once", "creditcard", nil, []step{decline}, "Ready", "0 - - -", base + tail + auth + end, cardCreated},
		{
			"card declined, then authorised", "creditcard", nil, []step{decline, decline, pay}, "Ready", "10000 10000 10000 -",
			base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end,
			[]string{cardCancel, cardCapture, cardPaid, cardView},
		},
		{
			"card attempts used up", "creditcard", nil, []step{decline, decline, decline}, "Failed", "0 - - -", base + tail + auth + end,
			[]string{"GET failed-payment application/problem+json", cardView},
		},
		{
			"card fully captured", "creditcard", nil, []step{pay, capture(4000), capture(6000)}, "Ready", "10000 - - 10000",
			base + " remainingReversalAmount" + tail + auth + " captures" + end, []string{cardReverse, cardPaid, cardView},
		},
		{
			"card partly reversed", "creditcard", nil, []step{pay, capture(10000), reverse(1)}, "Ready", "10000 - - 9999",
			base + " remainingReversalAmount" + tail + auth + " captures reversals" + end, []string{cardReverse, cardPaid, cardView},
		},
		{
			"card captured and reversed", "creditcard", nil, []step{pay, capture(10000), reverse(10000)}, "Ready", "10000 - - -",
			base + tail + auth + " captures reversals" + end, []string{cardPaid, cardView},
		},
		{
			"card partly captured, rest cancelled", "creditcard", nil, []step{pay, capture(1001), cancel}, "Ready", "10000 - - 1001",
			base + " remainingReversalAmount" + tail + auth + " captures cancellations" + end, []string{cardReverse, cardPaid, cardView},
		},
		{
			"card AutoCapture created", "creditcard", func(b string) string { return strings.Replace(b, `"Authorization"`, `"AutoCapture"`, 1) },
			nil, "Ready", "0 - - -", base + tail + end, cardCreated,
		},
		{
			"card AutoCapture paid", "creditcard", func(b string) string { return strings.Replace(b, `"Authorization"`, `"AutoCapture"`, 1) },
			[]step{pay}, "Ready", "10000 - - 10000", base + " remainingReversalAmount" + tail + auth + " captures" + end,
			[]string{cardReverse, cardPaid, cardView},
		},
		{
			"card with a recurrence token", "creditcard",
			func(b string) string {
				return strings.Replace(b, `"currency"`, `"generateRecurrenceToken":true,"currency"`, 1)
			},
			[]step{pay}, "Ready", "10000 10000 10000 -",
			"recurrenceToken " + base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end,
			[]string{cardCancel, cardCapture, cardPaid, cardView},
		},

		{"6 card Verify created", "creditcard", as(cardVerify), nil, "Ready", "0 - - -", verify + tail + end, cardVerifying},
		{
			"card Verify with paymentUrl", "creditcard",
			as(strings.Replace(cardVerify, `"completeUrl"`, `"paymentUrl":"https://example.com/pay","completeUrl"`, 1)), nil, "Ready", "0 - - -",
			verify + tail + end, []string{cardAbort, "GET view-verification application/javascript", cardView},
		},
		{
			"card Verify with intent and prices", "creditcard",
			as(strings.Replace(cardVerify, `"currency"`, `"intent":"AutoCapture","prices":[{"type":"Visa","amount":10000,"vatAmount":0}],"currency"`, 1)),
			[]step{pay}, "Ready", "0 - - -", verify + tail + " transactions verifications" + end, []string{cardPaid, cardView},
		},
		{
			"card Verify completed", "creditcard", as(strings.Replace(cardVerify, "PaymentToken", "RecurrenceToken", 1)), []step{pay}, "Ready", "0 - - -",
			"recurrenceToken " + verify + tail + " transactions verifications" + end, []string{cardPaid, cardView},
		},
		{"card Verify declined", "creditcard", as(cardVerify), []step{decline}, "Ready", "0 - - -", verify + tail + " transactions verifications" + end, cardVerifying},
		{
			"7 card Recur", "creditcard", as(cardRecur), nil, "Ready", "10000 10000 10000 -",
			"recurrenceToken " + base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end,
			[]string{cardCancel, cardCapture, cardPaid, "PATCH update-authorization-overchargedamount application/json"},
		},
		{
			"card Recur AutoCapture", "creditcard", as(strings.Replace(cardRecur, `"Authorization"`, `"AutoCapture"`, 1)), nil, "Ready", "10000 - - 10000",
			"recurrenceToken " + base + " remainingReversalAmount" + tail + auth + " captures" + end, []string{cardReverse, cardPaid},
		},
		{
			"card Recur AutoCapture of nothing", "creditcard",
			as(strings.NewReplacer(`"Authorization"`, `"AutoCapture"`, "10000", "0").Replace(cardRecur)), nil, "Ready", "0 - - -",
			"recurrenceToken " + base + tail + auth + end, []string{cardPaid},
		},
		{
			"card UnscheduledPurchase", "creditcard", as(cardUnscheduled), nil, "Ready", "10000 10000 10000 -",
			"paymentToken " + base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end,
			[]string{cardCancel, cardCapture, cardPaid, "PATCH update-authorization-overchargedamount application/json"},
		},
		{
			"card Payout", "creditcard", as(cardPayout), nil, "Ready", "10000 - - -",
			"paymentToken " + base + tail + auth + " captures" + end, []string{cardPaid},
		},

		{"8 invoice created", "invoice", nil, nil, "Ready", "0 - - -", base + tail + end, invoiceCreated},
		{
			"9 invoice authorised", "invoice", nil, []step{pay}, "Ready", "10000 10000 10000 -",
			base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end, []string{cardCancel, cardCapture, cardPaid},
		},
		{
			"9 invoice authorised by the merchant", "invoice", nil, []step{authorise}, "Ready", "10000 10000 10000 -",
			base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end, []string{cardCancel, cardCapture, cardPaid},
		},
		{"10 invoice aborted", "invoice", nil, []step{abort}, "Aborted", "0 - - -", base + tail + end, []string{"GET aborted-payment application/json"}},
		{
			"11 invoice Verify created", "invoice", as(invoiceVerify), nil, "Ready", "0 - - -", verify + tail + end,
			[]string{cardAbort, "POST create-verification application/json", "GET redirect-verification text/html", "GET view-verification application/javascript"},
		},
		{
			"invoice Verify completed", "invoice", as(invoiceVerify), []step{pay}, "Ready", "0 - - -",
			"recurrenceToken " + verify + tail + " transactions verifications" + end, []string{cardPaid},
		},
		{
			"12 invoice Recur", "invoice", as(invoiceRecur), nil, "Ready", "10000 10000 10000 -",
			"recurrenceToken " + base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end, []string{cardCancel, cardCapture, cardPaid},
		},
		{
			"invoice partly captured, reversed and cancelled", "invoice", nil, []step{pay, capture(1001), reverse(1), cancel}, "Ready", "10000 - - 1000",
			base + " remainingReversalAmount" + tail + auth + " captures cancellations reversals" + end, []string{cardReverse, cardPaid},
		},
		{"invoice declined", "invoice", nil, []step{decline, decline, decline}, "Failed", "0 - - -", base + tail + auth + end, []string{"GET failed-payment application/problem+json"}},

		{"13 Swish created", "swish", nil, nil, "Ready", "0 - - -", base + tail + end, swishCreated},
		{
			"Swish awaiting the payer", "swish", nil, []step{sell}, "Ready", "0 - - -", base + tail + " transactions sales" + end,
			[]string{"GET view-payment application/javascript"},
		},
		{
			"Swish sold", "swish", nil, []step{sell, pay}, "Ready", "10000 - - 10000", base + " remainingReversalAmount" + tail + " transactions sales" + end,
			[]string{"POST create-reversal", "GET paid-payment", "GET view-payment application/javascript"},
		},
		{
			"14 Swish sold and fully reversed", "swish", nil, []step{pay, reverse(10000)}, "Ready", "10000 - - -",
			base + tail + " transactions sales reversals" + end, []string{"GET paid-payment", "GET view-payment application/javascript"},
		},
		{"15 Swish aborted", "swish", nil, []step{abort}, "Aborted", "0 - - -", base + tail + end, []string{"GET aborted-payment", "GET view-payment application/javascript"}},
		{"Swish declined once", "swish", nil, []step{sell, decline}, "Ready", "0 - - -", base + tail + " transactions sales" + end, swishCreated},

		{"19 Vipps created", "vipps", nil, nil, "Ready", "0 - - -", base + tail + end, vippsCreated},
		{
			"20 Vipps authorised", "vipps", nil, []step{pay}, "Ready", "10000 10000 10000 -",
			base + " remainingCaptureAmount remainingCancellationAmount" + tail + auth + end,
			[]string{"POST create-cancellation", "POST create-capture", "GET paid-payment", "GET view-payment application/javascript"},
		},
		{"21 Vipps aborted", "vipps", nil, []step{abort}, "Aborted", "0 - - -", base + tail + end, []string{"GET aborted-payment", "GET view-payment application/javascript"}},
		{
			"Vipps captured, reversed and cancelled", "vipps", nil, []step{pay, capture(1001), reverse(1), cancel}, "Ready", "10000 - - 1000",
			base + " remainingReversalAmount" + tail + auth + " captures cancellations reversals" + end,
			[]string{"POST create-reversal", "GET paid-payment", "GET view-payment application/javascript"},
		},
		{"Vipps declined", "vipps", nil, []step{decline}, "Ready", "0 - - -", base + tail + auth + end, vippsCreated},

		{"22 MobilePay created", "mobilepay", nil, nil, "Ready", "0 - - -", lean + tail + leanEnd, mobilepayCreated},
		{
			"23 MobilePay authorised", "mobilepay", nil, []step{pay}, "Ready", "10000 10000 10000 -",
			lean + " remainingCaptureAmount remainingCancellationAmount" + tail + strings.Replace(leanEnd, " urls", " authorizations urls", 1),
			[]string{"POST create-cancellation", "POST create-capture"},
		},
		{"MobilePay aborted", "mobilepay", nil, []step{abort}, "Aborted", "0 - - -", lean + tail + leanEnd, []string{"GET aborted-payment"}},
		{
			"MobilePay captured", "mobilepay", nil, []step{pay, capture(1001), reverse(1)}, "Ready", "10000 8999 8999 1000",
			lean + " remainingCaptureAmount remainingCancellationAmount remainingReversalAmount" + tail + " transactions authorizations captures reversals urls payeeInfo",
			[]string{"POST create-cancellation", "POST create-capture", "POST create-reversal"},
		},

		{"16 Trustly created", "trustly", nil, nil, "Ready", "0 - - -", base + tail + end, trustlyCreated},
		{
			"17 Trustly sold", "trustly", nil, []step{sell, pay}, "Ready", "10000 - - 10000",
			base + " remainingReversalAmount" + tail + " transactions sales" + end, []string{"POST create-reversal", "GET paid-payment"},
		},
		{"18 Trustly aborted", "trustly", nil, []step{abort}, "Aborted", "0 - - -", base + tail + end, []string{"GET aborted-payment"}},
		{
			"Trustly awaiting the payer", "trustly", nil, []step{sell}, "Ready", "0 - - -", base + tail + " transactions sales" + end,
			[]string{"PATCH update-payment-abort", "GET redirect-sale", "GET view-sales application/javascript"},
		},
		{
			"Trustly sold through the redirect", "trustly", nil, []step{pay}, "Ready", "10000 - - 10000",
			base + " remainingReversalAmount" + tail + " transactions sales" + end, []string{"POST create-reversal", "GET paid-payment"},
		},
		{"Trustly declined once", "trustly", nil, []step{sell, decline}, "Ready", "0 - - -", base + tail + " transactions sales" + end, trustlyCreated},
		{
			"Trustly attempts used up", "trustly", nil, []step{sell, decline, decline, decline}, "Failed", "0 - - -",
			base + tail + " transactions sales" + end, []string{"GET failed-payment"},
		},
		{
			"Trustly aborted while awaiting", "trustly", nil, []step{sell, abort}, "Aborted", "0 - - -", base + tail + " transactions sales" + end,
			[]string{"GET aborted-payment"},
		},
		{
			"Trustly fully reversed", "trustly", nil, []step{pay, reverse(9000), reverse(1000)}, "Ready", "10000 - - -",
			base + tail + " transactions sales reversals" + end, []string{"GET paid-payment"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			body := strings.Replace(purchases[tt.create], `"metadata"`, `"meta"`, 1) // the link is there all the same
			if tt.change != nil {
				body = tt.change(body)
			}
			if !strings.Contains(body, "payerReference") {
				body = strings.Replace(body, `"payeeInfo"`, `"payerReference":"AB1234","payeeInfo"`, 1)
			}
			if before, after, charged := strings.Cut(body, "TOKEN"); charged {
				body = before + s.stored(tt.create) + after
			}
			id := s.must("POST", "/psp/"+tt.create+"/payments", body).str("payment.id")
			for _, step := range tt.steps {
				step(t, s, id)
			}
			got := s.must("GET", id, "")
			assert.Equal(t, tt.state, got.str("payment.state"))
			assert.Equal(t, tt.members, strings.Join(got.members("payment"), " "))
			assert.Equal(t, tt.operations, got.operations())
			assert.Equal(t, tt.amounts, got.amounts())
			everythingOfferedWorks(t, s, got)
			everyIDIsThere(t, s, got.value, map[string]bool{})
		})
	}
}

// everythingOfferedWorks follows each operation of a payment that does not need the payer. Those that change the payment
// come last, on what is by then no longer asked.
func everythingOfferedWorks(t *testing.T, s *sandbox, payment reply) {
	t.Helper()
	id := payment.str("payment.id")
	bodies := map[string]string{
		"create-reversal": moving(1, s.nextRef()), "create-capture": moving(1, s.nextRef()),
		"create-cancellation": cancelling(s.nextRef()), "create-sale": `{"transaction":{}}`, "update-payment-abort": aborting,
		"create-approved-legal-address": addressee, "create-authorization": forAzra, "create-verification": forAzra,
		"update-authorization-overchargedamount": `{"transaction":{}}`,
	}
	for _, rel := range []string{
		"paid-payment", "failed-payment", "aborted-payment", "create-approved-legal-address", "update-authorization-overchargedamount", "create-capture",
		"create-reversal", "create-cancellation", "create-sale", "create-authorization", "create-verification", "update-payment-abort",
	} {
		if rel == "update-payment-abort" && strings.Contains("Invoice Swish", payment.str("payment.instrument")) {
			continue // it has been authorised, or awaits the payer, by now; rows of their own abort
		}
		offered := strings.Contains(strings.Join(payment.operations(), " "), rel)
		if offered {
			method := "POST"
			switch strings.SplitN(rel, "-", 2)[0] {
			case "update":
				method = "PATCH"
			case "paid", "failed", "aborted":
				method = "GET"
			}
			s.must(method, payment.href(rel), bodies[rel])
			continue
		}
		refused := map[string]string{"paid-payment": "/paid", "failed-payment": "/failed", "aborted-payment": "/aborted"}
		if tail, ok := refused[rel]; ok && payment.str("payment.instrument") != "MobilePay" { // which does not say where, but has it
			assert.Equal(t, 404, s.do("GET", id+tail, "").status, rel)
		}
	}
}

// everyIDIsThere reads everything that a body names by id, and what those bodies name.
func everyIDIsThere(t *testing.T, s *sandbox, v any, seen map[string]bool) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["id"].(string); ok && !seen[id] && strings.HasPrefix(id, "/") { // Swish transactions have bare ids
			seen[id] = true
			r := s.do("GET", id, "")
			assert.Equal(t, 200, r.status, id)
			everyIDIsThere(t, s, r.value, seen)
		}
		for _, child := range v {
			everyIDIsThere(t, s, child, seen)
		}
	case []any:
		for _, child := range v {
			everyIDIsThere(t, s, child, seen)
		}
	}
}

// TestNotOfferedIsRefused tries what a payment does not offer.
func TestNotOfferedIsRefused(t *testing.T) {
	tests := []struct {
		name, create       string
		steps              []step
		method, tail, body string
		problem            string // name and description of the one problem
	}{
		{"capture before authorization", "creditcard", nil, "POST", "/captures", moving(1, "x1"), "Capture: The payer has not paid, so there is nothing to move."},
		{"cancel before authorization", "creditcard", nil, "POST", "/cancellations", cancelling("x1"), "Cancellation: The payer has not paid, so there is nothing to move."},
		{"reversal before authorization", "creditcard", nil, "POST", "/reversals", moving(1, "x1"), "Reversal: The payer has not paid, so there is nothing to move."},
		{"reversal before capture", "creditcard", []step{pay}, "POST", "/reversals", moving(1, "x1"), "Reversal: Nothing has been captured, so there is nothing to reverse."},
		{"over-capture", "creditcard", []step{pay, capture(9000)}, "POST", "/captures", moving(1001, "x1"), "Capture: Capture amount too high."},
		{"capture after all is captured", "creditcard", []step{pay, capture(10000)}, "POST", "/captures", moving(1, "x1"), "Capture: Capture amount too high."},
		{"over-reversal", "creditcard", []step{pay, capture(9000)}, "POST", "/reversals", moving(9001, "x1"), "Reversal: Reversal amount too high."},
		{"over-reversal of a sale", "trustly", []step{pay}, "POST", "/reversals", moving(10001, "x1"), "Reversal: Reversal amount too high."},
		{"cancel with nothing left", "creditcard", []step{pay, cancel}, "POST", "/cancellations", cancelling("x1"), "Cancellation: Nothing is left to cancel."},
		{"abort after authorization", "creditcard", []step{pay}, "PATCH", "", aborting, "Abort: The payment has a successful transaction and can no longer be aborted."},
		{"abort after abort", "creditcard", []step{abort}, "PATCH", "", aborting, "Abort: The payment is aborted."},
		{"capture after abort", "creditcard", []step{abort}, "POST", "/captures", moving(1, "x1"), "Capture: The payment is aborted."},
		{"sale after abort", "trustly", []step{abort}, "POST", "/sales", `{"transaction":{}}`, "Sale: The payment is aborted."},
		{"sale after failure", "trustly", []step{decline, decline, decline}, "POST", "/sales", `{"transaction":{}}`, "Sale: The payment has failed: the payer's attempts are used up."},
		{"a second sale", "trustly", []step{sell}, "POST", "/sales", `{"transaction":{}}`, "Sale: Another sale already awaits the payer."},
		{"sale when sold", "trustly", []step{pay}, "POST", "/sales", `{"transaction":{}}`, "Sale: The payment is already paid."},
		{"a used payeeReference", "creditcard", []step{pay}, "POST", "/captures", moving(1, "REF"), "PayeeReference: The payee has used this payeeReference for another operation."},
		{"a used payeeReference of a cancellation", "creditcard", []step{pay}, "POST", "/cancellations", cancelling("REF"), "PayeeReference: The payee has used this payeeReference for another operation."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			id := s.must("POST", "/psp/"+tt.create+"/payments", purchases[tt.create]).str("payment.id")
			for _, step := range tt.steps {
				step(t, s, id)
			}
			before := s.must("GET", id+"?$expand=transactions", "").text
			r := s.request(tt.method, id+tt.tail, tt.body).with("Session-Id", "779da454-3997-4224-8f29-42bb064c4707").send()
			require.Equal(t, 403, r.status, r.text)
			assert.Equal(t, "https://api.payex.com/psp/errordetail/forbidden", r.str("type"))
			assert.Equal(t, "Operation not allowed", r.str("title"))
			assert.Equal(t, "Payment check failed, description in problems node!", r.str("detail"))
			assert.Equal(t, "779da454-3997-4224-8f29-42bb064c4707", r.str("sessionId"))
			assert.Equal(t, apiHost+id+tt.tail, r.str("instance"))
			assert.Equal(t, tt.problem, r.str("problems.0.name")+": "+r.str("problems.0.description"))
			assert.Equal(t, before, s.must("GET", id+"?$expand=transactions", "").text, "a refusal changes nothing")
			if strings.Contains(tt.body, "x1") {
				other := s.paidCard("other")
				s.must("POST", other+"/captures", moving(1, "x1")) // and uses up no reference
			}
		})
	}
}

func TestPayerMayNot(t *testing.T) {
	s := newSandbox(t)
	paid, aborted, ghost := s.paidCard("r1"), s.card("r2"), "7e6cdfc3-1276-44e9-9992-7cf4419750e1"
	abort(t, s, aborted)
	for id, want := range map[string]string{
		paid:    "Operation not allowed; Authorization: The payment is already paid.",
		aborted: "Operation not allowed; Authorization: The payment is aborted.",
		ghost:   "Not found", "": "Not found",
	} {
		require.EqualError(t, s.Pay(t.Context(), id), want)
		require.EqualError(t, s.Decline(t.Context(), id), want)
	}
}

func TestPayerAttemptsAreAnOption(t *testing.T) {
	s := newSandbox(t, server.WithPayerAttempts(1))
	id := s.card("r1")
	decline(t, s, id)
	assert.Equal(t, "Failed", s.must("GET", id, "").str("payment.state"))
	assert.Equal(t, "https://api.payex.com/psp/errordetail/creditcard/acquirererror", s.must("GET", id+"/failed", "").str("problem.type"))
}
