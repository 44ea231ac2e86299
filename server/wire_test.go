package server_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

// A wire is a sandbox behind a port, to which bytes are sent that no client would send.
type wire struct {
	*sandbox

	address string
}

func newWire(t *testing.T) wire {
	t.Helper()
	s := newSandbox(t)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return wire{s, web.Listener.Addr().String()}
}

// raw sends a head, whose lines end as they do in Go, and a body. Host, Connection and Content-Length are added. Of what
// is answered, interim answers are skipped, and counted.
func (w wire) raw(head, body string) (r reply, interim int) {
	w.t.Helper()
	conn, err := net.DialTimeout("tcp", w.address, 5*time.Second)
	require.NoError(w.t, err)
	defer conn.Close()
	require.NoError(w.t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	head = strings.TrimSpace(head) + "\nHost: " + w.address + "\nConnection: close"
	switch {
	case strings.Contains(head, "chunked"):
		body = strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n0\r\n\r\n"
	case body != "":
		head += "\nContent-Length: " + strconv.Itoa(len(body))
	}
	_, err = io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body)
	require.NoError(w.t, err)
	in := bufio.NewReader(conn)
	method, _, _ := strings.Cut(head, " ")
	for {
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		require.NoError(w.t, err)
		if resp.StatusCode == http.StatusContinue {
			interim++
			continue
		}
		text, err := io.ReadAll(resp.Body)
		require.NoError(w.t, err)
		return newReply(w.t, resp.StatusCode, resp.Header, text), interim
	}
}

const bearerLine = "\nAuthorization: Bearer test"

