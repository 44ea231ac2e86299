package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/kassa-dev/kassa/client/resurs"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// A shop is what all pages need.
type shop struct {
	orders *orders
	pay    *swedbankpay.Client
	widget *resurs.Client

	payee      string // the merchant's id at Swedbank Pay
	store      string // the merchant's store at Resurs
	address    string // of the shop, as browsers and the bank reach it, without the last slash
	widgetPage string // where the widget of Resurs is
	log        *slog.Logger
}

// handler answers browsers and the bank.
func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showShelf)
	mux.HandleFunc("GET /checkout", s.showCheckout)
	mux.HandleFunc("POST /checkout", s.placeOrder)
	mux.HandleFunc("GET /orders/{key}", s.showOrder)
	mux.HandleFunc("POST /orders/{key}/pay", s.payOrder)
	mux.HandleFunc("POST /orders/{key}/cancel", s.cancelOrder)
	mux.HandleFunc("GET /orders/{key}/resurs", s.showWidget)
	mux.HandleFunc("POST /orders/{key}/resurs", s.createSession)
	mux.HandleFunc("POST /callback", s.hear)
	mux.HandleFunc("GET /staff", s.showOrders)
	mux.HandleFunc("GET /staff/{number}", s.showDesk)
	mux.HandleFunc("POST /staff/{number}/operate", s.operate)
	mux.HandleFunc("POST /staff/{number}/look", s.look)
	mux.HandleFunc("POST /staff/{number}/believe", s.believe)
	mux.HandleFunc("GET /{file}", showFile)

	// Pages of other sites cannot press our buttons. The bank's callback comes from no page, and gets through.
	return limited(http.NewCrossOriginProtection().Handler(mux))
}

// limited bounds what is read of a request, and says to browsers what our pages may load: nothing from elsewhere.
// form-action is left open, because the answer to the checkout's form leads to the bank, and where that is the bank says.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 128<<10)
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store") // an order page from yesterday, or a used form, is worse than none
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// refresh reads the payment of an order at the bank, stores what it says, and reads the order again. Callbacks, payers
// who return and staff who look all come through here, so it does not matter who is first, nor how often.
func (s *shop) refresh(ctx context.Context, o *order) (*order, error) {
	payment, err := s.pay.Payment(ctx, o.Payment, swedbankpay.ExpandTransactions)
	if err != nil {
		return o, err
	}
	return s.learn(ctx, o, payment)
}

// learn stores what a payment says that was read just now, and reads the order again.
func (s *shop) learn(ctx context.Context, o *order, payment *swedbankpay.Payment) (*order, error) {
	r, fates, err := read(ctx, payment)
	if err != nil {
		return o, err
	}
	if err := s.orders.learn(ctx, o.Number, r, fates); err != nil {
		return o, err
	}
	return s.orders.by(ctx, "number", o.Number)
}
