package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server"
)

// A ledgerStore is a store in memory. It can be told to fail.
type ledgerStore struct {
	mu      sync.Mutex
	records []server.Record
	fails   error
}

func (m *ledgerStore) Append(records ...server.Record) func() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails == nil {
		m.records = append(m.records, records...)
	}
	return m.done()
}

func (m *ledgerStore) Replace(namespace string, records ...server.Record) func() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails == nil {
		m.records = slices.DeleteFunc(m.records, func(r server.Record) bool { return namespace == "" || r.Namespace == namespace })
		m.records = append(m.records, records...)
	}
	return m.done()
}

func (m *ledgerStore) done() func() error {
	err := m.fails
	return func() error { return err }
}

func (m *ledgerStore) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails = err
}

func (m *ledgerStore) Records(yield func(server.Record) error) error {
	m.mu.Lock()
	records := slices.Clone(m.records)
	m.mu.Unlock()
	for _, r := range records {
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

func (m *ledgerStore) Close() error { return nil }

// reopened is a sandbox that reads back what another's store holds, and throws other dice.
func (m *ledgerStore) reopened(t *testing.T) *sandbox {
	t.Helper()
	return newSandbox(t, server.WithStore(&ledgerStore{records: slices.Clone(m.records)}), server.WithSeed(2))
}

// life is a sandbox in which a bit of everything has happened, and what it answers about that.
type life struct {
	*sandbox

	card, swish, other, stored, front, resurs string
	shop                                      *shop
}

func newLife(t *testing.T, opts ...server.Option) *life {
	t.Helper()
	m := newShop(t)
	m.status.Store(500)
	l := &life{sandbox: newSandbox(t, opts...), shop: m}
	l.resurs = l.token()
	l.stored = l.sandbox.stored("creditcard")
	l.card = l.must("POST", "/psp/creditcard/payments", withRef(calling(cardPurchase, m.URL), "card")).str("payment.id")
	l.front = l.must("GET", l.card, "").href("redirect-authorization")
	l.payer(l.card, `{"act":"pay"}`)
	l.Settle()
	l.swish = l.create("swish", "swish")
	l.payer(l.swish, `{"act":"pay"}`) // settles in four seconds
	l.other = l.as("two", "POST", "/psp/vipps/payments", withRef(vippsPurchase, "card")).str("payment.id")
	require.Equal(t, 201, l.knock("POST", "/faults", `{"status":503,"times":2,"match":{"operation":"createReversal"}}`, bearer("test")...).status)
	return l
}

// check fails unless everything is there.
func (l *life) check(t *testing.T, s *sandbox) {
	t.Helper()
	assert.Equal(t, l.must("GET", l.card, "").text, s.must("GET", l.card, "").text)
	assert.Equal(t, 200, s.as("two", "GET", l.other, "").status)
	assert.Equal(t, 404, s.do("GET", l.other, "").status, "each in its own namespace")
	assert.Equal(t, 403, s.do("POST", "/psp/creditcard/payments", withRef(cardPurchase, "card")).status, "references are still used")
	charged := strings.Replace(cardRecur, "TOKEN", l.stored, 1)
	assert.Equal(t, 201, s.do("POST", "/psp/creditcard/payments", withRef(charged, "charged")).status, "stored tokens still pay")
	body, err := json.Marshal(map[string]string{"payment": l.front, "act": "cancel"})
	require.NoError(t, err)
	r := s.knock("POST", "/payer", string(body))
	assert.Equal(t, 409, r.status, "the front end's token still leads to the payment, which is paid")
	assert.Len(t, s.Faults(), 1)

	assert.Equal(t, "10000 0", amountAndReversible(s, l.swish))
	require.NoError(t, s.Advance(t.Context(), 4*time.Second))
	assert.Equal(t, "10000 10000", amountAndReversible(s, l.swish), "what was under way settles")

	before := len(l.shop.told())
	require.NoError(t, s.Advance(t.Context(), 25*time.Second))
	assert.Len(t, l.shop.told(), before, "one second before the callback is tried again")
	require.NoError(t, s.Advance(t.Context(), time.Second))
	assert.Len(t, l.shop.told(), before+1, "callbacks keep to their times")
}

func TestSnapshotAndRestore(t *testing.T) {
	l := newLife(t)
	s := l.sandbox
	snapshot := s.knock("GET", "/snapshot", "").text

	t.Run("in the same sandbox", func(t *testing.T) {
		later := s.card("later")
		require.NoError(t, s.Advance(t.Context(), 30*24*time.Hour))
		s.must("POST", l.card+"/captures", moving(1, "moved"))
		require.Equal(t, 204, s.knock("PUT", "/snapshot", snapshot).status)
		assert.JSONEq(t, snapshot, s.knock("GET", "/snapshot", "").text)
		assert.Equal(t, 404, s.do("GET", later, "").status)
		assert.Len(t, s.knock("GET", "/requests", "").at("requests"), 1, "the requests before are forgotten")
		first := s.card("new")
		require.Equal(t, 204, s.knock("PUT", "/snapshot", snapshot).status, "twice")
		assert.JSONEq(t, snapshot, s.knock("GET", "/snapshot", "").text)
		assert.Equal(t, first, s.card("new"), "what comes next is the same each time")
		require.Equal(t, 204, s.knock("PUT", "/snapshot", snapshot).status)
		l.check(t, s)
	})
	t.Run("in another", func(t *testing.T) {
		other := newSandbox(t)
		require.NoError(t, other.Restore(strings.NewReader(snapshot)))
		var out bytes.Buffer
		require.NoError(t, other.Snapshot(&out))
		assert.JSONEq(t, snapshot, out.String())
		assert.NotContains(t, snapshot, lastSegment(other.card("fresh")), "new ids, though the seed is the same")
		require.NoError(t, other.Restore(strings.NewReader(snapshot)))
		require.NoError(t, s.Restore(strings.NewReader(snapshot)))
		l.check(t, other)
	})
}

// TestSnapshotOfOne holds one namespace and restores it alone, in the same or under another token, but never in two.
func TestSnapshotOfOne(t *testing.T) {
	l := newLife(t)
	s := l.sandbox
	snapshot := s.knock("GET", "/snapshot", "", bearer("two")...).text
	assert.NotContains(t, snapshot, lastSegment(l.card))

	s.as("two", "PATCH", l.other, aborting)
	require.Equal(t, 204, s.knock("PUT", "/snapshot", snapshot, bearer("two")...).status)
	assert.NotContains(t, s.as("two", "GET", l.other, "").text, "Aborted")
	assert.Equal(t, 200, s.do("GET", l.card, "").status, "nothing else is forgotten")

	r := s.knock("PUT", "/snapshot", snapshot, bearer("three")...)
	assert.Equal(t, 400, r.status)
	assert.Contains(t, r.text, "no payment is in two")
	require.Equal(t, 204, s.knock("POST", "/reset", "", bearer("two")...).status)
	require.Equal(t, 204, s.knock("PUT", "/snapshot", snapshot, bearer("three")...).status)
	assert.Equal(t, 200, s.as("three", "GET", l.other, "").status)
	assert.Equal(t, 404, s.as("two", "GET", l.other, "").status)

	whole := s.knock("GET", "/snapshot", "").text
	r = s.knock("PUT", "/snapshot", whole, bearer("nobody")...)
	assert.Equal(t, 400, r.status)
	assert.Contains(t, r.text, "none of them is")
	require.Equal(t, 204, s.knock("PUT", "/snapshot", whole, bearer("three")...).status, "out of all of it, one")
	assert.Equal(t, 404, s.knock("PUT", "/snapshot?namespace=mine", whole).status)
}

// TestRestoreRefuses what is damaged or foreign, and then nothing has changed.
func TestRestoreRefuses(t *testing.T) {
	l := newLife(t)
	s := l.sandbox
	whole := s.knock("GET", "/snapshot", "").text
	type namespace struct {
		Name    string           `json:"name"`
		Records []map[string]any `json:"records"`
	}
	type state struct {
		Ahead      int64            `json:"ahead"`
		Faults     []map[string]any `json:"faults"`
		Namespaces []namespace      `json:"namespaces"`
	}
	damaged := func(change func(*state)) string {
		var in struct {
			Schema string `json:"schema"`
			State  state  `json:"state"`
		}
		require.NoError(t, json.Unmarshal([]byte(whole), &in))
		change(&in.State)
		text, err := json.Marshal(in)
		require.NoError(t, err)
		return string(text)
	}
	// in finds the first record of a kind, in the namespace that has the most.
	in := func(x *state, kind string) map[string]any {
		most := slices.MaxFunc(x.Namespaces, func(a, b namespace) int { return len(a.Records) - len(b.Records) })
		i := slices.IndexFunc(most.Records, func(r map[string]any) bool { return r["kind"] == kind })
		require.GreaterOrEqual(t, i, 0, kind)
		return most.Records[i]
	}
	data := func(x *state, kind string) map[string]any { return in(x, kind)["data"].(map[string]any) }
	tests := []struct{ name, body, want string }{
		{"not JSON", whole[:len(whole)/2], "malformed"},
		{"something else", `{"payments":[]}`, "/schema"},
		{"another schema", strings.Replace(whole, "kassa.snapshot/1", "kassa.snapshot/2", 1), "/schema"},
		{"a member that is not there", strings.Replace(whole, `"state":{`, `"state":{"more":1,`, 1), "more"},
		{"a fact before its payment", damaged(func(x *state) { in(x, "payment")["kind"] = "fact" }), "the payment is missing"},
		{"a kind that is not there", damaged(func(x *state) { in(x, "fact")["kind"] = "rumour" }), "no kind of record"},
		{"an instrument that is not there", damaged(func(x *state) { data(x, "payment")["instrument"] = "barter" }), "no instrument"},
		{"an order without prices", damaged(func(x *state) {
			data(x, "payment")["order"] = map[string]any{"operation": "Purchase"}
		}), "not whole"},
		{"a beginning of nothing", damaged(func(x *state) { delete(data(x, "fact"), "move") }), "not whole"},
		{"an end before the beginning", damaged(func(x *state) { data(x, "fact")["event"] = "completed" }), "before it was begun"},
		{"an event that is not there", damaged(func(x *state) { data(x, "fact")["event"] = "vanished" }), "vanished"},
		{"a payment twice", damaged(func(x *state) {
			x.Namespaces[0].Records = append(x.Namespaces[0].Records, x.Namespaces[0].Records...)
		}), "twice"},
		{"a payment in two", damaged(func(x *state) { x.Namespaces[0].Records = x.Namespaces[len(x.Namespaces)-1].Records }), "a payment is in"},
		{"a namespace twice", damaged(func(x *state) { x.Namespaces = append(x.Namespaces, x.Namespaces...) }), "stands twice"},
		{"a namespace of no token", damaged(func(x *state) { x.Namespaces[0].Name = "mine" }), "no name of a namespace"},
		{"a fault that is none", damaged(func(x *state) { x.Faults[0] = map[string]any{"on": "request"} }), "fault 1"},
		{"a clock that goes back", damaged(func(x *state) { x.Ahead = -1 }), "clock"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.knock("PUT", "/snapshot", tt.body)
			assert.Equal(t, 400, r.status, r.text)
			assert.Contains(t, r.text, tt.want)
			assert.Equal(t, whole, s.knock("GET", "/snapshot", "").text, "nothing has changed")
			err := s.Restore(strings.NewReader(tt.body))
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), "server: the snapshot"), err)
		})
	}
	require.ErrorContains(t, s.Restore(strings.NewReader(whole+"{}")), "after its end")
	l.check(t, s)
}

