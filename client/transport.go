package client

import (
	"net/http"

	"github.com/kassa-dev/kassa/client/internal/settings"
)

// WithTransport puts a layer around the transport in use, be it the default one
// or that of [WithHTTPClient]: to judge what is answered, to record it, to trace
// it. Given several times, the first is the outermost: it sees a request first
// and an answer last, and the last one speaks to the network. By default there
// is none.
//
// A layer sees every attempt, and each hop of a redirect, as it is sent: with
// the token in its header and the card in its body. Redact before you write
// anything down; those of package conformance do. It must keep the promises of
// [http.RoundTripper].
func WithTransport(layer func(next http.RoundTripper) http.RoundTripper) Option {
	return func(s *settings.Settings) {
		if layer == nil {
			s.Refuse(&InputError{Field: "WithTransport", Reason: "want a function that gives a transport"})
			return
		}
		s.Layers = append(s.Layers, layer)
	}
}
