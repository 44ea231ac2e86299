package server_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpand(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	s.must("POST", id+"/captures", moving(1001, "r2"))
	for expand, name := range map[string]string{
		"prices": "prices", "PAYEEINFO": "payeeInfo", "urls": "urls", "Metadata": "metadata",
		"transactions": "transactions", "authorizations": "authorizations", "captures": "captures", "paid": "paid",
		"nothing,%20prices,sales": "prices",
	} {
		whole := s.must("GET", id+"?$expand="+expand, "")
		part := s.must("GET", id+"/"+name, "")
		assert.Equal(t, part.at(name), whole.at("payment."+name), expand)
		assert.Greater(t, len(whole.at("payment."+name).(map[string]any)), 1, "more than a link")
	}
	plain := s.must("GET", id, "")
	assert.Equal(t, map[string]any{"id": id + "/prices"}, plain.at("payment.prices"))
	assert.Nil(t, plain.at("payment.paid"), "never a link")
	assert.Nil(t, plain.at("payment.sales"))

	all := s.must("GET", id+"?$expand=transactions,captures,authorizations", "")
	assert.Len(t, all.at("payment.transactions.transactionList"), 2)
	assert.Equal(t, all.at("payment.transactions.transactionList.1"), all.at("payment.captures.captureList.0.transaction"))

	created := s.must("POST", "/psp/creditcard/payments?$expand=metadata,paid", withRef(cardPurchase, "r3"))
	assert.Contains(t, created.text, `"key3":3.10`, "metadata comes back as it was sent")
	assert.Equal(t, "value1", created.str("payment.metadata.key1"))
	aborted := s.must("PATCH", created.str("payment.id")+"?$expand=prices", aborting)
	assert.Equal(t, "CreditCard", aborted.str("payment.prices.priceList.0.type"))
}

