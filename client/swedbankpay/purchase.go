package swedbankpay

import (
	"regexp"
	"unicode/utf8"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Purchase is what every instrument needs to start a payment. All members of
// the first group are required.
type Purchase struct {
	Amount         Amount // VAT included
	Description    string // shown to the payer; 1 to 40 characters
	PayeeID        string // the merchant, as given by Swedbank Pay
	PayeeReference string // unique for every operation; see [Movement]
	UserAgent      string // the payer's browser
	Language       string // of the payment page, as in sv-SE
	URLs           psp.UrlsRequest

	VAT             Amount // part of Amount; by default none
	PayeeName       string
	OrderReference  string // at most 50 characters
	ProductCategory string // at most 50 characters
	Subsite         string // at most 40 characters
	PayerReference  string // the merchant's own name for the payer
	Metadata        map[string]any
}

// Movement is what a capture or a reversal says.
type Movement struct {
	Amount Amount // VAT included; more than nothing, at most what remains
	VAT    Amount // part of Amount; by default none

	// Description has 1 to 40 characters.
	Description string

	// PayeeReference makes the operation happen exactly once: it is unique for
	// every operation of the merchant. 1 to 50 of A-Z, a-z, 0-9, _ and - are
	// sent. Swedbank Pay promises to take 30 letters and digits, or 12 digits
	// where the merchant settles with the acquirer.
	PayeeReference string
}

// Release is what a cancellation says. It has no amount: everything that was
// authorised and not captured is released.
type Release struct {
	Description    string // 1 to 40 characters
	PayeeReference string // as in [Movement]
}

// Buyer is what a sale may say about the payer of a Trustly payment. Both
// names are optional; the bank asks again.
type Buyer struct {
	FirstName string
	LastName  string
}

var (
	reference = regexp.MustCompile(`^[\w-]{1,50}$`)
	locale    = regexp.MustCompile(`^[A-Za-z]{2}-[A-Za-z]{2}$`)
)

func (p Purchase) check() error {
	if err := checkAmounts(p.Amount, p.VAT); err != nil {
		return err
	}
	if err := checkWords(p.Description, p.PayeeReference); err != nil {
		return err
	}
	wants := []struct {
		broken      bool
		field, want string
	}{
		{p.PayeeID == "", "PayeeID", "want the merchant's id at Swedbank Pay"},
		{p.UserAgent == "", "UserAgent", "want the User-Agent of the payer's browser"},
		{!locale.MatchString(p.Language), "Language", "want a language and a country, as in sv-SE"},
		{p.URLs.CompleteURL == "", "URLs.CompleteURL", "want where the payer goes when finished"},
		{utf8.RuneCountInString(p.OrderReference) > 50, "OrderReference", "want at most 50 characters"},
		{utf8.RuneCountInString(p.ProductCategory) > 50, "ProductCategory", "want at most 50 characters"},
		{utf8.RuneCountInString(p.Subsite) > 40, "Subsite", "want at most 40 characters"},
	}
	for _, w := range wants {
		if w.broken {
			return &client.InputError{Field: w.field, Reason: w.want}
		}
	}
	return nil
}

func checkWords(description, ref string) error {
	if n := utf8.RuneCountInString(description); n < 1 || n > 40 || !utf8.ValidString(description) {
		return &client.InputError{Field: "Description", Reason: "want 1 to 40 characters"}
	}
	if !reference.MatchString(ref) {
		return &client.InputError{Field: "PayeeReference", Reason: "want 1 to 50 of A-Z, a-z, 0-9, _ and -, never used before"}
	}
	return nil
}

// price is the one price of the purchase.
func (p Purchase) price(kind string) []psp.PriceRequest {
	return []psp.PriceRequest{{Type: kind, Amount: p.Amount.minor, VatAmount: p.VAT.minor}}
}

func (p Purchase) payee() psp.PayeeInfoRequest {
	return psp.PayeeInfoRequest{
		PayeeID: p.PayeeID, PayeeReference: p.PayeeReference, PayeeName: p.PayeeName,
		OrderReference: p.OrderReference, ProductCategory: p.ProductCategory, Subsite: p.Subsite,
	}
}

func (p Purchase) payer() psp.PayerRequest { return psp.PayerRequest{PayerReference: p.PayerReference} }
