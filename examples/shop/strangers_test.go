package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What anybody may send changes nothing.
func TestStrangers(t *testing.T) {
	s := newStreet(t, nil)
	o, _ := s.order(byCard)
	post := func(body string) int {
		resp, err := http.Post(s.url+"/callback", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	assert.Equal(t, http.StatusBadRequest, post("paid!"))
	assert.Equal(t, http.StatusBadRequest, post(`{"payment":{"id":"https://evil.example/psp/x","number":1},"transaction":{"id":"/psp/y","number":2}}`))
	assert.Equal(t, http.StatusOK, post(`{"payment":{"id":"/psp/creditcard/payments/nobody","number":1},"transaction":{"id":"/psp/creditcard/payments/nobody/captures/y","number":2}}`))
	assert.Equal(t, http.StatusBadRequest, post(`{"payment":{"id":"`+o.Payment+`","number":1},"transaction":{"id":"/psp/y","number":2}}`))
	assert.Equal(t, http.StatusOK, post(`{"payment":{"id":"`+o.Payment+`","number":1},"transaction":{"id":"`+o.Payment+`/captures/y","number":2}}`))
	assert.Equal(t, waiting, s.read(o.Key).State(), "a forged callback pays nothing")
	assert.Equal(t, "Not paid yet", s.headline("/orders/"+o.Key+"?back=paid"), "nor does an address")

	assert.Equal(t, http.StatusNotFound, s.get("/orders/AAAAAAAAAAAAAAAAAAAAAAAAAA").status)
	assert.Equal(t, http.StatusNotFound, s.get("/staff/9").status)
	assert.Equal(t, http.StatusNotFound, s.get("/schema.sql").status)
	assert.Equal(t, http.StatusNotFound, s.get("/layout.html").status)

	req, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/orders/"+o.Key+"/cancel", nil)
	require.NoError(t, err)
	req.Header.Set("Origin", "https://stranger.example")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	assert.Equal(t, waiting, s.read(o.Key).State())
}

// The access token of Resurs stays at the shop; the session's goes to the browser, one for each shopper.
func TestWidget(t *testing.T) {
	s := newStreet(t, nil)
	o, to := s.order(byResurs)
	require.Equal(t, "/orders/"+o.Key+"/resurs", to)
	session := func() answer { return s.send("POST", to, url.Values{}) }
	assert.Equal(t, http.StatusBadRequest, session().status, "no cookie yet")
	page := s.get(to)
	require.Equal(t, http.StatusOK, page.status)
	assert.NotContains(t, page.text, "rpmw_")
	first := session()
	require.Equal(t, http.StatusOK, first.status)
	assert.Contains(t, first.text, `"token":"rpmw_`)
	assert.Equal(t, first.text, session().text)
	other := newStreet(t, nil)
	other.shop, other.url = s.shop, s.url
	other.get(to)
	assert.NotEqual(t, first.text, other.send("POST", to, url.Values{}).text)

	assert.Equal(t, "Not paid yet", s.headline("/orders/"+o.Key))
	s.send("POST", s.desk(o)+"/believe", url.Values{})
	assert.Equal(t, paid, s.read(o.Key).State())
	assert.NotContains(t, s.get(s.desk(o)).text, "/operate", "nothing can be asked of Swedbank Pay")
	assert.Equal(t, "/orders/"+o.Key, s.get(to).location)

	card, _ := s.order(byCard)
	s.send("POST", s.desk(card)+"/believe", url.Values{})
	assert.Equal(t, waiting, s.read(card.Key).State(), "of Swedbank Pay's payments nobody's word is taken")
}
