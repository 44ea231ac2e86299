package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A world is a namespace: payments, references, callbacks and a clock that meet no others. Each merchant that is set up
// has one, and of merchants that are not, each token.
type world struct {
	name     string
	clock    *clock
	agenda   *agenda
	book     *book
	postman  *postman
	journal  *journal
	dice     *dice
	sessions *sessions
	used     atomic.Int64 // when a request last came, in Unix seconds of the machine
	turning  sync.Mutex   // held while the clock is turned on
}

// worldName names the namespace of a token that belongs to no merchant that is set up. The token cannot be told from it.
func worldName(token string) string {
	digest := sha256.Sum256([]byte("kassa namespace " + token))
	return "token-" + hex.EncodeToString(digest[:6])
}

// newWorld makes an empty namespace. Its dice fall by the seed and the name, so what happens in other namespaces at the
// same time changes nothing. The server's lock is held, or nobody knows the server yet.
func (s *Server) newWorld(name string, generation uint64, ahead time.Duration) *world {
	w := &world{name: name, clock: &clock{source: s.clock, ahead: ahead}, journal: &journal{store: s.store, namespace: name}}
	w.agenda = &agenda{clock: w.clock, awake: s.ticking}
	w.dice = newDice(s.seed, name, generation)
	w.sessions = newSessions(w.journal)
	w.postman = newPostman(s.config, w)
	w.book = &book{
		now: w.clock.now, dice: w.dice, agenda: w.agenda, journal: w.journal, told: w.postman.tell, gone: w.postman.forget, kept: &s.kept,
		rules: rules{attempts: s.attempts, keep: s.keep, delays: s.delays, confirmed: s.confirmed},
	}
	w.book.clear()
	if s.closed {
		w.close() // nothing happens by itself any more
	}
	return w
}

// advance turns the clock on to a time, and lets everything happen on the way that is due by then, each at its time. It
// returns when all of it has happened, callbacks included.
func (w *world) advance(to time.Time) {
	for {
		w.postman.rest()
		at, ok := w.agenda.next(to)
		if !ok {
			break
		}
		w.clock.reach(at)
		w.agenda.catchUp()
	}
	w.clock.reach(to)
	w.agenda.catchUp()
	w.postman.rest()
	w.journal.append(recorded("", recordClock, w.clock.offset()))
}

// restore puts a record back. Records come in the order in which they were written.
func (w *world) restore(r Record) error {
	b := w.book
	switch r.Kind {
	case recordPayment:
		p, err := r.payment()
		if err != nil {
			return err
		}
		if b.payments[p.id] != nil {
			return fmt.Errorf("payment %s is there twice", p.id)
		}
		b.enlist(&p)
		return nil
	case recordFact:
		return b.restoreFact(r)
	case recordEvicted:
		if len(b.ids) == 0 || b.ids[0] != r.Subject {
			return fmt.Errorf("payment %s was not the oldest", r.Subject)
		}
		b.forgetOldest()
		return nil
	case recordDeleted:
		if t, ok := b.stored[r.Subject]; ok {
			t.deleted = true
			b.stored[r.Subject] = t
		}
		return nil
	case recordStrike:
		if t, ok := b.stored[r.Subject]; ok {
			t.strikes++
			b.stored[r.Subject] = t
		}
		return nil
	case recordAttempt:
		return w.postman.restore(r)
	case recordSession:
		return w.sessions.restore(r)
	case recordClock:
		var ahead time.Duration
		if err := json.Unmarshal(r.Data, &ahead); err != nil {
			return err
		}
		w.clock.turn(ahead)
		return nil
	default:
		return fmt.Errorf("%q is no kind of record", r.Kind)
	}
}

// restoreFact adds a fact that happened before.
func (b *book) restoreFact(r Record) error {
	p := b.payments[r.Subject]
	if p == nil {
		return errors.New("the payment is missing")
	}
	f, err := r.fact()
	if err != nil {
		return err
	}
	if err := p.add(f); err != nil {
		return err
	}
	switch f.event {
	case begun:
		b.references[p.order.reference(f.move.payeeReference)] = p.id
		b.transactions = max(b.transactions, f.move.number-p.instrument.prefix*1e8-5e7)
	case completed, failed:
		b.keep(p, f)
		if t := *p.state.transactions[p.state.index(f.tx)]; !p.silent(t) {
			b.told(*p, t)
		}
	case acted, aborted, addressed, finalised:
	}
	return nil
}

// resume puts back on the agenda what was under way when the records ended. The world is frozen.
func (w *world) resume() {
	for _, id := range w.book.ids {
		p := w.book.payments[id]
		for _, t := range p.state.transactions {
			if t.state == awaitingActivity && t.coming != nil {
				w.book.await(p, *t.coming)
			}
		}
	}
	w.postman.resume()
}

// freeze makes the namespace stand still until it is thawed. Several are frozen in the order of their names.
func (w *world) freeze() (thaw func()) {
	w.book.mu.Lock()
	w.postman.mu.Lock()
	w.sessions.mu.Lock()
	return func() {
		w.sessions.mu.Unlock()
		w.postman.mu.Unlock()
		w.book.mu.Unlock()
	}
}

// records writes everything that there is. The world is frozen.
func (w *world) records() []Record {
	out := []Record{recorded("", recordClock, w.clock.offset())}
	for _, id := range w.book.ids {
		p := w.book.payments[id]
		out = append(out, p.record())
		for _, f := range p.facts {
			out = append(out, f.record(id))
		}
	}
	for _, value := range sortedKeys(w.book.stored) {
		t := w.book.stored[value]
		for range t.strikes {
			out = append(out, recorded(value, recordStrike, struct{}{}))
		}
		if t.deleted {
			out = append(out, recorded(value, recordDeleted, struct{}{}))
		}
	}
	out = append(out, w.postman.records()...)
	out = append(out, w.sessions.records()...)
	return w.journal.own(out)
}

// wipe forgets everything but what the clock shows, and starts the dice over. The world is frozen.
func (w *world) wipe() {
	w.agenda.wipe()
	w.book.clear()
	w.postman.wipe()
	w.sessions.wipe()
	w.dice.again()
}

// become forgets everything and takes over what another has, of which nobody else knows. The world is frozen.
func (w *world) become(other *world) {
	w.wipe()
	b, from := w.book, other.book
	b.payments, b.tokens, b.ids, b.references, b.stored = from.payments, from.tokens, from.ids, from.references, from.stored
	b.created, b.transactions = from.created, from.transactions
	w.postman.letters, w.postman.order = other.postman.letters, other.postman.order
	w.sessions.by, w.sessions.order = other.sessions.by, other.sessions.order
	w.clock.turn(other.clock.offset())
	w.resume()
}

// close lets what is under way end, and nothing happen by itself any more.
func (w *world) close() {
	w.agenda.close()
	w.postman.close()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
