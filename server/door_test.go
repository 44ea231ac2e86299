package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/internal/contract"
)

// judgedDoor fails a test in which the second door answers what its document does not say.
type judgedDoor struct {
	t    testing.TB
	next http.RoundTripper
}

func (j judgedDoor) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := j.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(j.t, err)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	document, err := contract.SecondDoor()
	require.NoError(j.t, err)
	place := req.Method + " " + req.URL.String()
	m := document.MatchPath(req.Method, strings.TrimPrefix(req.URL.EscapedPath(), "/_kassa"))
	if m.Outcome == contract.Matched {
		for _, v := range m.Operation.JudgeResponse(resp.StatusCode, contract.Message{Header: resp.Header, Body: body}) {
			assert.Fail(j.t, "the answer breaks the document", "%s: %s %s %s\n%s", place, v.Rule, v.Pointer, v.Message, body)
		}
	}
	if resp.StatusCode >= 400 && m.Operation != nil && m.Operation.ID != "getHealth" {
		assert.Equal(j.t, "application/problem+json", resp.Header.Get("Content-Type"), place)
	}
	return resp, nil
}

// handled is the way to a handler without a network.
type handled struct{ http.Handler }

func (h handled) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Result(), nil
}

// knock asks the second door, which stands under a prefix here.
func (s *sandbox) knock(method, path, body string, header ...string) reply {
	s.t.Helper()
	req := httptest.NewRequestWithContext(s.t.Context(), method, "/_kassa"+path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := judgedDoor{s.t, handled{http.StripPrefix("/_kassa", s.Admin())}}.RoundTrip(req)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return newReply(s.t, resp.StatusCode, resp.Header, text)
}

// admin is knock without headers.
func (s *sandbox) admin(method, path, body string) reply {
	s.t.Helper()
	return s.knock(method, path, body)
}

// payer acts on a payment and has to succeed.
func (s *sandbox) payer(id, body string) reply {
	s.t.Helper()
	r := s.knock("POST", "/payments/"+lastSegment(id)+"/payer", body)
	require.Equal(s.t, 200, r.status, r.text)
	return r
}

// doorClient is the generated client on a socket. With a token it is about that merchant's namespace.
func (s *sandbox) doorClient(token string) *door.ClientWithResponses {
	s.t.Helper()
	srv := httptest.NewServer(s.Admin())
	s.t.Cleanup(srv.Close)
	c, err := door.NewClientWithResponses(srv.URL, door.WithHTTPClient(&http.Client{Transport: judgedDoor{s.t, http.DefaultTransport}}),
		door.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}))
	require.NoError(s.t, err)
	return c
}

// as is a request of another merchant.
func (s *sandbox) as(token, method, url, body string) reply {
	s.t.Helper()
	return s.request(method, url, body).with("Authorization", "Bearer "+token).send()
}

