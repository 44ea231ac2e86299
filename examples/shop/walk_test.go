package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// Two mugs and a bowl.
const total = 2*295_00 + 420_00

func TestPayments(t *testing.T) {
	tests := []struct {
		method method
		fields []string
		want   state
		says   string
	}{
		{byCard, nil, reserved, "Thank you for your order"},
		{bySwish, []string{"phone", "073-900 00 01"}, paid, "Thank you, your order is paid"},
		{byTrustly, []string{"first-name", "Azra", "last-name", "Oliveira"}, paid, "Thank you, your order is paid"},
		{byInvoice, nil, reserved, "Thank you for your order"},
	}
	for _, tt := range tests {
		t.Run(string(tt.method), func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, nil)
			o, page := s.order(tt.method, tt.fields...)
			require.Regexp(t, "^http://127.0.0.1:", page)
			require.NotContains(t, page, s.url, "the payer is sent to the bank")
			assert.Equal(t, "Not paid yet", s.headline("/orders/"+o.Key))

			require.NoError(t, s.box.Pay(t.Context(), o.Payment))
			told := s.eventually(o.Key, tt.want) // by callback: nobody looks at the page
			assert.Equal(t, swedbankpay.SEK(total), told.Authorised)
			assert.Equal(t, tt.says, s.headline("/orders/"+o.Key))
			if tt.want == paid {
				assert.Equal(t, swedbankpay.SEK(total), told.Captured)
				return
			}
			// The staff capture a part, release the rest, and give a part of what was captured back.
			require.Equal(t, http.StatusSeeOther, s.operate(o, capture, "600.50").status)
			assert.Equal(t, partlyCaptured, s.read(o.Key).State())
			assert.Equal(t, swedbankpay.SEK(total-600_50), s.read(o.Key).Left(capture))
			s.operate(o, cancellation, "")
			assert.Equal(t, paid, s.read(o.Key).State())
			s.operate(o, reversal, "100")
			back := s.read(o.Key)
			assert.Equal(t, partlyRefunded, back.State())
			assert.Equal(t, "600.50 100.00", strings.TrimSuffix(back.Captured.String(), " SEK")+" "+strings.TrimSuffix(back.Reversed.String(), " SEK"))
			require.Len(t, back.Operations, 3)
			for _, op := range back.Operations {
				assert.Equal(t, done, op.Outcome)
			}
		})
	}
}

// A payer is often back at the shop before the bank's callback is.
func TestReturnBeforeCallback(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(byCard)
	s.deaf.Store(true)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	require.Equal(t, waiting, s.read(o.Key).State())
	assert.Equal(t, "Thank you for your order", s.headline("/orders/"+o.Key))
	assert.Equal(t, reserved, s.read(o.Key).State())
}

func TestDecline(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(byCard)
	require.NoError(t, s.box.DeclineFor(t.Context(), o.Payment, "acquirerinsufficientfunds"))
	page := s.get("/orders/" + o.Key)
	assert.Contains(t, page.text, "The payment did not go through")
	assert.Contains(t, page.text, "There is not enough money on the card. Nothing was taken, and you can try again.")

	again := s.send("POST", "/orders/"+o.Key+"/pay", url.Values{})
	assert.Contains(t, again.location, "/creditcardv2/payments/authorize/", "the payer is led to the same payment again")
	for range 2 {
		require.NoError(t, s.box.Decline(t.Context(), o.Payment))
	}
	assert.Equal(t, "The payment failed", s.headline("/orders/"+o.Key))
	assert.Equal(t, failed, s.read(o.Key).State())
}

func TestCancel(t *testing.T) {
	for _, m := range []method{byCard, byResurs} {
		s := newStreet(t, nil)
		o, _ := s.order(m)
		a := s.send("POST", "/orders/"+o.Key+"/cancel", url.Values{})
		require.Equal(t, http.StatusSeeOther, a.status)
		assert.Equal(t, "The order is cancelled", s.headline("/orders/"+o.Key))
		assert.Equal(t, cancelled, s.read(o.Key).State())
		if m == byCard {
			require.Error(t, s.box.Pay(t.Context(), o.Payment), "nobody can pay it any more")
		}
	}
}

// Whoever has paid in one window and presses cancel in another has paid.
func TestCancelTooLate(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(byCard)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.send("POST", "/orders/"+o.Key+"/cancel", url.Values{})
	assert.Equal(t, reserved, s.read(o.Key).State())
}

// What the checkout asks of a shopper goes to the bank and is not kept.
func TestShoppersAreForgotten(t *testing.T) {
	s := newStreet(t, nil)
	o, page := s.order(bySwish, "phone", "073-900 00 01")
	assert.Contains(t, s.get(page).text, "&#43;46739000001", "the bank has it")
	s.order(byTrustly, "first-name", "Azra", "last-name", "Oliveira")
	for _, file := range []string{s.data, s.data + "-wal"} {
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, secret := range []string{"9000001", "900 00 01", "Azra", "Oliveira"} {
			assert.NotContains(t, string(kept), secret)
		}
	}
	kept, err := os.ReadFile(s.data + "-wal")
	require.NoError(t, err)
	assert.Contains(t, string(kept), o.Reference, "this is where the order is")
}

