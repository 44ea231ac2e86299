package server_test

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

// born are the kinds of payment that there are.
var born = []sheet{
	{instrument: "creditcard", operation: "Purchase", intent: "Authorization"},
	{instrument: "creditcard", operation: "Purchase", intent: "AutoCapture"},
	{instrument: "creditcard", operation: "Purchase", intent: "PreAuthorization"},
	{instrument: "creditcard", operation: "Verify"},
	{instrument: "creditcard", operation: "Recur", intent: "Authorization"},
	{instrument: "creditcard", operation: "Recur", intent: "AutoCapture"},
	{instrument: "creditcard", operation: "UnscheduledPurchase", intent: "Authorization"},
	{instrument: "creditcard", operation: "Payout", intent: "AutoCapture"},
	{instrument: "invoice", operation: "FinancingConsumer", intent: "Authorization"},
	{instrument: "invoice", operation: "Verify"},
	{instrument: "invoice", operation: "Recur", intent: "Authorization"},
	{instrument: "swish", operation: "Purchase", intent: "Sale"}, // with most that can be under way
	{instrument: "swish", operation: "Purchase", intent: "Sale"},
	{instrument: "swish", operation: "Purchase", intent: "Sale"},
	{instrument: "vipps", operation: "Purchase", intent: "Authorization"},
	{instrument: "mobilepay", operation: "Purchase", intent: "Authorization"},
	{instrument: "trustly", operation: "Purchase", intent: "Sale"},
}

// awkward stands in the metadata of cards: what survives an encoder only when it is left as it is.
const awkward = `"metadata":{"html":"<b>&amp;</b>","big":12345678901234567890.50,"line":"\u2028 \ud83d\ude00","id":"own"}`

// body is the request that creates the payment.
func (p *sheet) body(ref, token string) string {
	bodies := map[string]string{
		"creditcard Purchase": cardPurchase, "creditcard Verify": cardVerify, "creditcard Recur": cardRecur,
		"creditcard UnscheduledPurchase": cardUnscheduled, "creditcard Payout": cardPayout,
		"invoice FinancingConsumer": invoicePurchase, "invoice Verify": invoiceVerify, "invoice Recur": invoiceRecur,
		"swish Purchase": swishPurchase, "vipps Purchase": vippsPurchase, "mobilepay Purchase": mobilepayPurchase, "trustly Purchase": trustlyPurchase,
	}
	body := bodies[p.instrument+" "+p.operation]
	if i, j := strings.Index(body, `"metadata":{`), strings.LastIndex(body, "}}}"); i > 0 {
		body = body[:i] + awkward + body[j+1:]
	}
	if p.instrument == "creditcard" && !p.charges() {
		body = strings.Replace(body, `"currency"`, `"generateRecurrenceToken":true,"generateUnscheduledToken":true,"currency"`, 1)
	}
	return strings.NewReplacer(
		`"intent":"Authorization"`, `"intent":"`+p.intent+`"`, `"intent":"AutoCapture"`, `"intent":"`+p.intent+`"`,
		`"amount":10000,"vatAmount":2000`, fmt.Sprintf(`"amount":%d,"vatAmount":0`, p.price), `"amount":10000`, fmt.Sprintf(`"amount":%d`, p.price),
		"REF", ref, "TOKEN", token,
	).Replace(body)
}

// A trader is a merchant: a model of everything that was done, and the sandbox that it was done to.
type trader struct {
	*rapid.T

	disk   *memory
	s      *server.Server
	own    *contract.Contract
	clock  *atomic.Int64
	ahead  time.Duration
	refs   int
	used   []string // references
	sheets []*sheet
	tokens map[string][]string // by instrument
	gone   []string            // deleted tokens
	count  *counts
}

// idle is thrown by a step for which there is nothing to do now. To rapid, a step that is skipped too often is the end.
type idle struct{}

type counts struct{ steps, refused, copies, reads, offers atomic.Int64 }

func (m *trader) source() time.Time { return time.Unix(0, m.clock.Load()) }

// now is what the sandbox's clock shows.
func (m *trader) now() time.Time { return m.source().Add(m.ahead) }

