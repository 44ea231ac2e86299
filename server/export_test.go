package server

import "net/http"

// Break makes every request that passes the gate crash with a message, until it is repaired.
func (s *Server) Break(message string) (repair func()) {
	whole := s.mux
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { panic(message) })
	return func() { s.mux = whole }
}

// Settle waits until no callback is under way.
func (s *Server) Settle() {
	for _, w := range s.all() {
		w.agenda.catchUp()
		w.postman.rest()
	}
}
