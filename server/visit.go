package server

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/pages"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A visit is a payer at a page.
type visit struct {
	server  *Server
	world   *world
	payment payment
	address string
	locale  string
	framed  bool
	form    pages.Form
	faults  pages.Faults
	found   *person // that the payer is, for an invoice
}

// page shows where a payment is, and does what the payer asks for.
func (s *Server) page(framed bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visit{server: s, framed: framed, address: r.URL.RequestURI(), locale: r.URL.Query().Get(pages.Culture)}
		key := cmp.Or(r.PathValue("token"), r.URL.Query().Get("token"), r.URL.Query().Get("SessionID"))
		var err error
		if v.world, v.payment, err = s.visited(key); err != nil {
			s.show(w, r, pages.Ending{Locale: v.locale, Address: v.address, Why: pages.WhyUnknown}, http.StatusNotFound)
			return
		}
		v.locale = cmp.Or(v.locale, v.payment.order.language)
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			v.get(w, r)
		case http.MethodPost:
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseForm(); err != nil {
				http.Error(w, "The form could not be read.", http.StatusBadRequest)
				return
			}
			v.form = pages.ReadForm(r.PostForm)
			v.post(w, r)
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			http.Error(w, "This page takes GET and POST.", http.StatusMethodNotAllowed)
		}
	}
}

// visited finds a payment by its front-end token.
func (s *Server) visited(key string) (*world, payment, error) {
	w, err := s.worldWith(key)
	if err != nil {
		return nil, payment{}, err
	}
	w.agenda.catchUp()
	p, err := w.book.payer(key)
	return w, p, err
}

// withTransaction finds the payment of a transaction.
func (b *book) withTransaction(id string) (payment, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.payments {
		if p.state.index(strings.ToLower(id)) >= 0 {
			return b.read(p), true
		}
	}
	return payment{}, false
}

// get shows the payment as it stands. A payer who was told to wait is sent on to the shop once it is over.
func (v visit) get(w http.ResponseWriter, r *http.Request) {
	waited := r.URL.Query().Has(waiting)
	if why, status := v.ended(); why != "" {
		if waited && why != pages.WhyExpired {
			v.leave(w, r, why, v.payment.order.urls.CompleteURL)
			return
		}
		v.server.show(w, r, v.ending(why, v.payment.order.urls.CompleteURL), status)
		return
	}
	if waits := v.step() == pages.StepWait; waits != waited {
		http.Redirect(w, r, v.waits(waits), http.StatusSeeOther)
		return
	}
	if v.found = v.whom(r); v.found != nil {
		v.form.SSN, v.form.Zip = v.found.id, v.found.address.ZipCode
	}
	v.checkout(w, r, http.StatusOK)
}

// waiting is the query parameter of a page that looks again.
const waiting = "waiting"

// chosen is the query parameter of the page that shows whom an invoice goes to: which of the published persons, from 1.
// A page with an address of its own can be gone back to, and one that a form was answered with cannot.
const chosen = "person"

// plain is the address of the page without what the steps add to it.
func (v visit) plain() string { return v.with("", "") }

// waits is the address of the page that waits, or else the plain one.
func (v visit) waits(wait bool) string {
	if !wait {
		return v.plain()
	}
	return v.with(waiting, "1")
}

