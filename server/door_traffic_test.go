package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// bearer is the header by which the second door knows a merchant.
func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// TestNamespacesNeverMeet: what two merchants do at once is nothing to each other.
func TestNamespacesNeverMeet(t *testing.T) {
	s := newSandbox(t)
	ids := map[string]string{}
	for _, token := range []string{"one", "two"} {
		created := s.as(token, "POST", "/psp/creditcard/payments", withRef(cardPurchase, "the same"))
		require.Equal(t, 201, created.status, created.text)
		ids[token] = created.str("payment.id")
	}
	assert.NotEqual(t, ids["one"], ids["two"])
	for token, other := range map[string]string{"one": "two", "two": "one"} {
		theirs := lastSegment(ids[other])
		assert.Equal(t, 404, s.as(token, "GET", ids[other], "").status)
		for _, r := range []reply{
			s.knock("GET", "/payments/"+theirs, "", bearer(token)...),
			s.knock("POST", "/payments/"+theirs+"/payer", `{"act":"pay"}`, bearer(token)...),
			s.knock("GET", "/callbacks?payment="+theirs, "", bearer(token)...),
		} {
			assert.Equal(t, 404, r.status, r.text)
			assert.NotContains(t, r.text, "Bearer")
		}
		list := s.knock("GET", "/payments", "", bearer(token)...)
		assert.Len(t, list.at("payments"), 1)
		assert.Equal(t, ids[token], list.str("payments.0.id"))
		requests := s.knock("GET", "/requests", "", bearer(token)...)
		assert.Len(t, requests.at("requests"), 2)
		theirRequest := s.knock("GET", "/requests", "", bearer(other)...).at("requests").([]any)[0].(map[string]any)["number"]
		assert.Equal(t, 404, s.knock("GET", "/requests/"+theirRequest.(interface{ String() string }).String(), "", bearer(token)...).status)
	}

	// The clock of one.
	s.knock("POST", "/clock", `{"advance":"1h"}`, bearer("one")...)
	assert.Equal(t, "2025-10-04T10:30:00Z", s.knock("GET", "/clock", "", bearer("one")...).str("now"))
	assert.Equal(t, "2025-10-04T09:30:00Z", s.knock("GET", "/clock", "", bearer("two")...).str("now"))
	assert.Equal(t, "0s", s.knock("GET", "/clock", "").str("offset"))

	// The faults of one.
	set := s.knock("POST", "/faults", `{"status":503}`, bearer("one")...)
	assert.Equal(t, 201, set.status, set.text)
	assert.Empty(t, s.knock("GET", "/faults", "", bearer("two")...).at("faults"))
	assert.Equal(t, 404, s.knock("DELETE", "/faults/"+set.str("id"), "", bearer("two")...).status)
	assert.Equal(t, 204, s.knock("DELETE", "/faults", "", bearer("two")...).status)
	assert.Equal(t, 200, s.as("two", "GET", ids["two"], "").status)
	assert.Equal(t, 503, s.as("one", "GET", ids["one"], "").status)

	names := s.knock("GET", "/namespaces", "")
	require.Len(t, names.at("namespaces"), 2)
	assert.NotContains(t, names.text, `"one"`, "the token cannot be told")

	// The reset of one, by its name.
	name := s.knock("GET", "/payments", "", bearer("one")...).str("payments.0.namespace")
	assert.Equal(t, 204, s.knock("POST", "/reset?namespace="+name, "", bearer("two")...).status, "the name goes before the header")
	assert.Equal(t, 404, s.as("one", "GET", ids["one"], "").status)
	assert.Equal(t, 200, s.as("two", "GET", ids["two"], "").status)
	assert.Equal(t, "2025-10-04T09:30:00Z", s.knock("GET", "/clock", "", bearer("one")...).str("now"), "the machine's again")
	assert.Equal(t, ids["one"], s.as("one", "POST", "/psp/creditcard/payments", withRef(cardPurchase, "the same")).str("payment.id"), "the seed starts over")
}

