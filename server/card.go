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
	IssuingBank     string `json:"issuingBank,omitempty"`
	CountryCode     string `json:"countryCode,omitempty"`
	PaymentToken    string `json:"paymentToken,omitempty"`
	RecurrenceToken string `json:"recurrenceToken,omitempty"`
	MaskedPan       string `json:"maskedPan"`
	ExpiryDate      string `json:"expiryDate"`
	PanToken        string `json:"panToken"`
	PanEnrolled     bool   `json:"panEnrolled"`
	ApprovalCode    string `json:"issuerAuthorizationApprovalCode,omitempty"`
	TransactionType string `json:"acquirerTransactionType,omitempty"`
	Authentication  string `json:"authenticationStatus,omitempty"`
	Stan            string `json:"acquirerStan,omitempty"`
	TerminalID      string `json:"acquirerTerminalId,omitempty"`
	TransactionTime string `json:"acquirerTransactionTime"`
	NonPaymentToken string `json:"nonPaymentToken"`

	rejected bool // a test number that fails when it is made a network token
}

// A testCard is one of the vendor's published test numbers.
type testCard struct {
	number   string
	enrolled bool // takes part in 3-D Secure, so the payer has a step more
	rejected bool // fails when it is made a network token
}

// testCards are all of them. The first of a brand pays where the payer does not choose, and the first of all pays what
// is for every brand.
var testCards = []testCard{
	{number: "4925000000000004"}, {number: "4581097032723517"}, {number: "4581099940323133"},
	{number: "4571994016401817"}, {number: "4571994016471869"},
	{number: "4761739001010416", enrolled: true}, {number: "4547781087013329", enrolled: true},
	{number: "4111112000003211"}, {number: "4111112000006545", enrolled: true},
	{number: "4111112000004565", rejected: true}, {number: "4111112000007899", rejected: true},
	{number: "5226600156995650"}, {number: "5226600159865967"}, {number: "5226603115488031"}, {number: "5226604266737382"},
	{number: "5226612199533406", enrolled: true},
	{number: "5510000000001232"}, {number: "5510000000002347", enrolled: true},
	{number: "5510000000009631", rejected: true}, {number: "5510000000005431", rejected: true},
	{number: "377601000000000"}, {number: "6764429999947470"},
	{number: "5019994016316467"}, {number: "5019994001307083"},
	{number: "6007220000000004"}, {number: "3569990010082211"}, {number: "6148201829798"},
}

// published finds a test card by its number; one that is not published takes part in nothing.
func published(number string) testCard {
	for _, c := range testCards {
		if c.number == number {
			return c
		}
	}
	return testCard{number: number}
}

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

// seen is what the live environment was seen to answer for a published number.
var seen = map[string]struct{ pan, nonPayment, country string }{
	"4925000000000004": {"eb488c77-8118-4c9f-b3b3-ff134936df64", "ed4683a8-6d2a-4a14-b065-746a41316b8f", "578"},
}

// cardOf is what is always the same about a card.
func cardOf(number, expiry string) *card {
	digest := sha256.Sum256([]byte(number))
	brand := brandOf(number)
	c := &card{
		Brand: brand, Type: "Credit", IssuingBank: "Utl. " + brand, CountryCode: "999",
		MaskedPan:  number[:6] + strings.Repeat("*", len(number)-10) + number[len(number)-4:],
		ExpiryDate: expiry, PanToken: guid(slices.Clone(digest[:16])), PanEnrolled: published(number).enrolled,
		NonPaymentToken: guid(slices.Clone(digest[16:])), rejected: published(number).rejected,
	}
	if live, ok := seen[number]; ok {
		c.PanToken, c.NonPaymentToken, c.CountryCode = live.pan, live.nonPayment, live.country
	}
	return c
}

// used is the card in one transaction that was approved: after 3-D Secure where the card takes part in it.
func (c card) used(d *dice, at time.Time) *card {
	c.ApprovalCode, c.TransactionType, c.Stan = "L"+d.text(5, digits), "SSL", d.text(5, digits)
	if c.PanEnrolled {
		c.TransactionType, c.Authentication = "3DSECURE", "Y"
	}
	c.TerminalID, c.TransactionTime = d.text(10, digits), wireTime(at)
	c.PaymentToken, c.RecurrenceToken = "", ""
	return &c
}

// pending is the card while the payer authenticates.
func (c card) pending() *card {
	c.TransactionTime = "0001-01-01T00:00:00Z" // as seen
	return &c
}

// cardFor is the published card that pays a price, or any price for "".
func cardFor(brand string, at time.Time) *card {
	number := testCards[0].number
	if c, ok := cardOfBrand(brand); ok {
		number = c.number
	}
	return cardOf(number, expiryAt(at))
}

// cardOfBrand is the first published card of a brand.
func cardOfBrand(brand string) (testCard, bool) {
	for _, c := range testCards {
		if strings.EqualFold(brand, brandOf(c.number)) {
			return c, true
		}
	}
	return testCard{}, false
}

// expiryAt is a date at which no card has expired.
func expiryAt(at time.Time) string { return fmt.Sprintf("12/%d", at.Year()+2) }

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
		if _, ok := cardOfBrand(price.Type); ok {
			return price
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
	if f.event == begun && f.card != nil {
		f.card = f.card.pending()
	}
	if f.event != completed || !t.byPayer() {
		return
	}
	base := f.card
	if base == nil {
		base = p.order.card
	}
	if base == nil {
		base = cardFor(p.price().Type, f.at)
	}
	f.card = base.used(d, f.at)
	f.tokens = d.tokens(p.order.wants)
	f.card.PaymentToken, f.card.RecurrenceToken = tokenOf(f.tokens, tokenPayment), tokenOf(f.tokens, tokenRecurrence)
}

// creditcardLinks: a card that the merchant typed may take part in 3-D Secure, which its payer then has to go through; or
// may have been charged too much, for which nobody documents what to send.
func creditcardLinks(p payment, t transaction) []operation {
	switch {
	case t.card == nil || !t.card.Direct:
		return nil
	case t.state == awaitingActivity:
		return []operation{{Method: "GET", Href: authenticatePath + t.id, Rel: "redirect-authentication"}}
	case t.op != ledger.Authorization || t.state != stateCompleted:
		return nil
	}
	if capturable, _, _ := p.left(); capturable == 0 {
		return nil
	}
	return []operation{{Method: "PATCH", Href: p.transactionPath(t.op, t), Rel: relOvercharge}}
}

// authenticatePath is where the payer of a card that the merchant typed authenticates, followed by the transaction's id.
const authenticatePath = "/psp/creditcard/confined/payments/authorizations/authenticate/"