// A payer who is still in the app, or whose bank is not done, is told to wait, and the page looks again by itself.
func TestConfirming(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(bySwish, "phone", "073-900 00 01")
	start := httptest.NewRequestWithContext(t.Context(), "POST", "/payer", strings.NewReader(`{"payment":"`+o.Payment+`","act":"start"}`))
	start.Header.Set("Content-Type", "application/json")
	at := httptest.NewRecorder()
	s.box.Admin().ServeHTTP(at, start)
	require.Equal(t, http.StatusOK, at.Code, at.Body)
	page := s.get("/orders/" + o.Key)
	assert.Contains(t, page.text, "Waiting for Swish")
	assert.Equal(t, "2", page.refresh)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	page = s.get("/orders/" + o.Key)
	assert.Contains(t, page.text, "Thank you, your order is paid")
	assert.Empty(t, page.refresh)
}

func TestBasket(t *testing.T) {
	b := basketOf(url.Values{"mug": {"2"}, "bowl": {"0"}, "jug": {"999999999"}, "plate": {"-1"}, "teapot": {"1"}})
	assert.Equal(t, "/?jug=20&mug=2", b.At("/"))
	assert.Equal(t, swedbankpay.SEK(2*295_00+20*560_00), b.Total())
	assert.Equal(t, swedbankpay.SEK((2*295_00+20*560_00)/5), b.VAT())
	assert.Equal(t, swedbankpay.SEK(0), vatOf(swedbankpay.SEK(4)), "rounded down")
}

func TestSwishRefundTakesTime(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(bySwish, "phone", "0739000001")
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.eventually(o.Key, paid)
	s.operate(o, reversal, "295")
	mid := s.read(o.Key)
	require.Len(t, mid.Operations, 1)
	require.Equal(t, underWay, mid.Operations[0].Outcome)
	assert.Equal(t, swedbankpay.SEK(total-295_00), mid.Left(reversal), "what is under way cannot be given back twice")
	require.NoError(t, s.box.Pay(t.Context(), o.Payment)) // completes the reversal
	after := s.eventually(o.Key, partlyRefunded)
	assert.Equal(t, done, after.Operations[0].Outcome)
}

func TestCheckoutForm(t *testing.T) {
	s := newStreet(t, nil)
	tests := []struct {
		method method
		fields []string
		want   string
	}{
		{"cheque", nil, "Choose how you want to pay."},
		{bySwish, nil, "Enter a Swedish mobile number"},
		{bySwish, []string{"phone", "+1 555 0100"}, "Enter a Swedish mobile number"},
		{byTrustly, []string{"first-name", " "}, "Enter your last name."},
	}
	for _, tt := range tests {
		a := s.send("POST", "/checkout", s.checkout(tt.method, tt.fields...))
		assert.Equal(t, http.StatusUnprocessableEntity, a.status)
		assert.Contains(t, a.text, tt.want)
	}
	for _, form := range []url.Values{{}, {"key": {"guess"}, "mug": {"1"}, "method": {"card"}}, {"mug": {"-1"}}, {"mug": {"x"}}} {
		a := s.send("POST", "/checkout", form)
		assert.Equal(t, "/?empty", a.location)
	}
	all, err := s.shop.orders.all(t.Context())
	require.NoError(t, err)
	assert.Empty(t, all, "nothing was ordered")
}

// A form that is sent twice makes one order, and what a browser says of prices is not heard.
func TestFormsCountOnce(t *testing.T) {
	s := newStreet(t, nil)
	form := s.checkout(byCard, "price", "1", "mug-price", "1")
	first := s.send("POST", "/checkout", form)
	require.Contains(t, first.location, "/creditcardv2/payments/authorize/")
	again := s.send("POST", "/checkout", form)
	assert.Equal(t, "/orders/"+form.Get("key"), again.location)
	all, err := s.shop.orders.all(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, swedbankpay.SEK(total), all[0].Lines.Total())
	assert.Empty(t, all[0].Trouble, "the bank was asked once")

	o := all[0]
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.eventually(o.Key, reserved)
	press := s.form(o, capture, "100")
	for range 2 {
		require.Equal(t, http.StatusSeeOther, s.send("POST", s.desk(o)+"/operate", press).status)
	}
	assert.Equal(t, swedbankpay.SEK(100_00), s.read(o.Key).Captured)
	press = s.form(o, capture, "910")
	for range 2 { // nothing is left at the second time, and that is no mistake of anybody's
		require.Equal(t, http.StatusSeeOther, s.send("POST", s.desk(o)+"/operate", press).status)
	}
	assert.Equal(t, paid, s.read(o.Key).State())
}

func TestStaffAmounts(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(byCard)
	require.NoError(t, s.box.Pay(t.Context(), o.Payment))
	s.eventually(o.Key, reserved)
	for _, typed := range []string{"", "0", "-5", "1e3", "1010.01", "1.234", "ten", "99999999999999999999"} {
		a := s.operate(o, capture, typed)
		assert.Equal(t, http.StatusUnprocessableEntity, a.status, typed)
		assert.Contains(t, a.text, "Enter an amount", typed)
	}
	form := s.form(o, capture, "10")
	form.Set("reference", "mine")
	assert.Equal(t, http.StatusBadRequest, s.send("POST", s.desk(o)+"/operate", form).status)
	assert.Empty(t, s.read(o.Key).Operations)
	s.operate(o, capture, "1010,00")
	assert.Equal(t, paid, s.read(o.Key).State())
}
