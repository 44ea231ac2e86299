package server_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names are the members of one object in the answer, in order, such as of the sale in {payment, sale}.
func (r reply) names(object string) string {
	r.t.Helper()
	return strings.Join(r.members(object), " ")
}

// TestSwish follows a sale in a browser, and then the money back: what is under way is complete when it is read.
func TestSwish(t *testing.T) {
	s := newSandbox(t)
	id := s.create("swish", "r1")
	sale := s.must("POST", id+"/sales", `{"transaction":{"msisdn":"+46765432198"}}`)
	assert.Equal(t, "date swishFlowType isPaymentRestrictedToSocialSecurityNumber id transaction", sale.names("sale"))
	assert.Equal(t, "10/4/2025 9:30:00 AM +00:00", sale.str("sale.date"))
	assert.Equal(t, "EcomSwishFlow", sale.str("sale.swishFlowType"))
	assert.Equal(t, lastSegment(sale.str("sale.id")), sale.str("sale.transaction.id"), "bare")
	assert.Equal(t, "AwaitingActivity", sale.str("sale.transaction.state"))
	assert.Equal(t, []any{}, sale.at("sale.transaction.operations"))
	assert.Equal(t, sale.at("sale.transaction"), s.must("GET", id+"/transactions/"+sale.str("sale.transaction.id"), "").at("transaction"))
	refused := s.do("PATCH", id, aborting)
	assert.Equal(t, "The Sale awaits the payer, so the payment can no longer be aborted.", refused.str("problems.0.description"))

	pay(t, s, id)
	paid := s.must("GET", sale.str("sale.id"), "")
	assert.Equal(t, "date payerAlias swishPaymentReference swishStatus swishFlowType isPaymentRestrictedToSocialSecurityNumber id transaction", paid.names("sale"))
	assert.Equal(t, "46765432198 PAID", paid.str("sale.payerAlias")+" "+paid.str("sale.swishStatus"))
	assert.Regexp(t, "^[0-9A-F]{32}$", paid.str("sale.swishPaymentReference"))
	assert.NotNil(t, paid.at("sale.transaction.reconciliationNumber"))

	back := s.must("POST", id+"/reversals", moving(4000, "r2"))
	assert.Equal(t, "description date id transaction", back.names("reversal"))
	assert.Equal(t, "AwaitingActivity", back.str("reversal.transaction.state"))
	assert.Equal(t, true, back.at("reversal.transaction.isOperational"))
	assert.Nil(t, back.at("reversal.transaction.reconciliationNumber"))
	assert.Equal(t, "10000 - - 6000", s.must("GET", id, "").amounts(), "what is under way is reserved")
	s.clock.Add(int64(8*time.Second - 1))
	assert.Equal(t, "AwaitingActivity", s.must("GET", back.str("reversal.id"), "").str("reversal.transaction.state"))
	s.clock.Add(1)
	read := s.must("GET", back.str("reversal.id"), "")
	assert.Equal(t, "id transaction", read.names("reversal"))
	assert.Equal(t, "Completed", read.str("reversal.transaction.state"))
	assert.NotNil(t, read.at("reversal.transaction.reconciliationNumber"))
	assert.Equal(t, "10000 - - 6000", s.must("GET", id, "").amounts())
}

// TestSwishReversalUnderWay: what is under way is reserved, so nothing is given back twice; and the payer's door may
// decide otherwise before it is complete.
func TestSwishReversalUnderWay(t *testing.T) {
	s := newSandbox(t)
	id := s.create("swish", "r1")
	pay(t, s, id)
	s.must("POST", id+"/reversals", moving(6000, "r2"))
	assert.Equal(t, 403, s.do("POST", id+"/reversals", moving(6000, "r3")).status)
	back := s.must("POST", id+"/reversals", moving(3000, "r4"))
	assert.Equal(t, "10000 - - 1000", s.must("GET", id, "").amounts())
	decline(t, s, id)
	read := s.must("GET", back.str("reversal.id"), "")
	assert.Equal(t, "Failed", read.str("reversal.transaction.state"))
	assert.Equal(t, "https://api.payex.com/psp/errordetail/swishdeclined", read.str("reversal.transaction.problem.type"))
	assert.Equal(t, "Ready", s.must("GET", id, "").str("payment.state"), "the payer has not failed")
	assert.Equal(t, "10000 - - 4000", s.must("GET", id, "").amounts())
	s.must("POST", id+"/reversals", moving(4000, "r5"))
	pay(t, s, id)
	pay(t, s, id)
	assert.Equal(t, "10000 - - -", s.must("GET", id, "").amounts())
	require.Error(t, s.Pay(t.Context(), id), "nothing is under way any more")
}

