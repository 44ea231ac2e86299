package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

// crashes collects what the sandbox logs as its own mistakes.
type crashes struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (c *crashes) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines.Write(b)
}

func (c *crashes) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines.String()
}

// A target is a sandbox with something of everything in it, and one exchange of each operation that would work.
type target struct {
	*sandbox

	crashes *crashes
	sent    []sent
	whole   string // a snapshot of the beginning
}

// sent is a request that an operation of the contract takes.
type sent struct{ door, name, method, path, body, mediaType, token string }

const (
	firstDoor  = "first"
	secondDoor = "second"
)

func newTarget(t testing.TB) *target {
	c := &crashes{}
	s := newSandbox(t, server.WithLogger(slog.New(slog.NewTextHandler(c, &slog.HandlerOptions{Level: slog.LevelError}))))
	x := &target{sandbox: s, crashes: c}
	own, err := contract.Own()
	require.NoError(t, err)
	access := s.must("POST", "/oauth2/token", `{"grant_type":"client_credentials","scope":"merchant-api","client_id":"c","client_secret":"s"}`).str("access_token")
	at := map[string][2]string{} // payment and transaction by instrument
	open := map[string]string{}  // payment that awaits its payer
	before := []string{          // the operations that are for such a payment
		"abortPayment", "createSale", "createAuthorization", "createVerification", "createApprovedLegalAddress",
		"createDirectAuthorization", "createDirectVerification",
	}
	for _, instrument := range slices.Sorted(maps.Keys(purchases)) {
		id := s.create(instrument, "paid-"+instrument)
		require.NoError(t, s.Pay(t.Context(), id))
		tx := s.must("GET", id+"/transactions", "").str("transactions.transactionList.0.id")
		at[instrument] = [2]string{lastSegment(id), lastSegment(tx)}
		open[instrument] = lastSegment(s.create(instrument, "open-"+instrument))
	}
	token := s.stored("creditcard")
	bodies := map[string]string{
		"abortPayment": aborting, "createSale": `{"transaction":{"msisdn":"+46739000001"}}`, "createApprovedLegalAddress": addressee,
		"createDirectAuthorization": typedCard, "createDirectVerification": typedCard, "updateAuthorization": `{"transaction":{}}`,
		"createVerification": forAzra, "deleteToken": `{"state":"Deleted","comment":"gone"}`, "createCapture": moving(100, "h-c"),
		"createReversal": moving(100, "h-r"), "createCancellation": cancelling("h-x"), "createToken": credentials,
		"createSession": store, "listPaymentMethodTypes": methodTypes,
	}
	for _, op := range own.Operations() {
		if op.Callback {
			continue
		}
		one := sent{door: firstDoor, name: op.Name(), method: op.Method, body: bodies[op.ID], mediaType: "application/json", token: "test"}
		instrument := strings.TrimSuffix(strings.TrimPrefix(op.Document, "swedbankpay/"), ".yaml")
		payment := at[instrument][0]
		if slices.Contains(before, op.ID) {
			payment = open[instrument]
		}
		one.path = strings.NewReplacer("{paymentId}", payment, "{transactionId}", at[instrument][1], "{token}", token).Replace(op.Path)
		switch {
		case op.ID == "createPayment":
			one.body = withRef(purchases[instrument], "h-p")
		case op.ID == "createAuthorization":
			one.body = map[string]string{"creditcard": typedCard, "invoice": forAzra, "vipps": `{"transaction":{"msisdn":"+4798765432"}}`}[instrument]
		case strings.HasPrefix(op.Document, "resurs/widget"):
			one.path, one.token = "/api/mock_payment_widget_service"+op.Path, access
		}
		x.sent = append(x.sent, one)
	}
	for _, body := range []string{cardVerify, cardRecur, cardUnscheduled, cardPayout, invoiceVerify} {
		instrument := "creditcard"
		if body == invoiceVerify {
			instrument = "invoice"
		}
		x.sent = append(x.sent, sent{
			firstDoor, "creditcard kinds", "POST", "/psp/" + instrument + "/payments",
			strings.Replace(withRef(body, "h-k"), "TOKEN", token, 1), "application/json", "test",
		})
	}
	second, err := contract.SecondDoor()
	require.NoError(t, err)
	acts := map[string]string{
		"actOnPayment": `{"act":"decline","reason":"acquirererror"}`, "moveClock": `{"advance":"1s"}`,
		"actAsPayer": `{"payment":"` + at["vipps"][0] + `","act":"pay"}`,
		"addFault":   `{"status":503,"times":1,"match":{"path":"/nowhere"}}`,
	}
	shown := s.create("creditcard", "page")
	var snapshot bytes.Buffer
	require.NoError(t, s.Snapshot(&snapshot))
	for _, op := range second.Operations() {
		path := strings.NewReplacer(
			"{instrument}", "creditcard", "{paymentId}", at["creditcard"][0], "{id}", at["creditcard"][0], "{transactionId}", at["creditcard"][1],
			"{callbackId}", at["creditcard"][1], "{faultId}", "1", "{number}", "1", "{requestId}", "1", "{namespace}", "token-000000000000",
		).Replace(op.Path)
		body := acts[op.ID]
		if op.ID == "restoreSnapshot" {
			body = snapshot.String()
		}
		x.sent = append(x.sent, sent{secondDoor, op.Name(), op.Method, path, body, "application/json", ""})
	}
	// The pages: what the browser of a payer fetches and sends.
	page := s.must("GET", shown, "").href("redirect-authorization")
	u, err := url.Parse(page)
	require.NoError(t, err)
	x.sent = append(x.sent,
		sent{firstDoor, "page", "GET", u.RequestURI(), "", "", ""},
		sent{firstDoor, "page", "POST", u.RequestURI(), "act=pay&card=4925000000000004&reason=acquirererror", "application/x-www-form-urlencoded", ""},
		sent{firstDoor, "widget", "GET", "/widget?token=rpmw_x&culture=sv-SE", "", "", ""},
		sent{firstDoor, "script", "GET", strings.Replace("/creditcardv2/core/scripts/client/px.creditcard.client.js?token=T", "T", lastSegment(u.Path), 1), "", "", ""},
		sent{firstDoor, "token form", "POST", "/oauth2/token", "grant_type=client_credentials&client_id=a&client_secret=b&scope=merchant-api", "application/x-www-form-urlencoded", ""},
	)
	x.whole = x.state()
	return x
}

