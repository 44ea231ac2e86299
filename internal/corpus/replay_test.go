package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// posted is an entry of an archive: somebody sent a body, and the answer was lost.
func posted(id, grade, method, path, body string) string {
	return fmt.Sprintf(`{"_id":%q,"_grade":%q,"_instrument":"trustly","_operation":"create",
		"request":{"method":%q,"url":%q,"headers":[{"name":"Authorization","value":"Bearer x"},{"name":"Content-Type","value":"application/json"}],"postData":{"mimeType":"application/json","text":%q}},
		"response":{"status":200,"headers":[],"content":{"mimeType":"application/json","size":-1,"text":%q}}}`, id, grade, method, "https://"+host+path, body, right)
}

const order = `{"payment":{"operation":"Purchase","intent":"Sale","currency":"SEK","prices":[{"type":"Trustly","amount":1500,"vatAmount":0}],` +
	`"description":"d","userAgent":"u","language":"sv-SE","urls":{"completeUrl":"https://example.com"},"payeeInfo":{"payeeId":"someone","payeeReference":"r"}}}`

// priceless is refused for one reason: it has no prices.
var priceless = strings.Replace(order, `"prices"`, `"costs"`, 1)

func TestPlay(t *testing.T) {
	const (
		amount = `{"transaction":{"amount":1500,"vatAmount":0,"description":"d","payeeReference":"r"}}`
		cancel = `{"transaction":{"description":"d","payeeReference":"r"}}`
		abort  = `{"payment":{"operation":"Abort","abortReason":"CancelledByConsumer"}}`
		card   = `{"transaction":{"cardNumber":"4925000000000004","cardExpiryMonth":"12","cardExpiryYear":"32"}}`
		person = `{"transaction":{"activity":"FinancingConsumer"},"consumer":{"socialSecurityNumber":"196003071161","customerNumber":"1","email":"a@example.com","msisdn":"+46739000001","ip":"127.0.0.1"},
"legalAddress":{"addressee":"Azra Oliveira","streetAddress":"Helgestavägen 9","zipCode":"19792","city":"Bro","countryCode":"SE"}}`
		whom  = `{"addressee":{"socialSecurityNumber":"194810205957","zipCode":"55560"}}`
		recur = `{"payment":{"operation":"Recur","intent":"Authorization","recurrenceToken":"5a17c24e-d459-4567-bbad-aa0f17a76119","currency":"SEK","amount":1500,"vatAmount":0,` +
			`"description":"d","userAgent":"u","language":"sv-SE","urls":{"callbackUrl":"https://example.com"},"payeeInfo":{"payeeId":"someone","payeeReference":"r"}}}`
		id    = "/7e6cdfc3-1276-44e9-9992-7cf4419750e1"
		token = "/instrumentData/5a17c24e-d459-4567-bbad-aa0f17a76119"
	)
	tests := []struct {
		name, method, path, body string
		status                   int
		why                      string
		refused                  string // pointers of the reasons
	}{
		{"a payment", "POST", "/psp/trustly/payments", order, 201, "", ""},
		{"a payment at the address of another", "POST", "/psp/trustly/payments" + id + "/", order, 201, "", ""},
		{"a charge of a stored card", "POST", "/psp/creditcard/payments", recur, 201, "", ""},
		{"a charge of a stored payer", "POST", "/psp/invoice/payments", recur, 201, "", ""},
		{"an abort", "PATCH", "/psp/swish/payments" + id, abort, 200, "", ""},
		{"a capture", "POST", "/psp/mobilepay/payments" + id + "/captures", amount, 201, "", ""},
		{"a capture, in capitals", "POST", "/psp/MobilePay/Payments" + id + "/Captures/", amount, 201, "", ""},
		{"a cancellation", "POST", "/psp/vipps/payments" + id + "/cancellations", cancel, 201, "", ""},
		{"a reversal of a capture", "POST", "/psp/invoice/payments" + id + "/reversals", amount, 201, "", ""},
		{"a reversal of a sale", "POST", "/psp/swish/payments" + id + "/reversals", amount, 201, "", ""},
		{"a sale", "POST", "/psp/swish/payments" + id + "/sales", `{"transaction":{}}`, 201, "", ""},
		{"a typed card", "POST", "/psp/creditcard/payments" + id + "/authorizations", card, 200, "", ""},
		{"a typed card, confined", "POST", "/psp/creditcard/confined/payments" + id + "/authorizations", card, 200, "", ""},
		{"a verified card", "POST", "/psp/creditcard/confined/payments" + id + "/verifications", card, 200, "", ""},
		{"a person", "POST", "/psp/invoice/payments" + id + "/authorizations", person, 201, "", ""},
		{"a person at the wrong address", "POST", "/psp/invoice/payments", person, 201, "", ""},
		{"an address", "POST", "/psp/invoice/payments" + id + "/approvedlegaladdress", whom, 201, "", ""},
		{"an address at the wrong address", "POST", "/psp/invoice/payments", whom, 201, "", ""},
		{"a token", "PATCH", "/psp/invoice/payments" + token, `{"state":"Deleted","comment":"c"}`, 200, "", ""},
		{"reading, with a body", "GET", "/psp/vipps/payments" + id + "/captures", amount, 200, "", ""},
		{"no prices", "POST", "/psp/trustly/payments", priceless, 400, "", "Payment.Prices"},
		{"two things missing", "POST", "/psp/trustly/payments", strings.Replace(priceless, `"urls"`, `"links"`, 1), 400, "", "Payment.Prices Payment.Urls"},
		{"more than there is", "POST", "/psp/vipps/payments" + id + "/captures", strings.Replace(amount, "1500", "100000001", 1), 403, "", "Capture"},
		{"what the instrument has not", "POST", "/psp/trustly/payments" + id + "/cancellations", cancel, 404, "", ""},
		{"another API", "POST", "/psp/paymentorders", order, 0, "is for another API", ""},
		{"another instrument", "POST", "/psp/creditaccount/payments", order, 0, "is for another API", ""},
		{"two instruments", "POST", "/psp/vipps/vipps" + id, order, 0, "names its instrument twice", ""},
		{"a part of a transaction", "GET", "/psp/vipps/payments" + id + "/transactions" + id + "/activities", order, 0, "is for a part of a transaction", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			done, err := play(t.Context(), request{id: "r", grade: "D", file: "f", method: tt.method, url: "https://" + host + tt.path, body: []byte(tt.body)})
			require.NoError(t, err)
			assert.Equal(t, tt.why, done.why)
			assert.Equal(t, tt.status, done.status, done.refusals)
			var pointers []string
			for _, f := range done.refusals {
				pointers = append(pointers, f.Pointer)
				assert.Equal(t, ruleRefused, f.Rule)
				assert.Contains(t, f.Message, fmt.Sprint(tt.status))
			}
			assert.Equal(t, tt.refused, strings.Join(pointers, " "))
			assert.Equal(t, tt.status >= 300, len(done.refusals) > 0)
		})
	}
}

