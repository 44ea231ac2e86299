package conformance_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

func TestCheck(t *testing.T) {
	const judged, unjudged = true, false
	refused := func(x *conformance.Exchange) {
		x.Response.Status = 404
		x.Response.Header.Set("Content-Type", "application/problem+json")
		x.Response.Body = []byte(`{"title":"Not found"}`)
	}
	tests := []struct {
		name     string
		exchange conformance.Exchange
		judged   bool
		want     []string
	}{
		{"clean", order(), judged, nil},
		{"clean reading", reading(), judged, nil},
		{"request of a wrong type", order(ask(`{"amount":"15"}`)), judged, []string{"error request.body.schema request /amount"}},
		{"response of a wrong type", order(answer(201, `{"amount":"15"}`)), judged, []string{"error response.body.schema response /amount"}},
		{"undocumented status", reading(answer(202, `{"amount":1}`)), judged, []string{"error response.status.undocumented response"}},
		{"no credentials", reading(func(x *conformance.Exchange) { x.Request.Header.Del("Authorization") }), judged,
			[]string{"error request.auth.missing request header/Authorization"}},
		{"credentials removed by the recorder", reading(func(x *conformance.Exchange) {
			x.Request.Header.Del("Authorization")
			x.Request.AuthUnknown = true
		}), judged, []string{"note request.auth.unknown request header/Authorization"}},
		{"no headers recorded", order(func(x *conformance.Exchange) {
			x.Request.Header = http.Header{"Content-Type": {"application/json"}}
			x.Response.Header = http.Header{"Content-Type": {"application/json"}}
			x.Request.HeaderUnknown, x.Response.HeaderUnknown = true, true
		}), judged, nil},
		{"header missing", order(func(x *conformance.Exchange) { x.Response.Header.Del("Location") }), judged,
			[]string{"error response.header.missing response header/Location"}},
		{"body not recorded", order(func(x *conformance.Exchange) { x.Response.Body, x.Response.BodyUnknown = nil, true }), judged,
			[]string{"warning response.body.unknown response"}},
		{"unknown path", order(at("POST", base+"/nonsense")), judged, []string{"error request.path.unknown request"}},
		{"unknown path, refused", order(at("POST", base+"/nonsense"), refused), judged, []string{"error request.path.unknown request"}},
		{"outside the base path", order(at("POST", "https://api.shop.example/orders")), judged, []string{"error request.path.unknown request"}},
		{"unknown method", reading(at("DELETE", base+"/orders/1")), judged, []string{"error request.method.unknown request"}},
		{"a slash too many", reading(at("GET", base+"/orders/1/")), judged, []string{"note request.path.trailing-slash request"}},
		{"refused: the request's faults are known", order(ask(`{"amount":"15"}`), refused), judged, nil},
		{"refused, by an answer that breaks the contract", order(ask(`{"amount":"15"}`), refused, answer(400, `{"titel":1}`)), judged,
			[]string{"error response.body.required response /title", "note response.body.member.undocumented response /titel"}},
		{"failed: the request is judged", order(ask(`{"amount":"15"}`), refused, answer(500, `{"title":"x"}`)), judged,
			[]string{"error request.body.schema request /amount"}},
		{"no response", reading(func(x *conformance.Exchange) { x.Response = conformance.Response{}; x.Error = "net::ERR_FAILED" }), judged,
			[]string{"warning recording.response.missing response"}},
		{"HEAD", reading(at("HEAD", base+"/orders/1"), func(x *conformance.Exchange) { x.Response.Body = nil }), judged, nil},
		{"preflight", order(at("OPTIONS", base+"/orders"), answer(204, "")), unjudged, nil},
		{"CONNECT", order(at("CONNECT", "https://api.shop.example:443/")), unjudged, nil},
		{"another host", order(at("POST", "https://other.example/v1/orders"), ask(`{`)), unjudged, nil},
		{"no absolute URL", order(at("GET", "/v1/orders/1")), unjudged, []string{"error recording.entry.damaged"}},
		{"no URL", order(at("GET", "https://a b.example/%zz")), unjudged, []string{"error recording.entry.damaged"}},
		{"a broken path", order(at("GET", base+"/%zz")), unjudged, []string{"error recording.entry.damaged"}},
		{"a broken path elsewhere", order(at("GET", "https://other.example/%zz?a#b")), unjudged, nil},
		{"data in the address", order(at("GET", "data:text/plain,hello")), unjudged, nil},
		{"websocket", order(at("GET", "wss://api.shop.example/v1/orders/1")), unjudged, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			session := shop(t).Session()
			got := rules(session.Check(tt.exchange))
			slices.Sort(got)
			if tt.want == nil {
				tt.want = []string{}
			}
			assert.Equal(t, tt.want, got)
			summary := session.Report().Summary
			assert.Equal(t, 1, summary.Exchanges)
			if tt.judged {
				assert.Equal(t, 1, summary.Judged)
			} else {
				assert.Equal(t, 1, summary.Unjudged)
			}
		})
	}
}