func TestPayer(t *testing.T) {
	s := newSandbox(t)
	id := s.card("r1")

	r := s.payer(id, `{"act":"cancel"}`)
	assert.Equal(t, "https://example.com/cancel", r.str("next"))
	assert.Empty(t, s.must("GET", id+"/transactions", "").at("transactions.transactionList"), "cancelling on the page does nothing")

	r = s.payer(id, `{"act":"decline","reason":"acquirerinsufficientfunds"}`)
	assert.Equal(t, "Failed", r.str("transactionState"))
	assert.Nil(t, r.at("next"), "the payer may try again")
	failed := s.must("GET", r.str("transaction"), "")
	assert.Equal(t, "REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS", failed.str("authorization.transaction.failedErrorCode"))

	r = s.payer(id, `{"act":"pay","card":"mastercard"}`)
	assert.Equal(t, "Completed", r.str("transactionState"))
	assert.Equal(t, "Ready", r.str("state"))
	assert.Equal(t, "https://example.com/complete", r.str("next"))
	assert.Equal(t, "MasterCard", s.must("GET", r.str("transaction"), "").str("authorization.cardBrand"))
	assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())

	other := s.card("r2")
	r = s.payer(other, `{"act":"pay","card":"4925 0000 0000 0004"}`)
	assert.Equal(t, "Visa", s.must("GET", r.str("transaction"), "").str("authorization.cardBrand"))

	failing := s.trustly("r3")
	for range 2 {
		s.payer(failing, `{"act":"decline","now":true}`)
	}
	r = s.payer(failing, `{"act":"decline"}`)
	assert.Equal(t, "Failed", r.str("transactionState"), "a refusal takes no time")
	assert.Equal(t, "https://example.com/complete", r.str("next"), "the last failure ends it")
	assert.Equal(t, "Failed", s.knock("GET", "/payments/"+lastSegment(failing), "").str("payment.state"))

	settling := s.trustly("r5")
	r = s.payer(settling, `{"act":"pay"}`)
	assert.Equal(t, "AwaitingActivity", r.str("transactionState"))
	assert.Equal(t, "2025-10-04T09:30:02Z", r.str("settles"))
	assert.Equal(t, "https://example.com/complete", r.str("next"), "the bank tells the merchant later than the payer returns")
	require.NoError(t, s.Advance(t.Context(), 2e9))
	assert.Equal(t, "10000 - - 10000", s.must("GET", settling, "").amounts())

	started := s.create("swish", "r4")
	assert.Equal(t, "AwaitingActivity", s.payer(started, `{"act":"start"}`).str("transactionState"))
	assert.Equal(t, "Completed", s.payer(started, `{"act":"pay","now":true,"msisdn":"+46739000001"}`).str("transactionState"))
}

// TestPayerByAnyName: POST /payer takes whatever the payer was sent to.
func TestPayerByAnyName(t *testing.T) {
	s := newSandbox(t)
	for i, name := range []func(reply) string{
		func(r reply) string { return lastSegment(r.str("payment.id")) },
		func(r reply) string { return r.str("payment.id") },
		func(r reply) string { return apiHost + r.str("payment.id") },
		func(r reply) string { return r.href("redirect-authorization") },
		func(r reply) string { return r.href("view-payment") },
	} {
		created := s.must("POST", "/psp/creditcard/payments", withRef(cardPurchase, s.nextRef()))
		body, err := json.Marshal(map[string]string{"payment": name(created), "act": "pay"})
		require.NoError(t, err)
		r := s.knock("POST", "/payer", string(body))
		require.Equal(t, 200, r.status, "%d: %s", i, r.text)
		assert.Equal(t, created.str("payment.id"), r.str("payment"))
	}
}