// TestSwishInTheApp: a sale without a number goes on in the payer's own phone.
func TestSwishInTheApp(t *testing.T) {
	s := newSandbox(t)
	id := s.create("swish", "r1")
	sale := s.must("POST", id+"/sales", `{"transaction":{}}`)
	assert.Equal(t, "date paymentRequestToken swishFlowType isPaymentRestrictedToSocialSecurityNumber id transaction", sale.names("sale"))
	assert.Equal(t, "McomSwishFlow", sale.str("sale.swishFlowType"))
	href := "swish://paymentrequest?token=" + sale.str("sale.paymentRequestToken") + "&callbackurl=https%3A%2F%2Fexample.com%2Fcomplete"
	assert.Equal(t, map[string]any{"method": "GET", "href": href, "rel": "redirect-app-swish"}, sale.at("sale.transaction.operations.0"))
	pay(t, s, id)
	paid := s.must("GET", sale.str("sale.id"), "")
	assert.Equal(t, "46739000001", paid.str("sale.payerAlias"))
	assert.Equal(t, []any{}, paid.at("sale.transaction.operations"))

	id = s.create("swish", "r2")
	decline(t, s, id)
	assert.Equal(t, "https://api.payex.com/psp/errordetail/usercancelled", s.must("GET", id+"/sales", "").str("sales.saleList.0.transaction.problem.type"))
}

func TestVipps(t *testing.T) {
	s := newSandbox(t)
	created := s.must("POST", "/psp/vipps/payments", withRef(vippsPurchase, "r1"))
	id := created.str("payment.id")
	assert.Regexp(t, "^"+apiHost+"/vipps/payments/authorize/[0-9a-f]{64}\\?Culture=sv-SE$", created.href("redirect-authorization"))
	pending := s.must("POST", id+"/authorizations", `{"transaction":{"msisdn":"+4745612345"}}`)
	assert.Equal(t, 201, pending.status)
	assert.Equal(t, "AwaitingActivity", pending.str("authorization.transaction.state"))
	assert.Equal(t, "Another authorization already awaits the payer.", s.do("POST", id+"/authorizations", `{"transaction":{"msisdn":"+4745612345"}}`).str("problems.0.description"))
	require.NoError(t, s.Pay(t.Context(), pending.str("authorization.vippsRedirectUrl")))
	done := s.must("GET", pending.str("authorization.id"), "")
	assert.Equal(t, "merchantOrderId pspTransactionId vippsRedirectUrl msisdn isApp id transaction", done.names("authorization"))
	assert.Equal(t, "Completed +4745612345", done.str("authorization.transaction.state")+" "+done.str("authorization.msisdn"))
	assert.Equal(t, done.at("authorization.transaction.number").(interface{ String() string }).String(), done.str("authorization.merchantOrderId"))
	assert.Nil(t, done.at("authorization.transaction.reconciliationNumber"))
}

func TestMobilePay(t *testing.T) {
	s := newSandbox(t)
	id := s.create("mobilepay", "r1")
	assert.Equal(t, []any{}, s.must("GET", id+"?$expand=transactions", "").at("payment.transactions.transactionList"))
	pay(t, s, id)
	a := s.must("GET", s.must("GET", id+"/authorizations", "").str("authorizations.authorizationList.0.id"), "")
	assert.Equal(t, "maskedPan expiryDate panToken cardBrand cardType countryCode paymentToken issuerAuthorizationApprovalCode "+
		"acquirerTransactionType acquirerStan acquirerTerminalId acquirerTransactionTime id transaction", a.names("authorization"))
	assert.Equal(t, "492500******0004 MOBILEPAY", a.str("authorization.maskedPan")+" "+a.str("authorization.acquirerTransactionType"))
	assert.Equal(t, "prices id", strings.Join(s.must("GET", id+"?$expand=prices", "").members("payment")[:2], " "))
	assert.Equal(t, 404, s.do("GET", id+"/metadata", "").status, "there is none")
}

