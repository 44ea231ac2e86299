package swedbankpay

import (
	"regexp"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Verification is what is needed to verify a card or a payer without taking
// money: a [Purchase] of nothing. All members of the first group are required.
type Verification struct {
	Currency       string // code of ISO 4217, as in SEK
	Description    string // shown to the payer; 1 to 40 characters
	PayeeID        string // the merchant, as given by Swedbank Pay
	PayeeReference string // unique for every operation; see [Movement]
	UserAgent      string // the payer's browser
	Language       string // of the payment page, as in sv-SE
	URLs           psp.UrlsRequest

	PayeeName       string
	OrderReference  string // at most 50 characters
	ProductCategory string // at most 50 characters
	Subsite         string // at most 40 characters
	PayerReference  string // the merchant's own name for the payer
	Metadata        map[string]any
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// terms is the verification as a purchase without an amount.
func (v Verification) terms() Purchase {
	return Purchase{
		Description: v.Description, PayeeID: v.PayeeID, PayeeReference: v.PayeeReference,
		UserAgent: v.UserAgent, Language: v.Language, PayeeName: v.PayeeName, OrderReference: v.OrderReference,
		ProductCategory: v.ProductCategory, Subsite: v.Subsite, PayerReference: v.PayerReference,
	}
}

func (v Verification) check() error {
	if !currency.MatchString(v.Currency) {
		return &client.InputError{Field: "Currency", Reason: "want a code of ISO 4217, as in SEK"}
	}
	if err := v.terms().checkTerms(); err != nil {
		return err
	}
	return checkCompletion(v.URLs)
}