func TestDoorRefuses(t *testing.T) {
	s := newSandbox(t)
	paid, swish := lastSegment(s.paidCard("r1")), lastSegment(s.create("swish", "r2"))
	open := lastSegment(s.card("r3"))
	at := func(id string) string { return "/payments/" + id + "/payer" }
	tests := []struct {
		name, method, path, body string
		status                   int
		kind, want               string
		header                   []string
	}{
		{"paid already", "POST", at(paid), `{"act":"pay"}`, 409, "state", "already paid", nil},
		{"paid already, cancelled", "POST", at(paid), `{"act":"cancel"}`, 409, "state", "already paid", nil},
		{"no such payment", "POST", at("none"), `{"act":"pay"}`, 404, "unknown", "GET /payments", nil},
		{"no such payment to cancel", "POST", "/payer", `{"payment":"none","act":"cancel"}`, 404, "unknown", "none", nil},
		{"no such act", "POST", at(open), `{"act":"steal"}`, 400, "request", "/act", nil},
		{"no act", "POST", at(open), `{}`, 400, "request", "/act", nil},
		{"no body", "POST", at(open), ``, 400, "request", "body", nil},
		{"not JSON", "POST", at(open), `act=pay`, 400, "request", "malformed", nil},
		{"a form", "POST", at(open), `{"act":"pay"}`, 400, "request", "header/Content-Type", []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"a member that is not there", "POST", at(open), `{"act":"pay","nwo":true}`, 400, "request", "/nwo", nil},
		{"a reason to pay", "POST", at(open), `{"act":"pay","reason":"carddeclined"}`, 400, "request", "/reason", nil},
		{"a reason of another instrument", "POST", at(swish), `{"act":"decline","reason":"carddeclined"}`, 400, "request", "swishtimeout", nil},
		{"a card for swish", "POST", at(swish), `{"act":"pay","card":"visa"}`, 400, "request", "/card", nil},
		{"a phone for a card", "POST", at(open), `{"act":"pay","msisdn":"+46739000001"}`, 400, "request", "/msisdn", nil},
		{"a card that is not published", "POST", at(open), `{"act":"pay","card":"4242424242424242"}`, 400, "request", "/card", nil},
		{"too large", "POST", at(open), `{"act":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "", "1 MiB", nil},
		{"nothing there", "GET", "/nothing", "", 404, "", "door.yaml", nil},
		{"another method", "GET", "/reset", "", 405, "", "POST", nil},
		{"a way up", "GET", "/payments/../reset", "", 404, "", "nothing", nil},
		{"a query that is not there", "GET", "/payments?stat=Ready", "", 400, "request", "query/stat", nil},
		{"a state that is not there", "GET", "/payments?state=ready", "", 400, "request", "query/state", nil},
		{"a limit of nothing", "GET", "/payments?limit=0", "", 400, "request", "query/limit", nil},
		{"no such namespace", "GET", "/payments?namespace=token-000000000000", "", 404, "unknown", "GET /namespaces", nil},
		{"two namespaces", "GET", "/payments?namespace=a&namespace=b", "", 400, "request", "more than once", nil},
		{"credentials of another kind", "POST", "/reset", "", 400, "request", "Authorization", []string{"Authorization", "Basic abc"}},
		{"no token", "POST", "/reset", "", 400, "request", "Authorization", []string{"Authorization", "Bearer"}},
		{"another site", "POST", "/reset", "", 403, "", "site", []string{"Sec-Fetch-Site", "cross-site"}},
		{"no duration", "POST", "/clock", `{"advance":"soon"}`, 400, "request", "/advance", nil},
		{"a duration too long for words", "POST", "/clock", `{"advance":"99999999h"}`, 400, "request", "hundred years", nil},
		{"a duration too long", "POST", "/clock", `{"advance":"2000000h"}`, 400, "request", "hundred years", nil},
		{"both ways to move", "POST", "/clock", `{"advance":"1s","to":"2030-01-01T00:00:00Z"}`, 400, "request", "", nil},
		{"back in time", "POST", "/clock", `{"to":"2025-10-04T09:29:59Z"}`, 400, "request", "does not go back", nil},
		{"no such request", "GET", "/requests/9999", "", 404, "unknown", "GET /requests", nil},
		{"no such callback", "POST", "/callbacks/none/redeliver", "", 404, "unknown", "GET /callbacks", nil},
		{"callbacks of no payment", "GET", "/callbacks?payment=none", "", 404, "unknown", "GET /payments", nil},
		{"no such fault", "DELETE", "/faults/17", "", 404, "unknown", "GET /faults", nil},
		{"no recording", "GET", "/recording.har", "", 404, "recording", "--record", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.knock("GET", "/snapshot", "").text
			r := s.knock(tt.method, tt.path, tt.body, tt.header...)
			require.Equal(t, tt.status, r.status, r.text)
			kind := "about:blank"
			if tt.kind != "" {
				kind = "urn:kassa:problem:" + tt.kind
			}
			assert.Equal(t, kind, r.str("type"))
			assert.Contains(t, r.text, tt.want)
			assert.NotEmpty(t, r.str("remedy"))
			assert.NotContains(t, r.text, "4242", "a number that is refused is not repeated")
			assert.Equal(t, before, s.knock("GET", "/snapshot", "").text, "a refusal changes nothing")
		})
	}
	assert.Equal(t, 404, s.do("GET", "/_kassa/payments", "").status, "the first door does not lead there")
	assert.Equal(t, 404, s.do("GET", "/payments", "").status)
}

func TestPaymentsAtTheDoor(t *testing.T) {
	s := newSandbox(t)
	s.clock.Add(1e9)
	ids := []string{s.card("r1"), s.trustly("r2"), s.paidCard("r3")}
	c := s.doorClient("")
	list, err := c.ListPaymentsWithResponse(t.Context(), &door.ListPaymentsParams{})
	require.NoError(t, err)
	require.Len(t, list.JSON200.Payments, 3)
	for i, p := range list.JSON200.Payments {
		assert.Equal(t, ids[2-i], p.ID, "the newest first")
		assert.Equal(t, int64(10000), p.Amount)
	}
	newest := list.JSON200.Payments[0]
	assert.Equal(t, []string{"create-cancellation", "create-capture", "paid-payment", "view-payment"}, newest.Offers)
	assert.Empty(t, newest.Redirect)
	assert.Contains(t, list.JSON200.Payments[2].Redirect, apiHost+"/creditcardv2/payments/authorize/", "the first door is another than this")
	assert.Equal(t, []int64{10000, 10000, 0, 1}, []int64{newest.Capturable, newest.Cancellable, newest.Reversible, newest.Transactions})

	for _, tt := range []struct {
		query door.ListPaymentsParams
		want  int
	}{
		{door.ListPaymentsParams{Instrument: new(door.InstrumentTrustly)}, 1},
		{door.ListPaymentsParams{Instrument: new(door.InstrumentVipps)}, 0},
		{door.ListPaymentsParams{State: new(door.StateReady)}, 3},
		{door.ListPaymentsParams{State: new(door.StateAborted)}, 0},
		{door.ListPaymentsParams{Limit: new(int64(2))}, 2},
	} {
		list, err := c.ListPaymentsWithResponse(t.Context(), &tt.query)
		require.NoError(t, err)
		assert.Len(t, list.JSON200.Payments, tt.want, "%+v", tt.query)
	}

	decline(t, s, ids[0])
	s.must("PATCH", ids[0], aborting)
	detail, err := c.GetPaymentWithResponse(t.Context(), lastSegment(ids[0]), &door.GetPaymentParams{})
	require.NoError(t, err)
	var events []string
	for _, f := range detail.JSON200.Timeline {
		events = append(events, strings.TrimSpace(f.Event+" "+f.Kind+" "+f.Reason))
	}
	assert.Equal(t, []string{"created", "begun Authorization", "failed Authorization unknown error, response-code: 51", "aborted  CancelledByConsumer"}, events)
	assert.Equal(t, "Test Purchase", detail.JSON200.Description)
	assert.Equal(t, "r1", detail.JSON200.Payee.PayeeReference)
	assert.Equal(t, "https://example.com/complete", detail.JSON200.Urls.CompleteURL)
	assert.Equal(t, "Aborted", detail.JSON200.Payment.State)
}

func TestReasonsAtTheDoor(t *testing.T) {
	s := newSandbox(t)
	c := s.doorClient("")
	all, err := c.ListReasonsWithResponse(t.Context(), &door.ListReasonsParams{})
	require.NoError(t, err)
	for _, r := range all.JSON200.Reasons {
		id := s.create(r.Instrument, s.nextRef())
		got := s.payer(id, `{"act":"decline","now":true,"reason":"`+r.Reason+`"}`)
		assert.Equal(t, "Failed", got.str("transactionState"), "%s %s", r.Instrument, r.Reason)
		assert.GreaterOrEqual(t, r.Status, int32(400))
		assert.NotEmpty(t, r.Title)
	}
	one, err := c.ListReasonsWithResponse(t.Context(), &door.ListReasonsParams{Instrument: new(door.InstrumentTrustly)})
	require.NoError(t, err)
	require.Len(t, one.JSON200.Reasons, 2)
	assert.Equal(t, []string{"systemerror", "usercancelled"}, []string{one.JSON200.Reasons[0].Reason, one.JSON200.Reasons[1].Reason})
}
