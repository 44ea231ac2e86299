package server

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A card is what an authorization tells about the card that paid, in the wire's order of members. Of its number nothing
// is kept but what the mask shows.
type card struct {
	Direct          bool   `json:"direct,omitempty"`
	Brand           string `json:"cardBrand"`
	Type            string `json:"cardType"`
	IssuingBank     string `json:"issuingBank"`
	CountryCode     string `json:"countryCode,omitempty"`
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

// enrolled are the published numbers of cards that take part in 3-D Secure. The sandbox has no such step; that they do
// is told all the same.
var enrolled = []string{"5226612199533406", "4761739001010416", "4547781087013329"}

// brands tell a card by how its number begins; the longer beginning stands first.
var brands = []struct{ begins, brand string }{
	{"600722", "Forbrugsforeningen"}, {"6148", "Diners"}, {"5019", "Dankort"},
	{"34", "Amex"}, {"37", "Amex"}, {"35", "Jcb"}, {"36", "Diners"}, {"38", "Diners"}, {"50", "Maestro"},
	{"51", "MasterCard"}, {"52", "MasterCard"}, {"53", "MasterCard"}, {"54", "MasterCard"}, {"55", "MasterCard"},
	{"56", "Maestro"}, {"57", "Maestro"}, {"58", "Maestro"}, {"2", "MasterCard"}, {"4", "Visa"}, {"6", "Maestro"},
}

func brandOf(number string) string {
	for _, b := range brands {
		if strings.HasPrefix(number, b.begins) {
			return b.brand
		}
	}
	return "Unknown"
}

// seen are the tokens that the live environment was seen to answer for a published number.
var seen = map[string]struct{ pan, nonPayment string }{
	"4925000000000004": {"eb488c77-8118-4c9f-b3b3-ff134936df64", "ed4683a8-6d2a-4a14-b065-746a41316b8f"},
}

// cardOf is what is always the same about a card.
func cardOf(number, expiry string) *card {
	digest := sha256.Sum256([]byte(number))
	brand := brandOf(number)
	c := &card{
		Brand: brand, Type: "Credit", IssuingBank: "Utl. " + brand, CountryCode: "999",
		MaskedPan:  number[:6] + strings.Repeat("*", len(number)-10) + number[len(number)-4:],
		ExpiryDate: expiry, PanToken: guid(slices.Clone(digest[:16])), PanEnrolled: slices.Contains(enrolled, number),
		NonPaymentToken: guid(slices.Clone(digest[16:])),
	}
	if tokens, ok := seen[number]; ok {
		c.PanToken, c.NonPaymentToken = tokens.pan, tokens.nonPayment
	}
	return c
}

// used is the card in one transaction: approved at once, without 3-D Secure.
func (c card) used(d *dice, at time.Time) *card {
	c.ApprovalCode, c.TransactionType, c.Stan = "L"+d.text(5, digits), "SSL", d.text(5, digits)
	c.TerminalID, c.TransactionTime = d.text(10, digits), wireTime(at)
	c.PaymentToken, c.RecurrenceToken = "", ""
	return &c
}

// testCard is the published card that pays a price, or any price for "".
func testCard(brand string, at time.Time) *card {
	number := testCards[0].number
	for _, c := range testCards {
		if strings.EqualFold(brand, c.brand) {
			number = c.number
		}
	}
	return cardOf(number, fmt.Sprintf("12/%d", at.Year()+2))
}

// price is what the payer pays: that of the card the payer is known to have, or else the first price whose brand has a
// test card. A price for every brand, or for one without a test card, is paid with the first card. A Verify has no price.
func (p *payment) price() psp.PriceRequest {
	if p.order.verifies() {
		return psp.PriceRequest{}
	}
	if p.order.card != nil {
		if price, ok := p.priceFor(p.order.card.Brand); ok {
			return price
		}
	}
	for _, price := range p.order.prices {
		for _, c := range testCards {
			if strings.EqualFold(price.Type, c.brand) {
				return price
			}
		}
	}
	return p.order.prices[0]
}

// priceFor is the price for one brand of card.
func (p *payment) priceFor(brand string) (psp.PriceRequest, bool) {
	for _, price := range p.order.prices {
		if strings.EqualFold(price.Type, brand) || strings.EqualFold(price.Type, p.instrument.name) {
			return price, true
		}
	}
	return psp.PriceRequest{}, false
}

// brandDisabled refuses a card for which the merchant named no price.
func brandDisabled(brand string) error {
	p := refuse.Forbidden("CardBrand", "The payment has no price for "+brand+".")
	p.Type = refuse.PSPType("creditcard/cardbranddisabled")
	return p
}

// creditcardTells adds the card to an authorization or verification that completes, and the tokens the merchant asked
// for: the card the merchant typed, the stored one, or a test card for the price.
func creditcardTells(d *dice, p *payment, t transaction, f *fact) {
	if f.event != completed || !t.byPayer() {
		return
	}
	base := f.card
	if base == nil {
		base = p.order.card
	}
	if base == nil {
		base = testCard(p.price().Type, f.at)
	}
	f.card = base.used(d, f.at)
	f.tokens = d.tokens(p.order.wants)
	f.card.PaymentToken, f.card.RecurrenceToken = tokenOf(f.tokens, tokenPayment), tokenOf(f.tokens, tokenRecurrence)
}

// creditcardLinks: a card that the merchant typed, or charged, may have been charged too much. What to send nobody
// documents.
func creditcardLinks(p payment, t transaction) []operation {
	if t.op != ledger.Authorization || t.card == nil || !t.card.Direct {
		return nil
	}
	return []operation{{Method: "PATCH", Href: p.transactionPath(t.op, t), Rel: relOvercharge}}
}

// creditcardDecline is the answer of an acquirer that gives no reason: test amount 900351 of the vendor.
func creditcardDecline(t transaction) *failure {
	f := &failure{
		reason: "ExternalResponseError", activity: "Authorize",
		code: "REJECTED_BY_ACQUIRER", description: "unknown error, response-code: 51",
	}
	f.problem = externalProblem("creditcard/acquirererror", 403, t, f)
	return f
}

// externalProblem is the problem that a failed transaction carries. It has no instance.
func externalProblem(tail string, status int, t transaction, f *failure) *refuse.Problem {
	return &refuse.Problem{
		Type: refuse.PSPType(tail), Title: "Operation failed", Status: status,
		Detail:   "Unable to complete " + string(t.op) + " transaction, look at problem node!",
		Problems: []refuse.Item{{Name: "ExternalResponse", Description: f.code + "-" + f.description}},
	}
}