func (v visit) with(name, value string) string {
	u, err := url.Parse(v.address)
	if err != nil {
		return v.address
	}
	q := u.Query()
	q.Del(waiting)
	q.Del(chosen)
	if name != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// whom is the person that the address of the page names.
func (v visit) whom(r *http.Request) *person {
	n, err := strconv.Atoi(r.URL.Query().Get(chosen))
	if err != nil || n < 1 || n > len(persons) || v.payment.instrument != invoiceInstrument || v.step() != pages.StepPay {
		return nil
	}
	return &persons[n-1]
}

// ended is how the payment ended, and the status of a page that says so; empty when it can still be paid.
func (v visit) ended() (pages.Why, int) {
	p := v.payment
	_, paid := p.paid()
	switch {
	case p.status() == stateAborted:
		return pages.WhyAborted, http.StatusGone
	case p.status() == stateFailed:
		return pages.WhyFailed, http.StatusOK
	case paid:
		return pages.WhyPaid, http.StatusOK
	case p.asOf.Sub(p.created) > linkLasts:
		return pages.WhyExpired, http.StatusGone
	default:
		return "", 0
	}
}

// step is the page that fits what awaits the payer.
func (v visit) step() pages.Step {
	t, pending := v.payment.pending()
	switch {
	case v.found != nil:
		return pages.StepAddress
	case !pending:
		return pages.StepPay
	case t.coming != nil:
		return pages.StepWait
	case v.payment.instrument == creditcardInstrument:
		return pages.StepAuthenticate
	case v.payment.instrument == trustlyInstrument:
		return pages.StepBank
	case v.payment.instrument == invoiceInstrument:
		return pages.StepPay
	default:
		return pages.StepApp
	}
}

// post does what the payer pressed. A form that was filled in before something else happened is shown anew, unless the
// payer only wants to leave.
func (v visit) post(w http.ResponseWriter, r *http.Request) {
	if why, _ := v.ended(); why != "" {
		v.over(w, r, why)
		return
	}
	if v.form.Act == pages.ActCancel {
		v.leave(w, r, pages.WhyCanceled, v.payment.order.urls.CancelURL)
		return
	}
	if v.stale() {
		http.Redirect(w, r, v.plain(), http.StatusSeeOther)
		return
	}
	switch v.form.Act {
	case pages.ActBack:
		http.Redirect(w, r, v.plain(), http.StatusSeeOther)
	case pages.ActDecline:
		v.do(w, r, act{do: actDecline, reason: v.declining()})
	case pages.ActTimeout:
		v.do(w, r, act{do: actTimeout})
	case pages.ActConfirm:
		v.confirm(w, r)
	case pages.ActPay:
		v.pay(w, r)
	default:
		v.checkout(w, r, http.StatusUnprocessableEntity)
	}
}

// over answers what the payer pressed when it was over already. Who pressed the button twice goes on to the shop as after
// pressing it once; all others see how it ended.
func (v visit) over(w http.ResponseWriter, r *http.Request, why pages.Why) {
	pays := v.form.Act == pages.ActPay || v.form.Act == pages.ActConfirm
	if why == pages.WhyPaid && pays || why == pages.WhyFailed && v.form.Act != pages.ActCancel {
		v.leave(w, r, why, v.payment.order.urls.CompleteURL)
		return
	}
	http.Redirect(w, r, v.plain(), http.StatusSeeOther)
}

// stale tells a form of a step that the payment is no longer at. One of an attempt that has failed since does nothing
// either, which the act itself sees to: two may arrive at once.
func (v visit) stale() bool {
	step := v.step()
	if v.form.Step == pages.StepAddress && v.payment.instrument == invoiceInstrument {
		step = pages.StepAddress
	}
	return v.form.Step != step
}

// declining is the reason the payer chose; on the page of the card's bank it is that the payer cancelled.
func (v visit) declining() string {
	if v.form.Step == pages.StepAuthenticate && v.form.Reason == "" {
		return "3dsecureusercancelled"
	}
	return v.form.Reason
}

// pay goes on from the first page: on to the second, or to the end where there is none.
func (v visit) pay(w http.ResponseWriter, r *http.Request) {
	i := v.payment.instrument
	if v.faults = v.form.Check(pages.Instrument(i.segment), v.payment.asOf); len(v.faults) > 0 {
		v.checkout(w, r, http.StatusUnprocessableEntity)
		return
	}
	switch i {
	case creditcardInstrument:
		expires, ok := v.form.Expires()
		if !ok {
			expires = expiryAt(v.payment.asOf)
		}
		card := cardOf(v.form.PAN(), expires)
		do := act{do: actPay, card: card}
		if card.PanEnrolled {
			do.do = actStart
		}
		v.do(w, r, do)
	case invoiceInstrument:
		found, ok := personWith(v.form.SSN, v.form.Zip)
		if !ok {
			v.faults = pages.Faults{"ssn": pages.Unknown}
			v.checkout(w, r, http.StatusUnprocessableEntity)
			return
		}
		n := slices.IndexFunc(persons, func(p person) bool { return p.id == found.id })
		http.Redirect(w, r, v.with(chosen, strconv.Itoa(n+1)), http.StatusSeeOther)
	default:
		v.do(w, r, act{do: actStart, msisdn: v.form.Phone()})
	}
}

// confirm says yes on the second page.
func (v visit) confirm(w http.ResponseWriter, r *http.Request) {
	do := act{do: actPay}
	if v.payment.instrument == invoiceInstrument {
		found, ok := personWith(v.form.SSN, v.form.Zip)
		if !ok {
			http.Redirect(w, r, v.plain(), http.StatusSeeOther)
			return
		}
		do.person = found.parties()
	}
	v.do(w, r, do)
}

// do lets the payer act, and leads on: to the shop when it is over, or back to the page.
func (v visit) do(w http.ResponseWriter, r *http.Request, a act) {
	a.attempt = v.form.Attempt
	p, t, err := v.server.act(v.payment.id, a)
	if err != nil {
		v.refused(w, r, a, err)
		return
	}
	v.payment = p
	why, _ := v.ended()
	switch {
	case why != "":
		v.leave(w, r, why, p.order.urls.CompleteURL)
	case t.coming != nil && p.instrument == trustlyInstrument:
		v.leave(w, r, pages.WhyPaid, p.order.urls.CompleteURL) // the bank tells the merchant later than the payer returns
	case t.coming != nil:
		http.Redirect(w, r, v.waits(true), http.StatusSeeOther)
	default:
		http.Redirect(w, r, v.plain(), http.StatusSeeOther)
	}
}

// refused says why the payer could not act: it was over by then, or what the form says does not do.
func (v visit) refused(w http.ResponseWriter, r *http.Request, a act, err error) {
	if _, p, gone := v.server.visited(v.payment.token); gone == nil {
		v.payment = p
	}
	var problem *refuse.Problem
	why, _ := v.ended()
	switch {
	case !errors.As(err, &problem) || problem.Status >= http.StatusInternalServerError:
		http.Error(w, "The sandbox cannot keep what happens at the moment; its log says why.", http.StatusServiceUnavailable)
		return
	case why != "":
		v.over(w, r, why)
		return
	case a.card != nil && v.form.Card == "":
		v.faults = pages.Faults{"number": pages.Refused}
	case a.card != nil:
		v.faults = pages.Faults{"card": pages.Refused}
	default:
		v.faults = pages.Faults{"reason": pages.Refused}
	}
	v.checkout(w, r, http.StatusUnprocessableEntity)
}

// leave sends the payer back to the shop. A page in a frame says how it ended and leaves that to the shop's page.
func (v visit) leave(w http.ResponseWriter, r *http.Request, why pages.Why, to string) {
	if v.framed || !pages.IsLink(to) {
		v.server.show(w, r, v.ending(why, to), http.StatusOK)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (v visit) order() pages.Order {
	p := v.payment
	amount := p.purchase().amount
	if t, ok := p.pending(); ok {
		amount = t.amount
	}
	return pages.Order{
		Instrument: pages.Instrument(p.instrument.segment), Shop: p.order.payee.PayeeName, Description: p.order.description,
		Amount: amount, Currency: p.order.currency, Verify: p.order.verifies(),
	}
}

func (v visit) frame() *pages.Frame {
	if !v.framed {
		return nil
	}
	return &pages.Frame{Hosts: v.payment.order.urls.HostUrls, Payment: v.payment.path()}
}

func (v visit) ending(why pages.Why, back string) pages.Ending {
	return pages.Ending{
		Order: v.order(), Locale: v.locale, Address: v.plain(), Why: why, Detail: v.refusal(), Return: back, Frame: v.frame(),
	}
}

// refusal is why the payer's last attempt failed.
func (v visit) refusal() string {
	all := v.payment.state.transactions
	if len(all) == 0 || all[len(all)-1].failure == nil {
		return ""
	}
	return all[len(all)-1].failure.description
}

func (v visit) checkout(w http.ResponseWriter, r *http.Request, status int) {
	p, step := v.payment, v.step()
	address := v.waits(step == pages.StepWait)
	if v.found != nil {
		address = v.address
	}
	c := pages.Checkout{
		Order: v.order(), Locale: v.locale, Address: address, Step: step, Attempt: p.attempt(),
		Reasons: p.instrument.choices(step), Hints: p.instrument.hints(), Given: v.given(), Faults: v.faults, Declined: v.refusal(),
		CompleteURL: p.order.urls.CompleteURL, CancelURL: p.order.urls.CancelURL, TermsURL: p.order.urls.TermsOfServiceURL, Frame: v.frame(),
	}
	switch p.instrument {
	case creditcardInstrument:
		c.Cards = p.cards()
	case invoiceInstrument:
		c.Persons = shownPersons()
		if v.found != nil {
			c.Found = v.found.shown()
		}
	case trustlyInstrument:
		c.Banks = []string{"Swedbank", "Handelsbanken", "SEB", "Nordea"}
	}
	v.server.show(w, r, c, status)
}

// given is what the payer wrote, or what is known already.
func (v visit) given() pages.Form {
	f := v.form
	if t, ok := v.payment.pending(); ok {
		f.MSISDN = cmp.Or(f.MSISDN, t.msisdn)
	}
	if f == (pages.Form{}) {
		f.MSISDN = v.payment.order.msisdn
	}
	return f
}
