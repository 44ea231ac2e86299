package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// showShelf shows what there is. Its form leads to the checkout, with the basket in the address.
func (s *shop) showShelf(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "shelf", shelfPage{shelf, basketOf(r.URL.Query()), r.URL.Query().Has("empty")})
}

type shelfPage struct {
	Shelf  []good
	Basket basket
	Empty  bool // somebody went to the checkout with nothing
}

func (shelfPage) Title() string { return "Pots for every day" }

type checkoutPage struct {
	Basket basket
	Key    string // of the order that the form will make
	Method method
	Buyer  buyer
	Faults faults
}

func (checkoutPage) Title() string { return "Checkout" }

// Fields are the faults in the order of the form, for the list above it.
func (p checkoutPage) Fields() []string {
	var in []string
	for _, f := range []string{"method", "phone", "first-name", "last-name"} {
		if p.Faults[f] != "" {
			in = append(in, f)
		}
	}
	return in
}

func (s *shop) showCheckout(w http.ResponseWriter, r *http.Request) {
	b := basketOf(r.URL.Query())
	if len(b) == 0 {
		http.Redirect(w, r, "/?empty", http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, "checkout", checkoutPage{Basket: b, Key: newKey(), Method: byCard})
}

// placeOrder makes an order of the form and sends the payer to the bank.
//
// The order and the reference of its payment are stored first. The form carries the key of the order that it makes, so
// pressing the button twice makes one order: the second press finds the first.
func (s *shop) placeOrder(w http.ResponseWriter, r *http.Request) {
	p := checkoutPage{
		Key: r.PostFormValue("key"), Method: method(r.PostFormValue("method")),
		Buyer: buyer{Phone: trimmed(r, "phone"), FirstName: trimmed(r, "first-name"), LastName: trimmed(r, "last-name")},
	}
	p.Basket = basketOf(r.PostForm)
	if len(p.Basket) == 0 || !ours.MatchString(p.Key) {
		http.Redirect(w, r, "/?empty", http.StatusSeeOther)
		return
	}
	typed := p.Buyer
	if p.Faults = p.Buyer.check(p.Method); len(p.Faults) > 0 {
		p.Buyer = typed
		s.show(w, r, http.StatusUnprocessableEntity, "checkout", p)
		return
	}
	o := &order{Key: p.Key, Method: p.Method, Lines: p.Basket, Created: time.Now(), Reference: swedbankpay.NewPayeeReference()}
	isNew, err := s.orders.place(r.Context(), o)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case !isNew:
		http.Redirect(w, r, "/orders/"+o.Key, http.StatusSeeOther)
	case o.Method == byResurs:
		http.Redirect(w, r, "/orders/"+o.Key+"/resurs", http.StatusSeeOther)
	default:
		s.startPayment(w, r, o, p.Buyer)
	}
}

// startPayment asks the bank for a payment, stores which one it is, and only then sends the payer there. Should we die
// before it is stored, the payer has never seen its page, and a payment that nobody is led to takes no money.
func (s *shop) startPayment(w http.ResponseWriter, r *http.Request, o *order, b buyer) {
	payment, err := s.ask(r, o, b)
	if err != nil {
		s.log.Error("the bank made no payment", "order", o.Number, "error", err)
		o.Trouble = "The bank could not be reached."
		if why, no := refusal(err); no {
			o.Trouble = "The bank refused: " + why
		}
	} else {
		o.Payment = payment.Payment.ID
	}
	if err := s.orders.answered(patient(r.Context()), o); err != nil {
		s.fail(w, r, err)
		return
	}
	to := "/orders/" + o.Key
	if payment != nil {
		if href, ok := page(payment); ok {
			to = href
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // where the bank's page is only the bank can say
}

func trimmed(r *http.Request, field string) string { return strings.TrimSpace(r.PostFormValue(field)) }
