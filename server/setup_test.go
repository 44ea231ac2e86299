package server_test

import (
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// setup is a sandbox that is set up by YAML.
func setup(t *testing.T, text string, more ...server.Option) *sandbox {
	t.Helper()
	s, err := server.ReadSetup(strings.NewReader(text))
	require.NoError(t, err)
	return newSandbox(t, append([]server.Option{server.WithSetup(s)}, more...)...)
}

func example(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/setup.yaml")
	require.NoError(t, err)
	return string(text)
}

// TestSetupRefuses also wants no token to be repeated.
func TestSetupRefuses(t *testing.T) {
	merchant := "merchants:\n- name: shop\n  "
	tests := []struct {
		name, text string
		want       []string
	}{
		{"an unknown key", "colour: red", []string{`line 1: a setup has no key "colour"; it knows merchants, lifetimes, delays, swish, callbacks, payer, keep`}},
		{"other letters", "Keep: 1", []string{`line 1: a setup has no key "Keep"; it knows merchants, lifetimes, delays, swish, callbacks, payer, keep`}},
		{"an unknown key below", "\nlifetimes:\n  token: 1h", []string{`line 3: lifetimes has no key "token"; it knows accessToken, widgetSession`}},
		{"an unknown key of a merchant", merchant + "tokens: [a]\n  shape: b", []string{`line 4: a merchant has no key "shape"; it knows name, tokens, payees, instruments, clients, stores`}},
		{"a key twice", "keep: 1\nkeep: 2", []string{"line 2: keep is there twice"}},
		{"a merge", "<<: {keep: 1}", []string{`line 1: a setup has no key "<<"; it knows merchants, lifetimes, delays, swish, callbacks, payer, keep`}},
		{"a list of settings", "- keep", []string{"line 1: a setup has keys; got a list"}},
		{"a text", "keep", []string{"line 1: a setup has keys; got a text"}},
		{"two documents", "keep: 1\n---\nkeep: 2", []string{"line 2: a second document begins; a setup is one"}},
		{"a second document that is no YAML", "keep: 1\n---\nkeep: [", []string{"the setup is no YAML: line 3: did not find expected node content"}},
		{"no YAML", "keep: [", []string{"the setup is no YAML: line 1: did not find expected node content"}},
		{"no number", "keep: many", []string{"line 1: want a whole number of at least 1"}},
		{"nothing kept", "keep: 0", []string{"line 1: want a whole number of at least 1"}},
		{"no attempts", "payer: {attempts: -1}", []string{"line 1: want a whole number of at least 1"}},
		{"half an attempt", "payer: {attempts: 1.5}", []string{"line 1: want a whole number of at least 1"}},
		{"a number for a duration", "lifetimes: {accessToken: 3600}", []string{"line 1: want a duration such as 30s or 1h30m"}},
		{"a lifetime of none", "lifetimes: {accessToken: 0s, widgetSession: 1ms}", []string{"line 1: want a duration of at least 1s", "line 1: want a duration of at least 1s"}},
		{"a delay before time", "delays: {swishSale: -1s}", []string{"line 1: want a duration of at least 0s"}},
		{"a flag that is none", "swish: {confirm: maybe}", []string{"line 1: want true or false"}},
		{"a URL for a host", "callbacks: {hosts: ['https://shop.example', shop.example:80, '[::1]']}", []string{
			"line 1: want the name or the address of a host without scheme or port, or * for all",
			"line 1: want the name or the address of a host without scheme or port, or * for all",
			"line 1: want the name or the address of a host without scheme or port, or * for all",
		}},
		{"one host in place of a list", "callbacks: {hosts: shop.example}", []string{"line 1: hosts is a list; got a text"}},
		{"merchants that are no list", "merchants: {name: shop}", []string{"line 1: merchants is a list; got keys"}},
		{"no name", "merchants:\n- tokens: [a]", []string{"line 2: the merchant has no name"}},
		{"a name for a name", "merchants:\n- name: {a: b}\n  tokens: [a]", []string{"line 2: want a text, got keys", "line 2: the merchant has no name"}},
		{"a name that is taken", "merchants:\n- {name: shop, tokens: [a]}\n- {name: Shop, tokens: [b]}", []string{"line 3: the merchant Shop is on line 2 already"}},
		{"the name of a namespace of ours", "merchants:\n- {name: token-4711, tokens: [a]}", []string{"line 2: a merchant's name is letters, digits, dots, dashes and underscores, 63 at most, and does not begin with token-"}},
		{"a name with blanks", "merchants:\n- {name: my shop, tokens: [a]}", []string{"line 2: a merchant's name is letters, digits, dots, dashes and underscores, 63 at most, and does not begin with token-"}},
		{"nobody", "merchants:\n- name: shop", []string{"line 2: the merchant shop has neither tokens nor clients, so nobody is it"}},
		{"a token twice", merchant + "tokens: [hush, hush]", []string{"line 3: this token is on line 3 already"}},
		{"a token of two", merchant + "tokens: [hush]\n- name: other\n  tokens: [hush]", []string{"line 5: this token is on line 3 already"}},
		{"a token with blanks", merchant + "tokens: ['hush hush']", []string{"line 3: a token has no blanks"}},
		{"a token that is empty", merchant + "tokens: ['']", []string{"line 3: want a text, got nothing", "line 2: the merchant shop has neither tokens nor clients, so nobody is it"}},
		{"a token with a key", merchant + "tokens: [{value: hush}]", []string{"line 3: want a text, got keys", "line 2: the merchant shop has neither tokens nor clients, so nobody is it"}},
		{"a payee that is no UUID", merchant + "tokens: [a]\n  payees: [shop]", []string{"line 4: the id of a payee is a UUID, such as 5cabf558-5283-482f-b252-4d58e06f6f3b"}},
		{"payees without tokens", merchant + "clients: [{id: a, secret: b}]\n  payees: [5cabf558-5283-482f-b252-4d58e06f6f3b]", []string{"line 2: the merchant shop has payees or instruments and no tokens to use them with"}},
		{"an instrument that is none", merchant + "tokens: [a]\n  instruments: [cards]", []string{`line 4: there is no instrument "cards"; there are creditcard, invoice, mobilepay, swish, trustly, vipps`}},
		{"a client without a secret", merchant + "clients: [{id: a}]", []string{"line 3: a client has an id and a secret"}},
		{"a client twice", merchant + "clients: [{id: a, secret: b}, {id: a, secret: c}]", []string{"line 3: the client a is on line 3 already"}},
		{"scopes in one text", merchant + "clients: [{id: a, secret: b, scopes: [a b]}]", []string{"line 3: a scope has no blanks; write several as a list"}},
		{"stores without clients", merchant + "tokens: [a]\n  stores: [{id: 550e8400-e29b-41d4-a716-446655440000}]", []string{"line 2: the merchant shop has stores and no clients to use them with"}},
		{"a store of two", "merchants:\n- {name: a, clients: [{id: a, secret: b}], stores: [{id: 550e8400-e29b-41d4-a716-446655440000}]}\n" +
			"- {name: b, clients: [{id: c, secret: d}], stores: [{id: 550E8400-e29b-41d4-a716-446655440000}]}", []string{"line 3: the store 550E8400-e29b-41d4-a716-446655440000 is on line 2 already"}},
		{"a store without an id", merchant + "clients: [{id: a, secret: b}]\n  stores: [{methods: []}]", []string{"line 4: a store has an id"}},
		{"a method without a type", merchant + "clients: [{id: a, secret: b}]\n  stores: [{id: 550e8400-e29b-41d4-a716-446655440000, methods: [{id: 550e8400-e29b-41d4-a716-446655440000}]}]", []string{"line 4: a payment method has an id and a type"}},
		{"a method twice", merchant + "clients: [{id: a, secret: b}]\n  stores:\n  - id: 550e8400-e29b-41d4-a716-446655440000\n    methods:\n" +
			"    - {id: 550e8400-e29b-41d4-a716-446655440000, type: A}\n    - {id: 550E8400-e29b-41d4-a716-446655440000, type: B}", []string{"line 8: the store has the payment method 550e8400-e29b-41d4-a716-446655440000 already"}},
		{"a customer that is none", merchant + "clients: [{id: a, secret: b}]\n  stores: [{id: 550e8400-e29b-41d4-a716-446655440000, methods: [{id: 550e8400-e29b-41d4-a716-446655440000, type: A, customerTypes: [C2C]}]}]", []string{`line 4: there is no customer type "C2C"; there are B2C, B2B`}},
		{"too large", "# " + strings.Repeat("x", 1<<20), []string{"the setup is larger than a mebibyte"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := server.ReadSetup(strings.NewReader(tt.text))
			require.EqualError(t, err, strings.Join(tt.want, "\n"))
			assert.NotContains(t, err.Error(), "hush")
		})
	}
	_, err := server.ReadSetup(iotest.ErrReader(assert.AnError))
	require.ErrorIs(t, err, assert.AnError)
}

func TestSetupEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "merchants:\nlifetimes:\npayer: {}\n", "merchants: []", "---\n", "null"} {
		s := setup(t, text)
		for _, token := range []string{"one", "other"} {
			r := s.request("POST", "/psp/creditcard/payments", withRef(cardPurchase, "same")).with("Authorization", "Bearer "+token).send()
			assert.Equal(t, 201, r.status, "%q: any token, and each a namespace of its own: %s", text, r.text)
		}
		assert.Equal(t, "3600", s.do("POST", tokenURL, credentials).at("expires_in").(interface{ String() string }).String())
	}
}

