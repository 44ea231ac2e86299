// Package pages writes what a payer's browser sees: the payment page behind every redirect-* href, its second step at the
// bank or in the app, the pages that say how a payment ended, the script behind every view-* href that shows the same in a
// frame, and a page that stands for the payment widget of Resurs.
//
// It knows no book and no addresses. A caller fills a view model and writes it:
//
//	pages.Checkout{…}.Write(w, status)   a page that asks the payer for something
//	pages.Ending{…}.Write(w, status)     a page that tells how it ended
//	pages.Script{…}.Write(w)             the script of a shop that shows the checkout in its own page
//	pages.Widget{…}.Write(w, status)     the page of a widget session
//
// and reads what the payer sent with [ReadForm]. Every page is a plain form that works without JavaScript: the caller
// answers a POST with 303, or with the same page and its [Faults].
//
// The pages speak Swedish to a payment whose language is Swedish and English to all others, and offer the other language
// as a link. All words stand in one table for each language. Nothing is loaded from anywhere: styles are in the page, and
// the Content-Security-Policy allows what the page contains and nothing else. Whatever a shop hands in is shown as text;
// only http and https addresses become links.
package pages

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed templates/*.html
var files embed.FS

// styleText and frameText are printed into pages as they stand here, so that their hashes in the policy are right.
var (
	//go:embed style.css
	styleText string
	//go:embed frame.js
	frameText string

	style  = template.HTML("<style>" + styleText + "</style>")   //nolint:gosec // our own file
	script = template.HTML("<script>" + frameText + "</script>") //nolint:gosec // our own file
)

// templates are the layout with each page's own part.
var templates = func() map[string]*template.Template {
	shared := template.Must(template.ParseFS(files, "templates/layout.html", "templates/parts.html"))
	made := map[string]*template.Template{}
	for _, name := range []string{"checkout", "ending", "widget"} {
		made[name] = template.Must(template.Must(shared.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return made
}()

// A shell is what every page has around its own part.
type shell struct {
	words
	Title   string
	Faulty  bool   // whether the page is shown again because of something the payer wrote
	Other   string // the address of this page in the other language
	Refresh int    // seconds after which the browser asks again; 0 for never
	Style   template.HTML
	Script  template.HTML // empty outside a frame
	Framed  *framed       // nil outside a frame
}

func newShell(w words, title, address string) shell {
	return shell{words: w, Title: title, Other: inCulture(address, w.otherLocale()), Style: style}
}

// write answers with a page. The page is made before the first byte is sent, so that a failure leaves w untouched.
func write(w http.ResponseWriter, status int, name string, data any, lang string, p policy) error {
	var page bytes.Buffer
	if err := templates[name].ExecuteTemplate(&page, "layout", data); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Content-Security-Policy", p.String())
	if !p.framed {
		h.Set("X-Frame-Options", "DENY")
	}
	common(h)
	w.WriteHeader(status)
	_, err := w.Write(squeeze(page.Bytes()))
	return err
}

// common are the headers of everything this package writes: no page is kept, guessed at or told of elsewhere.
func common(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// squeeze drops the lines that templates leave empty. What a payer wrote stands in attributes of one line, so nothing of
// it is lost; the style and the script have no empty lines, or their hashes would be wrong, and a test says so.
func squeeze(page []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(page) {
		if len(bytes.TrimSpace(line)) > 0 {
			out.Write(line)
		}
	}
	return out.Bytes()
}

// An Instrument is a way to pay, named as in the vendor's paths.
type Instrument string

// The six instruments.
const (
	CreditCard Instrument = "creditcard"
	Invoice    Instrument = "invoice"
	Swish      Instrument = "swish"
	Vipps      Instrument = "vipps"
	MobilePay  Instrument = "mobilepay"
	Trustly    Instrument = "trustly"
)

// An Order is what the payer is asked for.
type Order struct {
	Instrument  Instrument
	Shop        string // its name; by default the page says "the shop"
	Description string
	Amount      int64  // minor units, hundredths whatever the currency
	Currency    string // ISO 4217
	Verify      bool   // no money is asked for, and no amount is shown
}

// Culture is the query parameter that says the language of a page, a locale such as sv-SE. The vendor's own hrefs carry
// it (Vipps and Swish). The caller reads it, prefers it to the payment's language, and hands the result in as Locale.
const Culture = "Culture"

// shop is the name of the shop, or the word for one.
func (o Order) shop(w words) (string, error) {
	if name := strings.TrimSpace(o.Shop); name != "" {
		return name, nil
	}
	return w.T("shop.unnamed")
}
