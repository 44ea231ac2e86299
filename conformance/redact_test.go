package conformance_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

func redactBody(mediaType, body string) string {
	x := conformance.Exchange{}
	x.Request.Header = http.Header{"Content-Type": {mediaType}}
	x.Request.Body = []byte(body)
	return string(conformance.Redact(x).Request.Body)
}

func TestRedactJSON(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"token response", `{"access_token":"eyJh.b.c", "token_type" : "Bearer","expires_in":3600,"refresh_token":"r"}`,
			`{"access_token":"redacted", "token_type" : "Bearer","expires_in":3600,"refresh_token":"redacted"}`},
		{"widget session", `{"data":{"token":"rpmw_abc","expiresAt":"2024-05-01T10:00:00Z"}}`,
			`{"data":{"token":"redacted","expiresAt":"2024-05-01T10:00:00Z"}}`},
		{"letter case", `{"CLIENT_SECRET":"a","clientSecret":"b","Client-Secret":"c"}`,
			`{"CLIENT_SECRET":"redacted","clientSecret":"redacted","Client-Secret":"redacted"}`},
		{"address of a stored card", `{"id":"/psp/creditcard/payments/instrumentData/5a17c24e-d459-4567-bbad-aa0f17a76119"}`,
			`{"id":"/psp/creditcard/payments/instrumentData/00000000-0000-0000-0000-000000000000"}`},
		{"card", `{"cardNumber":"4111111111111111","cardVerificationCode":"123","cvc":"1234","maskedPan":"492500******0004","cardExpiryYear":"32"}`,
			`{"cardNumber":"0000000000000001","cardVerificationCode":"000","cvc":"0000","maskedPan":"492500******0004","cardExpiryYear":"32"}`},
		{"card by its look", `{"description":"paid with 4111 1111-1111 1111, thanks"}`, `{"description":"paid with 0000 0000-0000 0001, thanks"}`},
		{"American Express", `["3782 822463 10005"]`, `["0000 000000 00001"]`},
		{"19 digits", `["6304000000000000000", "6304 0000 0000 0000 000"]`, `["0000000000000000001", "0000 0000 0000 0000 001"]`},
		{"fails the checksum", `["4111111111111112"]`, `["4111111111111112"]`},
		{"no issuer's", `["1000000000000008","1700000000004"]`, `["1000000000000008","1700000000004"]`},
		{"numbers of payments", `{"number":40101602179,"amount":4111111111111111,"payeeReference":"20240501123408"}`,
			`{"number":40101602179,"amount":4111111111111111,"payeeReference":"20240501123408"}`},
		{"numbers by name", `{"cardNumber":4111111111111111,"cvc":123,"msisdn":46701234567,"email":1.5,"token":null,"cvc2":true}`,
			`{"cardNumber":1000000000000000,"cvc":100,"msisdn":10000000000,"email":1,"token":null,"cvc2":true}`},
		{"contact", `{"email":"eva.å@exempel.se","msisdn":"+46701234567","phone":"070-123 45 67","workPhoneNumber":""}`,
			`{"email":"redacted@example.invalid","msisdn":"+00000000000","phone":"000-000 00 00","workPhoneNumber":""}`},
		{"contact that is none", `{"email":"unknown","msisdn":"none"}`, `{"email":"redacted","msisdn":"redacted"}`},
		{"contact in text", `{"note":"call +46 70 123 45 67 or write to a.b+c@shop.example.se."}`,
			`{"note":"call +00 00 000 00 00 or write to redacted@example.invalid."}`},
		{"lists", `{"msisdn":["+46701234567",{"x":"y"},"+4712345678"]}`, `{"msisdn":["+00000000000",{"x":"y"},"+0000000000"]}`},
		{"Swedish ids", `["199001012385","900101-2385","9001012385","19900101-2385","900161-2382"]`, ""},
		{"national id by name", `{"socialSecurityNumber":"anything","governmentId":"19900101-0000","countryCode":"SE"}`,
			`{"socialSecurityNumber":"redacted","governmentId":"00000000-0000","countryCode":"SE"}`},
		{"Norwegian id", `["01010750160"]`, `["00000000000"]`},
		{"Danish id", `["070761-4285","0707614285"]`, `["000000-0000","0000000000"]`},
		{"Finnish id", `["131052-308T"]`, `["000000-0000"]`},
		{"no such date, no such check digit", `["9013012381","199013012385","199001012386","131052-308U","01010750161"]`,
			`["9013012381","199013012385","199001012386","131052-308U","01010750161"]`},
		{"an id inside a reference", `{"payeeReference":"9001012385","payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b"}`,
			`{"payeeReference":"9001012385","payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b"}`},
		{"GUIDs and times", `{"id":"/psp/x/41111111-1111-1111-4111-111111111111","at":"2024-05-01T10:00:00.1234567+02:00","b":"411111111111111a1111"}`,
			`{"id":"/psp/x/41111111-1111-1111-4111-111111111111","at":"2024-05-01T10:00:00.1234567+02:00","b":"411111111111111a1111"}`},
		{"payment tokens keep their shape", `{"paymentToken":"5cabf558-5283-482f-b252-4d58e06f6f3b","recurrenceToken":"abc","tokenType":"Payment"}`,
			`{"paymentToken":"00000000-0000-0000-0000-000000000000","recurrenceToken":"redacted","tokenType":"Payment"}`},
		{"addresses with secrets in them", `{"href":"https://a.example/b?x=1&token=abc&access_token=d%20e&sig=f#g"}`,
			`{"href":"https://a.example/b?x=1&token=redacted&access_token=redacted&sig=redacted#g"}`},
		{"JSON in a string", `{"payload":"{\"access_token\":\"abc\",\"a\":1}"}`, `{"payload":"{\"access_token\":\"redacted\",\"a\":1}"}`},
		{"escapes", `{"e\u006dail":"a\u0040b.se","other\/":"x\/y"}`, `{"e\u006dail":"redacted@example.invalid","other\/":"x\/y"}`},
		{"a bearer in a message", `{"detail":"got Bearer abcdefghijklmnopqrstuvwxyz0123 and eyJhbGci.eyJzdWIi.c2ln"}`,
			`{"detail":"got Bearer REDACTED and redacted"}`},
		{"broken: cut", `{"a":1,"client_secret":"abc`, `{"a":1,"client_secret":"redacted"`},
		{"broken: no quotes", `{client_secret: abc, mail: a@b.se}`, `{client_secret: abc, mail: redacted@example.invalid}`},
		{"broken: card without quotes", `{"a": 4111 1111 1111 1111}`, `{"a": 0000 0000 0000 0001}`},
		{"white space and order", "{ \"b\" :1 ,\n\t\"a\": [ ] }\n", "{ \"b\" :1 ,\n\t\"a\": [ ] }\n"},
		{"duplicate members", `{"a":1,"a":2,"cvc":"1","cvc":"2"}`, `{"a":1,"a":2,"cvc":"0","cvc":"0"}`},
		{"bytes that are not UTF-8", "{\"a\":\"\xff\",\"email\":\"\xff@b.se\"}", "{\"a\":\"\xff\",\"email\":\"redacted@example.invalid\"}"},
		{"byte order mark", "\xEF\xBB\xBF{\"cvc\":\"123\"}", "\xEF\xBB\xBF{\"cvc\":\"000\"}"},
		{"text only", `"4111111111111111"`, `"0000000000000001"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := redactBody("application/json", tt.in)
			if tt.want == "" { // every string of digits, each with its own punctuation
				tt.want = strings.Map(func(r rune) rune {
					if r >= '0' && r <= '9' {
						return '0'
					}
					return r
				}, tt.in)
			}
			assert.Equal(t, tt.want, got)
			assert.Equal(t, got, redactBody("application/json", got), "redacting twice")
		})
	}
}

func TestRedactFormsAndText(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	tests := []struct{ name, mediaType, in, want string }{
		{"token request", form, "grant_type=client_credentials&client_id=abc&client_secret=s%26cret&scope=merchant-api",
			"grant_type=client_credentials&client_id=abc&client_secret=redacted&scope=merchant-api"},
		{"encoded contact", form, "msisdn=%2B46701234567&who=a%40b.se&z=%C3%A5", "msisdn=%2B00000000000&who=redacted%40example.invalid&z=%C3%A5"},
		{"encoded name", form, "client%5Fsecret=abc&x=1", "client%5Fsecret=redacted&x=1"},
		{"card", form, "n=4111+1111+1111+1111&m=4111111111111111", "n=0000+0000+0000+0001&m=0000000000000001"},
		{"national id", form, "id=199001012385", "id=000000000000"},
		{"a form sent as JSON", "application/json", "client_secret=abc", "client_secret=redacted"},
		{"HTML", "text/html", `<a href="/x?token=abc&y=1">a@b.se</a>`, `<a href="/x?token=redacted&y=1">redacted@example.invalid</a>`},
		{"card", "text/plain", "4111111111111111", "0000000000000001"},
		{"harmless", "text/plain", "a=b&c==d ; e = f", "a=b&c==d ; e = f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := redactBody(tt.mediaType, tt.in)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, got, redactBody(tt.mediaType, got), "redacting twice")
		})
	}
}

func TestRedactHeadersAndURL(t *testing.T) {
	x := conformance.Exchange{Error: "Get \"https://a.example/?token=abc\": refused"}
	x.Request.URL = "https://user:pass@a.example/b/+46701234567?token=abc&q=a%40b.se&$expand=prices"
	x.Request.Header = http.Header{
		"Authorization":       {"Bearer abc", "Basic ZGVm", "raw", "Bearer", ""},
		"Proxy-Authorization": {"Basic abc"},
		"Cookie":              {"a=b"},
		"Apikey":              {"abc"},
		"X-Api-Key":           {"abc"},
		"X-Auth-Token":        {"abc"},
		"From":                {"a@b.se"},
		"Session-Id":          {"5cabf558-5283-482f-b252-4d58e06f6f3b"},
		"Content-Length":      {"15"},
	}
	x.Request.Body = []byte(`{"token":"abc"}`)
	x.Response.Header = http.Header{"Set-Cookie": {"a=b", "c=d"}, "Location": {"https://a.example/c?sig=abc"}}
	before, err := json.Marshal(x)
	require.NoError(t, err)

	got := conformance.Redact(x)
	assert.Equal(t, "https://a.example/b/+00000000000?token=redacted&q=redacted%40example.invalid&$expand=prices", got.Request.URL)
	assert.Equal(t, http.Header{
		"Authorization":       {"Bearer REDACTED", "Basic REDACTED", "REDACTED", "Bearer", ""},
		"Proxy-Authorization": {"Basic REDACTED"},
		"Cookie":              {"REDACTED"},
		"Apikey":              {"REDACTED"},
		"X-Api-Key":           {"REDACTED"},
		"X-Auth-Token":        {"REDACTED"},
		"From":                {"redacted@example.invalid"},
		"Session-Id":          {"5cabf558-5283-482f-b252-4d58e06f6f3b"},
		"Content-Length":      {"20"},
	}, got.Request.Header)
	assert.Equal(t, http.Header{"Set-Cookie": {"REDACTED", "REDACTED"}, "Location": {"https://a.example/c?sig=redacted"}}, got.Response.Header)
	assert.Equal(t, `Get "https://a.example/?token=redacted": refused`, got.Error)
	assert.Equal(t, got, conformance.Redact(got), "redacting twice")

	after, err := json.Marshal(x)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "the exchange given is not modified")
}

func TestRedactKeepsAbsentAndEmptyBodies(t *testing.T) {
	x := conformance.Exchange{}
	x.Request.Body = []byte{}
	got := conformance.Redact(x)
	assert.Nil(t, got.Response.Body)
	assert.NotNil(t, got.Request.Body)
	assert.Nil(t, got.Request.Header)
}

// Nesting, and sizes that are squared by a careless loop, cost time in
// proportion to the text.
func TestRedactHostileBodies(t *testing.T) {
	for name, unit := range map[string]string{
		"open brackets": "[", "open strings": `"`, "escapes": `"\`, "fields": "a=", "secrets": "token=", "digit groups": "4 ",
		"cards": "4111111111111111 ", "phones": "+46701234567 ", "at signs": "a@", "names": `"a":`, "dots": "a@b.", "zeros": "\x00",
		"JSON in strings": `"{`, "nested fields": "?token=?", "escaped": "%25",
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat(unit, (1<<17)/len(unit))
			assert.NotEmpty(t, redactBody("application/json", text))
			assert.NotEmpty(t, redactBody("application/json", "{"+text))
		})
	}
}