// TestWireHeads: what clients do to the first lines of a request, each of which the vendor's service takes.
func TestWireHeads(t *testing.T) {
	w := newWire(t)
	id := w.paidCard("paid")
	upper := strings.ToUpper(id[:strings.LastIndexByte(id, '/')]) + id[strings.LastIndexByte(id, '/'):]
	tests := []struct{ name, head string }{
		{"plain", "GET " + id + " HTTP/1.1" + bearerLine},
		{"HTTP/1.0", "GET " + id + " HTTP/1.0" + bearerLine},
		{"a content type and no body", "GET " + id + " HTTP/1.1" + bearerLine + "\nContent-Type: application/json\nContent-Length: 0"},
		{"a content type and nothing about a body", "GET " + id + " HTTP/1.1" + bearerLine + "\nContent-Type: application/json; charset=utf-8"},
		{"no Accept", "GET " + id + " HTTP/1.1" + bearerLine},
		{"any Accept", "GET " + id + " HTTP/1.1" + bearerLine + "\nAccept: */*"},
		{"Accept of a page", "GET " + id + " HTTP/1.1" + bearerLine + "\nAccept: text/html"},
		{"Accept of a version", "GET " + id + " HTTP/1.1" + bearerLine + "\nAccept: application/json;version=3.1"},
		{"Accept of nothing sensible", "GET " + id + " HTTP/1.1" + bearerLine + "\nAccept: ;;q=,/"},
		{"an empty Accept", "GET " + id + " HTTP/1.1" + bearerLine + "\nAccept:"},
		{"a Session-Id without dashes", "GET " + id + " HTTP/1.1" + bearerLine + "\nSession-Id: 779da454399742248f2942bb064c4707"},
		{"a Session-Id that is none", "GET " + id + " HTTP/1.1" + bearerLine + "\nSession-Id: {order 12}"},
		{"an empty Session-Id", "GET " + id + " HTTP/1.1" + bearerLine + "\nSession-Id:"},
		{"a Session-Id twice", "GET " + id + " HTTP/1.1" + bearerLine + "\nSession-Id: a\nSession-Id: b"},
		{"Forwarded twice", "GET " + id + " HTTP/1.1" + bearerLine + "\nForwarded: for=192.0.2.1\nForwarded: for=192.0.2.2"},
		{"headers of strangers", "GET " + id + " HTTP/1.1" + bearerLine + "\nX-Request-Id: 7\nCookie: a=b\nForwarded: nonsense\nTraceparent: 00-x\nIf-None-Match: *"},
		{"header names in capitals", "GET " + id + " HTTP/1.1\nAUTHORIZATION: Bearer test"},
		{"several spaces after the colon", "GET " + id + " HTTP/1.1\nAuthorization:    Bearer test"},
		{"several spaces after Bearer", "GET " + id + " HTTP/1.1\nAuthorization: Bearer    test"},
		{"a tab after the colon", "GET " + id + " HTTP/1.1\nAuthorization:\tBearer test"},
		{"a small bearer", "GET " + id + " HTTP/1.1\nAuthorization: bearer test"},
		{"a shouted bearer", "GET " + id + " HTTP/1.1\nAuthorization: BEARER test"},
		{"a token in quotes", "GET " + id + " HTTP/1.1\nAuthorization: Bearer \"test\""},
		{"scheme and token in quotes", "GET " + id + " HTTP/1.1\nAuthorization: \"Bearer test\""},
		{"a slash at the end", "GET " + id + "/ HTTP/1.1" + bearerLine},
		{"a path in capitals", "GET " + upper + " HTTP/1.1" + bearerLine},
		{"an id in capitals", "GET " + strings.ToUpper(id) + " HTTP/1.1" + bearerLine},
		{"a whole address", "GET http://" + w.address + id + " HTTP/1.1" + bearerLine},
		{"$expand", "GET " + id + "?$expand=prices HTTP/1.1" + bearerLine},
		{"$expand, escaped", "GET " + id + "?%24expand=prices HTTP/1.1" + bearerLine},
		{"$expand of what is not there", "GET " + id + "?$expand=nothing,PRICES HTTP/1.1" + bearerLine},
		{"a query of a stranger", "GET " + id + "?utm=1&a[]=2& HTTP/1.1" + bearerLine},
		{"HEAD", "HEAD " + id + " HTTP/1.1" + bearerLine},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := w.raw(tt.head, "")
			require.Equal(t, 200, r.status, r.text)
			assert.Equal(t, "application/json; charset=utf-8", r.header.Get("Content-Type"))
			if strings.HasPrefix(tt.head, "HEAD") {
				assert.Empty(t, r.text)
				return
			}
			assert.Equal(t, id, r.str("payment.id"))
			expanded := r.at("payment.prices.priceList") != nil
			assert.Equal(t, strings.Contains(tt.head, "expand="), expanded)
		})
	}
}

// TestWireQuotedToken: the quotes are no part of the token.
func TestWireQuotedToken(t *testing.T) {
	w := newWire(t)
	id := w.card("r1")
	for _, given := range []string{`"test"`, ` "test" `, `test`} {
		r, _ := w.raw("GET "+id+" HTTP/1.1\nAuthorization: Bearer "+given, "")
		assert.Equal(t, 200, r.status, "%s: %s", given, r.text)
	}
	r, _ := w.raw("GET "+id+" HTTP/1.1\nAuthorization: Bearer \"\"", "")
	assert.Equal(t, 401, r.status, "quotes around nothing")
}

