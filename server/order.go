package server

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/gen/swedbankpay/swish"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// An order is what the merchant asked for when the payment was created.
type order struct {
	operation, intent, currency, description string
	userAgent, systemAgent, language         string
	payerReference                           string
	prices                                   []psp.PriceRequest
	urls                                     psp.UrlsRequest
	payee                                    psp.PayeeInfoRequest
	metadata                                 map[string]json.RawMessage
	wants                                    []string // kinds of token to make when the payer is done
	stored                                   string   // a token made earlier, that pays
	msisdn                                   string   // of the payer, as far as the merchant knows
	restricted                               bool     // Swish: to one national id
	card                                     *card    // behind the stored token, if a card is
}

// The kinds of payment and what is intended with them, in the spelling of the wire. Callers may use any letter case.
const (
	operationPurchase    = "Purchase"
	operationVerify      = "Verify"
	operationRecur       = "Recur"
	operationUnscheduled = "UnscheduledPurchase"
	operationPayout      = "Payout"
	operationFinancing   = "FinancingConsumer"

	intentAuthorization    = "Authorization"
	intentAutoCapture      = "AutoCapture"
	intentPreAuthorization = "PreAuthorization"
	intentSale             = "Sale"
)

// An orderRequest is the body that creates a payment, of any instrument and kind: the contract has seen that each has
// what it needs and nothing that the wire does not know.
type orderRequest struct {
	Payment struct {
		Operation                      string                     `json:"operation"`
		Intent                         string                     `json:"intent"`
		Currency                       string                     `json:"currency"`
		Description                    string                     `json:"description"`
		UserAgent                      string                     `json:"userAgent"`
		Language                       string                     `json:"language"`
		PayerReference                 string                     `json:"payerReference"`
		Payer                          psp.PayerRequest           `json:"payer"`
		InitiatingSystemUserAgent      string                     `json:"initiatingSystemUserAgent"`
		Prices                         []psp.PriceRequest         `json:"prices"`
		Amount                         int64                      `json:"amount"`
		VatAmount                      int64                      `json:"vatAmount"`
		Urls                           psp.UrlsRequest            `json:"urls"`
		PayeeInfo                      psp.PayeeInfoRequest       `json:"payeeInfo"`
		Metadata                       map[string]json.RawMessage `json:"metadata"`
		GeneratePaymentToken           bool                       `json:"generatePaymentToken"`
		GenerateRecurrenceToken        bool                       `json:"generateRecurrenceToken"`
		GenerateUnscheduledToken       bool                       `json:"generateUnscheduledToken"`
		GenerateTransactionOnFileToken bool                       `json:"generateTransactionOnFileToken"`
		PaymentToken                   string                     `json:"paymentToken"`
		RecurrenceToken                string                     `json:"recurrenceToken"`
		UnscheduledToken               string                     `json:"unscheduledToken"`
		PrefillInfo                    psp.PrefillInfoRequest     `json:"prefillInfo"`
		Swish                          swish.SwishOptions         `json:"swish"` // older clients put it here
	} `json:"payment"`
	Swish swish.SwishOptions `json:"swish"`
}

// order is what a request asks for. Of what the kind of payment has no use for it takes nothing: no intent and no prices
// on a Verify, no tokens that Vipps never makes.
func (r orderRequest) order(i *instrument, agent string) order {
	in := r.Payment
	o := order{
		operation: spelled(in.Operation, operationPurchase, operationVerify, operationRecur, operationUnscheduled, operationPayout, operationFinancing),
		intent:    spelled(in.Intent, intentAuthorization, intentAutoCapture, intentPreAuthorization, intentSale),
		currency:  in.Currency, description: in.Description, userAgent: in.UserAgent, language: in.Language,
		systemAgent:    cmp.Or(in.InitiatingSystemUserAgent, agent),
		payerReference: cmp.Or(in.Payer.PayerReference, in.PayerReference),
		msisdn:         in.PrefillInfo.Msisdn,
		prices:         in.Prices, urls: in.Urls, payee: in.PayeeInfo, metadata: spelledAlike(in.Metadata),
		restricted: r.Swish.PaymentRestrictedToSocialSecurityNumber != "" || in.Swish.PaymentRestrictedToSocialSecurityNumber != "",
	}
	switch {
	case o.verifies():
		o.intent, o.prices = "", nil
	case o.charges():
		o.prices = []psp.PriceRequest{{Type: i.name, Amount: in.Amount, VatAmount: in.VatAmount}}
		o.stored = cmp.Or(in.PaymentToken, in.UnscheduledToken)
		if o.operation == operationRecur {
			o.stored = cmp.Or(in.RecurrenceToken, in.PaymentToken)
		}
	case i == creditcardInstrument:
		o.stored = in.PaymentToken // one click
	}
	if i.tokens && !o.charges() {
		for kind, wanted := range map[string]bool{
			tokenPayment: in.GeneratePaymentToken, tokenRecurrence: in.GenerateRecurrenceToken,
			tokenUnscheduled: in.GenerateUnscheduledToken, tokenOnFile: in.GenerateTransactionOnFileToken,
		} {
			if wanted {
				o.wants = append(o.wants, kind)
			}
		}
		slices.Sort(o.wants) // of a map: the order is the same in every run
	}
	return o
}

// verifies tells a payment that only looks at the payer's means.
func (o order) verifies() bool { return o.operation == operationVerify }

// charges tells a payment that needs no payer: it is complete when it is answered.
func (o order) charges() bool {
	return o.operation == operationRecur || o.operation == operationUnscheduled || o.operation == operationPayout
}

// storedName is the member under which the merchant's stored token comes back, and what refusals call it.
func (o order) storedName() string {
	if o.operation == operationRecur {
		return "RecurrenceToken"
	}
	return "PaymentToken"
}

// spelled is a word in the spelling that is known, or as it stands.
func spelled(word string, known ...string) string {
	for _, k := range known {
		if strings.EqualFold(word, k) {
			return k
		}
	}
	return word
}

// order refuses, beside what the contract refuses, a price for every brand of card next to one for a single brand.
func (t till) order(c *call) (order, error) {
	in, err := decoded[orderRequest](c)
	if err != nil {
		return order{}, err
	}
	o := in.order(t.instrument, c.agent)
	every := func(p psp.PriceRequest) bool { return strings.EqualFold(p.Type, "CreditCard") }
	if len(o.prices) > 1 && slices.ContainsFunc(o.prices, every) {
		return o, refuse.Input(refuse.Item{Name: "Payment.Prices", Description: "A CreditCard price is for every brand and stands alone."})
	}
	return o, nil
}
