package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// A method is a way to pay.
type method string

// The methods.
const (
	byCard    method = "card"
	bySwish   method = "swish"
	byTrustly method = "trustly"
	byInvoice method = "invoice"
	byResurs  method = "resurs"
)

// Words is the name of the method.
func (m method) Words() string {
	return map[method]string{
		byCard: "Card", bySwish: "Swish", byTrustly: "Bank transfer with Trustly", byInvoice: "Invoice", byResurs: "Resurs",
	}[m]
}

// Brief is the same where there is little room.
func (m method) Brief() string {
	if m == byTrustly {
		return "Trustly"
	}
	return m.Words()
}

// AtOnce says whether the money is taken as the payer pays. Otherwise it is reserved, and captured when goods are shipped.
func (m method) AtOnce() bool { return m == bySwish || m == byTrustly }

// A buyer is what the checkout asks of the shopper. It is passed on to the bank and not kept: what a shop does not store
// nobody can steal from it.
type buyer struct {
	Phone     string // Swish
	FirstName string // Trustly
	LastName  string
}

// faults say what is wrong with a form, by field.
type faults map[string]string

// check makes the phone number one that Swish takes, and says what cannot be sent as it is.
func (b *buyer) check(m method) faults {
	wrong := faults{}
	switch m {
	case bySwish:
		b.Phone = internationally(b.Phone)
		if !phone.MatchString(b.Phone) {
			wrong["phone"] = "Enter a Swedish mobile number, such as 073-900 00 01."
		}
	case byTrustly:
		if b.FirstName == "" || utf8.RuneCountInString(b.FirstName) > 50 {
			wrong["first-name"] = "Enter your first name."
		}
		if b.LastName == "" || utf8.RuneCountInString(b.LastName) > 50 {
			wrong["last-name"] = "Enter your last name."
		}
	case byCard, byInvoice, byResurs: // what these need is asked on the bank's own pages
	default:
		wrong["method"] = "Choose how you want to pay."
	}
	return wrong
}

var phone = regexp.MustCompile(`^\+46[1-9][0-9]{6,10}$`)

// internationally writes a number with the code of the country and without what people put between digits.
func internationally(number string) string {
	number = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\u00a0", "").Replace(number)
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		return "+" + rest
	}
	if rest, ok := strings.CutPrefix(number, "0"); ok {
		return "+46" + rest
	}
	return number
}

// ask asks the bank for a payment of the order. No money moves by that: the payer is to be sent to its page.
func (s *shop) ask(r *http.Request, o *order, b buyer) (*swedbankpay.Payment, error) {
	ctx := swedbankpay.WithPayer(patient(r.Context()), r.RemoteAddr)
	purchase := swedbankpay.Purchase{
		Amount:         o.Lines.Total(),
		VAT:            o.Lines.VAT(),
		Description:    o.Title(),
		PayeeID:        s.payee,
		PayeeName:      shopName,
		PayeeReference: o.Reference,
		OrderReference: o.Title(),
		UserAgent:      agent(r),
		Language:       "en-US",
	}
	here := s.address + "/orders/" + o.Key
	purchase.URLs.CompleteURL = here
	purchase.URLs.CancelURL = here + "?back=cancelled"
	purchase.URLs.CallbackURL = s.address + "/callback"
	switch o.Method {
	case byCard:
		return s.pay.CreditCard.Create(ctx, purchase, nil)
	case bySwish:
		return s.pay.Swish.Create(ctx, purchase, &swedbankpay.SwishOptions{MSISDN: b.Phone})
	case byTrustly:
		return s.pay.Trustly.Create(ctx, purchase, &swedbankpay.TrustlyOptions{FirstName: b.FirstName, LastName: b.LastName})
	case byInvoice:
		return s.pay.Invoice.Create(ctx, purchase, nil)
	}
	return nil, errors.New("there is no payment of this method at the bank")
}

// page is where the payer pays. It is asked of the payment each time and never stored: addresses are the bank's to change.
func page(p *swedbankpay.Payment) (string, bool) {
	if href, ok := p.Link(swedbankpay.RedirectSale); ok {
		return href, true
	}
	return p.Link(swedbankpay.RedirectAuthorization)
}

// agent is the payer's browser, which the bank wants to know.
func agent(r *http.Request) string {
	if ua := r.UserAgent(); ua != "" {
		return ua
	}
	return "unknown"
}

// patient is a context that does not end when the browser goes away. What is being asked of the bank is to be heard to its
// end, whether or not somebody is still looking at the page. The client gives up by itself in the end.
func patient(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