// TestWireBodies: what clients do to bodies. Each row changes a capture, which then captures one of 10000.
func TestWireBodies(t *testing.T) {
	w := newWire(t)
	plain := `{"transaction":{"amount":1,"vatAmount":0,"description":"d","payeeReference":"REF"}}`
	change := func(from, to string) string { return strings.Replace(plain, from, to, 1) }
	json := "\nContent-Type: application/json"
	tests := []struct {
		name, headers, body string
		interim             int
	}{
		{"plain", json, plain, 0},
		{"no content type", "", plain, 0},
		{"a charset", "\nContent-Type: application/json; charset=utf-8", plain, 0},
		{"a charset in capitals and quotes", "\nContent-Type: application/json;charset=\"UTF-8\"", plain, 0},
		{"a version", "\nContent-Type: application/json;version=3.1", plain, 0},
		{"a content type in capitals", "\nContent-Type: APPLICATION/JSON", plain, 0},
		{"Expect", json + "\nExpect: 100-continue", plain, 1},
		{"chunks", json + "\nTransfer-Encoding: chunked", plain, 0},
		{"a byte order mark", json, "\xef\xbb\xbf" + plain, 0},
		{"spaces around", json, " \r\n\t" + plain + "\r\n", 0},
		{"a member of a stranger", json, change(`"amount"`, `"stranger":{"a":[null]},"amount"`), 0},
		{"a stranger beside it", json, change(`{"transaction"`, `{"client":{"name":"x"},"transaction"`), 0},
		{"a reference that is a number", json, change(`"REF"`, `REFNUMBER`), 0},
		{"a description that is a number", json, change(`"d"`, `20200513`), 0},
		{"an optional member that is null", json, change(`"amount"`, `"receiptReference":null,"activity":null,"amount"`), 0},
		{"an optional member that is empty", json, change(`"amount"`, `"receiptReference":"","amount"`), 0},
		{"members in other letter case", json, strings.NewReplacer("transaction", "Transaction", "amount", "Amount", "payeeReference", "payeereference").Replace(plain), 0},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.paidCard(w.nextRef())
			body := strings.NewReplacer("REFNUMBER", strconv.Itoa(7000+i), "REF", w.nextRef()).Replace(tt.body)
			r, interim := w.raw("POST "+id+"/captures HTTP/1.1"+bearerLine+tt.headers, body)
			require.Equal(t, 201, r.status, r.text)
			assert.Equal(t, tt.interim, interim)
			assert.Equal(t, "10000 9999 9999 1", w.must("GET", id, "").amounts())
		})
	}
	t.Run("a GET with a body", func(t *testing.T) {
		id := w.paidCard(w.nextRef())
		r, _ := w.raw("GET "+id+" HTTP/1.1"+bearerLine+json, plain)
		assert.Equal(t, 200, r.status, r.text)
	})
}

// TestWireCreation: what clients do to a new payment. Each row changes a card purchase, which is then made as it was meant.
func TestWireCreation(t *testing.T) {
	w := newWire(t)
	tests := []struct {
		name, from, to string
		at             string // of what was made, expanded
		want           any
	}{
		{"an operation in small letters", `"Purchase"`, `"purchase"`, "payment.operation", "Purchase"},
		{"an intent in capitals", `"Authorization"`, `"AUTHORIZATION"`, "payment.intent", "Authorization"},
		{"a price type in small letters", `"CreditCard"`, `"creditcard"`, "payment.prices.priceList.0.amount", json.Number("10000")},
		{"an order reference that is a number", `"or-1"`, `4711`, "payment.payeeInfo.orderReference", "4711"},
		{"a payer reference that is a number", `"AB1234"`, `1234`, "payment.payerReference", "1234"},
		{"no metadata", `{"key1":"value1","key2":2,"key3":3.10,"key4":false}`, `null`, "payment.metadata.key1", nil},
		{"metadata with a null", `"key2":2`, `"key2":null`, "payment.metadata.key3", json.Number("3.10")},
		{"a switch that is text", `"currency"`, `"generatePaymentToken":"False","currency"`, "payment.currency", "SEK"},
		{"tokens that are empty", `"currency"`, `"paymentToken":"","recurrenceToken":null,"currency"`, "payment.operation", "Purchase"},
		{"URLs that are empty", `"cancelUrl":"https://example.com/cancel"`, `"cancelUrl":"","callbackUrl":"","logoUrl":null`, "payment.urls.cancelUrl", nil},
		{"one host URL", `["https://example.com"]`, `"https://example.com"`, "payment.urls.hostUrls.0", "https://example.com"},
		{"no host URLs", `["https://example.com"]`, `null`, "payment.urls.hostUrls", nil},
		{"a number of the payer that is none", `"currency"`, `"cardholder":{"msisdn":"","email":null},"currency"`, "payment.operation", "Purchase"},
		{"a payee in other letter case", `"payeeInfo":{"payeeId"`, `"PayeeInfo":{"PayeeID"`, "payment.payeeInfo.payeeName", "Merchant1"},
		{"members of strangers", `"currency"`, `"stranger":1,"currency"`, "payment.currency", "SEK"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Contains(t, cardPurchase, tt.from)
			body := strings.Replace(withRef(cardPurchase, w.nextRef()), tt.from, tt.to, 1)
			made, _ := w.raw("POST /psp/creditcard/payments HTTP/1.1"+bearerLine+"\nContent-Type: application/json", body)
			require.Equal(t, 201, made.status, made.text)
			assert.Equal(t, "http://"+w.address+made.str("payment.id"), made.header.Get("Location"))
			read, _ := w.raw("GET "+made.str("payment.id")+"?$expand=prices,payeeInfo,urls,metadata HTTP/1.1"+bearerLine, "")
			assert.Equal(t, tt.want, read.at(tt.at), read.text)
		})
	}
}