// TestSetupMerchants keeps the example of docs true, in what it says of Swedbank Pay.
func TestSetupMerchants(t *testing.T) {
	s := setup(t, example(t))
	create := func(instrument, token, ref string) reply {
		return s.request("POST", "/psp/"+instrument+"/payments", withRef(purchases[instrument], ref)).with("Authorization", "Bearer "+token).send()
	}
	id := create("creditcard", "tickets-token", "r1").str("payment.id")
	other := strings.Replace(cardPurchase, "5cabf558", "6cabf558", 1)
	tests := []struct {
		name                      string
		method, path, token, body string
		status                    int
		detail                    string
	}{
		{"a token that is nobody's", "POST", "/psp/creditcard/payments", "any", withRef(cardPurchase, "r2"), 401, "The bearer token is not known."},
		{"another payee", "POST", "/psp/creditcard/payments", "tickets-token", withRef(other, "r2"), 403, "The token may not act for this payeeId."},
		{"the payee in other letters", "POST", "/psp/creditcard/payments", "tickets-token", strings.Replace(withRef(cardPurchase, "r3"), "5cabf558", "5CABF558", 1), 201, ""},
		{"another instrument", "POST", "/psp/vipps/payments", "tickets-token", withRef(vippsPurchase, "r2"), 403, "The token may not use this instrument."},
		{"the second instrument", "POST", "/psp/swish/payments", "tickets-token", withRef(swishPurchase, "r4"), 201, ""},
		{"the second token", "GET", id, "tickets-other-token", "", 200, ""},
		{"another merchant's payment", "GET", id, "books-token", "", 403, "The token may not act for the payee of this payment."},
		{"any payee", "POST", "/psp/vipps/payments", "books-token", withRef(vippsPurchase, "r1"), 201, ""},
		{"a reference that is used", "POST", "/psp/creditcard/payments", "tickets-other-token", withRef(cardPurchase, "r1"), 403, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.request(tt.method, tt.path, tt.body).with("Authorization", "Bearer "+tt.token).send()
			require.Equal(t, tt.status, r.status, r.text)
			switch {
			case tt.status == 401:
				assert.Equal(t, tt.detail, r.str("detail"))
			case tt.detail != "":
				assert.Equal(t, "Contract", r.str("problems.0.name"))
				assert.Equal(t, tt.detail, r.str("problems.0.description"))
			}
		})
	}
	assert.Equal(t, 200, s.request("POST", tokenURL, strings.NewReplacer(`"id"`, `"books-client"`, `"secret"`, `"books-secret"`).Replace(credentials)).send().status)
}

