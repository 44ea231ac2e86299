package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// Admin is the second door, for those who play the payer and for tests. It asks for no token and must not be reachable
// from where merchants are. Mount it under a prefix that is no path of the vendors, with http.StripPrefix:
//
//	POST /payments/{id}/payer       {"act": "pay"}, {"act": "decline"} or {"act": "cancel"}; the path of a payment with
//	                                /payer after it, such as /psp/creditcard/payments/{id}/payer, does the same
//	GET  /payments                  ids, states and amounts, in order of creation
//	GET  /callbacks                 the latest callbacks, sent and not sent, with their reasons
//	POST /reset                     forgets everything, as Reset does
//
// To pay or decline also settles a Swish reversal that is under way. An act answers where the payer's browser goes next. Cancelling leaves the payment as it is. Every refusal is a problem.
func (s *Server) Admin() http.Handler { return s.admin }

func (s *Server) newAdmin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /payments/{id}/payer", s.adminPayer)
	mux.HandleFunc("POST /psp/{instrument}/payments/{id}/payer", s.adminPayer)
	mux.HandleFunc("GET /payments", s.adminPayments)
	mux.HandleFunc("GET /callbacks", func(w http.ResponseWriter, r *http.Request) {
		list := []any{}
		for _, w := range s.all() {
			for _, l := range w.postman.deliveries() {
				list = append(list, members{{"id", l.id}, {"url", l.url}, {"state", l.state}, {"reason", l.reason}, {"attempts", l.attempts}})
			}
		}
		s.write(w, r, http.StatusOK, refuse.MediaJSON, members{{"callbacks", list}}, refuse.JSON)
	})
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			s.adminRefuse(w, r, refuse.Status(http.StatusNotFound, "The second door has POST /payments/{id}/payer, GET /payments, GET /callbacks and POST /reset."))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) adminPayer(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Act string `json:"act"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		s.adminRefuse(w, r, refuse.Status(http.StatusBadRequest, `The body is not JSON; send {"act": "pay"}.`))
		return
	}
	_, p, t, err := s.act(r.PathValue("id"), act{do: in.Act})
	if err != nil {
		s.adminRefuse(w, r, err)
		return
	}
	answer := members{{"payment", p.path()}, {"state", p.status()}}
	if t.id != "" {
		answer = append(answer, member{"transaction", p.transactionPath(t.op, t)}, member{"transactionState", t.state})
	}
	s.write(w, r, http.StatusOK, refuse.MediaJSON, append(answer, member{"next", p.next(in.Act, t)}), refuse.JSON)
}

// next is where the payer's browser goes: to completeUrl once the payment is paid or has failed for good, to cancelUrl
// after cancelling, and nowhere while another attempt may follow.
func (p payment) next(act string, t transaction) string {
	switch {
	case act == "cancel":
		return p.order.urls.CancelURL
	case t.op == ledger.Reversal: // the payer is not there
		return ""
	case t.state == stateCompleted || p.status() == stateFailed:
		return p.order.urls.CompleteURL
	default:
		return ""
	}
}

func (s *Server) adminPayments(w http.ResponseWriter, r *http.Request) {
	list := []any{}
	for _, p := range s.payments() {
		capturable, _, reversible := p.left()
		list = append(list, members{
			{"id", p.path()}, {"number", p.number}, {"state", p.status()}, {"currency", p.order.currency},
			{"amount", p.state.balance.Amount()}, {"capturable", capturable}, {"reversible", reversible}, {"transactions", len(p.state.transactions)},
			{"offers", strings.Join(p.offers(), " ")},
		})
	}
	s.write(w, r, http.StatusOK, refuse.MediaJSON, members{{"payments", list}}, refuse.JSON)
}

func (s *Server) adminRefuse(w http.ResponseWriter, r *http.Request, err error) {
	var problem *refuse.Problem
	if !errors.As(err, &problem) {
		s.logger.ErrorContext(r.Context(), "sandbox mistake", "error", err)
		problem = refuse.System()
	}
	s.write(w, r, problem.Status, refuse.MediaProblem, problem, refuse.JSON)
}

func (s *Server) payments() []payment {
	var all []payment
	for _, w := range s.all() {
		all = append(all, w.book.all()...)
	}
	return all
}
