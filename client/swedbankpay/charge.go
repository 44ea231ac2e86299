package swedbankpay

import (
	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Charge is what is needed to move money by a stored token, without the payer
// being there. All members of the first group are required.
type Charge struct {
	Token          string // as [Payment.Paid] or the first payment showed it
	Amount         Amount // VAT included
	Description    string // 1 to 40 characters
	PayeeID        string // the merchant, as given by Swedbank Pay
	PayeeReference string // unique for every operation; see [Movement]
	UserAgent      string // the payer's browser, as it was when the token was made
	Language       string // of the payer, as in sv-SE

	VAT             Amount // part of Amount; by default none
	CallbackURL     string // by default no callback is asked for
	PayeeName       string
	OrderReference  string // at most 50 characters
	ProductCategory string // at most 50 characters
	Subsite         string // at most 40 characters
	PayerReference  string // the merchant's own name for the payer
	Metadata        map[string]any
}

// terms is the charge as a purchase.
func (c Charge) terms() Purchase {
	return Purchase{
		Amount: c.Amount, VAT: c.VAT, Description: c.Description, PayeeID: c.PayeeID, PayeeReference: c.PayeeReference,
		UserAgent: c.UserAgent, Language: c.Language, PayeeName: c.PayeeName, OrderReference: c.OrderReference,
		ProductCategory: c.ProductCategory, Subsite: c.Subsite, PayerReference: c.PayerReference,
	}
}

func (c Charge) check() error {
	if c.Token == "" {
		return &client.InputError{Field: "Token", Reason: "want the stored token to charge"}
	}
	if err := checkAmounts(c.Amount, c.VAT); err != nil {
		return err
	}
	return c.terms().checkTerms()
}

// urls is there even when it says nothing, because it is documented as
// mandatory and its members are not: a list of no hosts is written as {}.
func (c Charge) urls() psp.ChargeUrlsRequest {
	return psp.ChargeUrlsRequest{CallbackURL: c.CallbackURL, HostUrls: []string{}}
}
