package pages

import "strings"

// A Frame says that a page is shown inside a shop's page by the [Script].
type Frame struct {
	Hosts   []string // hostUrls: who may frame the page, and whom it tells what happens. An empty list allows nobody
	Payment string   // the payment's id, which is a path; an argument of every event
}

// Events are named as the vendor's own script names its callbacks. The facts do not document them: the names are from
// general knowledge of the vendor's public Seamless View.
const (
	created      = "onPaymentCreated"
	pending      = "onPaymentPending"
	completed    = "onPaymentCompleted"
	failed       = "onPaymentFailed"
	canceled     = "onPaymentCanceled"
	failedForNow = "onError"
)

var endings = map[Why]string{WhyPaid: completed, WhyFailed: failed, WhyCanceled: canceled}

// A happening is what a page in a frame tells the shop's page when it is shown.
type happening struct {
	event    string
	message  string // of onError
	redirect string
}

// framed is what the template prints for the script in the page.
type framed struct {
	Hosts, Event, Payment, Redirect, Message string
}

// open puts the frame's part into the shell and answers the policy that goes with it.
func (f *Frame) open(s *shell, h happening) policy {
	if f == nil {
		return policy{}
	}
	hosts := origins(f.Hosts)
	s.Script = script
	s.Framed = &framed{Hosts: strings.Join(hosts, " "), Event: h.event, Payment: f.Payment, Redirect: h.redirect, Message: h.message}
	return policy{framed: true, hosts: hosts}
}