func TestSkippedRequestsAreCounted(t *testing.T) {
	session := shop(t).Session()
	session.Check(order(ask(`{`), answer(400, ``)))
	session.Check(order())
	assert.Equal(t, 1, session.Report().Summary.Skipped)
}

func TestFindingsNameEverything(t *testing.T) {
	findings := shop(t).Session().Check(order(answer(201, `{"amount":"15"}`), func(x *conformance.Exchange) { x.Entry = 12 }))
	require.Len(t, findings, 1)
	f := findings[0]
	assert.Equal(t, "shop createOrder", f.Operation)
	assert.Equal(t, "shop.har", f.File)
	assert.Equal(t, 12, f.Entry)
	assert.Regexp(t, `^shop\.yaml:\d+$`, f.Spec)
	assert.Equal(t, 1, f.Count)

	f.Message, f.Hint, f.Spec = "want integer, got string", "amounts are integers", "shop.yaml:42"
	assert.Equal(t, "shop.har:12: response /amount: want integer, got string\n"+
		"    response.body.schema  shop.yaml:42  shop createOrder\n"+
		"    hint: amounts are integers", f.String())
	f.Count, f.Severity, f.Hint, f.Spec, f.Pointer, f.File = 3, conformance.Note, "", "", "", ""
	assert.Equal(t, "traffic:12: response: want integer, got string (3 times)\n"+
		"    response.body.schema (note)  shop createOrder", f.String())
}

func TestUnknownMethodNamesTheKnownOnes(t *testing.T) {
	findings := shop(t).Session().Check(reading(at("DELETE", base+"/orders/1")))
	require.Len(t, findings, 1)
	assert.Equal(t, "DELETE is not documented for /v1/orders/1, which has GET", findings[0].Message)
	assert.Equal(t, "the host is that of shop.yaml", findings[0].Hint)
}

// What says the same is said once, with a count, at its first place.
func TestSameFindingsAreOne(t *testing.T) {
	session := shop(t).Session()
	for i := range 3 {
		session.Check(order(func(x *conformance.Exchange) { x.Entry = i + 5 },
			answer(201, `{"amount":1,"lines":[{"amount":1},{"amount":"x"},{"amount":"y"}]}`)))
	}
	report := session.Report()
	require.Len(t, report.Findings, 1)
	assert.Equal(t, 6, report.Findings[0].Count)
	assert.Equal(t, 5, report.Findings[0].Entry)
	assert.Equal(t, "/lines/1/amount", report.Findings[0].Pointer)
	assert.Equal(t, 6, report.Summary.Errors)
}

func TestFindingsAreBounded(t *testing.T) {
	session := shop(t).Session()
	const different = 10_020
	for i := range different {
		session.Check(order(at("POST", fmt.Sprint(base, "/nonsense/", i))))
	}
	report := session.Report()
	assert.Len(t, report.Findings, 10_001)
	assert.Equal(t, different, report.Summary.Errors)
	assert.Equal(t, 1, report.Summary.Warnings)
	last := slices.IndexFunc(report.Findings, func(f conformance.Finding) bool { return f.Rule == "recording.findings.limit" })
	require.GreaterOrEqual(t, last, 0)
	assert.Equal(t, different-10_000, report.Findings[last].Count)
	assert.Equal(t, conformance.Error, report.Findings[last].Severity, "as bad as the worst that is not listed")
}

// Ten thousand notes do not hide the error that comes after them.
func TestFindingsThatAreNotListedFail(t *testing.T) {
	session := shop(t).Session()
	for i := range 10_001 {
		session.Check(order(answer(201, fmt.Sprintf(`{"amount":1,"extra%d":1}`, i))))
	}
	assert.Equal(t, 0, session.Report().ExitCode(conformance.Error))
	session.Check(order(answer(201, `{"amount":"1"}`)))
	assert.Equal(t, 1, session.Report().ExitCode(conformance.Error))
}

