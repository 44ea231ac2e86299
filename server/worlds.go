package server

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// maxWorlds is how many namespaces there are at once. Beyond, the one whose last request is the longest ago is forgotten,
// unless a store keeps it.
const maxWorlds = 10_000

// world is the namespace of a name, made when there is none yet.
func (s *Server) world(name string) *world {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.worlds[name]
	if !ok {
		if len(s.worlds) >= maxWorlds && s.store == nil {
			s.forgetOldest()
		}
		w = s.newWorld(name, s.again, s.offset)
		s.worlds[name] = w
	}
	w.used.Store(time.Now().Unix())
	return w
}

// forgetOldest drops the namespace that was used the longest ago. The lock is held.
func (s *Server) forgetOldest() {
	var oldest *world
	for _, w := range s.worlds {
		if oldest == nil || w.used.Load() < oldest.used.Load() {
			oldest = w
		}
	}
	delete(s.worlds, oldest.name)
	go func() { // a callback may be out
		oldest.close()
		defer oldest.freeze()()
		oldest.wipe()
	}()
}

// known is the namespace of a name, if there is one.
func (s *Server) known(name string) (*world, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.worlds[name]
	return w, ok
}

// all are the namespaces by name.
func (s *Server) all() []*world {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listed()
}

// listed is all under the lock.
func (s *Server) listed() []*world {
	all := make([]*world, 0, len(s.worlds))
	for _, name := range sortedKeys(s.worlds) {
		all = append(all, s.worlds[name])
	}
	return all
}

// worldWith is the namespace that has a payment, which is named as Pay says.
func (s *Server) worldWith(key string) (*world, error) {
	for _, w := range s.all() {
		if _, err := w.book.payer(key); err == nil {
			return w, nil
		}
	}
	return nil, refuse.NotFound("There is no such payment.")
}

// namespaceOf is the namespace of a Swedbank Pay token.
func (s *Server) namespaceOf(token string) string {
	if a, ok := s.merchants[token]; ok {
		return a.namespace()
	}
	return worldName(token)
}

// readBack goes on from what the store holds.
func (s *Server) readBack() error {
	if s.store == nil {
		return nil
	}
	n, sum := 0, sha256.New()
	err := s.store.Records(func(r Record) error {
		n++
		_, _ = fmt.Fprintf(sum, "%s %s %s %s\n", r.Namespace, r.Subject, r.Kind, r.Data) // never fails
		switch {
		case r.Namespace == "" && r.Kind == recordClock:
			return json.Unmarshal(r.Data, &s.offset)
		case r.Namespace == "":
			return s.resurs.restore(r)
		}
		w, ok := s.worlds[r.Namespace]
		if !ok {
			w = s.newWorld(r.Namespace, 0, s.offset)
			w.postman.sleep()
			s.worlds[r.Namespace] = w
		}
		if err := w.restore(r); err != nil {
			return fmt.Errorf("record %d, a %s of %s: %w", n, r.Kind, r.Subject, err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("server: what was kept cannot be read back: %w", err)
	}
	if n > 0 {
		s.again = max(binary.BigEndian.Uint64(sum.Sum(nil)), 1)
	}
	for _, w := range s.worlds {
		w.dice.renew(s.seed, w.name, s.again)
	}
	if err := s.resurs.keep(); err != nil {
		return err
	}
	for _, w := range s.worlds {
		thaw := w.freeze()
		w.resume()
		thaw()
	}
	return nil
}

// freeze makes every namespace stand still, and lets none begin, until they are thawed. Those that are named are made
// when there are none yet.
func (s *Server) freeze(names ...string) (worlds []*world, thaw func()) {
	s.mu.Lock()
	for _, name := range names {
		if s.worlds[name] == nil {
			s.worlds[name] = s.newWorld(name, s.again, s.offset)
		}
	}
	var thaws []func()
	for _, name := range sortedKeys(s.worlds) {
		worlds = append(worlds, s.worlds[name])
		thaws = append(thaws, s.worlds[name].freeze())
	}
	return worlds, func() {
		for _, thaw := range slices.Backward(thaws) {
			thaw()
		}
		s.mu.Unlock()
	}
}

// rewrite replaces everything in the store by what there is, and answers what waits for that. Everything is frozen.
func (s *Server) rewrite(worlds []*world) (written func() error) {
	if s.store == nil {
		return func() error { return nil }
	}
	records := []Record{recorded("", recordKey, s.resurs.key), recorded("", recordClock, s.offset)}
	for _, w := range worlds {
		records = append(records, w.records()...)
	}
	written = s.store.Replace("", records...)
	for _, w := range worlds {
		w.journal.await(written)
	}
	return written
}

// durable waits until what happened in a namespace cannot be lost. When that fails nothing can be trusted any more: what
// is in memory is ahead of the file.
func (s *Server) durable(w *world) error { return s.check(w.journal.wait()) }

// check is what follows from whether something could be written.
func (s *Server) check(err error) error {
	if err == nil {
		return nil
	}
	s.mu.Lock()
	first := s.broken == nil
	if first {
		s.broken = err
	}
	s.mu.Unlock()
	if first {
		s.logger.Error("nothing can be kept any more", "error", err)
	}
	return s.lost()
}

// lost refuses everything once something could not be kept.
func (s *Server) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		return nil
	}
	return refuse.Status(http.StatusServiceUnavailable, "The sandbox could not write down what happened, and answers nothing until it is started again: "+s.broken.Error())
}