// TestWireRefusals: where the sandbox is strict, it says so in the vendor's form.
func TestWireRefusals(t *testing.T) {
	w := newWire(t)
	own, err := contract.Own()
	require.NoError(t, err)
	id := w.paidCard("paid")
	create := "/psp/creditcard/payments"
	change := func(from, to string) string { return strings.Replace(cardPurchase, from, to, 1) }
	recur := func(token string) string {
		return strings.Replace(withRef(cardRecur, w.nextRef()), `"recurrenceToken":"TOKEN"`, `"recurrenceToken":`+token, 1)
	}
	const unknown = `"5a17c24e-d459-4567-bbad-aa0f17a76119"`
	msisdn := func(member string) string { return change(`"currency"`, `"cardholder":{`+member+`},"currency"`) }
	const mustMatch = ` must match the regular expression '^[+][0-9]+$'`
	tests := []struct {
		name, request, authorization, body string
		status                             int
		items                              string // "name: description", or "name" alone, with semicolons between
	}{
		{"an unknown operation", "POST " + create, "Bearer test", change(`"Purchase"`, `"Theft"`), 400, "Payment.Operation"},
		{"no operation", "POST " + create, "Bearer test", change(`"operation":"Purchase",`, ``), 400, "Payment.Operation"},
		{"an operation that is null", "POST " + create, "Bearer test", change(`"Purchase"`, `null`), 400, "Payment.Operation"},
		{"no payment", "POST " + create, "Bearer test", `{}`, 400, "Payment"},
		{"a payment that is null", "POST " + create, "Bearer test", `{"payment":null}`, 400, "Payment"},
		{"nothing mandatory", "POST " + create, "Bearer test", `{"payment":{"operation":"Purchase"}}`, 400,
			"Payment.Currency;Payment.Description;Payment.Intent;Payment.Language;Payment.PayeeInfo;Payment.Prices;Payment.Urls;Payment.UserAgent"},
		{"mandatory members that are null", "POST " + create, "Bearer test", strings.NewReplacer(`"SEK"`, `null`, `"sv-SE"`, `null`).Replace(cardPurchase), 400, "Payment.Currency;Payment.Language"},
		{"a mandatory member that is empty", "POST " + create, "Bearer test", change(`"payeeReference":"REF"`, `"payeeReference":""`), 400, "Payment.PayeeInfo.PayeeReference"},
		{"no body", "POST " + create, "Bearer test", "", 400, "Body"},
		{"not JSON", "POST " + create, "Bearer test", "payment=1", 400, "Body"},
		{"a byte order mark and nothing", "POST " + create, "Bearer test", "\xef\xbb\xbf", 400, "Body"},
		{"money that is text", "POST " + create, "Bearer test", change("10000", `"10000"`), 400, "Payment.Prices[0].Amount"},
		{"VAT that is text", "POST " + create, "Bearer test", change("2000", `"2000"`), 400, "Payment.Prices[0].VatAmount"},
		{"money that is empty", "POST " + create, "Bearer test", change("10000", `""`), 400, "Payment.Prices[0].Amount"},
		{"money that is null", "POST " + create, "Bearer test", change("10000", `null`), 400, "Payment.Prices[0].Amount"},
		{"no authorization", "GET " + id, "", "", 401, ""},
		{"an empty bearer", "GET " + id, "Bearer ", "", 401, ""},
		{"an empty bearer in quotes", "GET " + id, `Bearer "  "`, "", 401, ""},
		{"a scheme alone in quotes", "GET " + id, `"Bearer "`, "", 401, ""},
		{"quotes around nothing", "GET " + id, `""`, "", 401, ""},
		{"a quote", "GET " + id, `"`, "", 401, ""},
		{"another scheme", "GET " + id, "Basic dGVzdA==", "", 401, ""},
		{"a token alone", "GET " + id, "test", "", 401, ""},
		{"no authorization to create", "POST " + create, "", cardPurchase, 401, ""},
		{"an unknown payment", "GET " + create + "/5a17c24e-d459-4567-bbad-aa0f17a76119", "Bearer test", "", 404, ""},
		{"a payment that is no id", "GET " + create + "/nonsense", "Bearer test", "", 404, ""},
		{"an unknown transaction", "GET " + id + "/captures/5a17c24e-d459-4567-bbad-aa0f17a76119", "Bearer test", "", 404, ""},
		{"a payment of another instrument", "GET " + strings.Replace(id, "creditcard", "swish", 1), "Bearer test", "", 404, ""},
		{"a capture of an unknown payment", "POST " + create + "/nonsense/captures", "Bearer test", moving(1, "c1"), 404, ""},
		{"an unknown address", "GET /psp/nothing", "Bearer test", "", 404, ""},
		{"no address", "GET /", "Bearer test", "", 404, ""},
		{"reading the collection", "GET " + create, "Bearer test", "", 405, "Allow: POST"},
		{"putting into the collection", "PUT " + create, "Bearer test", cardPurchase, 405, "Allow: POST"},
		{"deleting a payment", "DELETE " + id, "Bearer test", "", 405, "Allow: GET, HEAD, PATCH"},
		{"putting a payment", "PUT " + id, "Bearer test", aborting, 405, "Allow: GET, HEAD, PATCH"},
		{"posting to a payment", "POST " + id, "Bearer test", cardPurchase, 405, "Allow: GET, HEAD, PATCH"},
		{"asking for options", "OPTIONS " + id, "Bearer test", "", 405, "Allow: GET, HEAD, PATCH"},
		{"a capture of too much", "POST " + id + "/captures", "Bearer test", moving(10001, "c2"), 403, "Capture: Capture amount too high."},
		{"a reversal of nothing", "POST " + id + "/reversals", "Bearer test", moving(1, "c3"), 403, "Reversal"},
		{"an abort of what is paid", "PATCH " + id, "Bearer test", aborting, 403, "Abort"},
		{"a token that is none", "POST " + create, "Bearer test", recur(`"nonsense"`), 400,
			"payment.recurrenceToken: Error converting the value to type 'System.Guid'. Path 'payment.recurrenceToken'."},
		{"a token that is a number", "POST " + create, "Bearer test", recur(`17`), 400,
			"payment.recurrenceToken: Error converting the value to type 'System.Guid'. Path 'payment.recurrenceToken'."},
		{"an unknown token", "POST " + create, "Bearer test", recur(unknown), 400, "RecurrenceToken: The given RecurrenceToken does not exist."},
		{"no token", "POST " + create, "Bearer test", recur(`null`), 400, "Payment"},
		{"a number of the payer", "POST " + create, "Bearer test", msisdn(`"msisdn":"0739000001"`), 400, "Payment.Cardholder.Msisdn: The field Msisdn" + mustMatch},
		{"a number of the payer that is a number", "POST " + create, "Bearer test", msisdn(`"msisdn":739000001`), 400, "Payment.Cardholder.Msisdn: The field Msisdn" + mustMatch},
		{"a number at an address", "POST " + create, "Bearer test", msisdn(`"billingAddress":{"msisdn":"msisdn"}`), 400, "Payment.Cardholder.BillingAddress.Msisdn: The field Msisdn" + mustMatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			head := tt.request + " HTTP/1.1\nContent-Type: application/json"
			if tt.authorization != "" {
				head += "\nAuthorization: " + tt.authorization
			}
			before := w.must("GET", id, "").text
			r, _ := w.raw(head, tt.body)
			require.Equal(t, tt.status, r.status, r.text)
			assert.Equal(t, "application/problem+json; charset=utf-8", r.header.Get("Content-Type"))
			assert.Equal(t, json.Number(strconv.Itoa(tt.status)), r.at("status"))
			if allow, ok := strings.CutPrefix(tt.items, "Allow: "); ok {
				assert.Equal(t, allow, r.header.Get("Allow"))
			} else {
				assertItems(t, tt.items, r)
			}
			method, path, _ := strings.Cut(tt.request, " ")
			if m := own.MatchPath(method, path); m.Outcome == contract.Matched {
				for _, v := range m.Operation.JudgeResponse(r.status, contract.Message{Header: r.header, Body: []byte(r.text)}) {
					assert.Equal(t, contract.Note, v.Severity, "%s %s", v.Pointer, v.Message)
				}
			}
			assert.Equal(t, before, w.must("GET", id, "").text, "a refused request changes nothing")
		})
	}
}