func TestCallbacks(t *testing.T) {
	const address = "https://merchant.example/callback?order=1"
	call := func(url, body string) conformance.Exchange {
		return order(at("POST", url), ask(body), func(x *conformance.Exchange) {
			x.Inbound = true
			x.Request.Header.Del("Authorization")
			x.Response = conformance.Response{Status: 204, Header: http.Header{"Date": {"x"}}}
		})
	}
	told := order(ask(`{"amount":1,"urls":{"callbackUrl":"` + address + `"}}`))
	parcel := order(at("POST", base+"/parcels"), ask(`{"amount":1,"urls":{"callbackUrl":"`+address+`"}}`),
		func(x *conformance.Exchange) {
			x.Response = conformance.Response{Status: 204, Header: http.Header{"Date": {"x"}}}
		})
	tests := []struct {
		name      string
		exchanges []conformance.Exchange
		want      []string
		seen      string // the callback; "" if the last exchange stays unjudged
	}{
		{"clean", []conformance.Exchange{told, call(address, `{"order":"1"}`)}, []string{}, "shop orderChanged"},
		{"broken", []conformance.Exchange{told, call(address, `{"order":1}`)}, []string{"error request.body.schema request /order"}, "shop orderChanged"},
		{"spelled otherwise", []conformance.Exchange{told, call("HTTPS://Merchant.example:443/callback?order=1", `{"order":"1"}`)}, []string{}, "shop orderChanged"},
		{"redacted", []conformance.Exchange{conformance.Redact(told), conformance.Redact(call(address, `{"order":"1"}`))}, []string{}, "shop orderChanged"},
		{"another address", []conformance.Exchange{told, call("https://merchant.example/callback?order=2", `{`)}, []string{}, ""},
		{"too early", []conformance.Exchange{call(address, `{`)}, []string{}, ""},
		{"the order was refused", []conformance.Exchange{order(answer(400, "")), call(address, `{`)}, []string{}, ""},
		{"one address, told by the fit", []conformance.Exchange{told, parcel, call(address, `{"parcel":"1"}`)}, []string{}, "shop parcelChanged"},
		{"one address, told by the path", []conformance.Exchange{parcel, told, call(address, `{"order":1,"id":"/orders/1"}`)},
			[]string{"error request.body.schema request /order", "warning request.body.member.undocumented request /id"}, "shop orderChanged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			session := shop(t).Session()
			var last []conformance.Finding
			for _, x := range tt.exchanges {
				last = session.Check(x)
			}
			got := rules(last)
			slices.Sort(got)
			assert.Equal(t, tt.want, got)
			report := session.Report()
			if tt.seen == "" {
				assert.Equal(t, 1, report.Summary.Unjudged)
			} else {
				assert.Zero(t, report.Summary.Unjudged)
				assert.Contains(t, report.Seen, tt.seen)
			}
		})
	}
}

func TestCallbackAddressesAreBounded(t *testing.T) {
	session := shop(t).Session()
	for i := range 10_001 {
		session.Check(order(ask(fmt.Sprintf(`{"amount":1,"urls":{"callbackUrl":"https://merchant.example/%d"}}`, i))))
	}
	session.Check(order(at("POST", "https://merchant.example/9999")))
	assert.Equal(t, 0, session.Report().Summary.Unjudged)
	session.Check(order(at("POST", "https://merchant.example/10000")))
	assert.Equal(t, 1, session.Report().Summary.Unjudged)
}

func TestWithServer(t *testing.T) {
	sandbox := order(at("POST", "http://127.0.0.1:8585/v1/orders"), ask(`{}`))
	assert.Empty(t, shop(t).Session().Check(sandbox))
	assert.NotEmpty(t, shop(t, conformance.WithServer("http://127.0.0.1:8585")).Session().Check(sandbox))
	for _, bad := range []string{"", "127.0.0.1:8585", "/v1", "ftp://a.example", "http://%zz"} {
		_, err := conformance.NewFrom(os.DirFS("testdata/shop"), conformance.WithServer(bad))
		assert.Error(t, err, bad)
	}
}

func TestCoverage(t *testing.T) {
	session := shop(t).Session()
	session.Check(order())
	report := session.Report()
	assert.Equal(t, []string{"shop createOrder"}, report.Seen)
	assert.Equal(t, []string{"shop createParcel", "shop orderChanged", "shop parcelChanged", "shop readOrder"}, slices.Sorted(slices.Values(report.Unseen)))
}