// state is everything that the sandbox knows.
func (x *target) state() string {
	var text bytes.Buffer
	require.NoError(x.t, x.Snapshot(&text))
	return text.String()
}

// raw sends a request as it is, if it can be sent at all: nil when no server would get to see it.
func (x *target) raw(one sent, header http.Header) (w *httptest.ResponseRecorder) {
	u, err := url.ParseRequestURI(one.path)
	if err != nil || !token(one.method) {
		return nil
	}
	req := httptest.NewRequest("GET", "/", strings.NewReader(one.body))
	req.Method, req.URL, req.RequestURI = one.method, u, one.path
	req.Host = strings.TrimPrefix(apiHost, "https://")
	if one.mediaType != "" {
		req.Header.Set("Content-Type", one.mediaType)
	}
	if one.token != "" {
		req.Header.Set("Authorization", "Bearer "+one.token)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	w = httptest.NewRecorder()
	if one.door == secondDoor {
		x.Admin().ServeHTTP(w, req)
	} else {
		x.ServeHTTP(w, req)
	}
	return w
}

// token tells what may stand in place of a method.
func token(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) }) < 0
}

// attack sends a request that may be anything, and demands what holds for every request: no 5xx but where a fault was
// planned, no crash, a problem that is JSON where an API refuses, and then no other state.
func (x *target) attack(t testing.TB, one sent, header http.Header) (changed bool) {
	t.Helper()
	w := x.raw(one, header)
	if w == nil {
		return false
	}
	if len(x.Faults()) > 0 {
		require.Less(t, w.Code, 300, "a refused fault is planned")
		x.Withdraw("") // before it strikes those who look
	}
	place := fmt.Sprintf("%s %s %.200q %.600q %q", one.door, one.method, one.path, one.body, header)
	require.Less(t, w.Code, 500, "%s\n%s", place, w.Body)
	require.Empty(t, x.crashes.String(), place)
	browser := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain")
	link := strings.HasPrefix(strings.ToLower(one.path), "/psp/creditcard/confined/") // a payer's browser follows it
	api := strings.HasPrefix(one.path, "/psp/") && !(link && one.method == http.MethodGet) || strings.HasPrefix(one.path, "/api/") || strings.HasPrefix(one.path, "/oauth2/")
	if w.Code >= 400 && one.method != http.MethodHead && (api || !browser) {
		assert.True(t, json.Valid(w.Body.Bytes()), "%s: %q", place, w.Body)
		assert.Contains(t, w.Header().Get("Content-Type"), "json", place)
	}
	changed = x.state() != x.whole
	if w.Code >= 400 || one.method == http.MethodGet || one.method == http.MethodHead {
		require.False(t, changed, "%s was answered with %d and changed something", place, w.Code)
	}
	return changed
}