func (m *trader) open(disk *memory) *server.Server {
	s, err := server.New(server.WithClock(m.source), server.WithSeed(7), server.WithStore(disk))
	require.NoError(m, err)
	return s
}

// ask sends a request to one of the copies of the sandbox, and holds the answer against the contract.
func (m *trader) ask(s *server.Server, method, path, body string) reply {
	m.Helper()
	return judgedAnswer(m.T, m.own, s, method, path, body)
}

// ref is a reference that nobody has used.
func (m *trader) ref() string {
	m.refs++
	ref := fmt.Sprintf("m-%d", m.refs)
	m.used = append(m.used, ref)
	return ref
}

// reused is a reference that somebody has used, if there is any.
func (m *trader) reused() (string, bool) {
	if len(m.used) == 0 {
		return "", false
	}
	return rapid.SampledFrom(m.used).Draw(m.T, "used reference"), true
}

func (m *trader) any() *sheet {
	if len(m.sheets) == 0 {
		panic(idle{})
	}
	// The latest are the most interesting.
	last := min(len(m.sheets), 4)
	return m.sheets[len(m.sheets)-1-rapid.IntRange(0, last-1).Draw(m.T, "payment")]
}

// tick brings the model to now, and makes sure that the sandbox has seen it too.
func (m *trader) tick() {
	for _, p := range m.sheets {
		p.tick(m.now())
	}
}

func (m *trader) create() {
	p := rapid.SampledFrom(born).Draw(m.T, "kind")
	p.price = rapid.SampledFrom([]int64{10000, 10000, 1, 12345, 900351, 1 << 53, math.MaxInt64 / 2}).Draw(m.T, "price")
	token := ""
	if p.charges() {
		if len(m.tokens[p.instrument]) == 0 {
			panic(idle{})
		}
		token = rapid.SampledFrom(m.tokens[p.instrument]).Draw(m.T, "token")
	}
	path := "/psp/" + p.instrument + "/payments"
	if ref, ok := m.reused(); ok && rapid.IntRange(0, 9).Draw(m.T, "again") == 0 {
		m.refused(nil, "POST", path, p.body(ref, token))
		return
	}
	if p.charges() && len(m.gone) > 0 && rapid.IntRange(0, 4).Draw(m.T, "deleted") == 0 {
		m.refused(nil, "POST", path, p.body("unused", m.gone[0]))
		return
	}
	if p.charges() && p.refuses() {
		m.refused(nil, "POST", path, p.body("unused", token))
		return
	}
	r := m.ask(m.s, "POST", path, p.body(m.ref(), token))
	require.Equal(m, 201, r.status, r.text)
	p.id, p.created = r.str("payment.id"), m.now()
	if p.charges() {
		p.complete(m.now())
	}
	made := &p
	m.sheets = append(m.sheets, made)
	m.look(made)
}

func (m *trader) pay() {
	p := m.any()
	do := rapid.SampledFrom([]string{"pay", "pay", "pay", "decline", "timeout", "start", "cancel", "pay later"}).Draw(m.T, "act")
	key := p.id
	if rapid.Bool().Draw(m.T, "by its last segment") {
		key = lastSegment(p.id)
	}
	var err error
	do, later := strings.CutSuffix(do, " later")
	before := m.snap(m.s, p)
	switch {
	case later || do == "start" || do == "cancel":
		later = true
		err = m.s.Act(key, do)
	case do == "pay":
		err = m.s.Pay(m.Context(), key)
	case do == "decline":
		err = m.s.Decline(m.Context(), key)
	default:
		err = m.s.TimeOut(m.Context(), key)
	}
	possible := p.act(do, !later, m.now())
	require.Equal(m, possible, err == nil, "%s: %v", do, err)
	if !possible {
		m.count.refused.Add(1)
		require.Equal(m, before, m.snap(m.s, p), "a refused act changes nothing")
	}
	m.look(p)
	m.learn(p)
}