// TestRestoreKeepsTheStore: after a restore and after a reset the store holds what memory does.
func TestRestoreKeepsTheStore(t *testing.T) {
	store := &ledgerStore{}
	l := newLife(t, server.WithStore(store))
	s := l.sandbox
	snapshot := s.knock("GET", "/snapshot", "").text
	withoutFaults := func(text string) string {
		var in map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &in))
		in["state"].(map[string]any)["faults"] = []any{} // which no store keeps
		out, err := json.Marshal(in)
		require.NoError(t, err)
		return string(out)
	}
	same := func() {
		t.Helper()
		assert.JSONEq(t, withoutFaults(s.knock("GET", "/snapshot", "").text), withoutFaults(store.reopened(t).knock("GET", "/snapshot", "").text))
	}
	same()
	s.card("later")
	require.NoError(t, s.Advance(t.Context(), time.Hour))
	same()
	assert.Equal(t, "1h0m0s", store.reopened(t).knock("GET", "/clock", "").str("offset"), "and so does the clock of namespaces to come")
	require.Equal(t, 204, s.knock("PUT", "/snapshot", snapshot).status)
	same()
	mine := s.knock("GET", "/snapshot", "", bearer("test")...).text
	s.card("later still")
	require.Equal(t, 204, s.knock("PUT", "/snapshot", mine, bearer("test")...).status)
	same()
	require.Equal(t, 204, s.knock("POST", "/reset", "", bearer("test")...).status)
	same()
	assert.Equal(t, 404, store.reopened(t).do("GET", l.card, "").status, "what was reset does not come back")
	assert.Equal(t, 200, store.reopened(t).as("two", "GET", l.other, "").status)
	require.NoError(t, s.Advance(t.Context(), time.Minute))
	s.Reset()
	same()
	assert.Equal(t, "1m0s", store.reopened(t).knock("GET", "/clock", "").str("offset"), "Reset keeps the clocks")
	require.Equal(t, 204, s.knock("POST", "/reset", "").status)
	same()
	assert.Equal(t, "0s", store.reopened(t).knock("GET", "/clock", "").str("offset"), "the second door sets them back")
	for _, again := range []*sandbox{s, store.reopened(t)} {
		r := again.request("POST", widgetURL+"/session", `{"storeId":"550e8400-e29b-41d4-a716-446655440000"}`)
		assert.Equal(t, 200, r.with("Authorization", "Bearer "+l.resurs).send().status, "access tokens outlive a reset")
	}
}