// TestResursNamespace: the access token of a Resurs merchant leads to what its client id has.
func TestResursNamespace(t *testing.T) {
	s := newSandbox(t)
	token := s.token()
	assert.Equal(t, 200, s.knock("POST", "/clock", `{"advance":"59m"}`, bearer(token)...).status)
	assert.Equal(t, "59m0s", s.knock("GET", "/clock", "", bearer(token)...).str("offset"))
	assert.Equal(t, "0s", s.knock("GET", "/clock", "").str("offset"))
	list := s.knock("GET", "/namespaces", "", bearer(token)...)
	assert.Len(t, list.at("namespaces"), 1)
	assert.Equal(t, s.knock("GET", "/namespaces", "").text, list.text, "no second one was made for the token")
}

func TestClockAtTheDoor(t *testing.T) {
	s := newSandbox(t)
	c := s.doorClient("")
	swish := s.create("swish", "r1")
	s.payer(swish, `{"act":"pay"}`)
	clock, err := c.GetClockWithResponse(t.Context(), &door.GetClockParams{})
	require.NoError(t, err)
	assert.Equal(t, door.Clock{Now: "2025-10-04T09:30:00Z", Offset: "0s", Next: "2025-10-04T09:30:04Z"}, *clock.JSON200)

	moved, err := c.MoveClockWithResponse(t.Context(), &door.MoveClockParams{}, door.ClockMove{Advance: "3.999s"})
	require.NoError(t, err)
	assert.Equal(t, "2025-10-04T09:30:03.999Z", moved.JSON200.Now)
	assert.Equal(t, "10000 0", amountAndReversible(s, swish), "the sale is still under way")
	moved, err = c.MoveClockWithResponse(t.Context(), &door.MoveClockParams{}, door.ClockMove{To: "2025-10-04T11:30:04+02:00"})
	require.NoError(t, err)
	assert.Equal(t, door.Clock{Now: "2025-10-04T09:30:04Z", Offset: "4s"}, *moved.JSON200)
	assert.Equal(t, "10000 10000", amountAndReversible(s, swish))

	later := s.as("later", "POST", "/psp/creditcard/payments", withRef(cardPurchase, "r1"))
	assert.Equal(t, "2025-10-04T09:30:04Z", later.str("payment.created"), "a namespace to come starts there")

	s.knock("POST", "/clock", `{"to":"2025-10-04T12:00:00Z"}`, bearer("later")...)
	s.knock("POST", "/clock", `{"to":"2025-10-04T11:00:00Z"}`)
	assert.Equal(t, "2025-10-04T12:00:00Z", s.knock("GET", "/clock", "", bearer("later")...).str("now"), "one that is later stays")
	assert.Equal(t, "2025-10-04T11:00:00Z", s.knock("GET", "/clock", "", bearer("test")...).str("now"))
}

func amountAndReversible(s *sandbox, id string) string {
	s.t.Helper()
	r := s.knock("GET", "/payments/"+lastSegment(id), "")
	number := func(name string) string { return r.at("payment." + name).(interface{ String() string }).String() }
	return number("amount") + " " + number("reversible")
}

