package server_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser follows nothing by itself and sends no token.
type browser struct {
	s       *sandbox
	address string // of the page it shows
	status  int
	header  http.Header
	text    string
}

func (s *sandbox) open(address string) *browser {
	s.t.Helper()
	b := &browser{s: s}
	b.get(address)
	return b
}

func (b *browser) get(address string) { b.do("GET", address, "") }

// send posts a form to the page and, when it is sent back there, shows it; it answers where else it is sent.
func (b *browser) send(fields string) string {
	b.s.t.Helper()
	b.do("POST", b.address, fields)
	return b.follow()
}

// follow goes where the page leads within the sandbox.
func (b *browser) follow() string {
	for b.status == http.StatusSeeOther {
		to := b.header.Get("Location")
		if !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, apiHost) {
			return to
		}
		b.get(to)
	}
	return ""
}

func (b *browser) do(method, address, fields string) {
	b.s.t.Helper()
	at, err := url.Parse(address)
	require.NoError(b.s.t, err)
	if b.address != "" {
		base, err := url.Parse(b.address)
		require.NoError(b.s.t, err)
		at = base.ResolveReference(at)
	}
	if at.Host == "" {
		at.Scheme, at.Host = "https", strings.TrimPrefix(apiHost, "https://")
	}
	b.address = at.String()
	var body io.Reader
	if fields != "" {
		body = strings.NewReader(fields)
	}
	req, err := http.NewRequest(method, b.address, body)
	require.NoError(b.s.t, err)
	if fields != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.s.Client().Transport.RoundTrip(req)
	require.NoError(b.s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b.s.t, err)
	b.status, b.header, b.text = resp.StatusCode, resp.Header, string(text)
}

// page opens the payment page of a new payment, as its operation leads there, and answers the payment's id.
func (s *sandbox) pageOf(instrument string) (*browser, string) {
	s.t.Helper()
	r := s.must("POST", "/psp/"+instrument+"/payments", withRef(purchases[instrument], s.nextRef()))
	for _, op := range r.operations() {
		if rel := strings.Fields(op)[1]; strings.HasPrefix(rel, "redirect-") {
			b := s.open(r.href(rel))
			require.Equal(s.t, 200, b.status, b.text)
			assert.Equal(s.t, "text/html; charset=utf-8", b.header.Get("Content-Type"))
			return b, r.str("payment.id")
		}
	}
	require.Fail(s.t, "no page is offered", r.text)
	return nil, ""
}

// TestPayerPages goes through the page of every instrument to the end: to the shop, with the payment paid.
func TestPayerPages(t *testing.T) {
	tests := []struct {
		instrument string
		forms      []string // as they are sent, one after the other
		wait       time.Duration
		paid       string
	}{
		{"creditcard", []string{"step=pay&act=pay&card=4925000000000004"}, 0, "10000 10000 10000 -"},
		{"creditcard", []string{"step=pay&act=pay&number=4761+7390+0101+0416&expiry=12%2F32&cvc=268", "step=authenticate&act=confirm"}, 0, "10000 10000 10000 -"},
		{"creditcard", []string{"step=pay&act=decline&reason=acquirercardexpired", "step=pay&act=pay&card=4925000000000004"}, 0, "10000 10000 10000 -"},
		{"invoice", []string{"step=pay&act=pay&ssn=600307-1161&zip=19792", "step=address&act=confirm&ssn=600307-1161&zip=19792"}, 0, "10000 10000 10000 -"},
		{"swish", []string{"step=pay&act=pay&msisdn=%2B46739000001", "step=app&act=confirm"}, 4 * time.Second, "10000 - - 10000"},
		{"vipps", []string{"step=pay&act=pay&msisdn=%2B4798765432", "step=app&act=confirm"}, 0, "10000 10000 10000 -"},
		{"mobilepay", []string{"step=pay&act=pay&msisdn=%2B4522222222", "step=app&act=confirm"}, 0, "10000 10000 10000 -"},
		{"trustly", []string{"step=pay&act=pay&bank=SEB", "step=bank&act=confirm"}, 0, "0 - - -"},
	}
	for _, tt := range tests {
		t.Run(tt.instrument, func(t *testing.T) {
			s := newSandbox(t)
			b, id := s.pageOf(tt.instrument)
			to := ""
			for _, form := range tt.forms {
				require.Empty(t, to, "at the end too early")
				to = b.send(form)
			}
			if tt.wait > 0 {
				require.Empty(t, to)
				assert.Contains(t, b.address, "waiting")
				b.get(b.address)
				require.Equal(t, 200, b.status, "it waits on")
				require.NoError(t, s.Advance(t.Context(), tt.wait))
				b.get(b.address)
				to = b.follow()
			}
			assert.Equal(t, "https://example.com/complete", to)
			assert.Equal(t, tt.paid, s.must("GET", id, "").amounts())
			if tt.instrument == "trustly" {
				require.NoError(t, s.Advance(t.Context(), 2*time.Second))
				assert.Equal(t, "10000 - - 10000", s.must("GET", id, "").amounts(), "the bank tells later")
			}
			again := s.open(strings.TrimSuffix(b.address, "?waiting=1"))
			assert.Equal(t, 200, again.status)
			assert.NotContains(t, again.text, "<form", "nothing is left to do")
		})
	}
}