// TestSetupOptions wants a setup and options to add up.
func TestSetupOptions(t *testing.T) {
	s := setup(t, example(t), server.WithMerchant("tickets-token", "6cabf558-5283-482f-b252-4d58e06f6f3b"), server.WithCredentials("id", "secret"))
	r := s.request("POST", "/psp/creditcard/payments", withRef(strings.Replace(cardPurchase, "5cabf558", "6cabf558", 1), "r1")).with("Authorization", "Bearer tickets-token").send()
	assert.Equal(t, 201, r.status, r.text)
	assert.Equal(t, 200, s.do("POST", tokenURL, credentials).status)

	// A setup that is used twice is not changed by what else one of its sandboxes is told.
	read, err := server.ReadSetup(strings.NewReader("merchants: [{name: shop, tokens: [token], payees: [1cabf558-5283-482f-b252-4d58e06f6f3b, " +
		"2cabf558-5283-482f-b252-4d58e06f6f3b, 3cabf558-5283-482f-b252-4d58e06f6f3b]}]"))
	require.NoError(t, err)
	payees := []string{"6cabf558-5283-482f-b252-4d58e06f6f3b", "7cabf558-5283-482f-b252-4d58e06f6f3b"}
	var both []*sandbox
	for _, payee := range payees {
		both = append(both, newSandbox(t, server.WithSetup(read), server.WithMerchant("token", payee)))
	}
	for i, s := range both {
		for j, payee := range payees {
			body := strings.Replace(withRef(cardPurchase, "r1"), "5cabf558-5283-482f-b252-4d58e06f6f3b", payee, 1)
			r := s.request("POST", "/psp/creditcard/payments", body).with("Authorization", "Bearer token").send()
			assert.Equal(t, i == j, r.status == 201, "%d %d: %s", i, j, r.text)
		}
	}
}

