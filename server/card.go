package server

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

const intentAutoCapture = "AutoCapture"

// A card is what an authorization tells about the card that paid, in the wire's order of members.
type card struct {
	Brand           string `json:"cardBrand"`
	Type            string `json:"cardType"`
	IssuingBank     string `json:"issuingBank"`
	CountryCode     string `json:"countryCode"`
	PaymentToken    string `json:"paymentToken,omitempty"`
	RecurrenceToken string `json:"recurrenceToken,omitempty"`
	MaskedPan       string `json:"maskedPan"`
	ExpiryDate      string `json:"expiryDate"`
	PanToken        string `json:"panToken"`
	PanEnrolled     bool   `json:"panEnrolled"`
	ApprovalCode    string `json:"issuerAuthorizationApprovalCode"`
	TransactionType string `json:"acquirerTransactionType"`
	Stan            string `json:"acquirerStan"`
	TerminalID      string `json:"acquirerTerminalId"`
	TransactionTime string `json:"acquirerTransactionTime"`
	NonPaymentToken string `json:"nonPaymentToken"`
}

// testCards are the vendor's published test numbers, one for each brand that a price may name. The first pays whatever
// is for every brand.
var testCards = []struct{ brand, number string }{
	{"Visa", "4925000000000004"},
	{"MasterCard", "5226600156995650"},
	{"Amex", "377601000000000"},
	{"Maestro", "6764429999947470"},
	{"Dankort", "5019994016316467"},
}

// price is what the payer pays and the brand it is for: the first price whose brand has a test card. A price for every
// brand, or for one without a test card, is paid with the first.
func (p *payment) price() (psp.PriceRequest, int) {
	for _, price := range p.order.prices {
		for i, c := range testCards {
			if strings.EqualFold(price.Type, c.brand) {
				return price, i
			}
		}
	}
	return p.order.prices[0], 0
}

// creditcardPays pays with a test card: no 3-D Secure, approved at once. The tokens the merchant asked for are made.
func creditcardPays(d *dice, p *payment, f fact) *card {
	_, i := p.price()
	number := testCards[i].number
	digest := sha256.Sum256([]byte(number))
	c := &card{
		Brand: testCards[i].brand, Type: "Credit", IssuingBank: "Utl. " + testCards[i].brand, CountryCode: "999",
		MaskedPan:  number[:6] + strings.Repeat("*", len(number)-10) + number[len(number)-4:],
		ExpiryDate: fmt.Sprintf("12/%d", f.at.Year()+2), PanToken: guid(slices.Clone(digest[:16])), PanEnrolled: true,
		ApprovalCode: "L" + d.text(5, digits), TransactionType: "SSL", Stan: d.text(5, digits),
		TerminalID: d.text(10, digits), TransactionTime: wireTime(f.at), NonPaymentToken: guid(slices.Clone(digest[16:])),
	}
	if p.order.generatePaymentToken {
		c.PaymentToken = d.guid()
	}
	if p.order.generateRecurrenceToken {
		c.RecurrenceToken = d.guid()
	}
	return c
}

// creditcardDecline is the answer of an acquirer that gives no reason: test amount 900351 of the vendor.
func creditcardDecline() *failure {
	f := &failure{
		reason: "ExternalResponseError", activity: "Authorize",
		code: "REJECTED_BY_ACQUIRER", description: "unknown error, response-code: 51",
	}
	f.problem = externalProblem("creditcard/acquirererror", "Unable to complete Authorization transaction, look at problem node!", f)
	return f
}

// trustlyDecline is a payer who gives up at the bank. The type is the only one documented for Trustly.
func trustlyDecline() *failure {
	f := &failure{
		reason: "UserCancelled", activity: "Sale",
		code: "UserCancelled", description: "CANCELED",
	}
	f.problem = externalProblem("trustly/systemerror", "Unable to complete operation, error calling 3rd party", f)
	return f
}

// externalProblem is the problem that a failed transaction carries. It has no instance.
func externalProblem(tail, detail string, f *failure) *refuse.Problem {
	return &refuse.Problem{
		Type: refuse.PSPType(tail), Title: "Operation failed", Status: 403, Detail: detail,
		Problems: []refuse.Item{{Name: "ExternalResponse", Description: f.code + "-" + f.description}},
	}
}
