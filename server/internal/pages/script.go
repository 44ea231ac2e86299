package pages

import (
	_ "embed" // the script is a file
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

//go:embed view.js
var viewText string

// A Script is what a view-* href answers: JavaScript that a shop loads into its own page. It defines
// payex.hostedView.<instrument>(config), whose open() shows the checkout in a frame inside the element that
// config.container names, and whose close() and refresh() take it away and load it anew. What happens there is told to
// the functions of config: onPaymentCreated, onPaymentPending, onPaymentCompleted, onPaymentFailed, onPaymentCanceled,
// onPaymentToS and onError.
type Script struct {
	Instrument Instrument
	Page       string // absolute address of the checkout, written with a Frame
}

// viewNames are the instruments as the vendor's scripts name them.
var viewNames = map[Instrument]string{
	CreditCard: "creditCard", Invoice: "invoice", Swish: "swish", Vipps: "vipps", MobilePay: "mobilePay", Trustly: "trustly",
}

// Write answers with the script. It refuses, before anything is written, an instrument that has no view and a page that
// is not at an http or https address.
func (s Script) Write(w http.ResponseWriter) error {
	name, known := viewNames[s.Instrument]
	if !known {
		return fmt.Errorf("pages: no script is known for the instrument %q; it is one of the six", s.Instrument)
	}
	if !IsLink(s.Page) {
		return fmt.Errorf("pages: the script needs the absolute address of its page, and %q is none", s.Page)
	}
	settings, err := json.Marshal(map[string]string{"name": name, "page": s.Page, "culture": Culture})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/javascript; charset=utf-8")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // it is made to be loaded by others
	common(h)
	_, err = fmt.Fprintf(w, "%s(%s);\n", strings.TrimSuffix(strings.TrimSpace(viewText), ";"), settings)
	return err
}