func TestSetupTimes(t *testing.T) {
	s := setup(t, "lifetimes: {accessToken: 90s, widgetSession: 1h30m}\ndelays: {swishSale: 1m, swishReversal: 0s}\npayer: {attempts: 1}\nkeep: 2\nswish: {confirm: true}")
	r := s.do("POST", tokenURL, credentials)
	assert.Equal(t, "90", r.at("expires_in").(interface{ String() string }).String())
	bearer := "Bearer " + r.str("access_token")
	r = s.request("POST", widgetURL+"/session", store).with("Authorization", bearer).send()
	assert.Equal(t, "2025-10-04T11:00:00Z", r.str("data.expiresAt"))
	s.clock.Add(int64(90 * time.Second))
	r = s.request("POST", widgetURL+"/session", store).with("Authorization", bearer).send()
	assert.Equal(t, 401, r.status)
	assert.Equal(t, "The access token has expired.", r.str("detail"))

	first := s.card("r1")
	require.NoError(t, s.Decline(t.Context(), first))
	assert.Equal(t, "Failed", s.must("GET", first, "").str("payment.state"), "one attempt")
	sale := s.create("swish", "r2")
	s.must("POST", sale+"/sales", `{"transaction":{"msisdn":"+46739000001"}}`)
	s.card("r3")
	assert.Equal(t, 404, s.do("GET", first, "").status, "two are kept")
	state := func() string { return s.must("GET", sale+"/sales", "").str("sales.saleList.0.transaction.state") }
	s.clock.Add(int64(time.Minute - 1))
	assert.Equal(t, "AwaitingActivity", state(), "confirmed, and not settled")
	s.clock.Add(1)
	assert.Equal(t, "Completed", state(), "confirmed without the payer, settled in a minute")
	s.must("POST", sale+"/reversals", moving(100, "r4"))
	assert.Equal(t, "Completed", s.must("GET", sale+"/reversals", "").str("reversals.reversalList.0.transaction.state"), "reversed at once")
}

