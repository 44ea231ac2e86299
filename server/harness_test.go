package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

// A sandbox is a server under test. Every answer that its client gets is held against the contract first.
type sandbox struct {
	*server.Server

	t      testing.TB
	client *http.Client
	clock  *atomic.Int64 // nanoseconds
	refs   atomic.Int64
}

// nextRef is a payeeReference that no other operation has.
func (s *sandbox) nextRef() string { return "ref-" + strconv.FormatInt(s.refs.Add(1), 10) }

const apiHost = "https://api.externalintegration.payex.com"

func newSandbox(t testing.TB, opts ...server.Option) *sandbox {
	t.Helper()
	clock := &atomic.Int64{}
	clock.Store(time.Date(2025, 10, 4, 9, 30, 0, 0, time.UTC).UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	s, err := server.New(append([]server.Option{server.WithClock(now), server.WithSeed(1)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	own, err := contract.Own()
	require.NoError(t, err)
	return &sandbox{Server: s, t: t, client: &http.Client{Transport: judged{t, own, s.Client().Transport}}, clock: clock}
}

// judged fails a test in which the sandbox answers what the contract does not allow. Answers at addresses that the
// contract does not know only have to be JSON.
type judged struct {
	t    testing.TB
	own  *contract.Contract
	next http.RoundTripper
}

func (j judged) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := j.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	require.NoError(j.t, err)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if req.Method == http.MethodHead {
		assert.Empty(j.t, body)
		return resp, nil
	}
	place := req.Method + " " + req.URL.String()
	assert.True(j.t, json.Valid(body), "%s: not JSON: %q", place, body)
	assert.Contains(j.t, []string{"application/json; charset=utf-8", "application/problem+json; charset=utf-8"}, resp.Header.Get("Content-Type"), place)
	if m := j.own.MatchPath(req.Method, req.URL.EscapedPath()); m.Outcome == contract.Matched {
		for _, v := range m.Operation.JudgeResponse(resp.StatusCode, contract.Message{Header: resp.Header, Body: body}) {
			if v.Severity == contract.Note { // a kind of problem of ours, such as unauthorized
				continue
			}
			assert.Fail(j.t, "the answer breaks the contract", "%s: %s %s %s\n%s", place, v.Rule, v.Pointer, v.Message, body)
		}
	}
	return resp, nil
}

// An exchange is a request that may be changed before it is sent.
type exchange struct {
	s                 *sandbox
	method, url, body string
	header            http.Header
}

func (s *sandbox) request(method, url, body string) *exchange {
	if strings.HasPrefix(url, "/") {
		url = apiHost + url
	}
	h := http.Header{"Authorization": {"Bearer test"}, "User-Agent": {"merchant/1.0"}}
	if body != "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	return &exchange{s, method, url, body, h}
}

func (e *exchange) with(name, value string) *exchange {
	if value == "" {
		e.header.Del(name)
	} else {
		e.header.Set(name, value)
	}
	return e
}

// A reply is an answer that was read. Its body can be asked by path: "payment.operations.0.rel".
type reply struct {
	t      testing.TB
	status int
	header http.Header
	text   string
	value  any
}

func (e *exchange) send() reply {
	e.s.t.Helper()
	var body io.Reader
	if e.body != "" {
		body = strings.NewReader(e.body)
	}
	req, err := http.NewRequest(e.method, e.url, body)
	require.NoError(e.s.t, err)
	req.Header = e.header
	resp, err := e.s.client.Do(req)
	require.NoError(e.s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.s.t, err)
	return newReply(e.s.t, resp.StatusCode, resp.Header, text)
}

func newReply(t testing.TB, status int, header http.Header, text []byte) reply {
	t.Helper()
	r := reply{t: t, status: status, header: header, text: string(text)}
	if len(text) > 0 {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&r.value), r.text)
	}
	return r
}

func (s *sandbox) do(method, url, body string) reply {
	s.t.Helper()
	return s.request(method, url, body).send()
}

// must is do for a step that has to succeed.
func (s *sandbox) must(method, url, body string) reply {
	s.t.Helper()
	r := s.do(method, url, body)
	require.Less(s.t, r.status, 300, r.text)
	return r
}

func (r reply) at(path string) any {
	v := r.value
	for part := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[part]
		case []any:
			i := int(part[0] - '0')
			if i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) str(path string) string {
	r.t.Helper()
	s, ok := r.at(path).(string)
	require.True(r.t, ok, "%s is no string in %s", path, r.text)
	return s
}

// operations writes each offered operation as "METHOD rel contentType".
func (r reply) operations() []string {
	ops, _ := r.at("operations").([]any)
	out := []string{}
	for _, op := range ops {
		o := op.(map[string]any)
		line := o["method"].(string) + " " + o["rel"].(string)
		if ct, ok := o["contentType"].(string); ok {
			line += " " + ct
		}
		out = append(out, line)
	}
	return out
}

// amounts writes what the payment says of money; - is an absent member.
func (r reply) amounts() string {
	out := []string{}
	for _, name := range []string{"amount", "remainingCaptureAmount", "remainingCancellationAmount", "remainingReversalAmount"} {
		v, ok := r.at("payment." + name).(json.Number)
		if !ok {
			v = "-"
		}
		out = append(out, v.String())
	}
	return strings.Join(out, " ")
}

// href follows an offered operation.
func (r reply) href(rel string) string {
	r.t.Helper()
	ops, _ := r.at("operations").([]any)
	for _, op := range ops {
		if o := op.(map[string]any); o["rel"] == rel {
			return o["href"].(string)
		}
	}
	require.Fail(r.t, "not offered", "%s in %s", rel, r.text)
	return ""
}

// members lists the names of a top-level object as they stand in the text, which a map does not tell.
func (r reply) members(object string) []string {
	r.t.Helper()
	var top map[string]json.RawMessage
	require.NoError(r.t, json.Unmarshal([]byte(r.text), &top))
	dec := json.NewDecoder(bytes.NewReader(top[object]))
	_, err := dec.Token()
	require.NoError(r.t, err)
	names := []string{}
	for dec.More() {
		name, err := dec.Token()
		require.NoError(r.t, err)
		names = append(names, name.(string))
		require.NoError(r.t, dec.Decode(new(json.RawMessage)))
	}
	return names
}

// cardPurchase is a request, as the others are; REF is the payeeReference.
const cardPurchase = `{"payment":{"operation":"Purchase","intent":"Authorization","currency":"SEK",
"prices":[{"type":"CreditCard","amount":10000,"vatAmount":2000}],"description":"Test Purchase","userAgent":"Mozilla/5.0","language":"sv-SE",
"urls":{"hostUrls":["https://example.com"],"completeUrl":"https://example.com/complete","cancelUrl":"https://example.com/cancel"},
"payeeInfo":{"payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b","payeeReference":"REF","payeeName":"Merchant1","orderReference":"or-1"},
"payer":{"payerReference":"AB1234"},"metadata":{"key1":"value1","key2":2,"key3":3.10,"key4":false}}}`

// simplePurchase is a purchase of any other instrument: intent, currency, price type and what stands beside payment.
func simplePurchase(operation, intent, currency, priceType, beside string) string {
	return `{"payment":{"operation":"` + operation + `","intent":"` + intent + `","currency":"` + currency + `",
"prices":[{"type":"` + priceType + `","amount":10000,"vatAmount":0}],"description":"Test Purchase","userAgent":"Mozilla/5.0","language":"sv-SE",
"urls":{"hostUrls":["https://example.com"],"completeUrl":"https://example.com/complete","cancelUrl":"https://example.com/cancel"},
"payeeInfo":{"payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b","payeeReference":"REF","payeeName":"Merchant1"}}` + beside + `}`
}

var (
	trustlyPurchase   = simplePurchase("Purchase", "Sale", "SEK", "Trustly", "")
	swishPurchase     = simplePurchase("Purchase", "Sale", "SEK", "Swish", `,"swish":{"enableEcomOnly":false}`)
	vippsPurchase     = simplePurchase("Purchase", "Authorization", "NOK", "Vipps", "")
	mobilepayPurchase = simplePurchase("Purchase", "Authorization", "DKK", "Visa", `,"mobilepay":{"shoplogoUrl":"https://example.com/logo.png"}`)
	invoicePurchase   = simplePurchase("FinancingConsumer", "Authorization", "SEK", "Invoice", `,"invoice":{"invoiceType":"PayExFinancingSe"}`)
)

// kindOf makes another kind of payment of a purchase: one that a stored token pays, or a Verify.
func kindOf(operation, members string) string {
	return `{"payment":{"operation":"` + operation + `",` + members + `"currency":"SEK","description":"Test Purchase","userAgent":"Mozilla/5.0","language":"sv-SE",
"urls":{"hostUrls":["https://example.com"],"completeUrl":"https://example.com/complete","cancelUrl":"https://example.com/cancel"},
"payeeInfo":{"payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b","payeeReference":"REF","payeeName":"Merchant1"}}`
}

var (
	cardVerify      = kindOf("Verify", `"generatePaymentToken":true,`) + `,"creditCard":{"rejectDebitCards":false}}`
	cardRecur       = kindOf("Recur", `"intent":"Authorization","recurrenceToken":"TOKEN","amount":10000,"vatAmount":0,`) + "}"
	cardUnscheduled = kindOf("UnscheduledPurchase", `"intent":"Authorization","paymentToken":"TOKEN","amount":10000,"vatAmount":0,`) + "}"
	cardPayout      = kindOf("Payout", `"intent":"AutoCapture","paymentToken":"TOKEN","amount":10000,"vatAmount":0,`) + "}"
	invoiceVerify   = kindOf("Verify", `"generateRecurrenceToken":true,`) + `,"invoice":{"invoiceType":"PayExFinancingSe"}}`
	invoiceRecur    = cardRecur
)

// purchases are what creates a payment of each instrument.
var purchases = map[string]string{
	"creditcard": cardPurchase, "trustly": trustlyPurchase, "swish": swishPurchase, "vipps": vippsPurchase,
	"mobilepay": mobilepayPurchase, "invoice": invoicePurchase,
}

func withRef(body, ref string) string { return strings.Replace(body, "REF", ref, 1) }

func moving(amount int, ref string) string {
	b, _ := json.Marshal(map[string]any{"transaction": map[string]any{
		"amount": amount, "vatAmount": 0, "description": "moved", "payeeReference": ref,
	}})
	return string(b)
}

func cancelling(ref string) string {
	return `{"transaction":{"description":"cancelled","payeeReference":"` + ref + `"}}`
}

const aborting = `{"payment":{"operation":"Abort","abortReason":"CancelledByConsumer"}}`

// card creates a card payment and answers its path; paid also lets the payer pay.
func (s *sandbox) card(ref string) string {
	s.t.Helper()
	return s.must("POST", "/psp/creditcard/payments", withRef(cardPurchase, ref)).str("payment.id")
}

func (s *sandbox) paidCard(ref string) string {
	s.t.Helper()
	id := s.card(ref)
	require.NoError(s.t, s.Pay(s.t.Context(), id))
	return id
}

func (s *sandbox) trustly(ref string) string { return s.create("trustly", ref) }

// create makes a purchase of an instrument and answers its path.
func (s *sandbox) create(instrument, ref string) string {
	s.t.Helper()
	return s.must("POST", "/psp/"+instrument+"/payments", withRef(purchases[instrument], ref)).str("payment.id")
}

// stored makes a token of a payer who has verified a card, or who they are.
func (s *sandbox) stored(instrument string) string {
	s.t.Helper()
	body := map[string]string{"creditcard": cardVerify, "invoice": invoiceVerify}[instrument]
	body = strings.Replace(body, `"generatePaymentToken"`, `"generateRecurrenceToken"`, 1)
	id := s.must("POST", "/psp/"+instrument+"/payments", withRef(body, s.nextRef())).str("payment.id")
	require.NoError(s.t, s.Pay(s.t.Context(), id))
	return s.must("GET", id, "").str("payment.recurrenceToken")
}

// charge makes a payment that a stored token pays.
func (s *sandbox) charge(instrument, body string) string {
	s.t.Helper()
	body = strings.Replace(body, "TOKEN", s.stored(instrument), 1)
	return s.must("POST", "/psp/"+instrument+"/payments", withRef(body, s.nextRef())).str("payment.id")
}

func withID(body, id string) string { return strings.ReplaceAll(body, "ID", id) }

// priced is a card purchase with a price for each of the types, the first of 10000 and each one öre more than the last.
func priced(types string) string {
	var prices []string
	for i, name := range strings.Split(types, ",") {
		prices = append(prices, `{"type":`+name+`,"amount":`+strconv.Itoa(10000+i)+`,"vatAmount":0}`)
	}
	return strings.Replace(cardPurchase, `{"type":"CreditCard","amount":10000,"vatAmount":2000}`, strings.Join(prices, ","), 1)
}

// asking is a card purchase with more members.
func asking(members string) string {
	return strings.Replace(cardPurchase, `"currency"`, members+`,"currency"`, 1)
}