const planted = "s3cr3tPlanted77"

func FuzzRedact(f *testing.F) {
	f.Add("application/json", `{"a":"b","email":"a@b.se"}`, "x")
	f.Add("application/json", `[[{"a":"\ud800`, "\xff\"")
	f.Add("application/x-www-form-urlencoded", "a=b&token=c%", "=&")
	f.Add("text/plain", "a@b.se1@b.se", "a@b.se@b.se!")
	f.Add("text/plain", "4111 1111 1111 1111 4000 0000 +46 70 123 45 67 89", "{")
	f.Fuzz(func(t *testing.T, mediaType, body, other string) {
		x := conformance.Exchange{Error: other}
		x.Request.URL = "https://a.example/" + url.PathEscape(other) + "?token=" + planted + "&x=" + url.QueryEscape(other)
		x.Request.Header = http.Header{"Content-Type": {mediaType}, "Authorization": {"Bearer " + planted}, "Cookie": {"a=" + planted}}
		x.Request.Body = []byte(body)
		member, err := json.Marshal(other)
		require.NoError(t, err)
		x.Response.Header = http.Header{"Set-Cookie": {planted}}
		x.Response.Body = []byte(`{"a":` + string(member) + `,"access_token":"` + planted + `","b":[{"CardNumber":"` + planted + `","c":"5226600159865967"}]}`)

		once := conformance.Redact(x)
		require.Equal(t, once, conformance.Redact(once), "redacting twice")
		text, err := json.Marshal(once)
		require.NoError(t, err)
		require.True(t, json.Valid(once.Response.Body), "valid JSON stays valid: %s", once.Response.Body)
		all := string(text) + string(once.Response.Body)
		if !strings.Contains(other+body, planted) {
			require.NotContains(t, all, planted)
		}
		if !strings.Contains(other, "5226600159865967") {
			require.NotContains(t, string(once.Response.Body), "5226600159865967")
		}
	})
}