// TestInvoice follows an invoice: who the payer is, the authorization, and the bill.
func TestInvoice(t *testing.T) {
	s := newSandbox(t)
	id := s.create("invoice", "r1")
	assert.Equal(t, 404, s.do("GET", id+"/approvedlegaladdress", "").status)
	unknown := s.do("POST", id+"/approvedlegaladdress", `{"addressee":{"socialSecurityNumber":"196003071161","zipCode":"11111"}}`)
	assert.Equal(t, 404, unknown.status)
	assert.Equal(t, "https://api.payex.com/psp/errordetail/notfound", unknown.str("type"))
	found := s.must("POST", id+"/approvedlegaladdress", addressee)
	assert.Equal(t, 201, found.status)
	assert.Equal(t, apiHost+found.str("approvedLegalAddress.id"), found.header.Get("Location"))
	assert.Equal(t, "id addressee streetAddress zipCode city countryCode", found.names("approvedLegalAddress"))
	assert.JSONEq(t, found.text, s.must("GET", found.str("approvedLegalAddress.id"), "").text)
	masked := s.must("GET", id+"/maskedapprovedlegaladdress", "")
	assert.Equal(t, "A*** O*******, H************ 9, SE", masked.str("maskedApprovedLegalAddress.addressee")+", "+
		masked.str("maskedApprovedLegalAddress.streetAddress")+", "+masked.str("maskedApprovedLegalAddress.countryCode"))
	assert.Equal(t, map[string]any{"id": id + "/legaladdress"}, s.must("GET", id+"/legaladdress", "").at("legalAddress"), "nothing said yet")

	a := s.must("POST", id+"/authorizations", forAzra)
	assert.Equal(t, "shippingAddress legalAddress id transaction", a.names("authorization"))
	assert.Equal(t, apiHost+a.str("authorization.id"), a.header.Get("Location"))
	assert.Equal(t, "Completed", a.str("authorization.transaction.state"))
	assert.Nil(t, a.at("authorization.transaction.reconciliationNumber"))
	assert.Equal(t, "Bro", s.must("GET", id+"/shippingaddress", "").str("shippingAddress.city"))
	assert.Equal(t, "196003071161", s.must("GET", id+"/consumer", "").str("consumer.socialSecurityNumber"))
	assert.Equal(t, map[string]any{"id": id + "/billingaddress"}, s.must("GET", id+"/billingaddress", "").at("billingAddress"))
	again := s.do("POST", id+"/authorizations", forAzra)
	assert.Equal(t, "Authorization: The payment is already paid.", again.str("problems.0.name")+": "+again.str("problems.0.description"))
	assert.Equal(t, 403, s.do("POST", id+"/approvedlegaladdress", addressee).status)
	assert.Equal(t, 403, s.do("POST", id+"/verifications", forAzra).status, "it is no Verify")

	bill := s.must("POST", id+"/captures", `{"transaction":{"activity":"FinancingConsumer","amount":1001,"vatAmount":375,"description":"Socks","payeeReference":"r2",
"receiptReference":"bill-7","itemDescriptions":[{"amount":1001,"description":"Sock"}],"vatSummary":[{"amount":1001,"vatPercent":0,"vatAmount":375}]}}`)
	assert.Equal(t, "itemDescriptions id transaction", bill.names("capture"))
	assert.Equal(t, "bill-7", bill.str("capture.transaction.receiptReference"))
	assert.NotNil(t, bill.at("capture.transaction.reconciliationNumber"))
	lines := s.must("GET", bill.str("capture.itemDescriptions.id"), "")
	assert.Contains(t, lines.text, `"itemDescriptionList":[{"amount":1001,"description":"Sock"}]`)
}

