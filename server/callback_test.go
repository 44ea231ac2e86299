package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

// A shop receives callbacks, holds each against the contract, and answers with a status.
type shop struct {
	*httptest.Server

	t      *testing.T
	status atomic.Int64
	mu     sync.Mutex
	got    []string // "payment transaction"
}

func newShop(t *testing.T) *shop {
	m := &shop{t: t}
	m.status.Store(200)
	own, err := contract.Own()
	require.NoError(t, err)
	var told *contract.Operation
	for _, op := range own.Operations() {
		if op.Callback && op.Document == "swedbankpay/creditcard.yaml" {
			told = op
		}
	}
	require.NotNil(t, told)
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, "POST", r.Method)
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		assert.Empty(t, r.Header.Get("Authorization"))
		assert.Empty(t, told.JudgeRequest(nil, contract.Message{Header: r.Header, Body: body}))
		var in struct {
			Payment, Transaction struct {
				ID     string
				Number int64
			}
		}
		assert.NoError(t, json.Unmarshal(body, &in))
		assert.Positive(t, in.Payment.Number)
		assert.Positive(t, in.Transaction.Number)
		m.mu.Lock()
		m.got = append(m.got, in.Payment.ID+" "+in.Transaction.ID)
		m.mu.Unlock()
		if m.status.Load() == http.StatusFound {
			w.Header().Set("Location", m.URL+"/elsewhere")
		}
		w.WriteHeader(int(m.status.Load()))
	}))
	t.Cleanup(m.Close)
	return m
}

func calling(body, url string) string {
	return strings.Replace(body, `"completeUrl"`, `"callbackUrl":"`+url+`","completeUrl"`, 1)
}

// deliveries are the callbacks that the second door lists, the oldest first.
func (s *sandbox) deliveries() []door.Callback {
	s.t.Helper()
	s.Settle()
	var out door.CallbackList
	require.NoError(s.t, json.Unmarshal([]byte(s.knock("GET", "/callbacks", "").text), &out))
	slices.Reverse(out.Callbacks)
	return out.Callbacks
}

// TestCallbacks: one for each transaction, in order, to an id that can be read.
func TestCallbacks(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	id := s.must("POST", "/psp/creditcard/payments", calling(cardPurchase, m.URL+"/told")).str("payment.id")
	decline(t, s, id)
	pay(t, s, id)
	capture(1001)(t, s, id)
	reverse(1)(t, s, id)
	cancel(t, s, id)
	assert.Equal(t, 403, s.do("POST", id+"/captures", moving(1, "late")).status, "a refusal is no transaction")

	kinds := []string{"authorizations", "authorizations", "captures", "reversals", "cancellations"}
	deliveries := s.deliveries()
	require.Len(t, m.got, len(kinds))
	require.Len(t, deliveries, len(kinds))
	for i, kind := range kinds {
		payment, transaction, _ := strings.Cut(m.got[i], " ")
		assert.Equal(t, id, payment)
		assert.Equal(t, kind, strings.Split(transaction, "/")[5])
		assert.Equal(t, 200, s.do("GET", transaction, "").status)
		assert.Equal(t, transaction, deliveries[i].Transaction)
		assert.Equal(t, m.URL+"/told", deliveries[i].URL)
		assert.Equal(t, "delivered", deliveries[i].State)
		require.Len(t, deliveries[i].Attempts, 1)
		assert.Equal(t, int32(200), deliveries[i].Attempts[0].Status)
		assert.Empty(t, deliveries[i].Attempts[0].Reason)
	}
}

func TestCallbackOfASale(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	id := s.must("POST", "/psp/trustly/payments", calling(trustlyPurchase, m.URL)).str("payment.id")
	sell(t, s, id)
	require.Empty(t, s.deliveries(), "a sale that awaits the payer is no news")
	pay(t, s, id)
	s.Settle()
	require.Len(t, m.got, 1)
	_, sale, _ := strings.Cut(m.got[0], " ")
	assert.Equal(t, "Completed", s.must("GET", sale, "").str("sale.transaction.state"))
}

// TestAutoCaptureTellsTwice: of the authorization and of the capture that follows by itself.
func TestAutoCaptureTellsTwice(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	body := strings.Replace(calling(cardPurchase, m.URL), `"Authorization"`, `"AutoCapture"`, 1)
	pay(t, s, s.must("POST", "/psp/creditcard/payments", body).str("payment.id"))
	s.Settle()
	require.Len(t, m.got, 2)
	assert.Contains(t, m.got[0], "/authorizations/")
	assert.Contains(t, m.got[1], "/captures/")
}

