package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

const everything = "?$expand=prices,urls,payeeInfo,metadata,transactions,authorizations,verifications,sales,captures,cancellations,reversals,paid"

// judgedAnswer sends a request into a handler, and fails where the answer breaks the contract, is no JSON or is a 5xx.
func judgedAnswer(t *rapid.T, own *contract.Contract, h http.Handler, method, path, body string) reply {
	t.Helper()
	req := httptest.NewRequest(method, strings.TrimPrefix(path, apiHost), strings.NewReader(body))
	req.Host = strings.TrimPrefix(apiHost, "https://")
	req.Header.Set("Authorization", "Bearer test")
	req.Header.Set("X-Forwarded-Proto", "https")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	r := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
	require.Less(t, r.status, 500, r.text)
	dec := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&r.value), r.text)
	if m := own.MatchPath(method, req.URL.EscapedPath()); m.Outcome == contract.Matched {
		for _, v := range m.Operation.JudgeResponse(r.status, contract.Message{Header: r.header, Body: w.Body.Bytes()}) {
			require.Equal(t, contract.Note, v.Severity, "%s %s: %s %s %s", method, path, v.Rule, v.Pointer, v.Message)
		}
	}
	r.t = failing{t: t}
	return r
}

// snap is what a payment shows, all of it.
func (m *trader) snap(s *server.Server, p *sheet) string {
	m.Helper()
	r := m.ask(s, "GET", p.id+everything, "")
	require.Equal(m, 200, r.status, r.text)
	return r.text
}

// look holds a payment against its sheet: money and state; and against itself: each id leads to what it stands for, and
// each transaction is listed under its kind and among all of them.
func (m *trader) look(p *sheet) {
	m.Helper()
	m.tick()
	require.True(m, p.sane(), "the model itself: %+v", *p)
	r := m.ask(m.s, "GET", p.id+everything, "")
	require.Equal(m, 200, r.status, r.text)
	require.Equal(m, p.amounts(m.now()), r.amounts(), "%+v", *p)
	require.Equal(m, p.state(), r.str("payment.state"), "%+v", *p)
	require.Empty(m, m.s.Unreplayed(), "facts add up to the state")
	seen := map[string]bool{}
	payment, _ := r.at("payment").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(payment)) {
		m.dereference(payment[name], seen)
	}
	all, _ := m.ask(m.s, "GET", p.id+"/transactions", "").at("transactions.transactionList").([]any)
	m.conserve(p, all)
	for _, one := range all {
		tx := one.(map[string]any)
		plural := map[string]string{
			"Authorization": "authorizations", "Verification": "verifications", "Sale": "sales", "Capture": "captures",
			"Cancellation": "cancellations", "Reversal": "reversals",
		}[tx["type"].(string)]
		single := m.ask(m.s, "GET", p.id+"/transactions/"+lastSegment(tx["id"].(string)), "")
		require.Equal(m, tx, single.at("transaction"))
		own := m.ask(m.s, "GET", p.id+"/"+plural+"/"+lastSegment(tx["id"].(string)), "")
		require.Equal(m, 200, own.status, own.text)
		root := own.value.(map[string]any)[strings.TrimSuffix(plural, "s")].(map[string]any)
		require.Equal(m, tx, root["transaction"], "the same under its own kind")
		list := payment[plural].(map[string]any)[strings.TrimSuffix(plural, "s")+"List"].([]any)
		require.True(m, slices.ContainsFunc(list, func(v any) bool { return fmt.Sprint(v) == fmt.Sprint(root) }), "in its own list")
		m.dereference(root, seen)
	}
}

// conserve sums up the transactions that a payment shows: no money comes from nowhere.
func (m *trader) conserve(p *sheet, all []any) {
	m.Helper()
	sums := map[string]int64{}
	for _, one := range all {
		tx := one.(map[string]any)
		amount, err := tx["amount"].(json.Number).Int64()
		require.NoError(m, err)
		require.GreaterOrEqual(m, amount, int64(0))
		if tx["state"] != "Failed" {
			sums[tx["type"].(string)+" "+tx["state"].(string)] += amount
		}
	}
	require.Equal(m, []int64{p.authorised, p.sold, p.captured, p.cancelled, p.reversed, p.underWay()}, []int64{
		sums["Authorization Completed"], sums["Sale Completed"], sums["Capture Completed"], sums["Cancellation Completed"],
		sums["Reversal Completed"], sums["Reversal AwaitingActivity"],
	}, "%+v", *p)
}