// learn notes the tokens that a payment made.
func (m *trader) learn(p *sheet) {
	if !p.paid || p.charges() {
		return
	}
	r := m.ask(m.s, "GET", p.id, "")
	for _, name := range []string{"recurrenceToken", "unscheduledToken"} {
		if token, ok := r.at("payment." + name).(string); ok && !slices.Contains(m.tokens[p.instrument], token) && !slices.Contains(m.gone, token) {
			m.tokens[p.instrument] = append(m.tokens[p.instrument], token)
		}
	}
}

// amount is one that fits, or nearly, or not at all.
func (m *trader) amount(left int64) int64 {
	return rapid.SampledFrom([]int64{
		left, left, 1, left / 2, left - 1, left + 1, left + left/5, left + left/5 + 1, 0, -1, math.MaxInt64,
	}).Draw(m.T, "amount")
}

func (m *trader) move(kind string) {
	p := m.any()
	c, _, r := p.left(m.now())
	left := map[string]int64{"captures": c, "reversals": r}[kind]
	if kind == "cancellations" {
		left = p.price
	}
	amount := m.amount(left)
	path := p.id + "/" + kind
	if ref, ok := m.reused(); ok && rapid.IntRange(0, 9).Draw(m.T, "again") == 0 {
		m.refused(p, "POST", path, movingBy(max(left, 1), ref))
		return
	}
	was := *p
	was.returning = append([]giving(nil), p.returning...)
	documented := kind == "reversals" || !p.sells() // a sale is never captured nor cancelled, and has no address for it
	possible := false
	switch kind {
	case "captures":
		possible = documented && p.capture(amount, m.now())
	case "cancellations":
		possible = documented && p.cancel(m.now())
	case "reversals":
		possible = p.reverse(amount, m.now())
	}
	body := movingBy(amount, fmt.Sprintf("m-%d", m.refs+1))
	if kind == "cancellations" {
		body = cancelling(fmt.Sprintf("m-%d", m.refs+1))
	}
	if !possible {
		*p = was
		m.refused(p, "POST", path, body)
		return
	}
	m.ref()
	answer := m.ask(m.s, "POST", path, body)
	require.Equal(m, 201, answer.status, answer.text)
	m.look(p)
}

func (m *trader) abort() {
	p := m.any()
	if !p.abort() {
		m.refused(p, "PATCH", p.id, aborting)
		return
	}
	r := m.ask(m.s, "PATCH", p.id, aborting)
	require.Equal(m, 200, r.status, r.text)
	m.look(p)
}

func (m *trader) sell() {
	p := m.any()
	if !p.sell() {
		m.refused(p, "POST", p.id+"/sales", `{"transaction":{}}`)
		return
	}
	r := m.ask(m.s, "POST", p.id+"/sales", `{"transaction":{}}`)
	require.Equal(m, 201, r.status, r.text)
	m.look(p)
}

func (m *trader) finalise() {
	p := m.any()
	if p.instrument != "creditcard" || !p.paid || p.operation == "Verify" {
		panic(idle{})
	}
	tx := m.ask(m.s, "GET", p.id+"/authorizations", "").at("authorizations.authorizationList").([]any)
	path := tx[len(tx)-1].(map[string]any)["id"].(string)
	if !p.finalise() {
		m.refused(p, "PATCH", path, finalising)
		return
	}
	r := m.ask(m.s, "PATCH", path, finalising)
	require.Equal(m, 200, r.status, r.text)
	m.look(p)
}

const finalising = `{"transaction":{"activity":"Finalize"}}` //nolint:misspell // a word of the wire

func (m *trader) forget() {
	instrument := rapid.SampledFrom([]string{"creditcard", "invoice"}).Draw(m.T, "instrument")
	if len(m.tokens[instrument]) == 0 {
		panic(idle{})
	}
	token := m.tokens[instrument][0]
	m.tokens[instrument] = m.tokens[instrument][1:]
	r := m.ask(m.s, "PATCH", "/psp/"+instrument+"/payments/instrumentdata/"+token, `{"state":"Deleted","comment":"gone"}`)
	m.gone = append(m.gone, token)
	require.Equal(m, 200, r.status, r.text)
}

