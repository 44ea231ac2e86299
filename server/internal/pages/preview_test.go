package pages_test

import (
	"flag"
	"fmt"
	"html"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/kassa-dev/kassa/server/internal/pages"
)

// TestMain runs the tests, or with -preview shows the pages to a browser until it is killed:
//
//	go test ./server/internal/pages -preview 127.0.0.1:8586 -timeout 0
//
// It prints its address. The browser check in .ci/browser talks to the same.
func TestMain(m *testing.M) {
	address := flag.String("preview", "", "serve every page at this address instead of testing")
	flag.Parse()
	if *address == "" {
		os.Exit(m.Run())
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	server := &http.Server{Handler: newPreview(listener.Addr().(*net.TCPAddr).Port), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, server.Serve(listener))
	os.Exit(1)
}

// A preview is the gallery, and a toy of six instruments with a toy shop, to walk through with a browser. The toy keeps
// for each name where it stands. The shop is the same server under another host name, which to a browser is another site.
type preview struct {
	http.ServeMux
	port int

	mu    sync.Mutex
	where map[string]place
}

type place struct {
	step     Step
	why      Why
	declined string
	given    Form
}

func newPreview(port int) *preview {
	p := &preview{port: port, where: map[string]place{}}
	p.HandleFunc("GET /{$}", p.index)
	p.HandleFunc("/page/{name}", p.page)
	p.HandleFunc("GET /toy/{instrument}/{name}", p.show)
	p.HandleFunc("POST /toy/{instrument}/{name}", p.act)
	p.HandleFunc("GET /toy/{instrument}/{name}/script", p.script)
	p.HandleFunc("GET /shop/{what}", p.shop)
	return p
}

func (p *preview) index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	for _, s := range gallery("en-US") {
		fmt.Fprintf(w, "<p><a href='/page/%[1]s'>%[1]s</a></p>\n", s.name)
	}
	for _, i := range all {
		fmt.Fprintf(w, "<p><a href='/toy/%[1]s/try'>walk through %[1]s</a>, <a href='http://shop.localhost:%[2]d/shop/view?instrument=%[1]s&name=framed&listen=1'>in a frame</a></p>\n", i, p.port)
	}
}

func (p *preview) page(w http.ResponseWriter, r *http.Request) {
	for _, s := range gallery(r.FormValue(Culture)) {
		if s.name == r.PathValue("name") {
			must(s.page.Write(w, s.status))
			return
		}
	}
	http.NotFound(w, r)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

func (p *preview) shopURL(what string) string {
	return fmt.Sprintf("http://shop.localhost:%d/shop/%s", p.port, what)
}

func (p *preview) at(r *http.Request) place {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known := p.where[r.URL.Path]
	if !known {
		at.step = StepPay
	}
	return at
}

func (p *preview) show(w http.ResponseWriter, r *http.Request) {
	at := p.at(r)
	c := p.checkout(r, at)
	if at.why == "" {
		must(c.Write(w, http.StatusOK))
		return
	}
	e := Ending{Order: c.Order, Locale: c.Locale, Address: c.Address, Why: at.why, Return: c.CompleteURL, Frame: c.Frame}
	if at.why == WhyCanceled {
		e.Return = c.CancelURL
	}
	must(e.Write(w, http.StatusOK))
}

func (p *preview) checkout(r *http.Request, at place) Checkout {
	c := checkout(Instrument(r.PathValue("instrument")), at.step, r.URL.Query().Get(Culture), r.URL.RequestURI())
	c.CompleteURL, c.CancelURL, c.TermsURL = p.shopURL("complete"), p.shopURL("moved"), p.shopURL("terms")
	c.Declined = at.declined
	if at.given != (Form{}) {
		c.Given = at.given
	}
	if r.URL.Query().Has("frame") {
		c.Frame = &Frame{Hosts: []string{p.shopURL("")}, Payment: "/psp/" + r.PathValue("instrument") + "/payments/" + r.PathValue("name")}
	}
	return c
}

func (p *preview) act(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	at, form := p.at(r), ReadForm(r.PostForm)
	at.declined, at.given = "", form
	c := p.checkout(r, at)
	if c.Faults = form.Check(c.Instrument, time.Now()); len(c.Faults) > 0 {
		must(c.Write(w, http.StatusUnprocessableEntity))
		return
	}
	next := ""
	switch {
	case form.Act == ActCancel:
		at.why, next = WhyCanceled, c.CancelURL
	case form.Act == ActTimeout:
		at.why, next = WhyFailed, c.CompleteURL
	case form.Act == ActDecline:
		at.step, at.declined = StepPay, form.Reason
	case form.Act == ActBack:
		at.step, at.given = StepPay, Form{}
	case form.Act == ActConfirm, c.Instrument == CreditCard && form.PAN() == cards[0].Number:
		at.why, next = WhyPaid, c.CompleteURL
	default:
		at.step = seconds[c.Instrument]
		if c.Instrument == Invoice {
			at.given.Person = ""
		}
	}
	p.mu.Lock()
	p.where[r.URL.Path] = at
	p.mu.Unlock()
	if next == "" || c.Frame != nil {
		next = r.URL.RequestURI()
	}
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // to the toy itself or its own shop
}

func (p *preview) script(w http.ResponseWriter, r *http.Request) {
	page := fmt.Sprintf("http://127.0.0.1:%d%s?frame=1", p.port, strings.TrimSuffix(r.URL.Path, "/script"))
	must(Script{Instrument: Instrument(r.PathValue("instrument")), Page: page}.Write(w))
}

// shop is a page of the shop. /shop/view embeds a checkout; with listen it has a function for every event, which it
// writes down in window.told.
func (p *preview) shop(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	what, i, name := r.PathValue("what"), r.FormValue("instrument"), r.FormValue("name")
	if what == "moved" { // the shop that cancelUrl names is elsewhere today
		http.Redirect(w, r, fmt.Sprintf("http://stranger.localhost:%d/shop/cancel", p.port), http.StatusFound)
		return
	}
	if what != "view" {
		fmt.Fprintf(w, "<!doctype html><link rel=icon href=data:,><title>shop</title><h1>%s</h1>", html.EscapeString(what))
		return
	}
	config := `{container: 'here', culture: new URLSearchParams(location.search).get('Culture')}`
	if r.FormValue("listen") != "" {
		config = `new Proxy({container: 'here', culture: new URLSearchParams(location.search).get('Culture')}, {get: (c, name) =>
  name in c || !name.startsWith('on') ? c[name] : detail => told.push({name, ...detail})})`
	}
	fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><title>shop</title><h1>shop</h1><div id="here"></div>
<script src="http://127.0.0.1:%d/toy/%s/%s/script"></script>
<script>window.told = []; window.view = Object.values(payex.hostedView)[0](%s); view.open();</script>`,
		p.port, html.EscapeString(i), html.EscapeString(name), config)
}
