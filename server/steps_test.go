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
	assert.Equal(t, []string{
		"swedbankpay/creditcard authenticate", "swedbankpay/invoice getInvoiceCopy",
	}, s.Unbehaved())

	bodies := map[string]string{
		"abortPayment": aborting, "createSale": `{"transaction":{}}`, "createApprovedLegalAddress": addressee,
		"createDirectAuthorization": typedCard, "createDirectVerification": typedCard, "updateAuthorization": `{"transaction":{}}`,
		"createVerification": forAzra, "deleteToken": `{"state":"Deleted","comment":"gone"}`,
	}
	asked := 0
	for _, op := range own.Operations() {
		file, ours := strings.CutPrefix(op.Document, "swedbankpay/")
		if !ours || op.Callback {
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
			e := s.request(op.Method, path, body)
			if op.ID == "authenticate" {
				e.with("Authorization", "") // it is for the payer's browser
			}
			r := e.send()
			assert.Less(t, r.status, 500)
			assert.NotEqual(t, 400, r.status, r.text)
			unbehaved := r.at("type") == "https://api.payex.com/psp/errordetail/configurationerror"
			assert.Equal(t, contains(s.Unbehaved(), op.Name()), unbehaved, r.text)
			if unbehaved {
				assert.Equal(t, 403, r.status)
				assert.Equal(t, "Not in the sandbox yet", r.str("title"))
				assert.Equal(t, "The contract has "+op.Name()+", and the sandbox does not behave it yet.", r.str("detail"))
			}
		})
	}
	assert.Greater(t, asked, 150)
}

func contains(list []string, name string) bool {
	for _, v := range list {
		if v == name {
			return true
		}
	}
	return false
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
