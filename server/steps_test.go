package server_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/internal/contract"
)

// TestEveryOperationAnswers asks every operation of every instrument for what it does. Those that are not behaved say so,
// and they are the ones that Unbehaved lists.
func TestEveryOperationAnswers(t *testing.T) {
	own, err := contract.Own()
	require.NoError(t, err)
	s := newSandbox(t)
	assert.Empty(t, s.Unbehaved())

	bodies := map[string]string{
		"abortPayment": aborting, "createSale": `{"transaction":{}}`, "createApprovedLegalAddress": addressee,
		"createDirectAuthorization": typedCard, "createDirectVerification": typedCard, "updateAuthorization": `{"transaction":{}}`,
		"createVerification": forAzra, "deleteToken": `{"state":"Deleted","comment":"gone"}`,
	}
	asked := 0
	for _, op := range own.Operations() {
		file, ours := strings.CutPrefix(op.Document, "swedbankpay/")
		if !ours || op.Callback || op.ID == "authenticate" || op.ID == "getInvoiceCopy" { // no JSON: TestOutsiders, TestInvoiceCopy
			continue
		}
		asked++
		t.Run(op.Name(), func(t *testing.T) {
			s := newSandbox(t)
			instrument := strings.TrimSuffix(file, ".yaml")
			id := s.create(instrument, "r1")
			if !strings.HasPrefix(op.ID, "abort") && !strings.HasPrefix(op.ID, "createA") && op.ID != "createSale" && !strings.HasPrefix(op.ID, "createDirect") {
				pay(t, s, id)
			}
			first := s.must("GET", id+"/transactions", "").at("transactions.transactionList.0.id")
			tx := "7e6cdfc3-1276-44e9-9992-7cf4419750e1"
			if first, ok := first.(string); ok {
				tx = lastSegment(first)
			}
			body := bodies[op.ID]
			switch op.ID {
			case "createPayment":
				body = withRef(purchases[instrument], "r2")
			case "createCapture", "createReversal":
				body = moving(1, "r2")
			case "createCancellation":
				body = cancelling("r2")
			case "createAuthorization":
				body = map[string]string{"creditcard": typedCard, "invoice": forAzra, "vipps": `{"transaction":{"msisdn":"+4798765432"}}`}[instrument]
			}
			path := strings.NewReplacer("{paymentId}", lastSegment(id), "{transactionId}", tx, "{token}", tx).Replace(op.Path)
			r := s.do(op.Method, path, body)
			assert.Less(t, r.status, 500)
			assert.NotEqual(t, 400, r.status, r.text)
			assert.NotEqual(t, "https://api.payex.com/psp/errordetail/configurationerror", r.at("type"), r.text)
		})
	}
	assert.Greater(t, asked, 150)
}

// TestLetterCase: clients of the vendor's own spell members, operations and intents as they like; the answer has the
// spelling of the wire.
func TestLetterCase(t *testing.T) {
	s := newSandbox(t)
	body := strings.NewReplacer(
		`"payment"`, `"Payment"`, `"operation":"Purchase"`, `"Operation":"purchase"`, `"intent":"Authorization"`, `"INTENT":"autoCAPTURE"`,
		`"payeeInfo"`, `"PayeeInfo"`, `"payeeReference"`, `"payeereference"`, `"CreditCard"`, `"creditcard"`,
	).Replace(cardPurchase)
	r := s.must("POST", "/psp/creditcard/payments", body)
	assert.Equal(t, "Purchase AutoCapture", r.str("payment.operation")+" "+r.str("payment.intent"))
	pay(t, s, r.str("payment.id"))
	assert.Equal(t, "10000 - - 10000", s.must("GET", r.str("payment.id"), "").amounts())

	id := s.card("r2")
	s.must("PATCH", id, `{"payment":{"operation":"abort","abortReason":"CancelledByConsumer"}}`)

	charge := strings.Replace(strings.Replace(cardUnscheduled, "UnscheduledPurchase", "unscheduledPurchase", 1), "TOKEN", s.stored("creditcard"), 1)
	assert.Equal(t, "UnscheduledPurchase", s.must("POST", "/psp/creditcard/payments", withRef(charge, "r3")).str("payment.operation"))
}

// TestOptionsInsideThePayment: one SDK puts what stands beside the payment inside it.
func TestOptionsInsideThePayment(t *testing.T) {
	for instrument, option := range map[string]string{
		"creditcard": `"creditCard":{"no3dSecure":true}`, "swish": `"swish":{"paymentRestrictedToSocialSecurityNumber":"199710202392"}`,
		"invoice": `"invoice":{"invoiceType":"PayExFinancingSe"}`, "mobilepay": `"mobilePay":{"shoplogoUrl":"https://example.com/logo.png"}`,
	} {
		s := newSandbox(t)
		body := strings.Replace(withRef(purchases[instrument], "r1"), `"payment":{`, `"payment":{`+option+`,`, 1)
		beside, found := strings.CutSuffix(body, `,"invoice":{"invoiceType":"PayExFinancingSe"}}`)
		if found {
			body = beside + "}"
		}
		id := s.must("POST", "/psp/"+instrument+"/payments", body).str("payment.id")
		if instrument == "swish" {
			sale := s.must("POST", id+"/sales", `{"transaction":{}}`)
			assert.Equal(t, true, sale.at("sale.isPaymentRestrictedToSocialSecurityNumber"))
		}
	}
}
