package server

import (
	"encoding/json"
	"sync"
	"time"
)

// maxSessions is how many widget sessions a namespace remembers; the oldest go first.
const maxSessions = 10000

// A session is what a shopper's browser may use until it expires.
type session struct {
	Token   string    `json:"-"`
	Store   string    `json:"store"`
	Expires time.Time `json:"expires"`
}

// sessions are the widget sessions of a namespace.
type sessions struct {
	journal *journal

	mu    sync.Mutex
	by    map[string]session
	order []string
}

func newSessions(j *journal) *sessions { return &sessions{journal: j, by: map[string]session{}} }

func (s *sessions) add(one session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(one)
	s.journal.append(recorded(one.Token, recordSession, one))
}

// put remembers a session. The lock is held.
func (s *sessions) put(one session) {
	if len(s.order) == maxSessions {
		delete(s.by, s.order[0])
		s.order = s.order[1:]
	}
	s.by[one.Token] = one
	s.order = append(s.order, one.Token)
}

// get finds a session that has not expired.
func (s *sessions) get(token string, now time.Time) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.by[token]
	return one, ok && now.Before(one.Expires)
}

func (s *sessions) restore(r Record) error {
	one := session{Token: r.Subject}
	if err := json.Unmarshal(r.Data, &one); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(one)
	return nil
}

// records are the sessions. The lock is held.
func (s *sessions) records() []Record {
	var out []Record
	for _, token := range s.order {
		out = append(out, recorded(token, recordSession, s.by[token]))
	}
	return out
}

// wipe forgets every session. The lock is held.
func (s *sessions) wipe() {
	s.by, s.order = map[string]session{}, nil
}