// TestSubResources reads what was said at creation, and lists that are still empty.
func TestSubResources(t *testing.T) {
	s := newSandbox(t)
	id := s.card("r1")
	tests := []struct{ tail, want string }{
		{"/prices", `{"payment":"ID","prices":{"id":"ID/prices","priceList":[{"amount":10000,"type":"CreditCard","vatAmount":2000}]}}`},
		{"/payeeinfo", `{"payment":"ID","payeeInfo":{"id":"ID/payeeinfo","payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b","payeeReference":"r1","payeeName":"Merchant1","orderReference":"or-1"}}`},
		{"/payers", `{"payment":"ID","payers":{"id":"ID/payers","payerReference":"AB1234"}}`},
		{"/urls", `{"payment":"ID","urls":{"id":"ID/urls","hostUrls":["https://example.com"],"completeUrl":"https://example.com/complete","cancelUrl":"https://example.com/cancel"}}`},
		{"/metadata", `{"payment":"ID","metadata":{"id":"ID/metadata","key1":"value1","key2":2,"key3":3.10,"key4":false}}`},
		{"/transactions", `{"payment":"ID","transactions":{"id":"ID/transactions","transactionList":[]}}`},
		{"/authorizations", `{"payment":"ID","authorizations":{"id":"ID/authorizations","authorizationList":[]}}`},
		{"/captures", `{"payment":"ID","captures":{"id":"ID/captures","captureList":[]}}`},
		{"/cancellations", `{"payment":"ID","cancellations":{"id":"ID/cancellations","cancellationList":[]}}`},
		{"/reversals", `{"payment":"ID","reversals":{"id":"ID/reversals","reversalList":[]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.tail, func(t *testing.T) {
			r := s.must("GET", id+tt.tail, "")
			assert.JSONEq(t, withID(tt.want, id), r.text)
		})
	}
	trustly := s.trustly("r2")
	assert.JSONEq(t, withID(`{"payment":"ID","sales":{"id":"ID/sales","saleList":[]}}`, trustly), s.must("GET", trustly+"/sales", "").text)
}

// TestTransactions follows one payment: the transactions it gets, each under its kind and in general form, and in time.
func TestTransactions(t *testing.T) {
	s := newSandbox(t)
	id := s.card("r1")
	s.clock.Add(int64(1500 * time.Millisecond))
	decline(t, s, id)
	s.clock.Add(int64(259255500 * time.Nanosecond))
	pay(t, s, id)
	s.clock.Add(int64(time.Second))
	captured := s.must("POST", id+"/captures", moving(1001, "r2"))
	reversed := s.must("POST", id+"/reversals", moving(1, "r3"))
	cancelled := s.must("POST", id+"/cancellations", cancelling("r4"))

	for kind, r := range map[string]reply{"capture": captured, "reversal": reversed, "cancellation": cancelled} {
		assert.Equal(t, 201, r.status)
		assert.Equal(t, id, r.str("payment"))
		assert.Equal(t, apiHost+r.str(kind+".id"), r.header.Get("Location"))
		assert.JSONEq(t, r.text, s.must("GET", r.str(kind+".id"), "").text)
		general := s.must("GET", r.str(kind+".transaction.id"), "")
		assert.Equal(t, r.at(kind+".transaction"), general.at("transaction"))
	}
	assert.Equal(t, "8999", cancelled.at("cancellation.transaction.amount").(interface{ String() string }).String(), "what was released")

	list := s.must("GET", id+"/transactions", "").at("transactions.transactionList").([]any)
	type row struct{ kind, state, reference, created string }
	var got []row
	last := ""
	for _, v := range list {
		tx := v.(map[string]any)
		got = append(got, row{tx["type"].(string), tx["state"].(string), tx["payeeReference"].(string), tx["created"].(string)})
		number := tx["number"].(interface{ String() string }).String()
		assert.Greater(t, number, last, "numbers grow")
		assert.Len(t, number, 11)
		assert.Equal(t, false, tx["isOperational"])
		assert.Equal(t, []any{}, tx["operations"])
		last = number
	}
	assert.Equal(t, []row{
		{"Authorization", "Failed", "r1", "2025-10-04T09:30:01.5Z"},
		{"Authorization", "Completed", "r1", "2025-10-04T09:30:01.7592555Z"},
		{"Capture", "Completed", "r2", "2025-10-04T09:30:02.7592555Z"},
		{"Reversal", "Completed", "r3", "2025-10-04T09:30:02.7592555Z"},
		{"Cancellation", "Completed", "r4", "2025-10-04T09:30:02.7592555Z"},
	}, got)

	p := s.must("GET", id, "")
	assert.Equal(t, "2025-10-04T09:30:00Z", p.str("payment.created"))
	assert.Equal(t, "2025-10-04T09:30:02.7592555Z", p.str("payment.updated"))
	assert.Equal(t, "merchant/1.0", p.str("payment.initiatingSystemUserAgent"))

	failed := s.must("GET", id+"/authorizations", "").at("authorizations.authorizationList.0.transaction").(map[string]any)
	assert.Equal(t, "REJECTED_BY_ACQUIRER", failed["failedErrorCode"])
	assert.Equal(t, "unknown error, response-code: 51", failed["failedErrorDescription"])
	problem := failed["problem"].(map[string]any)
	assert.Equal(t, "Unable to complete Authorization transaction, look at problem node!", problem["detail"])
	assert.NotContains(t, problem, "instance")
}

func TestCards(t *testing.T) {
	tests := []struct{ types, amounts, brand, pan, amount string }{
		{`"CreditCard"`, "10000", "Visa", "492500******0004", "10000"},
		{`"Lindex"`, "10000", "Visa", "492500******0004", "10000"},
		{`"Ica","MASTERCARD"`, "10000", "MasterCard", "522660******5650", "10001"},
		{`"Amex","Visa"`, "10000", "Amex", "377601*****0000", "10000"},
	}
	for _, tt := range tests {
		t.Run(tt.types, func(t *testing.T) {
			s := newSandbox(t)
			id := s.must("POST", "/psp/creditcard/payments", priced(tt.types)).str("payment.id")
			pay(t, s, id)
			a := s.must("GET", id+"/authorizations", "")
			assert.Equal(t, tt.brand, a.str("authorizations.authorizationList.0.cardBrand"))
			assert.Equal(t, tt.pan, a.str("authorizations.authorizationList.0.maskedPan"))
			assert.Equal(t, tt.amount, s.must("GET", id, "").at("payment.amount").(interface{ String() string }).String())
		})
	}
}

func TestTokensAreMadeWhenAskedFor(t *testing.T) {
	s := newSandbox(t)
	id := s.must("POST", "/psp/creditcard/payments", asking(`"generatePaymentToken":true,"generateRecurrenceToken":true`)).str("payment.id")
	pay(t, s, id)
	a := s.must("GET", id+"/authorizations", "")
	paid := s.must("GET", id+"/paid", "")
	require.Len(t, paid.at("paid.tokens"), 2)
	assert.Equal(t, a.str("authorizations.authorizationList.0.paymentToken"), paid.str("paid.tokens.0.token"))
	assert.Equal(t, a.str("authorizations.authorizationList.0.recurrenceToken"), paid.str("paid.tokens.1.token"))
	assert.Equal(t, "492500******0004", paid.str("paid.tokens.0.name"))
	assert.Equal(t, "or-1", paid.str("paid.orderReference"))
	assert.Equal(t, "Visa", paid.str("paid.details.cardBrand"))
}

func TestTrustly(t *testing.T) {
	s := newSandbox(t)
	id := s.trustly("r1")
	sale := s.must("POST", id+"/sales", `{"transaction":{"firstName":"Olivia","lastName":"Nyhuus"}}`)
	assert.Equal(t, 201, sale.status)
	assert.Equal(t, apiHost+sale.str("sale.id"), sale.header.Get("Location"))
	assert.Equal(t, "AwaitingActivity", sale.str("sale.transaction.state"))
	assert.Equal(t, true, sale.at("sale.transaction.isOperational"))
	assert.Nil(t, sale.at("sale.transaction.reconciliationNumber"))
	assert.Equal(t, "redirect-trustly", sale.str("sale.transaction.operations.0.rel"))
	assert.Equal(t, "text/html", sale.str("sale.transaction.operations.0.contentType"))
	assert.Regexp(t, "^"+apiHost+`/_/orderclient\.php\?SessionID=[0-9a-f]{64}&OrderID=[0-9a-f-]{36}&Locale=sv_SE$`, sale.str("sale.transaction.operations.0.href"))

	require.NoError(t, s.Pay(t.Context(), sale.str("sale.transaction.operations.0.href")))
	done := s.must("GET", sale.str("sale.id"), "")
	assert.Equal(t, "Completed", done.str("sale.transaction.state"))
	assert.Equal(t, "739527", done.at("sale.transaction.reconciliationNumber").(interface{ String() string }).String(), "days since year one")
	assert.Len(t, s.must("GET", id+"/sales", "").at("sales.saleList"), 1, "the pending sale became the paid one")

	declined := s.trustly("r2")
	decline(t, s, declined)
	assert.Equal(t, "UserCancelled", s.must("GET", declined+"/sales", "").str("sales.saleList.0.transaction.failedReason"))
}

// TestAbortEndsThePendingSale: no transaction of an aborted payment awaits anybody.
func TestAbortEndsThePendingSale(t *testing.T) {
	s := newSandbox(t)
	id := s.trustly("r1")
	sell(t, s, id)
	abort(t, s, id)
	sale := s.must("GET", id+"/sales", "")
	assert.Equal(t, "Failed", sale.str("sales.saleList.0.transaction.state"))
	assert.Equal(t, "Aborted", sale.str("sales.saleList.0.transaction.failedReason"))
	require.EqualError(t, s.Pay(t.Context(), id), "Operation not allowed; Sale: The payment is aborted.")
	assert.Equal(t, "CancelledByConsumer", s.must("GET", id+"/aborted", "").str("aborted.abortReason"))
}

// TestPayerKeys: whatever names a payment names it to the payer.
func TestPayerKeys(t *testing.T) {
	s := newSandbox(t)
	for i, key := range []func(reply) string{
		func(r reply) string { return r.str("payment.id") },
		func(r reply) string { return lastSegment(r.str("payment.id")) },
		func(r reply) string { return r.header.Get("Location") },
		func(r reply) string { return r.href("redirect-authorization") },
		func(r reply) string { return r.href("view-authorization") },
	} {
		r := s.must("POST", "/psp/creditcard/payments", withRef(cardPurchase, s.nextRef()))
		require.NoError(t, s.Pay(t.Context(), key(r)), i)
		assert.Equal(t, "10000 10000 10000 -", s.must("GET", r.str("payment.id"), "").amounts())
	}
}
