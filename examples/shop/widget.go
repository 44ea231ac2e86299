package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/kassa-dev/kassa/client/resurs"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// shopperCookie names the shopper to us, so that each has a widget session of their own. It is never sent to Resurs.
const shopperCookie = "shopper"

type widgetPage struct {
	*order
	Widget string // the address the session is handed to
}

func (widgetPage) Title() string { return "Pay with Resurs" }

// showWidget shows the page that opens the widget. Its script, which is the only one of this shop, asks us for a session
// when the button is pressed and hands the session's token to the widget.
func (s *shop) showWidget(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderOf(w, r)
	if !ok {
		return
	}
	if o.Method != byResurs || o.State() != waiting {
		http.Redirect(w, r, "/orders/"+o.Key, http.StatusSeeOther)
		return
	}
	if _, err := r.Cookie(shopperCookie); err != nil {
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where there is TLS, which there is not on loopback
			Name: shopperCookie, Value: rand.Text(), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
			Secure: strings.HasPrefix(s.address, "https:"),
		})
	}
	s.show(w, r, http.StatusOK, "widget", widgetPage{o, s.widgetPage})
}

// createSession gives the browser a token for the widget, and nothing else: the client secret and the access token stay
// here. The client remembers the session of each shopper until shortly before it expires.
func (s *shop) createSession(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(shopperCookie)
	if err != nil || cookie.Value == "" {
		http.Error(w, "open the page of the order first, with cookies allowed", http.StatusBadRequest)
		return
	}
	session, err := s.widget.CreateSession(r.Context(), resurs.Shopper{StoreID: s.store, ShopperID: cookie.Value})
	if err != nil {
		s.log.Error("Resurs made no session", "error", err)
		http.Error(w, "Resurs cannot be reached", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(session) // a browser that is gone needs no answer
}

// believe takes the word of the staff, who have read it in Resurs's merchant portal, that an order is paid. What the
// widget does once it has its session, and how a shop hears of the outcome, is documented in nothing this module builds
// on, so the example does not pretend to know it.
func (s *shop) believe(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orderAt(w, r)
	if !ok {
		return
	}
	if o.Method == byResurs && o.State() == waiting {
		if err := s.paidByWord(patient(r.Context()), o); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.backToDesk(w, r, o)
}

func (s *shop) paidByWord(ctx context.Context, o *order) error {
	none, all := swedbankpay.SEK(0), o.Lines.Total()
	return s.orders.learn(ctx, o.Number, reading{Authorised: all, Captured: all, Released: none, Reversed: none, Progress: 1}, nil)
}