// dereference follows every id below a value.
func (m *trader) dereference(v any, seen map[string]bool) {
	m.Helper()
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			m.dereference(one, seen)
		}
	case map[string]any:
		if id, ok := v["id"].(string); ok && strings.HasPrefix(id, "/psp/") && !seen[id] {
			seen[id] = true
			m.count.reads.Add(1)
			r := m.ask(m.s, "GET", id, "")
			require.Equal(m, 200, r.status, "%s: %s", id, r.text)
			if len(v) > 1 {
				shown := false
				for _, root := range r.value.(map[string]any) {
					shown = shown || says(root, v)
				}
				require.True(m, shown, "%s says something else than\n%v\n%s", id, v, r.text)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "operations" {
				m.dereference(v[name], seen)
			}
		}
	}
}

// says tells whether an object has every member of another, which may be a summary.
func says(object any, summary map[string]any) bool {
	full, ok := object.(map[string]any)
	for name, v := range summary {
		if id, is := full[name].(string); is && name == "id" && !strings.Contains(id, "/") {
			ok = ok && id == lastSegment(v.(string)) // Swish has the last part alone
			continue
		}
		ok = ok && fmt.Sprint(full[name]) == fmt.Sprint(v)
	}
	return ok
}

// restart reads records into another sandbox, which has to answer as this one does, byte for byte.
func (m *trader) restart(records []server.Record) {
	m.Helper()
	m.tick()
	other := m.open(remembering(records))
	defer func() { _ = other.Close() }()
	m.same(other)
}

// revive takes a snapshot and restores it elsewhere, with the same demand.
func (m *trader) revive() {
	m.Helper()
	m.tick()
	var text bytes.Buffer
	require.NoError(m, m.s.Snapshot(&text))
	disk := &memory{}
	other := m.open(disk)
	defer func() { _ = other.Close() }()
	require.NoError(m, other.Restore(bytes.NewReader(text.Bytes())))
	m.same(other)
	var again bytes.Buffer
	require.NoError(m, other.Snapshot(&again))
	require.Equal(m, text.String(), again.String())
	m.restart(disk.all())
}

// comeBack goes on with what a snapshot of the sandbox, or its store, has kept.
func (m *trader) comeBack() {
	m.Helper()
	if rapid.Bool().Draw(m.T, "from the store") {
		require.NoError(m, m.s.Close())
		m.s = m.open(m.disk)
		return
	}
	var text bytes.Buffer
	require.NoError(m, m.s.Snapshot(&text))
	m.s.Reset()
	require.NoError(m, m.s.Restore(&text))
}

// same demands that another sandbox answers as this one does, byte for byte.
func (m *trader) same(other *server.Server) {
	m.Helper()
	m.count.copies.Add(1)
	for _, p := range m.sheets {
		require.Equal(m, m.snap(m.s, p), m.snap(other, p))
		for _, part := range []string{"/transactions", "/urls", "/payeeinfo"} {
			require.Equal(m, m.ask(m.s, "GET", p.id+part, "").text, m.ask(other, "GET", p.id+part, "").text)
		}
	}
	require.Empty(m, other.Unreplayed())
}

// An errandOf is a step by rel.
type errandOf struct{ rel, method, tail, body string }

