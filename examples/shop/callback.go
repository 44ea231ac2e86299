package main

import (
	"errors"
	"net/http"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// hear takes the bank's callbacks. A callback is not signed, and anybody may send one, so nothing in it is believed: it
// says which payment to look at, and the looking is done with our own token. Callbacks come twice and out of order, and
// that does no harm, since each only makes us read what is true now.
//
// Anything but 2xx makes the bank send it again, which is what we want for as long as the truth is not stored.
func (s *shop) hear(w http.ResponseWriter, r *http.Request) {
	callback, err := swedbankpay.ParseCallback(r.Body)
	if err != nil {
		s.log.Warn("a callback that cannot be read", "error", err)
		http.Error(w, "this is no callback", http.StatusBadRequest)
		return
	}
	o, err := s.orders.by(r.Context(), "payment", callback.Payment)
	if errors.Is(err, errNone) {
		return // nobody of ours: it would not become ours by being sent again
	}
	if err == nil {
		_, err = s.refresh(patient(r.Context()), o)
	}
	if err != nil {
		s.log.Error("a callback could not be followed up", "payment", callback.Payment, "error", err)
		http.Error(w, "later, please", http.StatusServiceUnavailable)
	}
}
