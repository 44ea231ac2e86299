package main

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// TestMain lets this test be the shop itself, so that another can kill it.
func TestMain(m *testing.M) {
	if os.Getenv("SHOP_TEST_IS_SHOP") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// A process is a shop that can be killed.
type process struct {
	*exec.Cmd

	url string
}

func startShop(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...)}
	p.Env = append(os.Environ(), "SHOP_TEST_IS_SHOP=yes")
	p.Stderr = t.Output()
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	found := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
	require.NotEmpty(t, found, line)
	p.url = found
	return p
}

// captures says whether a request to the bank is a capture.
func captures(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/captures")
}

// The shop is killed while a capture is on its way: before the bank has it, or after the bank has done it. Either way
// the shop that is started next finds out, and the money is taken once.
func TestKilledInBetween(t *testing.T) {
	for name, reaches := range map[string]bool{"before the bank has it": false, "after the bank has done it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var armed atomic.Bool
			var asked atomic.Int32
			killed := make(chan struct{})
			var victim atomic.Pointer[process]
			s := newStreet(t, func(bank http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if captures(r) {
						asked.Add(1)
					}
					if !captures(r) || !armed.CompareAndSwap(true, false) {
						bank.ServeHTTP(w, r)
						return
					}
					if reaches {
						bank.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
					}
					_ = victim.Load().Process.Kill()
					close(killed)
					panic(http.ErrAbortHandler)
				})
			})
			data := filepath.Join(t.TempDir(), "orders.db")
			first := startShop(t, "-addr", "127.0.0.1:0", "-api", s.api, "-data", data)
			victim.Store(first)
			s.url = first.url
			form := s.checkout(byCard)
			require.Equal(t, http.StatusSeeOther, s.send("POST", "/checkout", form).status)
			kept := newOrders(t, data) // SQLite lets another process look
			s.shop.orders = kept
			o := s.read(form.Get("key"))
			require.NoError(t, s.box.Pay(t.Context(), o.Payment))
			require.Equal(t, "Thank you for your order", s.headline("/orders/"+o.Key))

			press := s.form(o, capture, "295")
			armed.Store(true)
			_, err := s.http.PostForm(s.url+s.desk(o)+"/operate", press)
			require.Error(t, err)
			<-killed
			_ = first.Wait()
			left := s.read(o.Key)
			require.Len(t, left.Operations, 1, "it was stored before it was sent")
			require.Equal(t, unheard, left.Operations[0].Outcome)
			require.Equal(t, press.Get("reference"), left.Operations[0].Reference)

			s.url = startShop(t, "-addr", "127.0.0.1:0", "-api", s.api, "-data", data).url
			require.Eventually(t, func() bool { return s.read(o.Key).Operations[0].Outcome == done }, 30*time.Second, 10*time.Millisecond)
			after := s.read(o.Key)
			assert.Equal(t, swedbankpay.SEK(295_00), after.Captured)
			want := int32(1)
			if !reaches {
				want = 2
			}
			assert.Equal(t, want, asked.Load(), "what was done is not asked for again")
			page := s.get(s.desk(o))
			assert.Contains(t, page.text, "295.00 SEK")
			assert.NotContains(t, page.text, "Outcome unknown")
		})
	}
}

// The shop dies after it has stored an order and before the bank has answered.
func TestInterrupted(t *testing.T) {
	s := newOrders(t, filepath.Join(t.TempDir(), "orders.db"))
	o, widget := someOrder(byCard), someOrder(byResurs)
	for _, each := range []*order{o, widget} {
		_, err := s.place(t.Context(), each)
		require.NoError(t, err)
	}
	require.Equal(t, asking, o.State())
	require.NoError(t, s.interrupted(t.Context()))
	for each, want := range map[*order]state{o: lost, widget: waiting} {
		got, err := s.by(t.Context(), "key", each.Key)
		require.NoError(t, err)
		assert.Equal(t, want, got.State())
	}
}