// TestInvoicePayers: where nobody says who pays, a published person of the currency's country does, at the address that
// was looked up if one was.
func TestInvoicePayers(t *testing.T) {
	for currency, want := range map[string]string{"SEK": "Azra Oliveira", "NOK": "Olivia Nyhuus", "EUR": "Järvilehto Kimmo", "DKK": "Azra Oliveira"} {
		s := newSandbox(t)
		id := s.must("POST", "/psp/invoice/payments", strings.Replace(invoicePurchase, "SEK", currency, 1)).str("payment.id")
		pay(t, s, id)
		assert.Equal(t, want, s.must("GET", id+"/legaladdress", "").str("legalAddress.addressee"))
	}
	for id, person := range map[string]string{"971020-2392": "Leia Ahlström 17674", "194810205957": "Leo 6 55560", "26026708248": "Olivia Nyhuus 1642", "100584-451p": "Järvilehto Kimmo 90500"} {
		s := newSandbox(t)
		payment := s.create("invoice", "r1")
		zip := person[strings.LastIndexByte(person, ' ')+1:]
		found := s.must("POST", payment+"/approvedlegaladdress", `{"addressee":{"socialSecurityNumber":"`+id+`","zipCode":"`+zip+`"}}`)
		assert.Equal(t, person, found.str("approvedLegalAddress.addressee")+" "+zip)
		pay(t, s, payment)
		assert.Equal(t, found.at("approvedLegalAddress.addressee"), s.must("GET", payment+"/legaladdress", "").at("legalAddress.addressee"))
	}
}

// TestStoredTokens: what a payer's card may be charged for again, and for how long.
func TestStoredTokens(t *testing.T) {
	for _, tt := range []struct{ instrument, charge, refusal string }{
		{"creditcard", cardRecur, "RecurrenceToken"}, {"creditcard", cardUnscheduled, "PaymentToken"}, {"creditcard", cardPayout, "PaymentToken"},
		{"invoice", invoiceRecur, "RecurrenceToken"},
		{"creditcard", asking(`"paymentToken":"TOKEN"`), "PaymentToken"},
	} {
		s := newSandbox(t)
		token := s.stored(tt.instrument)
		collection := "/psp/" + tt.instrument + "/payments"
		body := strings.Replace(tt.charge, "TOKEN", token, 1)
		assert.Equal(t, 201, s.do("POST", collection, withRef(body, "r1")).status)
		refused := func(body string) {
			t.Helper()
			r := s.do("POST", collection, withRef(body, "r2"))
			require.Equal(t, 400, r.status, r.text)
			assert.Equal(t, "https://api.payex.com/psp/errordetail/inputerror", r.str("type"))
			assert.Equal(t, tt.refusal+": The given "+tt.refusal+" does not exist.", r.str("problems.0.name")+": "+r.str("problems.0.description"))
		}
		refused(strings.Replace(tt.charge, "TOKEN", "7e6cdfc3-1276-44e9-9992-7cf4419750e1", 1))
		refused(strings.Replace(body, "5cabf558-5283-482f-b252-4d58e06f6f3b", "5cabf558-5283-482f-b252-4d58e06f6f3c", 1))

		gone := s.must("PATCH", collection+"/instrumentData/"+strings.ToUpper(token), `{"state":"Deleted","comment":"gone","tokenType":"recurrenceToken"}`)
		assert.Equal(t, collection+"/instrumentdata/"+token, gone.str("instrumentData.id"))
		assert.Equal(t, true, gone.at("instrumentData.isDeleted"))
		if tt.instrument == "creditcard" {
			assert.Equal(t, "492500******0004 Recurrence", gone.str("instrumentData.maskedPan")+" "+gone.str("instrumentData.tokenType"))
		}
		refused(body)
		other := map[string]string{"creditcard": "invoice", "invoice": "creditcard"}[tt.instrument]
		assert.Equal(t, 404, s.do("PATCH", "/psp/"+other+"/payments/instrumentdata/"+token, `{"state":"Deleted","comment":"gone"}`).status)
	}
}

// TestChargesTellNobody: of a charge of a stored card there is no callback; of the merchant's moves after it there are.
func TestChargesTellNobody(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	id := s.charge("creditcard", calling(strings.Replace(cardRecur, `"Authorization"`, `"AutoCapture"`, 1), m.URL))
	require.Empty(t, s.deliveries())
	s.must("POST", id+"/reversals", moving(1, "r9"))
	require.Len(t, s.deliveries(), 1)
}