// TestPayerLeaves: cancelling leads back to the shop and changes nothing; time and reasons lead to failure.
func TestPayerLeaves(t *testing.T) {
	s := newSandbox(t)
	b, id := s.pageOf("creditcard")
	before := s.must("GET", id, "").text
	assert.Equal(t, "https://example.com/cancel", b.send("step=pay&act=cancel"))
	assert.Equal(t, before, s.must("GET", id, "").text)

	b, id = s.pageOf("creditcard")
	assert.Empty(t, b.send("step=pay&act=pay&card=5226612199533406"))
	_, reasons, _ := strings.Cut(b.text, `<select id="reason"`)
	_, usual, _ := strings.Cut(reasons, `value="`)
	assert.True(t, strings.HasPrefix(usual, "3dsecureusercancelled"), "who only presses the button cancels at the bank")
	assert.Empty(t, b.send("step=authenticate&act=decline"))
	assert.Equal(t, problemType+"creditcard/3dsecureusercancelled", s.failed(id, "Authorization").str("transaction.problem.type"))
	assert.Empty(t, b.send("step=pay&act=timeout"))
	assert.Equal(t, "https://example.com/complete", b.send("step=pay&act=decline&reason=frauddetected"), "the third attempt is the last")
	assert.Equal(t, "Failed", s.must("GET", id, "").str("payment.state"))

	b, _ = s.pageOf("creditcard")
	assert.Empty(t, b.send("step=pay&act=pay&number=12&expiry=13%2F32&cvc=1"))
	assert.Equal(t, 422, b.status)
	b, _ = s.pageOf("invoice")
	assert.Empty(t, b.send("step=pay&act=pay&ssn=190001010000&zip=11111"))
	assert.Equal(t, 422, b.status)
	assert.Empty(t, b.send("nonsense=1"))
}

// TestLinksEnd: a link to nothing, to a payment that was taken back, and one that is too old.
func TestLinksEnd(t *testing.T) {
	s := newSandbox(t)
	assert.Equal(t, 404, s.open("/creditcardv2/payments/authorize/"+strings.Repeat("0", 64)).status)
	b, id := s.pageOf("creditcard")
	s.must("PATCH", id, aborting)
	b.get(b.address)
	assert.Equal(t, 410, b.status)
	old, _ := s.pageOf("vipps")
	s.clock.Add(int64(28 * 24 * time.Hour))
	old.get(old.address)
	assert.Equal(t, 200, old.status)
	s.clock.Add(1)
	old.get(old.address)
	assert.Equal(t, 410, old.status)
	old.do("PUT", old.address, "")
	assert.Equal(t, 405, old.status)
}