func TestPlayKeepsWhatIsNotSent(t *testing.T) {
	done, err := play(t.Context(), request{method: "POST", url: address, why: notJSON})
	require.NoError(t, err)
	assert.Equal(t, replay{request: request{method: "POST", url: address, why: notJSON}}, done)
	for _, wrong := range []string{"https://%zz", "::"} {
		_, err := url.Parse(wrong)
		require.Error(t, err)
		_, why := request{url: wrong}.target()
		assert.Equal(t, "has an address that cannot be read", why)
	}
}

func TestTargetAccepts(t *testing.T) {
	for status, want := range map[int][2]bool{199: {false, false}, 200: {false, true}, 201: {true, true}, 204: {false, true}, 302: {false, false}, 400: {false, false}} {
		assert.Equal(t, want[0], target{kind: collection}.accepts(status), status)
		assert.Equal(t, want[1], target{kind: onPayment}.accepts(status), status)
	}
}

func TestRequests(t *testing.T) {
	fragment := `{"id":%q,"grade":"D","instrument":"vipps","operation":"x","doc_bugs":["empty instrument in path"],"request":{"method":"POST","path":"/psp//payments",%s},"response":%s}`
	dir := folder(t, map[string][]string{
		"recorded.har":               {entry("a0", "A", address, right), posted("a1", "A", "POST", "/psp/trustly/payments", order)},
		"documented.har":             {posted("d1", "D", "POST", "/psp/trustly/payments", `{"payment":`)},
		"documented-fragments.jsonl": {fmt.Sprintf(fragment, "f1", `"body":{"payment":{}}`, "null"), fmt.Sprintf(fragment, "f2", `"body":null`, "null"), fmt.Sprintf(fragment, "f3", `"body":null,"body_unparsed":"x"`, "null"), fmt.Sprintf(fragment, "f4", `"body":{}`, `{"body_unparsed":"x"}`)},
	})
	all, err := settings{dir: dir}.replay(t.Context())
	require.NoError(t, err)
	var found []string
	for _, r := range all {
		found = append(found, fmt.Sprint(r.id, " ", r.status, " ", r.why, " ", strings.TrimPrefix(r.url, "https://"+host)))
	}
	assert.Equal(t, []string{
		"a1 201  /psp/trustly/payments", "d1 0 is not JSON /psp/trustly/payments",
		"f1 400  /psp/vipps/payments", "f3 0 is not JSON /psp/vipps/payments", "f4 400  /psp/vipps/payments",
	}, found)
}