// TestSetupExampleShowsDefaults wants what the example says of times to be what no setup at all means.
func TestSetupExampleShowsDefaults(t *testing.T) {
	_, times, found := strings.Cut(example(t), "# How long what Resurs hands out")
	require.True(t, found)
	read, err := server.ReadSetup(strings.NewReader("# " + times))
	require.NoError(t, err)
	want, err := server.Times()
	require.NoError(t, err)
	got, err := server.Times(server.WithSetup(read))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

const otherStore = "650e8400-e29b-41d4-a716-446655440000"

func TestSetupStores(t *testing.T) {
	s := setup(t, example(t))
	tokenOf := func(client string) string {
		body := strings.NewReplacer(`"id"`, `"`+client+`-client"`, `"secret"`, `"`+client+`-secret"`).Replace(credentials)
		return s.request("POST", tokenURL, body).with("Authorization", "").send().str("access_token")
	}
	tickets, books := tokenOf("tickets"), tokenOf("books")
	listed := strings.Replace(strings.Replace(store, "{", "", 1), "}", "", 1)
	unlisted := strings.Replace(listed, "550e8400", "650e8400", 1)
	tests := []struct {
		name, path, token, members string
		status                     int
		want                       string
	}{
		{"its own store", "session", tickets, listed, 200, ""},
		{"its own store in other letters", "session", tickets, strings.Replace(listed, "550e8400-e29b", "550E8400-E29B", 1), 200, ""},
		{"a store that is nobody's", "session", tickets, unlisted, 404, "There is no such store."},
		{"another merchant's store", "session", books, listed, 403, "The store belongs to another merchant."},
		{"a merchant who lists none", "session", books, unlisted, 200, ""},
		{"no UUID before all that", "session", tickets, `"storeId":"x"`, 422, ""},
		{"types of its own store", "payment-methods/types", tickets, listed, 200, `{"6ba7b810-9dad-11d1-80b4-00c04fd430c8":"RESURS_PART_PAYMENT_SELECT_NOW"}`},
		{"types for a person", "payment-methods/types", tickets, listed + `,"customerType":"B2C"`, 200, `{"6ba7b810-9dad-11d1-80b4-00c04fd430c8":"RESURS_PART_PAYMENT_SELECT_NOW"}`},
		{"types for a company", "payment-methods/types", tickets, listed + `,"customerType":"B2B"`, 200, `{}`},
		{"types for nobody", "payment-methods/types", tickets, listed + `,"customerType":"C2C"`, 422, ""},
		{"types without a token", "payment-methods/types", "", listed, 200, `{"6ba7b810-9dad-11d1-80b4-00c04fd430c8":"RESURS_PART_PAYMENT_SELECT_NOW"}`},
		{"types of nobody's store without a token", "payment-methods/types", "", unlisted, 200, `{"550e8400-e29b-41d4-a716-446655440000":"RESURS_INVOICE","6ba7b810-9dad-11d1-80b4-00c04fd430c8":"RESURS_PART_PAYMENT_SELECT_NOW"}`},
		{"types of another merchant's store", "payment-methods/types", books, listed, 403, "The store belongs to another merchant."},
		{"types of a store that is nobody's", "payment-methods/types", tickets, unlisted, 404, "There is no such store."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := "{" + tt.members
			if strings.HasPrefix(tt.path, "payment") {
				body += `,"paymentMethodId":["550e8400-e29b-41d4-a716-446655440000","6ba7b810-9dad-11d1-80b4-00c04fd430c8"]`
			}
			r := s.request("POST", widgetURL+"/"+tt.path, body+"}").with("Authorization", "")
			if tt.token != "" {
				r.with("Authorization", "Bearer "+tt.token)
			}
			got := r.send()
			require.Equal(t, tt.status, got.status, got.text)
			switch {
			case tt.status == 200 && tt.want != "":
				assert.JSONEq(t, `{"types":`+tt.want+`}`, got.text)
			case tt.want != "":
				assert.Equal(t, tt.want, got.str("detail"))
			}
		})
	}

	everyone := setup(t, strings.Replace(example(t), "- {id: books-client, secret: books-secret}", "- {id: books-client, secret: books-secret}\n    stores: [{id: "+otherStore+"}]", 1))
	ask := func(id string) reply {
		body := `{"storeId":"` + id + `","paymentMethodId":["550e8400-e29b-41d4-a716-446655440000"]}`
		return everyone.request("POST", widgetURL+"/payment-methods/types", body).with("Authorization", "").send()
	}
	assert.Equal(t, 404, ask("750e8400-e29b-41d4-a716-446655440000").status, "every merchant lists stores, and none has this one")
	assert.JSONEq(t, `{"types":{"550e8400-e29b-41d4-a716-446655440000":"RESURS_INVOICE"}}`, ask(otherStore).text, "a store without methods knows them all")
}