// Whatever a body holds, judging it ends, in bounded memory, and with a finding.
func TestHostileBodies(t *testing.T) {
	tests := map[string]string{
		"nested":              strings.Repeat("[", 1<<20),
		"nested and closed":   strings.Repeat(`{"a":`, 50_000) + "1" + strings.Repeat("}", 50_000),
		"NUL":                 "{\"amount\":1,\"a\":\"\x00\"}",
		"invalid UTF-8":       "{\"amount\":1,\"a\":\"\xff\"}",
		"lone surrogate":      `{"amount":1,"a":"\ud800"}`,
		"100 MB":              `{"amount":1,"a":"` + strings.Repeat("x", 100<<20) + `"}`,
		"number of any size":  `{"amount":1e999999999}`,
		"more digits":         `{"amount":` + strings.Repeat("9", 1<<20) + `}`,
		"nothing":             ``,
		"byte order mark":     "\xEF\xBB\xBF{\"amount\":1}",
		"garbage after a end": `{"amount":1}}`,
		"two of a name":       `{"amount":1,"amount":2}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			session := shop(t).Session()
			x := order(ask(body), answer(201, body))
			findings := session.Check(x)
			sides := map[string]bool{}
			for _, f := range findings {
				assert.NotEqual(t, "recording.judge.failed", f.Rule, f)
				assert.Less(t, len(f.String()), 1000)
				sides[f.Side] = true
			}
			assert.Equal(t, map[string]bool{"request": true, "response": true}, sides)
		})
	}
}

func TestSessionIsSafeForConcurrentUse(t *testing.T) {
	session := shop(t).Session()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 25 {
				session.Check(order(ask(fmt.Sprintf(`{"amount":"x","urls":{"callbackUrl":"https://m.example/%d"}}`, i))))
				session.Check(order(at("POST", fmt.Sprintf("https://m.example/%d", i)), ask(`{"order":1}`)))
				session.Report()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 200, session.Report().Summary.Exchanges)
}

func TestRules(t *testing.T) {
	all := conformance.Rules()
	assert.True(t, slices.IsSortedFunc(all, func(a, b conformance.Rule) int { return strings.Compare(a.ID, b.ID) }))
	for i, r := range all {
		assert.NotEmpty(t, r.Title, r.ID)
		assert.NotEmpty(t, r.Detail, r.ID)
		assert.Contains(t, []conformance.Severity{conformance.Error, conformance.Warning, conformance.Note}, r.Severity)
		assert.False(t, i > 0 && all[i-1].ID == r.ID, "%s stands twice", r.ID)
	}
	for _, id := range []string{"recording.entry.damaged", "recording.response.missing", "request.path.unknown", "request.method.unknown",
		"request.path.trailing-slash", "response.body.schema"} {
		assert.True(t, slices.ContainsFunc(all, func(r conformance.Rule) bool { return r.ID == id }), id)
	}
}

// FuzzCheck feeds the judge any bytes. It may find, but it may not fail, and
// must find the same again.
func FuzzCheck(f *testing.F) {
	checker := shop(f)
	f.Add("POST", "/orders", "application/json", []byte(`{"amount":1}`), 201)
	f.Add("GET", "/orders/%2f/?a=b", "application/json;version=3.1", []byte("{\"amount\":1,\"\xff\":[[[{}]]]}"), 0)
	f.Add("HEAD", "//", "text/html", []byte("\xEF\xBB\xBF"), 404)
	f.Fuzz(func(t *testing.T, method, path, mediaType string, body []byte, status int) {
		x := order(at(method, base+path), answer(status, string(body)))
		x.Request.Body = body
		x.Request.Header.Set("Content-Type", mediaType)
		x.Response.Header.Set("Content-Type", mediaType)
		first := checker.Session().Check(x)
		for _, finding := range first {
			require.NotEqual(t, "recording.judge.failed", finding.Rule)
		}
		require.Equal(t, first, checker.Session().Check(x))
	})
}

func BenchmarkCheck(b *testing.B) {
	lines := `{"amount":1500,"lines":[` + strings.TrimSuffix(strings.Repeat(`{"amount":1},`, 500), ",") + `]}`
	for name, x := range map[string]conformance.Exchange{"small": order(), "large": order(ask(lines), answer(201, lines))} {
		b.Run(name, func(b *testing.B) {
			session := shop(b).Session()
			b.SetBytes(int64(len(x.Request.Body) + len(x.Response.Body)))
			b.ReportAllocs()
			for b.Loop() {
				if f := session.Check(x); len(f) > 0 {
					b.Fatal(f)
				}
			}
		})
	}
}

func BenchmarkRedact(b *testing.B) {
	lines := `{"amount":1500,"lines":[` + strings.TrimSuffix(strings.Repeat(`{"amount":1,"description":"one of many things","email":"a@b.se"},`, 100), ",") + `]}`
	x := order(ask(lines), answer(201, lines))
	b.SetBytes(int64(2 * len(lines)))
	for b.Loop() {
		conformance.Redact(x)
	}
}