// TestRunReplays: a request that the sandbox refuses has to be mended, or explained unless it was recorded live.
func TestRunReplays(t *testing.T) {
	const known = "d1  request.body.required  /payment/prices  cut short\n"
	const refusal = "d1  sandbox.refused  Payment.Prices  the page is cut short\n"
	taken := func(id, grade, body string) string { return posted(id, grade, "POST", "/psp/trustly/payments", body) }
	tests := []struct {
		name, recorded, document, baseline string
		code                               int
		want, never                        []string
	}{
		{
			name: "accepted", document: taken("d1", "D", order),
			want: []string{"| all        |           |       |             1 |        1 |       0 |     0 |        0 |", "nothing to mend"}, never: []string{"refused by the sandbox"},
		},
		{
			name: "refused", document: taken("d1", "D", priceless), baseline: known, code: 1,
			want: []string{"|             1 |        0 |       1 |     0 |        0 |", "    d1  grade D, trustly create\n        Payment.Prices: the sandbox answers 400", "sandbox.refused", "\n1 to mend"},
		},
		{
			name: "refused and explained", document: taken("d1", "D", priceless), baseline: known + refusal,
			want: []string{"|             1 |        0 |       1 |     1 |        0 |", "(the page is cut short)", "nothing to mend"},
		},
		{
			name: "explained and not refused", document: taken("d1", "D", order), baseline: refusal, code: 1,
			want: []string{"the error no longer occurs", "\n1 to mend"},
		},
		{
			name: "refused what was recorded live", recorded: taken("d1", "A", priceless), baseline: refusal, code: 1,
			want: []string{"|             1 |        0 |       1 |     0 |        0 |", "is right by definition"},
		},
		{
			name: "not JSON", document: taken("d1", "D", "{"), baseline: "d1 request.body.malformed - cut short\n",
			want: []string{"1 requests were not sent:\n    1  is not JSON: d1\n", "|             0 |        0 |       0 |     0 |        1 |", "nothing to mend"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content := map[string][]string{}
			if tt.recorded != "" {
				content["recorded.har"] = []string{tt.recorded}
			}
			if tt.document != "" {
				content["documented.har"] = []string{strings.Replace(tt.document, `"status":200`, `"status":201`, 1)}
			}
			code, printed, _ := corpus(t, folder(t, content), tt.baseline)
			assert.Equal(t, tt.code, code, printed)
			for _, want := range tt.want {
				assert.Contains(t, printed, want)
			}
			for _, never := range tt.never {
				assert.NotContains(t, printed, never)
			}
		})
	}
}

func TestUpdateHoldsRefusals(t *testing.T) {
	dir := folder(t, map[string][]string{"documented-fragments.jsonl": {
		`{"id":"f1","grade":"D","instrument":"trustly","operation":"x","doc_bugs":["lost"],"request":{"method":"POST","path":"/psp/trustly/payments","body":` + priceless + `}}`,
		`{"id":"f2","grade":"D","instrument":"trustly","operation":"x","request":{"method":"GET","path":"/psp/trustly/payments/1","headers":{"Authorization":"Bearer x"}}}`,
	}})
	_, _, after := corpus(t, dir, "", "-update")
	assert.Equal(t, preface+"\n# trustly x D\nf1  sandbox.refused  Payment.Prices  "+missing+"\n", after)
	code, printed, _ := corpus(t, dir, strings.Replace(after, missing, "why not", 1))
	assert.Equal(t, 0, code, printed)
}
