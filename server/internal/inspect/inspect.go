// Package inspect draws the inspector: the pages on which people watch the sandbox and play the payer, and a payment's
// timeline as a picture. It turns what the second door tells (gen/kassa/door) into text and knows nothing else; what is
// shown is handed in.
//
// A page is whole: its style and script stand in it, and Guard forbids the browser to load anything else. It is drawn
// here and nowhere else: the script asks for the page again every other second and exchanges the parts that changed, so
// a page reads the same with and without it. Acting needs the script: it sends what the second door documents, as JSON.
//
// Pages are made for a light and a dark screen, for a phone, for a keyboard and for being read aloud.
package inspect

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the texts below
	"encoding/base64"
	"html/template"
	"net/http"
	"sync"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// An Overview is what the page at / shows. Lists are shown in the order given; the second door has the newest first.
type Overview struct {
	Query      Query // as asked, so that the page can be asked for again
	Namespaces []door.Namespace
	Clock      door.Clock
	Payments   []door.Payment
	Requests   []door.Request
	Callbacks  []door.Callback
	Faults     []door.Fault
	Recording  bool // whether /recording.har has something to give
}

// A Query is what the page at / was asked for; empty is everything.
type Query struct {
	Namespace, Instrument, State string
	Refused                      bool
}

// A Payment is what the page of one payment shows.
type Payment struct {
	Detail  door.PaymentDetail
	Reasons []door.DeclineReason // those of its instrument
	Clock   door.Clock           // of its namespace
}

// Page draws the overview as HTML, for the path / and no other: the links in it are relative to there.
func (o Overview) Page() ([]byte, error) { return draw("overview.html", overview{Overview: o}) }

// Page draws the payment as HTML, for the path /inspector/payments/{id} and no other: the links in it are relative to
// there.
func (p Payment) Page() ([]byte, error) { return draw("payment.html", sheet{Payment: p}) }

// Guard sets the headers that go with a page: it may load and send nothing but to where it came from, nobody may show it
// in a frame, and nobody keeps it.
func Guard(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "+
		"connect-src 'self'; img-src 'self' data:; script-src "+digest(script)+"; style-src "+digest(style)+" "+digest(ink))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

var (
	//go:embed page.css
	style string
	//go:embed page.js
	script string
	//go:embed timeline.css
	ink string

	//go:embed frame.html
	frameHTML string
	//go:embed overview.html
	overviewHTML string
	//go:embed payment.html
	paymentHTML string
	//go:embed timeline.svg
	timelineSVG string
)

// digest names a text in a policy: no other style or script runs.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// templates are read when the first page is asked for, so that a sandbox nobody looks at pays nothing.
var templates = sync.OnceValues(func() (*template.Template, error) {
	all := template.New("").Funcs(words)
	for _, text := range []struct{ name, text string }{
		{"frame.html", frameHTML}, {"overview.html", overviewHTML}, {"payment.html", paymentHTML}, {"timeline.svg", timelineSVG},
	} {
		if _, err := all.New(text.name).Parse(text.text); err != nil {
			return nil, err
		}
	}
	return all, nil
})

func draw(name string, data any) ([]byte, error) {
	all, err := templates()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := all.ExecuteTemplate(&out, name, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