func TestHealth(t *testing.T) {
	store := &ledgerStore{}
	s := newSandbox(t, server.WithStore(store))
	c := s.doorClient("")
	health, err := c.GetHealthWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, 200, health.StatusCode())
	assert.Equal(t, "ok", health.JSON200.Status)
	assert.NotEmpty(t, health.JSON200.Started)
	assert.Equal(t, 200, s.knock("HEAD", "/healthz", "").status, "as supervisors ask")

	id := s.card("r1")
	store.fail(errors.New("disk full"))
	r := s.knock("POST", "/payments/"+lastSegment(id)+"/payer", `{"act":"pay"}`)
	assert.Equal(t, 503, r.status)
	health, err = c.GetHealthWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, 503, health.StatusCode())
	assert.Equal(t, "failed", health.JSON503.Status)
	assert.Contains(t, health.JSON503.Reason, "disk full")
	assert.Equal(t, 503, s.knock("GET", "/payments", "").status, "memory is ahead of the store")

	closed := newSandbox(t)
	require.NoError(t, closed.Close())
	assert.Equal(t, 503, closed.knock("GET", "/healthz", "").status)
	assert.Equal(t, 200, closed.knock("GET", "/payments", "").status)
}

func TestRecording(t *testing.T) {
	const har = `{"log":{"version":"1.2","creator":{"name":"kassa","version":"0"},"entries":[]}}`
	s := newSandbox(t, server.WithRecording(func(w io.Writer) error {
		_, err := io.WriteString(w, har)
		return err
	}))
	r := s.knock("GET", "/recording.har", "")
	assert.Equal(t, 200, r.status)
	assert.Equal(t, har, r.text)
	assert.Contains(t, r.header.Get("Content-Disposition"), "kassa.har")

	failing := newSandbox(t, server.WithRecording(func(io.Writer) error { return errors.New("disk full") }))
	r = failing.knock("GET", "/recording.har", "")
	assert.Equal(t, 500, r.status)
	assert.Contains(t, r.str("detail"), "disk full")
}

