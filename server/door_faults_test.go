package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/server"
)

// fault sets a fault at the second door.
func (s *sandbox) fault(body string) reply {
	s.t.Helper()
	r := s.knock("POST", "/faults", body, bearer("test")...)
	require.Equal(s.t, 201, r.status, r.text)
	return r
}

// socket asks the first door on a socket, and answers what came of it.
func (s *sandbox) socket(method, path, body string) (*http.Response, string, error) {
	s.t.Helper()
	srv := httptest.NewServer(s.Server)
	defer srv.Close()
	req, err := http.NewRequestWithContext(s.t.Context(), method, srv.URL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Authorization", "Bearer test")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

func TestFaultsOfRequests(t *testing.T) {
	tests := []struct {
		name, fault string
		status      int
		retryAfter  string
		kind        string // of content
		want        string // in the body
		broken      error
	}{
		{"a status", `{"status":503}`, 503, "", "application/problem+json; charset=utf-8", `errordetail/systemerror","title":"Service Unavailable","status":503`, nil},
		{"slow down", `{"status":429,"retryAfter":2}`, 429, "2", "application/problem+json; charset=utf-8", `"status":429`, nil},
		{"a problem", `{"status":403,"problem":{"type":"https://example.com/odd","title":"Odd","detail":"Indeed"}}`, 403, "", "application/problem+json; charset=utf-8", `"type":"https://example.com/odd","title":"Odd","status":403,"detail":"Indeed"`, nil},
		{"a gateway", `{"status":502,"body":"<h1>Bad Gateway</h1>"}`, 502, "", "text/html; charset=utf-8", "<h1>Bad Gateway</h1>", nil},
		{"a portal", `{"status":200,"body":"hello","contentType":"text/plain"}`, 200, "", "text/plain", "hello", nil},
		{"nothing", `{"status":204}`, 204, "", "", "", nil},
		{"latency", `{"latency":"1ms"}`, 200, "", "application/json; charset=utf-8", `"payment"`, nil},
		{"a hint alone", `{"retryAfter":7}`, 200, "7", "application/json; charset=utf-8", `"payment"`, nil},
		{"slow", `{"slow":1000000}`, 200, "", "application/json; charset=utf-8", `"operations"`, nil},
		{"reset", `{"cut":"reset"}`, 0, "", "", "", syscall.ECONNRESET},
		{"truncate", `{"cut":"truncate"}`, 200, "", "application/json; charset=utf-8", "", io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			id := s.card("r1")
			set := s.fault(tt.fault)
			assert.JSONEq(t, "1", set.at("times").(json.Number).String(), "once, where nothing else is said")
			resp, text, err := s.socket("GET", id, "")
			switch {
			case tt.broken != nil:
				require.ErrorIs(t, err, tt.broken)
			default:
				require.NoError(t, err)
				assert.Contains(t, text, tt.want)
			}
			if tt.status != 0 {
				assert.Equal(t, tt.status, resp.StatusCode)
				assert.Equal(t, tt.retryAfter, resp.Header.Get("Retry-After"))
				assert.Equal(t, tt.kind, resp.Header.Get("Content-Type"))
			}
			var newest reply
			require.Eventually(t, func() bool { // the caller may notice a reset before the request is noted
				newest = s.knock("GET", "/requests?limit=1", "")
				return newest.str("requests.0.method") == "GET"
			}, 10*time.Second, time.Millisecond)
			if tt.status >= 400 || tt.broken != nil {
				assert.Equal(t, "fault", newest.str("requests.0.refused.station"))
				assert.Equal(t, set.str("id"), newest.str("requests.0.refused.fault"))
			} else {
				assert.Nil(t, newest.at("requests.0.refused"))
			}
			resp, _, err = s.socket("GET", id, "")
			require.NoError(t, err, "it happens once")
			assert.Equal(t, 200, resp.StatusCode)
			assert.Empty(t, s.knock("GET", "/faults", "").at("faults"))
		})
	}
}

// TestFaultBeforeAndAfter: before, nothing happens; after, it has happened and only the answer is lost.
func TestFaultBeforeAndAfter(t *testing.T) {
	for when, status := range map[string]int{"before": 201, "after": 403} {
		s := newSandbox(t)
		s.fault(`{"match":{"method":"POST","path":"/psp/*/payments"},"cut":"reset","when":"` + when + `"}`)
		_, _, err := s.socket("POST", "/psp/creditcard/payments", withRef(cardPurchase, "r1"))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		again := s.do("POST", "/psp/creditcard/payments", withRef(cardPurchase, "r1"))
		assert.Equal(t, status, again.status, when)
	}
}

func TestFaultMatches(t *testing.T) {
	tests := []struct {
		match  string
		struck bool
	}{
		{``, true},
		{`"method":"GET"`, true},
		{`"method":"POST"`, false},
		{`"path":"/psp/*/payments"`, false},
		{`"path":"/psp/*/payments/*"`, true},
		{`"path":"/PSP/credit*/payments/*"`, true},
		{`"path":"/psp/**"`, true},
		{`"path":"/**/payments/**"`, true},
		{`"path":"/**/captures"`, false},
		{`"path":"/psp/creditcard/payments/**/*"`, true},
		{`"path":"/psp/creditcard/payments/*/*"`, false},
		{`"operation":"getPayment"`, true},
		{`"operation":"swedbankpay/creditcard getPayment"`, true},
		{`"operation":"swedbankpay/swish getPayment"`, false},
		{`"operation":"createCapture"`, false},
		{`"method":"GET","path":"/psp/**","operation":"createCapture"`, false},
	}
	for _, tt := range tests {
		s := newSandbox(t)
		id := s.card("r1")
		s.fault(`{"match":{` + tt.match + `},"status":503}`)
		assert.Equal(t, tt.struck, s.do("GET", id, "").status == 503, tt.match)
	}
}

func TestFaultTimesAndRate(t *testing.T) {
	s := newSandbox(t)
	id := s.card("r1")
	struck := func(n int) (pattern string) {
		for range n {
			if s.do("GET", id, "").status == 503 {
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return pattern
	}
	s.fault(`{"status":503,"times":3}`)
	assert.Equal(t, "xxx.", struck(4))

	forever := s.fault(`{"status":503,"times":0}`)
	assert.Equal(t, "xxxxx", struck(5))
	assert.JSONEq(t, "5", s.knock("GET", "/faults", "").at("faults").([]any)[0].(map[string]any)["hits"].(json.Number).String())
	assert.Equal(t, 204, s.knock("DELETE", "/faults/"+forever.str("id"), "").status)
	assert.Equal(t, "..", struck(2))

	s.fault(`{"status":503,"rate":0.5}`)
	first := struck(40)
	assert.Contains(t, first, "x")
	assert.Contains(t, first, ".")
	assert.Equal(t, 204, s.knock("DELETE", "/faults", "").status)
	assert.Equal(t, "...", struck(3))

	other := newSandbox(t)
	id = other.card("r1")
	s = other
	s.fault(`{"status":503,"rate":0.5}`)
	s.as("another", "GET", "/psp/creditcard/payments/none", "")
	require.Equal(t, 201, s.knock("POST", "/faults", `{"status":500,"rate":0.5}`, bearer("another")...).status)
	s.as("another", "GET", "/psp/creditcard/payments/none", "")
	assert.Equal(t, first, struck(40), "the same seed, whatever happens elsewhere")
}

func TestFaultsRefused(t *testing.T) {
	s := newSandbox(t)
	for body, want := range map[string]string{
		`{}`:                                "does nothing",
		`{"times":2}`:                       "does nothing",
		`{"rate":0.5,"match":{"path":"/"}}`: "does nothing",
		`{"on":"callback"}`:                 "does nothing to callbacks",
		`{"on":"callback","duplicate":1,"drop":true}`:  "more than one thing",
		`{"on":"callback","delay":"1s","status":500}`:  "more than one thing",
		`{"on":"callback","retryAfter":1,"drop":true}`: "only an answer to a request",
		`{"duplicate":1}`:                         "only a callback",
		`{"drop":true,"status":500}`:              "only a callback",
		`{"body":"x"}`:                            "give a status",
		`{"problem":{"title":"x"}}`:               "give a status",
		`{"status":500,"contentType":"x"}`:        "give a body",
		`{"status":199}`:                          "/status",
		`{"status":600}`:                          "/status",
		`{"rate":0}`:                              "/rate",
		`{"rate":1.5}`:                            "/rate",
		`{"latency":"2m"}`:                        "more than a minute",
		`{"latency":"9999999h"}`:                  "too long",
		`{"latency":"-1s"}`:                       "/latency",
		`{"cut":"half"}`:                          "/cut",
		`{"on":"answer","status":500}`:            "/on",
		`{"status":500,"when":"never"}`:           "/when",
		`{"stauts":500}`:                          "/stauts",
		`{"status":500,"match":{"paht":"/"}}`:     "/match/paht",
		`{"status":500,"match":{"path":"x"}}`:     "/match/path",
		`{"status":500,"match":{"method":"get"}}`: "/match/method",
		`{"status":500,"id":"3"}`:                 "read-only",
		`{"status":500,"hits":1}`:                 "read-only",
		`{"status":500,"namespace":"x"}`:          "read-only",
		`{"status":500,"times":-1}`:               "/times",
	} {
		r := s.knock("POST", "/faults", body)
		assert.Equal(t, 400, r.status, body)
		assert.Contains(t, r.text, want, body)
	}
	assert.Empty(t, s.Faults())
	for range 1000 {
		_, err := s.Inject(server.Fault{Status: 500})
		require.NoError(t, err)
	}
	assert.Equal(t, 400, s.knock("POST", "/faults", `{"status":500}`).status, "no more than are kept")
}

// TestFaultsOfCallbacks: what is lost, comes twice, late, in the wrong order, or was answered by nobody.
func TestFaultsOfCallbacks(t *testing.T) {
	// tell lets three transactions of three payments happen, one after the other, and answers in which order the shop
	// heard of them: by number.
	tests := []struct {
		name, fault string
		told        string
		state       string // of the first
		after       time.Duration
		later       string
	}{
		{"none", ``, "123", "delivered", time.Hour, "123"},
		{"duplicate", `{"on":"callback","duplicate":2}`, "11123", "delivered", time.Hour, "11123"},
		{"delay", `{"on":"callback","delay":"20s"}`, "23", "waiting", 20 * time.Second, "231"},
		{"delay, a moment before", `{"on":"callback","delay":"20s"}`, "23", "waiting", 19 * time.Second, "23"},
		{"drop", `{"on":"callback","drop":true}`, "23", "not-sent", 24 * time.Hour, "23"},
		{"hold", `{"on":"callback","hold":true}`, "213", "waiting", time.Hour, "213"},
		{"a status", `{"on":"callback","status":500}`, "23", "waiting", 30 * time.Second, "231"},
		{"a good status", `{"on":"callback","status":202}`, "23", "delivered", time.Hour, "23"},
		{"reset", `{"on":"callback","cut":"reset"}`, "23", "waiting", 30 * time.Second, "231"},
		{"no answer", `{"on":"callback","latency":"10s"}`, "23", "waiting", 30 * time.Second, "231"},
		{"a late answer", `{"on":"callback","latency":"9s"}`, "23", "delivered", time.Hour, "23"},
		{"each, until removed", `{"on":"callback","status":500,"times":0}`, "", "waiting", 24 * time.Hour, ""},
		{"of another payment", `{"on":"callback","drop":true,"match":{"path":"/psp/swish/**"}}`, "123", "delivered", time.Hour, "123"},
		{"of this kind of payment", `{"on":"callback","drop":true,"match":{"path":"/psp/creditcard/**","method":"POST","operation":"paymentChanged"}}`, "23", "not-sent", time.Hour, "23"},
		{"of another operation", `{"on":"callback","drop":true,"match":{"operation":"createCapture"}}`, "123", "delivered", time.Hour, "123"},
		{"of requests", `{"status":500,"match":{"path":"/told"}}`, "123", "delivered", time.Hour, "123"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newShop(t)
			s := newSandbox(t)
			if tt.fault != "" {
				s.fault(tt.fault)
			}
			number := map[string]string{}
			for _, n := range []string{"1", "2", "3"} {
				id := s.must("POST", "/psp/creditcard/payments", withRef(calling(cardPurchase, m.URL), n)).str("payment.id")
				number[id] = n
				s.payer(id, `{"act":"pay"}`)
				s.Settle()
				if n == "1" {
					state := s.deliveries()[0].State
					assert.Equal(t, tt.state, state)
				}
			}
			heard := func() (order string) {
				for _, told := range m.told() {
					id, _, _ := strings.Cut(told, " ")
					order += number[id]
				}
				return order
			}
			assert.Equal(t, tt.told, heard())
			require.NoError(t, s.Advance(t.Context(), tt.after))
			assert.Equal(t, tt.later, heard())
		})
	}
}

// TestDroppedCallback says why, and may be sent again by hand. Sending again is struck by no fault and uses none up.
func TestDroppedCallback(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	s.fault(`{"on":"callback","drop":true}`)
	s.payer(s.must("POST", "/psp/creditcard/payments", calling(cardPurchase, m.URL)).str("payment.id"), `{"act":"pay"}`)
	dropped := s.deliveries()[0]
	assert.Equal(t, door.Callback{
		ID: dropped.ID, Payment: dropped.Payment, Transaction: dropped.Transaction, URL: m.URL, State: "not-sent", Attempts: []door.Attempt{},
		Reason: "a fault dropped it", Namespace: dropped.Namespace,
	}, dropped)
	s.fault(`{"on":"callback","drop":true}`)
	r := s.knock("POST", "/callbacks/"+dropped.ID+"/redeliver", "")
	assert.Equal(t, "delivered", r.str("state"))
	assert.Nil(t, r.at("reason"))
	assert.Len(t, s.Faults(), 1)
}

// TestFaultInProcess: the client without a port sees what one on a socket would.
func TestFaultInProcess(t *testing.T) {
	s := newSandbox(t)
	id := s.card("r1")
	s.fault(`{"cut":"reset"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, apiHost+id, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer test")
	_, err = s.Client().Do(req)
	assert.ErrorIs(t, err, syscall.ECONNRESET)
}
