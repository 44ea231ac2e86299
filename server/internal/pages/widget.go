package pages

import (
	"net/http"
	"time"
)

// A Widget is the page that stands for the payment widget of Resurs: it takes the token of a session and shows the
// payment methods of its store. The vendor's own widget is not documented in what we have; this page shows that a
// token works and what it opens.
type Widget struct {
	Locale  string  // as in Checkout
	Address string  // of this page, and where its form is posted
	Refused Refusal // why nothing is shown; empty when the token is live
	Store   string  // id
	Expires time.Time
	Methods []Method
}

// A Refusal is why a token opens nothing.
type Refusal string

// The refusals.
const (
	NoToken      Refusal = "none" // the page was opened without one, which is no mistake
	TokenExpired Refusal = "expired"
	TokenUnknown Refusal = "unknown"
)

// A Method is a payment method of the store.
type Method struct {
	ID   string
	Type string // as the API names it, such as RESURS_INVOICE; the vocabulary is open
}

// Write answers with the page: usually with 200, and 401 for a token that is expired or unknown. On error nothing was
// written.
func (g Widget) Write(w http.ResponseWriter, status int) error {
	in := wordsFor(g.Locale)
	title, err := in.T("widget.title")
	if err != nil {
		return err
	}
	v := widgetView{shell: newShell(in, title, g.Address), Widget: g}
	v.Faulty = v.Wrong() != ""
	return write(w, status, "widget", v, in.Lang, policy{})
}

type widgetView struct {
	shell
	Widget
}

// Wrong is the refusal that is a mistake, or empty.
func (v widgetView) Wrong() Refusal {
	if v.Refused == NoToken {
		return ""
	}
	return v.Refused
}

func (v widgetView) WrongText() (string, error) { return v.T("widget." + string(v.Refused)) }

func (v widgetView) Until() string { return v.Expires.UTC().Format("2006-01-02 15:04:05 UTC") }

// Called is the name of a type, or the type itself where there are no words for it.
func (v widgetView) Called(kind string) string {
	if text, ok := v.table["method."+kind]; ok {
		return text
	}
	return kind
}
