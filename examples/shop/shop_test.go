package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// A street is a sandbox, a shop on it, and a shopper without a browser.
type street struct {
	t    *testing.T
	box  *server.Server
	shop *shop
	url  string       // of the shop
	api  string       // of the sandbox
	data string       // the file of the orders
	http *http.Client // follows nothing, keeps cookies
	deaf atomic.Bool  // no callback gets through
}

// newStreet opens a shop that uses a sandbox of its own. What stands in the way to it, if anything does, is around it.
func newStreet(t *testing.T, around func(http.Handler) http.Handler) *street {
	t.Helper()
	box, err := server.New(server.WithSeed(1))
	require.NoError(t, err)
	var bank http.Handler = box
	if around != nil {
		bank = around(box)
	}
	api := httptest.NewServer(bank)
	t.Cleanup(api.Close)
	t.Cleanup(func() { assert.NoError(t, box.Close()) })

	data := filepath.Join(t.TempDir(), "orders.db")
	orders, err := openOrders(t.Context(), data)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, orders.close()) })
	s, err := settingsOf([]string{"-api", api.URL}, func(string) string { return "" }, io.Discard)
	require.NoError(t, err)
	st := &street{t: t, box: box, api: api.URL, data: data}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if st.deaf.Load() && r.URL.Path == "/callback" {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		st.shop.handler().ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	s.publicURL = front.URL
	st.url, st.shop = front.URL, s.shop(orders, slog.New(slog.NewTextHandler(t.Output(), nil)))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	st.http = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return st
}

// An answer is what the shopper sees.
type answer struct {
	status   int
	text     string
	location string
	refresh  string // after how many seconds the page is read again; empty for never
}

func (s *street) send(method, address string, form url.Values) answer {
	s.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.url + address
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(form.Encode()))
	require.NoError(s.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.http.Do(req)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return answer{resp.StatusCode, string(body), resp.Header.Get("Location"), resp.Header.Get("Refresh")}
}

func (s *street) get(address string) answer { s.t.Helper(); return s.send("GET", address, nil) }

var headline = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)

// headline is the h1 of a page, which has to be there.
func (s *street) headline(address string) string {
	s.t.Helper()
	a := s.get(address)
	require.Equal(s.t, http.StatusOK, a.status, a.text)
	found := headline.FindStringSubmatch(a.text)
	require.NotNil(s.t, found, a.text)
	return found[1]
}

// hidden is the value of a hidden field of a page, the first after what is given.
func (s *street) hidden(text, after, name string) string {
	s.t.Helper()
	_, text, ok := strings.Cut(text, after)
	require.True(s.t, ok, "no %q", after)
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(text)
	require.NotNil(s.t, found, "no field %q", name)
	return found[1]
}

// checkout puts two mugs and a bowl in the basket and fills in the form.
func (s *street) checkout(m method, fields ...string) url.Values {
	s.t.Helper()
	page := s.get("/checkout?mug=2&bowl=1")
	require.Equal(s.t, http.StatusOK, page.status)
	form := url.Values{"key": {s.hidden(page.text, "<form", "key")}, "mug": {"2"}, "bowl": {"1"}, "method": {string(m)}}
	for pair := range slices.Chunk(fields, 2) {
		form.Set(pair[0], pair[1])
	}
	return form
}

// order orders by a method, and answers the order and where the payer was sent.
func (s *street) order(m method, fields ...string) (*order, string) {
	s.t.Helper()
	form := s.checkout(m, fields...)
	a := s.send("POST", "/checkout", form)
	require.Equal(s.t, http.StatusSeeOther, a.status, a.text)
	return s.read(form.Get("key")), a.location
}

func (s *street) read(key string) *order {
	s.t.Helper()
	o, err := s.shop.orders.by(s.t.Context(), "key", key)
	require.NoError(s.t, err)
	return o
}

// eventually waits until the order is as wanted, without asking the bank: it is for callbacks to tell.
func (s *street) eventually(key string, want state) *order {
	s.t.Helper()
	var o *order
	require.Eventually(s.t, func() bool {
		o = s.read(key)
		return o.State() == want
	}, 30*time.Second, 10*time.Millisecond, "want %s", want)
	return o
}

// operate presses a button of the staff.
func (s *street) operate(o *order, k kind, amount string) answer {
	s.t.Helper()
	return s.send("POST", s.desk(o)+"/operate", s.form(o, k, amount))
}

// form is the form of a button of the staff, as the page has it.
func (s *street) form(o *order, k kind, amount string) url.Values {
	s.t.Helper()
	page := s.get(s.desk(o))
	return url.Values{"kind": {string(k)}, "amount": {amount}, "reference": {s.hidden(page.text, `value="`+string(k)+`"`, "reference")}}
}

func (s *street) desk(o *order) string {
	_, number, _ := strings.Cut(o.Title(), " ")
	return "/staff/" + number
}