// TestOutsiders: what the bank, the app and the card's issuer serve in the live environment is served here.
func TestOutsiders(t *testing.T) {
	s := newSandbox(t)
	sale := s.must("POST", s.create("trustly", "r1")+"/sales", `{"transaction":{}}`)
	b := s.open(sale.str("sale.transaction.operations.0.href"))
	assert.Equal(t, "https://example.com/complete", b.send("step=bank&act=confirm"))

	app := s.must("POST", s.create("vipps", "r2")+"/authorizations", `{"transaction":{"msisdn":"+4798765432"}}`)
	b = s.open(app.str("authorization.vippsRedirectUrl"))
	assert.Equal(t, "https://example.com/complete", b.send("step=app&act=confirm"))

	card := s.must("POST", s.card("r3")+"/authorizations", strings.Replace(typedCard, "4925 0000 0000 0004", "4547781087013329", 1))
	b = s.open(card.str("authorization.transaction.operations.0.href"))
	require.Equal(t, 302, b.status)
	b.get(b.header.Get("Location"))
	assert.Equal(t, "https://example.com/complete", b.send("step=authenticate&act=confirm"))
	assert.Equal(t, "Completed", s.must("GET", card.str("authorization.id"), "").str("authorization.transaction.state"))
}

// TestViews: the script of a view leads to the page in a frame, which only the payment's hosts may show.
func TestViews(t *testing.T) {
	for instrument := range purchases {
		s := newSandbox(t)
		r := s.must("POST", "/psp/"+instrument+"/payments", withRef(purchases[instrument], "r1"))
		for _, op := range r.operations() {
			rel := strings.Fields(op)[1]
			if !strings.HasPrefix(rel, "view-") {
				continue
			}
			script := s.open(r.href(rel))
			assert.Equal(t, 200, script.status)
			assert.Equal(t, "application/javascript; charset=utf-8", script.header.Get("Content-Type"))
			_, page, found := strings.Cut(script.text, `"page":"`)
			require.True(t, found, script.text)
			page, _, _ = strings.Cut(page, `"`)
			framed := s.open(page)
			assert.Equal(t, 200, framed.status)
			assert.Contains(t, framed.header.Get("Content-Security-Policy"), "frame-ancestors https://example.com")
		}
		s.open("/creditcardv2/core/scripts/client/px.creditcard.client.js?token=none")
	}
	s := newSandbox(t)
	assert.Equal(t, 404, s.open("/creditcardv2/core/scripts/client/px.creditcard.client.js?token=none").status)
	b, _ := s.pageOf("creditcard")
	assert.Contains(t, b.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
}

// TestWidgetPage shows what a live session opens, and nothing to anybody else.
func TestWidgetPage(t *testing.T) {
	s := newSandbox(t)
	assert.Equal(t, 401, s.open("/widget?token=rpmw_nobody").status)
	token := s.request("POST", widgetURL+"/session", store).with("Authorization", "Bearer "+s.token()).send().str("data.token")
	b := s.open("/widget?token=" + token)
	assert.Equal(t, 200, b.status)
	assert.Contains(t, b.text, "550e8400-e29b-41d4-a716-446655440000")
	b = s.open("/widget")
	assert.Empty(t, b.send("token=+"+token+"+"), "a token that was typed stays out of the address")
	assert.Equal(t, 200, b.status)
	assert.Contains(t, b.text, "550e8400-e29b-41d4-a716-446655440000")
	s.clock.Add(int64(time.Hour))
	assert.Equal(t, 401, s.open("/widget?token="+token).status)
}

// TestPressedTwice: a form that is sent again does not act again, and its sender comes to where the first one came.
func TestPressedTwice(t *testing.T) {
	s := newSandbox(t)
	b, id := s.pageOf("creditcard")
	assert.Contains(t, b.text, `name="attempt" value="1"`)
	assert.Empty(t, b.send("step=pay&attempt=1&act=decline"))
	assert.Contains(t, b.text, `name="attempt" value="2"`)
	assert.Empty(t, b.send("step=pay&attempt=1&act=decline"))
	assert.Empty(t, b.send("step=pay&attempt=1&act=pay&card=4925000000000004"), "that page was before the decline")
	require.Len(t, s.must("GET", id+"/authorizations", "").at("authorizations.authorizationList"), 1)
	for range 2 {
		assert.Equal(t, "https://example.com/complete", b.send("step=pay&attempt=2&act=pay&card=4925000000000004"))
	}
	assert.Empty(t, b.send("step=pay&attempt=2&act=decline"))
	assert.Contains(t, b.text, `class="stamp paid"`, "another act than the one that paid shows how it ended")
	require.Len(t, s.must("GET", id+"/authorizations", "").at("authorizations.authorizationList"), 2)

	b, id = s.pageOf("vipps")
	for n := range 3 {
		assert.Empty(t, b.send("step=pay&attempt="+string(rune('1'+n))+"&act=pay&msisdn=%2B4798765432"))
		to := b.send("step=app&act=decline")
		assert.Equal(t, n == 2, to == "https://example.com/complete", to)
	}
	assert.Equal(t, "https://example.com/complete", b.send("step=app&act=decline"))
	require.Len(t, s.must("GET", id+"/authorizations", "").at("authorizations.authorizationList"), 3)
}

// TestPressedTwiceAtOnce: of forms that arrive together one acts.
func TestPressedTwiceAtOnce(t *testing.T) {
	s := newSandbox(t)
	b, id := s.pageOf("creditcard")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			req, err := http.NewRequest("POST", b.address, strings.NewReader("step=pay&attempt=1&act=decline"))
			assert.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := s.Client().Transport.RoundTrip(req)
			assert.NoError(t, err)
			assert.Equal(t, http.StatusSeeOther, resp.StatusCode)
			assert.NoError(t, resp.Body.Close())
		})
	}
	all.Wait()
	require.Len(t, s.must("GET", id+"/authorizations", "").at("authorizations.authorizationList"), 1)
}