// TestPayoutGivesNothingBack: money that went out is not the merchant's to move.
func TestPayoutGivesNothingBack(t *testing.T) {
	s := newSandbox(t)
	id := s.charge("creditcard", cardPayout)
	r := s.do("POST", id+"/reversals", moving(1, "r9"))
	assert.Equal(t, "A payout is neither captured nor cancelled nor reversed.", r.str("problems.0.description"))
	assert.Equal(t, 200, s.do("GET", id+"/paid", "").status)
}

const typedCard = `{"transaction":{"cardNumber":"4925 0000 0000 0004","cardExpiryMonth":"1","cardExpiryYear":32,"cardVerificationCode":"123","cardholderName":"Azra Oliveira"}}`

// TestTypedCards: a card number that the merchant sends is used and nowhere repeated.
func TestTypedCards(t *testing.T) {
	s := newSandbox(t)
	confined := func(id string) string { return strings.Replace(id, "/creditcard/", "/creditcard/confined/", 1) }
	id := s.card("r1")
	a := s.must("POST", confined(id)+"/authorizations", typedCard)
	assert.Equal(t, http.StatusOK, a.status)
	assert.Equal(t, true, a.at("authorization.direct"))
	assert.Equal(t, "492500******0004 01/2032", a.str("authorization.maskedPan")+" "+a.str("authorization.expiryDate"))
	assert.Equal(t, "eb488c77-8118-4c9f-b3b3-ff134936df64", a.str("authorization.panToken"))
	assert.Equal(t, "direct cardBrand cardType maskedPan expiryDate panToken panEnrolled issuerAuthorizationApprovalCode acquirerTransactionType "+
		"acquirerStan acquirerTerminalId acquirerTransactionTime nonPaymentToken id transaction", a.names("authorization"), "as the live environment answers")
	assert.NotContains(t, a.text, "00000000000")
	assert.Equal(t, "update-authorization-overchargedamount", a.str("authorization.transaction.operations.0.rel"))
	assert.JSONEq(t, a.text, s.must("PATCH", a.str("authorization.transaction.operations.0.href"), `{"transaction":{}}`).text)
	assert.Equal(t, 403, s.do("PATCH", a.str("authorization.id"), `{"transaction":{"activity":"Finalize"}}`).status) //nolint:misspell // a word of the wire
	assert.JSONEq(t, a.text, s.must("GET", a.str("authorization.id"), "").text)
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())
	assert.Equal(t, 403, s.do("POST", id+"/authorizations", typedCard).status, "already paid")
	s.must("POST", id+"/captures", moving(10000, "r1c"))
	assert.Empty(t, s.must("GET", a.str("authorization.id"), "").at("authorization.transaction.operations"), "nothing is left to capture")

	declined := s.must("POST", "/psp/creditcard/payments", withRef(strings.Replace(cardPurchase, "10000", "900351", 1), "r1d")).str("payment.id")
	f := s.must("POST", confined(declined)+"/authorizations", typedCard)
	assert.Equal(t, "Failed", f.str("authorization.transaction.state"))
	assert.Empty(t, f.at("authorization.transaction.operations"), "it has failed")

	verify := s.must("POST", "/psp/creditcard/payments", withRef(cardVerify, "r2")).str("payment.id")
	assert.Equal(t, 403, s.do("POST", verify+"/authorizations", typedCard).status, "it is a Verify")
	v := s.must("POST", confined(verify)+"/verifications", strings.Replace(typedCard, "4925 0000 0000 0004", "5226612199533406", 1))
	assert.Equal(t, "MasterCard 522661******3406", v.str("verification.cardBrand")+" "+v.str("verification.maskedPan"))
	assert.Equal(t, true, v.at("verification.panEnrolled"))
	assert.Equal(t, "AwaitingActivity", v.str("verification.transaction.state"), "the payer has to authenticate")
	assert.Equal(t, "redirect-authentication", v.str("verification.transaction.operations.0.rel"))
	require.NoError(t, s.Pay(t.Context(), v.str("verification.id")))
	v = s.must("GET", v.str("verification.id"), "")
	assert.Equal(t, "Completed 3DSECURE Y", v.str("verification.transaction.state")+" "+v.str("verification.acquirerTransactionType")+" "+v.str("verification.authenticationStatus"))
	stored := v.str("verification.paymentToken")
	oneClick := s.must("POST", "/psp/creditcard/payments", withRef(asking(`"paymentToken":"`+stored+`"`), "r3")).str("payment.id")
	pay(t, s, oneClick)
	again := s.must("GET", oneClick+"/authorizations", "")
	assert.Equal(t, "522661******3406", again.str("authorizations.authorizationList.0.maskedPan"))
	assert.Nil(t, again.at("authorizations.authorizationList.0.direct"), "the payer did it")

	branded := s.must("POST", "/psp/creditcard/payments", withRef(priced(`"Visa","Amex"`), "r4")).str("payment.id")
	refused := s.do("POST", branded+"/authorizations", strings.Replace(typedCard, "4925", "5226", 1))
	assert.Equal(t, "https://api.payex.com/psp/errordetail/creditcard/cardbranddisabled", refused.str("type"))
	s.must("POST", branded+"/authorizations", strings.Replace(typedCard, "4925 0000 0000 0004", "377601000000000", 1))
	assert.Equal(t, "10001 10001 10001 -", s.must("GET", branded, "").amounts())

	fresh := s.card("r5")
	for broken, name := range map[string]string{
		strings.Replace(typedCard, "4925 0000 0000 0004", "4925x", 1):                   "Transaction.CardNumber",
		strings.Replace(typedCard, `"cardExpiryMonth":"1"`, `"cardExpiryMonth":13`, 1):  "Transaction.CardExpiryMonth",
		strings.Replace(typedCard, `"cardExpiryYear":32`, `"cardExpiryYear":"soon"`, 1): "Transaction.CardExpiryYear",
	} {
		r := s.do("POST", fresh+"/authorizations", broken)
		assert.Equal(t, 400, r.status)
		assert.Equal(t, name, r.str("problems.0.name"))
		assert.NotContains(t, r.text, "4925x")
	}
}

