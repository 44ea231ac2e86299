package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// snapshotSchema names the form of snapshots that is written and read.
const snapshotSchema = door.SnapshotSchemaKassaSnapshot1

// snapshotState is what was known at one moment.
type snapshotState struct {
	Ahead      time.Duration       `json:"ahead"`  // of the clocks of namespaces to come
	Faults     []door.Fault        `json:"faults"` // those that could still happen
	Namespaces []namespaceSnapshot `json:"namespaces"`
}

type namespaceSnapshot struct {
	Name    string           `json:"name"`
	Records []recordSnapshot `json:"records"`
}

// A recordSnapshot is a Record within its namespace.
type recordSnapshot struct {
	Subject string          `json:"subject,omitempty"`
	Kind    string          `json:"kind"`
	Data    json.RawMessage `json:"data"`
}

// Snapshot writes everything that the sandbox knows, at one moment: payments, references, tokens, widget sessions,
// callbacks, faults and clocks. It holds what merchants sent, and is for Restore. Requests that were made, and what access
// tokens are signed with, are not in it.
func (s *Server) Snapshot(w io.Writer) error {
	text, err := refuse.JSON(s.snapshot(""))
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// Restore forgets everything and puts what a snapshot holds in its place. A snapshot that cannot be read to its end, that
// is of another schema or not whole, is refused with the reason, and then nothing has changed. Clocks are as far ahead as
// they were, even where that is less than now; what fell due since happens at once.
func (s *Server) Restore(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("server: the snapshot cannot be read: %w", err)
	}
	var in door.Snapshot
	if err := strictly(text, &in); err != nil {
		return fmt.Errorf("server: the snapshot cannot be read: %w", err)
	}
	if err := s.restore("", in); err != nil {
		return fmt.Errorf("server: the snapshot is not restored: %w", err)
	}
	return nil
}

// snapshot takes one of a namespace, or of everything for "". What is empty and shows the same time as a new one is left
// out.
func (s *Server) snapshot(name string) door.Snapshot {
	worlds, thaw := s.freeze()
	state := snapshotState{Ahead: s.offset, Faults: []door.Fault{}, Namespaces: []namespaceSnapshot{}}
	for _, w := range worlds {
		if name != "" && name != w.name {
			continue
		}
		records := w.records()
		if name == "" && len(records) == 1 && w.clock.offset() == s.offset {
			continue
		}
		out := namespaceSnapshot{Name: w.name}
		for _, r := range records {
			out.Records = append(out.Records, recordSnapshot{r.Subject, r.Kind, r.Data})
		}
		state.Namespaces = append(state.Namespaces, out)
	}
	for _, f := range s.faults.all() {
		if name == "" || name == f.Namespace {
			state.Faults = append(state.Faults, f.told())
		}
	}
	thaw()
	text, err := refuse.JSON(state)
	if err != nil {
		panic(fmt.Sprintf("a snapshot does not encode: %v", err)) // strings, numbers and what was encoded before: never
	}
	return door.Snapshot{Schema: snapshotSchema, State: text}
}

// strictly decodes one JSON value of which every member is known.
func strictly(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows after its end")
	}
	return nil
}

// restore puts a snapshot in the place of a namespace, or of everything for "". Everything is read into namespaces that
// nobody knows before anything is forgotten.
func (s *Server) restore(name string, in door.Snapshot) error {
	if in.Schema != snapshotSchema {
		return fmt.Errorf("its schema is %s, and this sandbox reads %s; take it from one that writes that", word(in.Schema), snapshotSchema)
	}
	var state snapshotState
	if err := strictly(in.State, &state); err != nil {
		return fmt.Errorf("its state cannot be read: %w", err)
	}
	if err := mayTurn(0, state.Ahead); err != nil {
		return fmt.Errorf("its clock cannot be: %w", err)
	}
	if name != "" {
		if !s.mayName(name) {
			return noNamespace(name)
		}
		if err := state.narrow(name); err != nil {
			return err
		}
	}
	var faults []Fault
	for i, told := range state.Faults {
		f, err := faultOf(told)
		if err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
		faults = append(faults, f)
	}
	fresh, err := s.revive(state)
	if err != nil {
		return err
	}
	if name != "" {
		return s.restoreOne(name, fresh[name], faults)
	}
	worlds, thaw := s.freeze(sortedKeys(fresh)...)
	s.offset = state.Ahead
	for _, w := range worlds {
		if revived := fresh[w.name]; revived != nil {
			s.replaced(w, revived)
			continue
		}
		w.wipe()
		w.clock.turn(s.offset)
	}
	s.faults.forget("")
	s.faults.putBack(faults)
	s.traces.wipe("")
	written := s.rewrite(worlds)
	thaw()
	return s.check(written())
}