// TestStalePages: leaving is possible from any page of a payment that is not over, and who waits is led on.
func TestStalePages(t *testing.T) {
	s := newSandbox(t)
	b, _ := s.pageOf("swish")
	link := b.address
	assert.Empty(t, b.send("step=pay&act=pay&msisdn=%2B46739000001"))
	assert.Equal(t, "https://example.com/cancel", b.send("step=pay&act=cancel"))
	assert.Empty(t, b.send("step=address&act=confirm"))
	assert.Contains(t, b.text, `name="step" value="app"`, "only an invoice has that page")
	assert.Empty(t, b.send("step=app&act=confirm"))
	other := s.open(link)
	other.follow()
	assert.Contains(t, other.address, "waiting=1", "the link opened once more waits too")
	require.NoError(t, s.Advance(t.Context(), 4*time.Second))
	other.get(other.address)
	assert.Equal(t, "https://example.com/complete", other.follow())
}

// TestCardWithoutPrice: a card that the payment has no price for is refused where it was chosen or typed.
func TestCardWithoutPrice(t *testing.T) {
	s := newSandbox(t)
	r := s.must("POST", "/psp/creditcard/payments", withRef(strings.Replace(cardPurchase, `"type":"CreditCard"`, `"type":"Visa"`, 1), "r1"))
	b := s.open(r.href("redirect-authorization"))
	assert.NotContains(t, b.text, "MasterCard")
	assert.Empty(t, b.send("step=pay&act=pay&card=&number=5226600156995650&expiry=12%2F32&cvc=268"))
	assert.Equal(t, 422, b.status)
	assert.Contains(t, b.text, `<a href="#number">`)
	assert.Empty(t, b.send("step=pay&act=pay&card=5226600156995650"))
	assert.Equal(t, 422, b.status)
	assert.Contains(t, b.text, `<a href="#card">`)
	assert.Empty(t, b.send("step=pay&act=decline&reason=nonsense"))
	assert.Equal(t, 422, b.status)
	assert.Contains(t, b.text, `<a href="#reason">`)
}
