package server

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/server/internal/pages"
)

const (
	linkLasts = 28 * 24 * time.Hour // documentation
	maxForm   = 64 << 10
)

// newFront serves what the payer's browser fetches: the pages and scripts that operations lead to, under the vendor's
// paths; what others than the vendor serve in the live environment, such as the bank; and a page for a widget session. It
// asks for no token: whoever knows a link may follow it.
func (s *Server) newFront() *http.ServeMux {
	mux := http.NewServeMux()
	for _, card := range []string{"creditcardv2", "creditcardv3"} {
		mux.HandleFunc("/"+card+"/payments/{act}/{token}", s.page(false))
	}
	for _, i := range instruments {
		if i != creditcardInstrument {
			mux.HandleFunc("/"+i.segment+"/payments/{act}/{token}", s.page(false))
		}
		mux.HandleFunc(framePath(i)+"{token}", s.page(true))
	}
	mux.HandleFunc("/psp/vipps/landingpage", s.page(false))
	mux.HandleFunc("/_/orderclient.php", s.page(false))
	mux.HandleFunc("GET "+authenticatePath+"{transaction}", s.authenticating)
	mux.HandleFunc("GET /widget", s.widget)
	mux.HandleFunc("POST /widget", s.widget)
	mux.HandleFunc("/", s.script)
	return mux
}

// framePath is where a payment's page is that a shop shows in a frame.
func framePath(i *instrument) string { return "/" + i.segment + "/frame/" }

// Front tells whether a request of the first door is for the payer's browser: for a page or a script, which is no
// operation of an API. Below /psp/ everything else is the API's to refuse.
func Front(method, path string) bool {
	path = strings.ToLower(path)
	if strings.HasPrefix(path, "/psp/") {
		id, authenticates := strings.CutPrefix(path, authenticatePath)
		return path == "/psp/vipps/landingpage" || authenticates && id != "" && !strings.Contains(id, "/") && (method == http.MethodGet || method == http.MethodHead)
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "widget", "creditcardv2", "creditcardv3":
		return true
	case "_":
		return rest == "orderclient.php"
	default:
		return instrumentOf(first) != nil
	}
}

// authenticating sends the payer of a card that the merchant typed to the page where it is authenticated.
func (s *Server) authenticating(w http.ResponseWriter, r *http.Request) {
	for _, each := range s.all() {
		if p, ok := each.book.withTransaction(r.PathValue("transaction")); ok {
			to := strings.Replace(p.instrument.fronts["redirect-authorization"], "{token}", p.token, 1)
			w.Header().Set("Location", s.baseOf(r)+to)
			w.WriteHeader(http.StatusFound)
			return
		}
	}
	s.show(w, r, pages.Ending{Address: r.URL.RequestURI(), Why: pages.WhyUnknown}, http.StatusNotFound)
}

// script answers the script of a payment whose views may be framed.
func (s *Server) script(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, ".js") || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	_, p, err := s.visited(r.URL.Query().Get("token"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	page := s.baseOf(r) + framePath(p.instrument) + p.token
	if culture := r.URL.Query().Get(pages.Culture); culture != "" {
		page += "?" + url.Values{pages.Culture: {culture}}.Encode()
	}
	if err := (pages.Script{Instrument: pages.Instrument(p.instrument.segment), Page: page}).Write(w); err != nil {
		s.logger.ErrorContext(r.Context(), "sandbox mistake", "path", r.URL.Path, "error", err)
		http.Error(w, "The sandbox made a mistake and has logged it.", http.StatusInternalServerError)
	}
}

// A leaf is a page that can be shown.
type leaf interface {
	Write(w http.ResponseWriter, status int) error
}

func (s *Server) show(w http.ResponseWriter, r *http.Request, what leaf, status int) {
	if err := what.Write(w, status); err != nil {
		s.logger.ErrorContext(r.Context(), "sandbox mistake", "path", r.URL.Path, "error", err)
		http.Error(w, "The sandbox made a mistake and has logged it.", http.StatusInternalServerError)
	}
}

// widget shows what a live widget session opens. The token stands in the address, or in the form that the page sends.
func (s *Server) widget(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form could not be read.", http.StatusBadRequest)
		return
	}
	token := strings.TrimSpace(r.Form.Get("token"))
	page := pages.Widget{Locale: r.URL.Query().Get(pages.Culture), Address: r.URL.RequestURI()}
	if token == "" {
		page.Refused = pages.NoToken
		s.show(w, r, page, http.StatusOK)
		return
	}
	page.Refused = pages.TokenUnknown
	for _, each := range s.all() {
		found, live := each.sessions.get(token, each.clock.now())
		switch {
		case found.Token == "":
		case !live:
			page.Refused = pages.TokenExpired
		default:
			page.Refused, page.Store, page.Expires = "", found.Store, found.Expires
			for _, m := range s.stores[found.Store].shown() {
				page.Methods = append(page.Methods, pages.Method{ID: m.id, Type: m.kind})
			}
			s.show(w, r, page, http.StatusOK)
			return
		}
	}
	s.show(w, r, page, http.StatusUnauthorized)
}

// parties are what an invoice knows of a person.
func (p person) parties() *parties {
	out := &parties{legal: p.address}
	out.consumer.SocialSecurityNumber, out.consumer.Email, out.consumer.Msisdn = p.id, p.email, p.msisdn
	return out
}