// odd are values that stand in the place of a member's.
var odd = []string{
	`null`, `true`, `0`, `-0`, `-1`, `1e400`, `-1e400`, `1e-400`, `9223372036854775807`, `9223372036854775808`, `1.5`, `""`, `" "`, `"\u0000"`,
	`"\ud800"`, "\"\xff\xfe\"", `{}`, `[]`, `[{}]`, `[[[[[[]]]]]]`, `{"a":{"b":{}}}`, `"null"`, `"<script>"`, `"${jndi:x}"`, `"\u202e"`,
	`"9999-99-99"`, `"1234567"`, `1E9999999999`, `00`, `NaN`, `"-1"`, `"1e9"`,
}

// mutated are the ways to spoil a body, each in one place. The body stays what it is in all else.
func mutated(body string, at, how int) string {
	if how%40 >= 36 {
		return [4]string{"\ufeff" + body, body + body, body[:len(body)/2], strings.ToUpper(body)}[how%40-36]
	}
	if !json.Valid([]byte(body)) {
		pairs := strings.Split(body, "&")
		i := at % len(pairs)
		name, _, _ := strings.Cut(pairs[i], "=")
		pairs[i] = []string{"", name, name + "=", name + "=%zz", name + "=" + strings.Repeat("x", 5000), pairs[i] + "&" + pairs[i], "%00=1", name + "[]=1", name + "=%ff"}[how%9]
		return strings.Join(pairs, "&")
	}
	dec := json.NewDecoder(strings.NewReader(body))
	type spot struct{ begin, end int }
	var spots []spot // of values that follow a name, with it
	var open []byte
	var names []bool // whether a name is next
	start := -1
	for {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		end := int(dec.InputOffset())
		if d, ok := tok.(json.Delim); ok && (d == '{' || d == '[') {
			open, names = append(open, byte(d)), append(names, true)
			continue
		}
		if _, ok := tok.(json.Delim); ok {
			open, names = open[:len(open)-1], names[:len(names)-1]
			if n := len(names); n > 0 {
				names[n-1] = true
			}
			continue
		}
		n := len(open) - 1
		switch {
		case n < 0:
		case open[n] == '{' && names[n]:
			text, _ := json.Marshal(tok)
			start, names[n] = end-len(text), false
		case open[n] == '{':
			spots = append(spots, spot{start, end})
			names[n] = true
		}
	}
	if len(spots) == 0 {
		return odd[how%len(odd)]
	}
	s := spots[at%len(spots)]
	member := body[s.begin:s.end]
	name, value, _ := strings.Cut(member, ":")
	var spoiled string
	switch k := how % 40; {
	case k < len(odd):
		spoiled = name + ":" + odd[k]
	case k == 31:
		spoiled = member + "," + member
	case k == 32:
		spoiled = strings.ToUpper(name) + ":" + value
	case k == 33:
		spoiled = name + `:"` + strings.Repeat("ö", 3000) + `"`
	case k == 34:
		spoiled = `"unknown":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + "," + member
	default:
		before, after := strings.TrimSuffix(body[:s.begin], ","), body[s.end:]
		if before == body[:s.begin] {
			after = strings.TrimPrefix(after, ",")
		}
		return before + after // without the member
	}
	return body[:s.begin] + spoiled + body[s.end:]
}

// oddPaths change where a request goes.
var oddPaths = []func(string) string{
	func(p string) string { return p },
	func(p string) string { return strings.ToUpper(p) },
	func(p string) string { return p + "/" },
	func(p string) string { return p + "//" },
	func(p string) string { return strings.Replace(p, "/", "%2f", 3) },
	func(p string) string { return strings.Replace(p, "payments", "payments/../payments", 1) },
	func(p string) string { return strings.Replace(p, "payments", "payments/%2e%2e/payments", 1) },
	func(p string) string { return p + "/" + strings.Repeat("a", 9000) },
	func(p string) string { return p + "%00" },
	func(p string) string { return p + "?$expand=" + strings.Repeat("transactions,", 1000) },
	func(p string) string { return p + "?%24expand=%zz&a=b;c&$expand" },
	func(p string) string { return "/" + p },
	func(p string) string { return p + "/%ff%fe" },
	func(p string) string { return strings.ReplaceAll(p, "-", "%2d") },
}

// oddHeaders change what comes with it.
var oddHeaders = []http.Header{
	nil,
	{"Session-Id": {strings.Repeat("x", 100_000)}},
	{"Session-Id": {"\x01\xff\"<>"}, "User-Agent": {"\xff\xfe"}},
	{"Authorization": {"Bearer"}}, {"Authorization": {"Basic eDp5"}}, {"Authorization": {"Bearer  \x00"}}, {"Authorization": {"Bearer a", "Bearer b"}},
	{"Authorization": {"Bearer " + strings.Repeat("a.b.", 20000)}},
	{"X-Forwarded-Proto": {"javascript"}}, {"X-Forwarded-Proto": {"https, http"}},
	{"Content-Type": {""}}, {"Content-Type": {"text/html"}}, {"Content-Type": {"application/json;charset=utf-16"}}, {"Content-Type": {"application/json", "text/xml"}},
	{"Content-Type": {";;;"}}, {"Accept": {"text/html"}}, {"Expect": {"100-continue"}}, {"Content-Encoding": {"gzip"}},
	{"Origin": {"https://evil.example"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Cookie": {strings.Repeat("a=b;", 20000)}},
}

var oddMethods = []string{"", "HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", strings.Repeat("M", 3000)}

// TestHostile spoils a request of every operation of both doors and of the pages in many ways; FuzzHostile does in all.
func TestHostile(t *testing.T) {
	x := newTarget(t)
	n := 0
	spoilt := map[string]bool{}
	for i, one := range x.sent {
		if _, operation, _ := strings.Cut(one.name, " "); !spoilt[operation+one.body] {
			// Each member of each body, by what most often goes wrong.
			spoilt[operation+one.body] = true
			members := min(strings.Count(one.body, `":`), 30)
			for at := range members {
				spoiled := one
				spoiled.body = mutated(one.body, at, []int{0, 4, 11, 35, 5, 16, 26}[(at+i)%7])
				x.attackFresh(t, spoiled, nil)
				n++
			}
		}
		at := func(how int) int { return (i*31 + how*7) % 64 }
		if one.body != "" {
			for how := i % 8; how < 40; how += 8 {
				spoiled := one
				spoiled.body = mutated(one.body, at(how), how)
				x.attackFresh(t, spoiled, nil)
				n++
			}
		}
		for k, path := range oddPaths {
			if k%4 != i%4 { // each operation a quarter of them, all of them for each four
				continue
			}
			spoiled := one
			spoiled.path = path(one.path)
			x.attackFresh(t, spoiled, nil)
			n++
		}
		for k, header := range oddHeaders {
			if k%4 == i%4 {
				x.attackFresh(t, one, header)
				n++
			}
		}
		for k, method := range oddMethods {
			if method != "" && k%4 == i%4 {
				spoiled := one
				spoiled.method = method
				x.attackFresh(t, spoiled, nil)
				n++
			}
		}
	}
	t.Logf("%d requests to %d operations", n, len(x.sent))
}