// TestRetries: a callback that is not taken comes again at the documented seconds after the transaction, not one sooner,
// and never more than six times.
func TestRetries(t *testing.T) {
	m := newShop(t)
	m.status.Store(500)
	s := newSandbox(t)
	c := s.doorClient("test")
	pay(t, s, s.must("POST", "/psp/creditcard/payments", calling(cardPurchase, m.URL)).str("payment.id"))
	s.Settle()
	require.Len(t, m.told(), 1)
	before := 0
	for i, at := range []int{30, 60, 360, 432, 864, 1265} {
		s.advance(c, time.Duration(at-before-1)*time.Second)
		assert.Len(t, m.told(), i+1, "one second before %d", at)
		s.advance(c, time.Second)
		assert.Len(t, m.told(), i+2, "at %d", at)
		before = at
	}
	s.advance(c, 240*time.Hour)
	assert.Len(t, m.told(), 7)
	last := s.deliveries()[0]
	assert.Equal(t, "given-up", last.State)
	require.Len(t, last.Attempts, 7)
	began, err := time.Parse(time.RFC3339, last.Attempts[0].At)
	require.NoError(t, err)
	for i, at := range []int{0, 30, 60, 360, 432, 864, 1265} {
		assert.Equal(t, began.Add(time.Duration(at)*time.Second).Format(time.RFC3339), last.Attempts[i].At)
		assert.Equal(t, int32(500), last.Attempts[i].Status)
		assert.NotEmpty(t, last.Attempts[i].Reason)
	}
}

// told is what the shop was told so far.
func (m *shop) told() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.got...)
}

func (s *sandbox) advance(c *door.ClientWithResponses, d time.Duration) {
	s.t.Helper()
	r, err := c.MoveClockWithResponse(s.t.Context(), &door.MoveClockParams{}, door.ClockMove{Advance: d.String()})
	require.NoError(s.t, err)
	require.Equal(s.t, 200, r.StatusCode(), string(r.Body))
}

// TestTakenStopsRetries, and redelivering changes nothing about when a waiting callback is tried next.
func TestTakenStopsRetries(t *testing.T) {
	m := newShop(t)
	m.status.Store(500)
	s := newSandbox(t)
	c := s.doorClient("test")
	id := s.must("POST", "/psp/creditcard/payments", calling(cardPurchase, m.URL)).str("payment.id")
	s.payer(id, `{"act":"pay"}`)
	waiting := s.deliveries()[0]
	assert.Equal(t, "waiting", waiting.State)
	assert.Equal(t, "2025-10-04T09:30:30Z", waiting.Next)

	again, err := c.RedeliverCallbackWithResponse(t.Context(), waiting.ID, &door.RedeliverCallbackParams{}, door.RedeliverRequest{Times: 2})
	require.NoError(t, err)
	require.Equal(t, 200, again.StatusCode(), string(again.Body))
	assert.Equal(t, "waiting", again.JSON200.State)
	assert.Equal(t, waiting.Next, again.JSON200.Next)
	assert.Len(t, again.JSON200.Attempts, 3, "it has answered when both were answered")
	assert.Len(t, m.told(), 3)

	m.status.Store(204)
	s.advance(c, 30*time.Second)
	assert.Len(t, m.told(), 4)
	s.advance(c, time.Hour)
	assert.Len(t, m.told(), 4, "taken is taken")
	assert.Equal(t, "delivered", s.deliveries()[0].State)

	r := s.knock("POST", "/callbacks/"+waiting.ID+"/redeliver", "")
	require.Equal(t, 200, r.status, r.text)
	assert.Len(t, m.told(), 5, "once more, though it was taken")
	assert.Equal(t, 404, s.knock("POST", "/callbacks/"+waiting.ID+"/redeliver", "", bearer("other")...).status)

	listed := s.knock("GET", "/callbacks?limit=1&payment="+id, "")
	assert.Equal(t, waiting.ID, listed.str("callbacks.0.id"))
	assert.Equal(t, id, listed.str("callbacks.0.payment"))
	detail := s.knock("GET", "/payments/"+lastSegment(id), "")
	assert.Len(t, detail.at("callbacks"), 1)
}

// TestRedeliverRefuses what may not be sent.
func TestRedeliverRefuses(t *testing.T) {
	s := newSandbox(t)
	pay(t, s, s.must("POST", "/psp/creditcard/payments", calling(cardPurchase, "https://shop.example/told")).str("payment.id"))
	stuck := s.deliveries()[0]
	assert.Equal(t, "not-sent", stuck.State)
	assert.Contains(t, stuck.Reason, "shop.example")
	r := s.knock("POST", "/callbacks/"+stuck.ID+"/redeliver", `{"times":1}`)
	assert.Equal(t, 409, r.status)
	assert.Contains(t, r.text, "not allowed")
	assert.Equal(t, 400, s.knock("POST", "/callbacks/"+stuck.ID+"/redeliver", `{"times":101}`).status)
}