// assertItems compares the reasons of a problem with those wanted; one that has no description wanted may have any.
func assertItems(t *testing.T, want string, r reply) {
	t.Helper()
	items, _ := r.at("problems").([]any)
	if want == "" {
		assert.Empty(t, items)
		return
	}
	wanted := strings.Split(want, ";")
	require.Len(t, items, len(wanted), r.text)
	for i, each := range wanted {
		item := items[i].(map[string]any)
		name, description, described := strings.Cut(each, ": ")
		assert.Equal(t, name, item["name"])
		assert.NotEmpty(t, item["description"])
		if described {
			assert.Equal(t, description, item["description"])
		}
	}
}

// TestWireOfResurs: there an unknown member is fine, and everything else is as strict as documented.
func TestWireOfResurs(t *testing.T) {
	w := newWire(t)
	types := "POST /api/mock_payment_widget_service/payment-methods/types HTTP/1.1\nContent-Type: application/json"
	r, _ := w.raw(types, strings.Replace(methodTypes, "{", `{"stranger":null,`, 1))
	assert.Equal(t, 200, r.status, r.text)
	for name, body := range map[string]string{
		"a byte order mark": "\xef\xbb\xbf" + methodTypes, "a member that is null": strings.Replace(store, "{", `{"storeId":null,`, 1), "not JSON": "x",
	} {
		r, _ := w.raw(types, body)
		assert.Contains(t, []int{400, 422}, r.status, "%s: %s", name, r.text)
	}
}

// TestWirePayee: what a payeeId is meant for is understood before it is asked whose it is.
func TestWirePayee(t *testing.T) {
	s := newSandbox(t, server.WithMerchant("good", "17"))
	for given, status := range map[string]int{`"17"`: 201, `17`: 201, `18`: 403, `"18"`: 403, `null`: 400} {
		body := strings.Replace(withRef(cardPurchase, s.nextRef()), `"`+payee+`"`, given, 1)
		r := s.request("POST", "/psp/creditcard/payments", body).with("Authorization", "Bearer good").send()
		assert.Equal(t, status, r.status, "%s: %s", given, r.text)
	}
}
