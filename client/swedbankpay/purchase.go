package swedbankpay

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
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

var locale = regexp.MustCompile(`^[A-Za-z]{2}-[A-Za-z]{2}$`)

func (p Purchase) check() error {
	if err := checkAmounts(p.Amount, p.VAT); err != nil {
		return err
	}
	if err := p.checkTerms(); err != nil {
		return err
	}
	return checkCompletion(p.URLs)
}

// checkIn is check for an instrument that takes some currencies only.
func (p Purchase) checkIn(instrument string, currencies ...string) error {
	if !slices.Contains(currencies, p.Amount.currency) {
		want := strings.Join(currencies, " or ")
		return &client.InputError{Field: "Amount", Reason: "want " + want + ", which is what " + instrument + " takes"}
	}
	return p.check()
}

// checkTerms looks at what a payment of any kind says about merchant and payer.
func (p Purchase) checkTerms() error {
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

func checkCompletion(urls psp.UrlsRequest) error {
	if urls.CompleteURL == "" {
		return &client.InputError{Field: "URLs.CompleteURL", Reason: "want where the payer goes when finished"}
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

// become makes one of several kinds of new payment of a request, which must
// name its operation. The generated From functions would write the operation
// themselves, and read and write all the rest once more for it.
func become(kind json.Unmarshaler, request any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return kind.UnmarshalJSON(body)
}