// TestResetAtTheDoor: everything is forgotten, and the clock is the machine's again.
func TestResetAtTheDoor(t *testing.T) {
	l := newLife(t)
	s := l.sandbox
	require.NoError(t, s.Advance(t.Context(), time.Hour))
	r, err := s.doorClient("").ResetWithResponse(t.Context(), &door.ResetParams{})
	require.NoError(t, err)
	require.Equal(t, 204, r.StatusCode())
	for _, list := range []string{"payments", "requests", "callbacks", "faults"} {
		assert.Empty(t, s.knock("GET", "/"+list, "").at(list), list)
	}
	assert.Equal(t, "0s", s.knock("GET", "/clock", "").str("offset"))
	told := len(l.shop.told())
	require.NoError(t, s.Advance(t.Context(), 24*time.Hour))
	assert.Len(t, l.shop.told(), told, "what would have happened does not")
	assert.Equal(t, 201, s.do("POST", "/psp/creditcard/payments", withRef(cardPurchase, "card")).status)
}

// TestRestoreUnderLoad: snapshots, restores, resets and a clock that moves, while merchants and payers act. Nothing hangs,
// and the store holds what memory does when it is over.
func TestRestoreUnderLoad(t *testing.T) {
	m := newShop(t)
	m.status.Store(500)
	store := &ledgerStore{}
	s := newSandbox(t, server.WithStore(store))
	s.paidCard("first")
	snapshot := s.knock("GET", "/snapshot", "").text
	var all sync.WaitGroup
	for _, token := range []string{"test", "two", "three"} {
		all.Go(func() {
			for range 40 {
				r := s.as(token, "POST", "/psp/creditcard/payments", withRef(calling(cardPurchase, m.URL), s.nextRef()))
				if !assert.Equal(t, 201, r.status, r.text) {
					return
				}
				_ = s.Pay(t.Context(), r.str("payment.id")) // which may be forgotten already
			}
		})
	}
	for _, do := range []func(){
		func() { s.knock("PUT", "/snapshot", snapshot) },
		func() { s.knock("POST", "/reset", "", bearer("two")...) },
		func() { s.knock("POST", "/clock", `{"advance":"31s"}`) },
		func() { s.knock("GET", "/snapshot", "", bearer("three")...) },
		s.Reset,
	} {
		all.Go(func() {
			for range 10 {
				do()
			}
		})
	}
	all.Wait()
	s.Settle()
	again := store.reopened(t)
	assert.JSONEq(t, s.knock("GET", "/snapshot", "").text, again.knock("GET", "/snapshot", "").text)
}