func (s *Server) restoreOne(name string, revived *world, faults []Fault) error {
	if other, ok := s.elsewhere(name, revived); ok {
		revived.book.clear()
		return fmt.Errorf("a payment of it is in the namespace %s, and no payment is in two; reset that first", other)
	}
	w := s.world(name)
	thaw := w.freeze()
	s.replaced(w, revived)
	w.journal.replace(w.records()...)
	s.faults.forget(name)
	s.faults.putBack(faults)
	s.traces.wipe(name)
	thaw()
	return s.durable(w)
}

// elsewhere is the namespace beside one that has a payment of another.
func (s *Server) elsewhere(name string, revived *world) (string, bool) {
	for _, w := range s.all() {
		if w.name == name {
			continue
		}
		for _, id := range revived.book.ids {
			if _, err := w.book.payer(id); err == nil {
				return w.name, true
			}
		}
	}
	return "", false
}

// replaced puts a namespace that was read from a snapshot in the place of one that is frozen. What happens next has ids
// of its own: they come from the seed and what was read, so that they are the same each time and none of those read.
func (s *Server) replaced(w, revived *world) {
	w.become(revived)
	sum := sha256.New()
	for _, r := range w.records() {
		_, _ = fmt.Fprintf(sum, "%s %s %s\n", r.Subject, r.Kind, r.Data) // never fails
	}
	w.dice.renew(s.seed, w.name, binary.BigEndian.Uint64(sum.Sum(nil)))
}

// namespaceName is how worldName names.
var namespaceName = regexp.MustCompile(`^token-[0-9a-f]{12}$`)

// mayName tells whether a namespace may have a name: that of a token, or of a merchant who is set up.
func (s *Server) mayName(name string) bool {
	if namespaceName.MatchString(name) {
		return true
	}
	for _, a := range s.merchants {
		if a.namespace() == name {
			return true
		}
	}
	for _, c := range s.credentials {
		if c.account != nil && c.account.namespace() == name {
			return true
		}
	}
	return false
}

// narrow leaves one namespace in a state, under a name: the one that has that name, or the only one there is.
func (x *snapshotState) narrow(name string) error {
	one := namespaceSnapshot{}
	switch {
	case len(x.Namespaces) == 1:
		one = x.Namespaces[0]
	default:
		for _, n := range x.Namespaces {
			if n.Name == name {
				one = n
			}
		}
	}
	if one.Name == "" {
		return fmt.Errorf("it holds %d namespaces, and none of them is %s; restore all of it, or take one of a single namespace", len(x.Namespaces), name)
	}
	var faults []door.Fault
	for _, f := range x.Faults {
		if f.Namespace == one.Name {
			f.Namespace = name
			faults = append(faults, f)
		}
	}
	one.Name = name
	x.Namespaces, x.Faults = []namespaceSnapshot{one}, faults
	return nil
}

// revive reads the namespaces of a snapshot. It refuses what does not fit together, and then has left nothing behind.
func (s *Server) revive(state snapshotState) (fresh map[string]*world, err error) {
	fresh = map[string]*world{}
	defer func() {
		if err == nil {
			return
		}
		for _, w := range fresh {
			w.book.clear()
		}
	}()
	if len(state.Namespaces) > maxWorlds {
		return fresh, fmt.Errorf("it holds %d namespaces; %d are kept", len(state.Namespaces), maxWorlds)
	}
	owner := map[string]string{}
	for _, n := range state.Namespaces {
		switch {
		case !s.mayName(n.Name):
			return fresh, fmt.Errorf("%s is no name of a namespace, and no merchant of the setup; start the sandbox with the setup it was taken with", word(n.Name))
		case fresh[n.Name] != nil:
			return fresh, fmt.Errorf("the namespace %s stands twice", n.Name)
		}
		s.mu.Lock()
		w := s.newWorld(n.Name, 0, state.Ahead)
		s.mu.Unlock()
		w.postman.sleep()
		fresh[n.Name] = w
		for i, r := range n.Records {
			if err := w.revive(Record{Subject: r.Subject, Kind: r.Kind, Data: r.Data}); err != nil {
				return fresh, fmt.Errorf("record %d of %s, a %s: %w", i+1, n.Name, word(r.Kind), err)
			}
		}
		for _, id := range w.book.ids {
			if owner[id] != "" {
				return fresh, fmt.Errorf("a payment is in %s and in %s", owner[id], n.Name)
			}
			owner[id] = n.Name
		}
	}
	if int64(len(owner)) > s.keep {
		return fresh, fmt.Errorf("it holds %d payments; this sandbox keeps %d", len(owner), s.keep)
	}
	return fresh, nil
}

// revive is restore for records that anybody may have written: what would make the sandbox stumble is refused too.
func (w *world) revive(r Record) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.New("it is not whole")
		}
	}()
	if err := w.restore(r); err != nil {
		return err
	}
	if p := w.book.payments[r.Subject]; p != nil {
		p.purchase()
		_, err = refuse.JSON(w.book.read(p).view("", expand([]string{"prices,transactions,authorizations,verifications,sales,captures,cancellations,reversals,urls,payeeInfo,metadata,paid"})))
	}
	return err
}