func TestSetupClients(t *testing.T) {
	s := setup(t, "merchants:\n- name: shop\n  clients:\n  - {id: id, secret: secret}\n  - {id: plus, secret: secret, scopes: [checkout-plus-api]}\n  - {id: both, secret: secret, scopes: [checkout-plus-api, merchant-api]}\n")
	ask := func(client, secret, scope string) reply {
		return s.do("POST", tokenURL, `{"grant_type":"client_credentials","scope":"`+scope+`","client_id":"`+client+`","client_secret":"`+secret+`"}`)
	}
	tests := []struct {
		client, secret, scope string
		status                int
		code                  string // of the refusal
		widget                int
	}{
		{"id", "secret", "merchant-api", 200, "", 200},
		{"id", "secret", "openid mock-merchant-api", 200, "", 200},
		{"id", "secret", "checkout-plus-api", 400, "invalid_scope", 0},
		{"id", "guess", "merchant-api", 400, "invalid_client", 0},
		{"ID", "secret", "merchant-api", 400, "invalid_client", 0},
		{"plus", "secret", "merchant-api", 400, "invalid_scope", 0},
		{"plus", "secret", "checkout-plus-api", 200, "", 403},
		{"both", "secret", "checkout-plus-api merchant-api", 200, "", 200},
	}
	for _, tt := range tests {
		t.Run(tt.client+" "+tt.secret+" "+tt.scope, func(t *testing.T) {
			r := ask(tt.client, tt.secret, tt.scope)
			require.Equal(t, tt.status, r.status, r.text)
			if tt.code != "" {
				assert.Equal(t, tt.code, r.str("error"))
				return
			}
			bearer := "Bearer " + r.str("access_token")
			assert.Equal(t, tt.widget, s.request("POST", widgetURL+"/session", store).with("Authorization", bearer).send().status)
			assert.Equal(t, tt.widget, s.request("POST", widgetURL+"/payment-methods/types", methodTypes).with("Authorization", bearer).send().status)
		})
	}
}

// TestSetupSnapshots: a merchant's namespace comes back from a snapshot of everything and from one of its own, and only
// where there is that merchant.
func TestSetupSnapshots(t *testing.T) {
	s := setup(t, "merchants:\n- name: shop\n  tokens: [shop-token]\n- name: widget\n  clients: [{id: id, secret: secret}]")
	create := func(ref string) string {
		r := s.request("POST", "/psp/creditcard/payments", withRef(cardPurchase, ref)).with("Authorization", "Bearer shop-token").send()
		require.Equal(t, 201, r.status, r.text)
		return r.str("payment.id")
	}
	id := create("r1")
	whole, own := s.knock("GET", "/snapshot", "").text, s.knock("GET", "/snapshot?namespace=shop", "").text
	for path, snapshot := range map[string]string{"/snapshot": whole, "/snapshot?namespace=shop": own, "/snapshot?namespace=widget": own} {
		s.Reset()
		r := s.knock("PUT", path, snapshot)
		require.Equal(t, 204, r.status, "%s: %s", path, r.text)
		assert.Contains(t, s.knock("GET", "/payments", "").text, id, path)
	}
	r := newSandbox(t).knock("PUT", "/snapshot", whole)
	assert.Equal(t, 400, r.status)
	assert.Contains(t, r.text, "shop is no name of a namespace, and no merchant of the setup")
	assert.Equal(t, 404, s.knock("PUT", "/snapshot?namespace=books", own).status)
}
