package server

import (
	"fmt"
	"reflect"
	"time"
)

// Act lets a payer act as the second door does: what is asynchronous takes its time.
func (s *Server) Act(key, do string) error {
	_, _, err := s.act(key, act{do: do})
	return err
}

// Unreplayed lists payments whose facts do not add up to their state.
func (s *Server) Unreplayed() []string {
	var out []string
	for _, w := range s.all() {
		for _, p := range w.book.all() {
			again, err := replay(p.facts)
			if len(p.facts) == 0 {
				again.updated = p.created
			}
			if err != nil || !reflect.DeepEqual(again, p.state) {
				out = append(out, fmt.Sprintf("%s: %v", p.id, err))
			}
		}
	}
	return out
}

// Kept is how many payments are remembered.
func (s *Server) Kept() int64 { return s.kept.Load() }

// Namespaces is how many there are.
func (s *Server) Namespaces() int { return len(s.all()) }

// Ahead is how far ahead the clock of each namespace is.
func (s *Server) Ahead() []time.Duration {
	var out []time.Duration
	for _, w := range s.all() {
		out = append(out, w.clock.offset())
	}
	return out
}
