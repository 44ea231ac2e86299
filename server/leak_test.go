package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// ours counts the goroutines that run, or were started by, code of the sandbox itself.
func ours() int { return running("/kassa/server.") }

// running counts the goroutines whose stack has a text.
func running(text string) int {
	buf := make([]byte, 8<<20)
	n := 0
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, text) {
			n++
		}
	}
	return n
}

// TestNothingIsLeft: after Close no goroutine of the sandbox is left, whatever was under way: a sale that settles by
// itself, callbacks that are taken, callbacks that nobody answers.
func TestNothingIsLeft(t *testing.T) {
	require.Eventually(t, func() bool { return ours() == 0 }, 30*time.Second, 10*time.Millisecond, "other tests have ended")
	m := newShop(t)
	hanging, release := hanging(t)
	for _, target := range []string{m.URL, hanging} {
		s, err := server.New(server.WithCallbackClient(&http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}))
		require.NoError(t, err)
		for i := range 50 {
			ref := fmt.Sprint("r", i)
			assert.Equal(t, 201, status(s, "t"+ref, "POST", "/psp/swish/payments", calling(withRef(swishPurchase, ref), target)))
			w := httptest.NewRecorder()
			s.ServeHTTP(w, asked("POST", "/psp/creditcard/payments", calling(withRef(cardPurchase, ref), target)))
			require.NoError(t, s.Pay(t.Context(), newReply(t, w.Code, nil, w.Body.Bytes()).str("payment.id")))
		}
		require.NoError(t, s.Close())
		require.Eventually(t, func() bool { return ours() == 0 }, 10*time.Second, 10*time.Millisecond, "target %s", target)
	}
	release()
}

// TestClosesTogether: no namespace goes on with callbacks while another waits for one that hangs.
func TestClosesTogether(t *testing.T) {
	s := newSandbox(t)
	target, release := hanging(t)
	tokens := []string{"one", "two", "three"}
	paid := func(token string) (callback string) {
		body := calling(withRef(cardPurchase, s.nextRef()), target)
		r := s.request("POST", "/psp/creditcard/payments", body).with("Authorization", "Bearer "+token).send()
		assert.NoError(t, s.Pay(t.Context(), r.str("payment.id")))
		return s.knock("GET", "/callbacks", "", bearer(token)...).str("callbacks.0.state") // the newest
	}
	for _, token := range tokens {
		require.Equal(t, "waiting", paid(token))
	}
	done := make(chan error)
	go func() { done <- s.Close() }()
	for _, token := range tokens {
		require.Eventually(t, func() bool { return paid(token) == "not-sent" }, 5*time.Second, 10*time.Millisecond, "%s still sends", token)
	}
	release()
	require.NoError(t, <-done)
}

// asked is a request of the merchant of the harness.
func asked(method, path, body string) *http.Request {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer test")
	req.Header.Set("Content-Type", "application/json")
	return req
}

// hanging is a callback target that takes requests and never answers until it is released.
func hanging(t *testing.T) (url string, release func()) {
	t.Helper()
	gate := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}))
	released := false
	release = func() {
		if !released {
			released = true
			close(gate)
		}
	}
	t.Cleanup(func() { release(); web.Close() })
	return web.URL, release
}

// TestClosed: what is asked of a closed sandbox is answered, and turning its clock returns although nothing happens.
func TestClosed(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("a namespace that was there before: %t", known), func(t *testing.T) { closed(t, known) })
	}
}

func closed(t *testing.T, known bool) {
	t.Helper()
	s := newSandbox(t)
	if known {
		s.card("before")
	}
	require.NoError(t, s.Close())
	id := s.create("swish", "r1")
	require.NoError(t, s.Act(id, "pay"))
	done := make(chan error)
	go func() { done <- s.Advance(t.Context(), time.Minute) }()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		require.Fail(t, "the clock of a closed sandbox turns for ever")
	}
	assert.Equal(t, "AwaitingActivity", s.must("GET", id+"/transactions", "").str("transactions.transactionList.0.state"), "nothing happens by itself")
}

// BenchmarkNew measures how long a sandbox takes to begin, once the contract is compiled.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := server.New()
		require.NoError(b, err)
		require.NoError(b, s.Close())
	}
}