// TestCallbacksNotTaken: what cannot be sent is in the log with its reason, and nothing else happens.
func TestCallbacksNotTaken(t *testing.T) {
	m := newShop(t)
	tests := []struct {
		name, url string
		status    int64
		opts      []server.Option
		attempts  int
		reason    string
	}{
		{"a stranger's host", "https://example.com/told", 200, nil, 0, "callbacks to example.com are not allowed; allow the host, or use a loopback address"},
		{"a host that only begins like ours", "http://127.0.0.1.example.com/", 200, nil, 0, "callbacks to 127.0.0.1.example.com are not allowed; allow the host, or use a loopback address"},
		{"another allowed host", "https://example.com/told", 200, []server.Option{server.WithCallbackHosts("shop.test")}, 0, "callbacks to example.com are not allowed; allow the host, or use a loopback address"},
		{"not an address", "ftp://127.0.0.1/", 200, nil, 0, "not an http or https URL"},
		{"nobody there", "http://127.0.0.1:1/", 200, nil, 1, "connection refused"},
		{"a failing merchant", m.URL, 500, nil, 1, "the answer was not 2xx"},
		{"a redirecting merchant", m.URL, 302, nil, 1, "the answer was not 2xx"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m.status.Store(tt.status)
			m.got = nil
			s := newSandbox(t, tt.opts...)
			id := s.must("POST", "/psp/creditcard/payments", calling(cardPurchase, tt.url)).str("payment.id")
			pay(t, s, id)
			deliveries := s.deliveries()
			require.Len(t, deliveries, 1)
			require.Len(t, deliveries[0].Attempts, tt.attempts)
			reason := deliveries[0].Reason
			if tt.attempts > 0 {
				reason = deliveries[0].Attempts[0].Reason
			}
			assert.Contains(t, reason, tt.reason)
			assert.LessOrEqual(t, len(m.got), 1, "no redirect is followed")
			assert.Equal(t, "10000 10000 10000 -", s.must("GET", id, "").amounts())
		})
	}
}

// post sends callbacks nowhere and remembers where.
type post struct {
	mu   sync.Mutex
	urls []string
}

func (p *post) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.urls = append(p.urls, r.URL.String())
	return &http.Response{StatusCode: 204, Body: http.NoBody, Request: r}, nil
}

func TestCallbackHosts(t *testing.T) {
	for hosts, want := range map[string]int{"": 2, "shop.test": 3, "SHOP.TEST": 3, "*": 4} {
		p := &post{}
		s := newSandbox(t, server.WithCallbackClient(&http.Client{Transport: p}), server.WithCallbackHosts(hosts))
		for _, url := range []string{"http://localhost:1/", "https://[::1]/", "https://shop.test/", "https://other.test/"} {
			pay(t, s, s.must("POST", "/psp/creditcard/payments", withRef(calling(cardPurchase, url), s.nextRef())).str("payment.id"))
		}
		s.Settle()
		assert.Len(t, p.urls, want, "hosts %q", hosts)
	}
}

// TestClose waits for what is under way, and sends nothing afterwards.
func TestClose(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	create := func() string {
		return s.must("POST", "/psp/creditcard/payments", withRef(calling(cardPurchase, m.URL), s.nextRef())).str("payment.id")
	}
	for range 20 {
		pay(t, s, create())
	}
	require.NoError(t, s.Close())
	assert.Len(t, m.got, 20)
	pay(t, s, create())
	deliveries := s.deliveries()
	assert.Len(t, m.got, 20)
	assert.Equal(t, "the sandbox is closed", deliveries[20].Reason)
	require.NoError(t, s.Close(), "twice is as good as once")
}

// TestSlowMerchantHoldsUpNobody: callbacks of other payments, and answers, do not wait for one that hangs.
func TestSlowMerchantHoldsUpNobody(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(slow.Close)
	m := newShop(t)
	quick := make(chan struct{})
	m.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(quick) })
	s := newSandbox(t)
	for i, url := range []string{slow.URL, m.URL} {
		body := withRef(calling(cardPurchase, url), fmt.Sprint("r", i))
		pay(t, s, s.must("POST", "/psp/creditcard/payments", body).str("payment.id"))
	}
	<-quick
	close(release)
	assert.Len(t, s.deliveries(), 2)
}