// offers tries on copies of the sandbox everything that a payment offers, which has to work, and everything else, which
// has to be refused and to change nothing.
func (m *trader) offers() {
	p := m.any()
	r := m.ask(m.s, "GET", p.id, "")
	offered := map[string]string{}
	for _, o := range r.at("operations").([]any) {
		op := o.(map[string]any)
		offered[op["rel"].(string)] = op["method"].(string) + " " + strings.TrimPrefix(op["href"].(string), apiHost)
	}
	records := m.disk.all()
	c, _, back := p.left(m.now())
	const ref = "offered"
	tries := []errandOf{
		{"update-payment-abort", "PATCH", "", aborting},
		{"create-capture", "POST", "/captures", movingBy(max(c, 1), ref)},
		{"create-cancellation", "POST", "/cancellations", cancelling(ref)},
		{"create-reversal", "POST", "/reversals", movingBy(max(back, 1), ref)},
		{"create-sale", "POST", "/sales", `{"transaction":{}}`},
		{"paid-payment", "GET", "/paid", ""}, {"failed-payment", "GET", "/failed", ""}, {"aborted-payment", "GET", "/aborted", ""},
	}
	if p.instrument == "invoice" {
		tries = append(tries, errandOf{"create-authorization", "POST", "/authorizations", forAzra},
			errandOf{"create-verification", "POST", "/verifications", forAzra},
			errandOf{"create-approved-legal-address", "POST", "/approvedlegaladdress", addressee})
	}
	if list, ok := m.ask(m.s, "GET", p.id+"/authorizations", "").at("authorizations.authorizationList").([]any); ok && len(list) > 0 && p.instrument == "creditcard" {
		tail := "/authorizations/" + lastSegment(list[len(list)-1].(map[string]any)["id"].(string))
		tries = append(tries, errandOf{"update-authorization-finalize", "PATCH", tail, finalising}) //nolint:misspell // a word of the wire
		if offered["update-authorization-overchargedamount"] != "" {
			tries = append(tries, errandOf{"update-authorization-overchargedamount", "PATCH", tail, `{"transaction":{}}`})
		}
	}
	other := m.open(remembering(records))
	defer func() { _ = other.Close() }()
	before := m.snap(other, p)
	known := map[string]bool{}
	for _, try := range tries {
		known[try.rel] = true
		line, ok := offered[try.rel]
		if ok {
			require.Equal(m, try.method+" "+p.id+try.tail, line, try.rel)
			fresh := m.open(remembering(records))
			m.count.copies.Add(1)
			answer := m.ask(fresh, try.method, p.id+try.tail, try.body)
			require.Less(m, answer.status, 300, "%s is offered: %s", try.rel, answer.text)
			require.NoError(m, fresh.Close())
			m.count.offers.Add(1)
			continue
		}
		if p.instrument == "mobilepay" && try.rel == "paid-payment" {
			continue // as the live environment, it has the page and does not offer it
		}
		answer := m.ask(other, try.method, p.id+try.tail, try.body)
		require.GreaterOrEqual(m, answer.status, 400, "%s is not offered: %s", try.rel, answer.text)
		require.Equal(m, before, m.snap(other, p), try.rel)
	}
	for rel, line := range offered {
		if strings.HasPrefix(rel, "view-") || strings.HasPrefix(rel, "redirect-") {
			w := httptest.NewRecorder()
			other.ServeHTTP(w, httptest.NewRequest("GET", strings.TrimPrefix(line, "GET "), http.NoBody))
			if to := w.Header().Get("Location"); p.pending && !p.due.IsZero() && to != "" { // the page that waits
				require.Equal(m, 303, w.Code)
				w = httptest.NewRecorder()
				other.ServeHTTP(w, httptest.NewRequest("GET", to, http.NoBody))
			}
			want := 200
			if strings.HasPrefix(rel, "redirect-") && m.now().Sub(p.created) > 28*day {
				want = 410 // as documented, a link does not last longer
			}
			require.Equal(m, want, w.Code, "%s for a browser", line)
			require.Equal(m, before, m.snap(other, p), "looking changes nothing")
			continue
		}
		require.True(m, known[rel], "%s is offered and was not tried", rel)
	}
}

func movingBy(amount int64, ref string) string {
	return fmt.Sprintf(`{"transaction":{"amount":%d,"vatAmount":0,"description":"moved","payeeReference":%q}}`, amount, ref)
}

// failing lets what asks for a testing.TB fail a property.
type failing struct {
	testing.TB // only to be one

	t *rapid.T
}

func (f failing) Helper()                   { f.t.Helper() }
func (f failing) Errorf(s string, v ...any) { f.t.Errorf(s, v...) }
func (f failing) FailNow()                  { f.t.FailNow() }