func (m *trader) wait() {
	d := rapid.SampledFrom([]time.Duration{
		time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, time.Minute, 100 * day, 181 * day,
	}).Draw(m.T, "time")
	if m.now().Year() > 2100 {
		panic(idle{})
	}
	if rapid.Bool().Draw(m.T, "by itself") {
		m.clock.Add(int64(d))
	} else {
		require.NoError(m, m.s.Advance(m.Context(), d))
		m.ahead += d
	}
	m.tick()
	if len(m.sheets) > 0 {
		m.look(m.any())
	}
}

func (m *trader) reset() {
	if rapid.IntRange(0, 5).Draw(m.T, "really") != 0 {
		panic(idle{})
	}
	m.s.Reset()
	for _, p := range m.sheets {
		require.Equal(m, 404, m.ask(m.s, "GET", p.id, "").status)
	}
	m.sheets, m.used, m.tokens, m.gone, m.refs = nil, nil, map[string][]string{}, nil, 0
	m.restart(m.disk.all())
}

// refused tries a step that must not be possible, and sees that nothing has changed.
func (m *trader) refused(p *sheet, method, path, body string) {
	m.Helper()
	watch := m.sheets
	if p != nil {
		watch = []*sheet{p}
	} else if len(watch) > 2 {
		watch = watch[len(watch)-2:]
	}
	var before []string
	for _, w := range watch {
		before = append(before, m.snap(m.s, w))
	}
	r := m.ask(m.s, method, path, body)
	require.GreaterOrEqual(m, r.status, 400, "%s %s %s: %s", method, path, body, r.text)
	require.Less(m, r.status, 500, r.text)
	for i, w := range watch {
		require.Equal(m, before[i], m.snap(m.s, w), "a refused request changes nothing")
	}
	m.count.refused.Add(1)
}

// TestMerchant makes any sequence of steps of a merchant, its payers and time, and holds the sandbox against a second
// bookkeeping after each.
func TestMerchant(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() == checks.DefValue {
		require.NoError(t, flag.Set("rapid.checks", "8"))
		require.NoError(t, flag.Set("rapid.steps", "80"))
	}
	require.NoError(t, flag.Set("rapid.nofailfile", "true")) // the seed is printed
	own, err := contract.Own()
	require.NoError(t, err)
	var n counts
	rapid.Check(t, func(rt *rapid.T) {
		m := &trader{T: rt, disk: &memory{}, own: own, clock: &atomic.Int64{}, tokens: map[string][]string{}, count: &n}
		m.clock.Store(time.Date(2025, 10, 4, 9, 30, 0, 0, time.UTC).UnixNano())
		m.s = m.open(m.disk)
		defer func() { _ = m.s.Close() }()
		step := func(do func()) func(*rapid.T) {
			return func(rt *rapid.T) {
				outer := m.T
				m.T = rt
				defer func() { m.T = outer }()
				m.tick()
				defer func() {
					switch v := recover(); v {
					case nil:
						n.steps.Add(1)
					case idle{}:
					default:
						panic(v)
					}
				}()
				do()
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": step(m.create), "create another": step(m.create), "pay": step(m.pay), "pay again": step(m.pay),
			"capture": step(func() { m.move("captures") }), "cancel": step(func() { m.move("cancellations") }),
			"reverse": step(func() { m.move("reversals") }), "reverse again": step(func() { m.move("reversals") }),
			"abort": step(m.abort), "sell": step(m.sell), "finalise": step(m.finalise), "forget": step(m.forget),
			"wait": step(m.wait), "reset": step(m.reset), "offers": step(m.offers), "restart": step(func() { m.restart(m.disk.all()) }),
			"snapshot": step(m.revive), "come back": step(m.comeBack),
		})
		m.tick()
		for _, p := range m.sheets {
			m.look(p)
		}
		m.restart(m.disk.all())
		m.revive()
	})
	t.Logf("%d steps, %d refused, %d offers followed, %d copies, %d resources read", n.steps.Load(), n.refused.Load(), n.offers.Load(), n.copies.Load(), n.reads.Load())
}