// TestWhyRefused: a request tells how far it came, in whose words it was refused, where the contract says so, and what to
// do.
func TestWhyRefused(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	stale := s.card("r2")
	tests := []struct {
		name                string
		ask                 func() reply
		station, want, hint string
		spec                bool
	}{
		{"an address", func() reply { return s.do("GET", "/psp/nothing", "") }, "route", "nothing at this address", "links", false},
		{"a method", func() reply { return s.do("DELETE", "/psp/creditcard/payments", "") }, "route", "takes", "links", false},
		{"no token", func() reply {
			return s.request("GET", id, "").with("Authorization", "").send()
		}, "authenticate", "Authorization", "Bearer", false},
		{"a missing member", func() reply {
			return s.do("POST", "/psp/creditcard/payments", strings.Replace(withRef(cardPurchase, "r3"), `"currency":"SEK",`, "", 1))
		}, "contract", "/payment/currency", "missing", true},
		{"a text for an amount", func() reply {
			return s.do("POST", "/psp/creditcard/payments", strings.Replace(withRef(cardPurchase, "r3"), `10000`, `"ten"`, 1))
		}, "contract", "/payment/prices/0/amount", "minor units", true},
		{"a reference used before", func() reply { return s.do("POST", "/psp/creditcard/payments", withRef(cardPurchase, "r1")) }, "state", "payeeReference", "used for nothing before", false},
		{"more than there is", func() reply { return s.do("POST", id+"/captures", moving(10001, "c1")) }, "state", "too high", "no more than remains", false},
		{"too early", func() reply { return s.do("POST", stale+"/captures", moving(1, "c2")) }, "state", "not paid", "offers now", false},
		{"another's payment", func() reply { return s.as("other", "GET", id, "") }, "state", "no such payment", "another token", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer := tt.ask()
			require.GreaterOrEqual(t, answer.status, 400)
			newest := s.knock("GET", "/requests?refused=true&limit=1", "").at("requests").([]any)[0].(map[string]any)
			number := newest["number"].(interface{ String() string }).String()
			r := s.knock("GET", "/requests/"+number, "")
			require.Equal(t, 200, r.status, r.text)
			assert.Equal(t, tt.station, r.str("refused.station"))
			assert.Contains(t, r.text, tt.want)
			assert.Contains(t, r.str("refused.remedy"), tt.hint)
			assert.NotContains(t, r.text, "Bearer test")
			if tt.spec {
				assert.Regexp(t, `^swedbankpay/[a-z]+\.yaml:[0-9]+$`, r.str("refused.reasons.0.spec"))
				assert.Equal(t, "swedbankpay/creditcard createPayment", r.str("operation"))
			}
			if typed := answer.at("type"); typed != nil {
				assert.Equal(t, typed, r.at("refused.type"))
			}
		})
	}
	good := s.knock("GET", "/requests?limit=1000", "")
	assert.Greater(t, len(good.at("requests").([]any)), len(tests), "and those that were not refused are there too")
	s.must("GET", id+"?$expand=prices", "")
	assert.Contains(t, s.knock("GET", "/requests?limit=1", "").str("requests.0.path"), "$expand=prices")
	token := strings.Split(s.must("GET", stale, "").href("redirect-authorization"), "/")
	s.do("GET", "/psp/creditcard/payments/instrumentData/"+token[len(token)-1]+"?token="+token[len(token)-1], "")
	assert.NotContains(t, s.knock("GET", "/requests?limit=1", "").text, token[len(token)-1], "tokens are left out")
}