// TestVATRateAsText takes a capture as older clients send it: the contract allows their rates, so the sandbox reads them.
func TestVATRateAsText(t *testing.T) {
	s := newSandbox(t)
	id := s.create("invoice", "r1")
	require.NoError(t, s.Pay(t.Context(), id))
	r := s.do("POST", id+"/captures", `{"transaction":{"activity":"FinancingConsumer","amount":100,"vatAmount":20,"description":"Socks",
"payeeReference":"r2","itemDescriptions":[{"amount":100,"description":"Sock"}],"vatSummary":[{"amount":100,"vatPercent":"25.00","vatAmount":20}]}}`)
	assert.Equal(t, http.StatusCreated, r.status, r.text)
}

// TestInvoiceCopy is a PDF of one page.
func TestInvoiceCopy(t *testing.T) {
	s := newSandbox(t)
	id := s.create("invoice", "r1")
	pay(t, s, id)
	capture := s.must("POST", id+"/captures", strings.Replace(moving(1050, "r2"), `"description"`, `"itemDescriptions":[{"amount":1050,"description":"Söckar (två)"}],"description"`, 1))
	req, err := http.NewRequest("GET", apiHost+capture.str("capture.id")+"/invoicecopy", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer test")
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	document, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "application/pdf", resp.Header.Get("Content-Type"))
	assert.True(t, strings.HasPrefix(string(document), "%PDF-1.4\n") && strings.HasSuffix(string(document), "%%EOF\n"))
	assert.Contains(t, string(document), "S\xf6ckar \\(tv\xe5\\)    10.50")
	assert.Contains(t, string(document), "Total    10.50 SEK")
	start, err := strconv.Atoi(strings.Fields(string(document[strings.LastIndex(string(document), "startxref"):]))[1])
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(document[start:]), "xref\n"))
	assert.Equal(t, 404, s.do("GET", strings.Replace(capture.str("capture.id"), "captures", "captures/x", 1)+"/invoicecopy", "").status)
}