// attackFresh is attack on a sandbox that is put back when the request was not refused.
func (x *target) attackFresh(t testing.TB, one sent, header http.Header) {
	t.Helper()
	if x.attack(t, one, header) {
		require.NoError(t, x.Restore(strings.NewReader(x.whole)))
	}
}

// FuzzHostile spoils a request of any operation in several ways at once.
func FuzzHostile(f *testing.F) {
	x := newTarget(f)
	for i := range 60 {
		f.Add(uint16(i*7), uint16(i*3), uint16(i), uint8(i), uint8(i*2), uint8(i%len(oddMethods)), "")
	}
	f.Add(uint16(1), uint16(0), uint16(0), uint8(0), uint8(0), uint8(0), `{"payment":{"prices":[{"amount":1e400}]}}`)
	f.Fuzz(func(t *testing.T, op, at, how uint16, path, header, method uint8, body string) {
		one := x.sent[int(op)%len(x.sent)]
		if one.body != "" && how > 0 {
			one.body = mutated(one.body, int(at), int(how))
			if how > 255 {
				one.body = mutated(one.body, int(at>>6), int(how>>8))
			}
		}
		if body != "" {
			one.body = body
		}
		one.path = oddPaths[int(path)%len(oddPaths)](one.path)
		if m := oddMethods[int(method)%len(oddMethods)]; m != "" {
			one.method = m
		}
		x.t = t
		x.attackFresh(t, one, oddHeaders[int(header)%len(oddHeaders)])
	})
}
