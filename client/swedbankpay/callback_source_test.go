package swedbankpay

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// guarded is an endpoint whose client speaks to base, and which nothing gets
// through to the end of.
func guarded(base string, opts ...CallbackOption) *Callbacks {
	pay := New(client.StaticToken("any"), client.WithBaseURL(base), client.WithoutGuard())
	return NewCallbacks(pay, func(context.Context, Event) error { return nil }, opts...)
}

func TestCallbackSource(t *testing.T) {
	type headers = map[string][]string
	forwardedFor := func(lines ...string) headers { return headers{"X-Forwarded-For": lines} }
	forwarded := func(lines ...string) headers { return headers{"Forwarded": lines} }
	const vendor, vendorOld, stranger = "20.91.170.127", "91.132.170.1", "203.0.113.7"
	proxies := WithTrustedProxies(prefixes("10.0.0.0/8", "198.51.100.7/32", "2001:db8:1::/48")...)
	own := WithCallbackSources(prefixes("192.0.2.0/24", "2001:db8:2::/48", "::ffff:198.51.100.0/120")...)
	tests := []struct {
		name, base, peer string
		headers          headers
		opts             []CallbackOption
		taken            bool
	}{
		{"the range", Production, vendor + ":4711", nil, nil, true},
		{"its first", Production, "20.91.170.120:1", nil, nil, true},
		{"before it", Production, "20.91.170.119:1", nil, nil, false},
		{"after it", Production, "20.91.170.128:1", nil, nil, false},
		{"an old address", Test, vendorOld + ":1", nil, nil, true},
		{"another old address", Test, "51.107.183.58:1", nil, nil, true},
		{"the oldest address", Test, "82.115.146.1:1", nil, nil, true},
		{"IPv4 as IPv6", Production, "[::ffff:20.91.170.121]:1", nil, nil, true},
		{"a stranger as IPv6", Production, "[::ffff:203.0.113.7]:1", nil, nil, false},
		{"without a port", Production, vendor, nil, nil, true},
		{"a stranger", Production, stranger + ":1", nil, nil, false},
		{"a stranger in IPv6", Production, "[2a00::1]:1", nil, nil, false},
		{"a stranger to a sandbox", "http://127.0.0.1:8585", stranger + ":1", nil, nil, true},
		{"a stranger to another host", "https://api.payex.com.example", stranger + ":1", nil, nil, true},
		{"a stranger, the host spelt otherwise", "https://API.payex.com:443/", stranger + ":1", nil, nil, false},
		{"a header proves nothing", Production, stranger + ":1", forwardedFor(vendor), nil, false},
		{"neither does the other", Production, stranger + ":1", forwarded("for=" + vendor), nil, false},

		{"loopback", Production, "127.0.0.1:1", nil, nil, true},
		{"loopback in IPv6", Production, "[::1]:1", nil, nil, true},
		{"a private network", Production, "10.1.2.3:1", forwardedFor(stranger), nil, true},
		{"a private network in IPv6", Production, "[fd00::1]:1", nil, nil, true},
		{"a link", Production, "[fe80::1%eth0]:1", nil, nil, true},
		{"a carrier's network", Production, "100.64.1.1:1", nil, nil, true},
		{"a Unix socket", Production, "@", nil, nil, true},

		{"through a proxy", Production, "10.1.2.3:1", forwardedFor(vendor), []CallbackOption{proxies}, true},
		{"through three", Production, "10.1.2.3:1", forwardedFor(vendor + ", 198.51.100.7,10.9.9.9"), []CallbackOption{proxies}, true},
		{"through three, line by line", Production, "10.1.2.3:1", forwardedFor(vendor, "198.51.100.7", "10.9.9.9"), []CallbackOption{proxies}, true},
		{"with ports", Production, "10.1.2.3:1", forwardedFor(vendor + ":4711, [2001:db8:1::1]:80,[2001:db8:1::2]"), []CallbackOption{proxies}, true},
		{"IPv4 as IPv6, through a proxy", Production, "[::ffff:10.1.2.3]:1", forwardedFor("::ffff:" + vendor), []CallbackOption{proxies}, true},
		{"a stranger through a proxy", Production, "10.1.2.3:1", forwardedFor(stranger), []CallbackOption{proxies}, false},
		{"a stranger who says otherwise", Production, "10.1.2.3:1", forwardedFor(vendor + ", " + stranger), []CallbackOption{proxies}, false},
		{"a stranger who names our proxies too", Production, "10.1.2.3:1", forwardedFor(vendor+", 10.0.0.1", stranger), []CallbackOption{proxies}, false},
		{"a stranger with a header of ours, past the proxy", Production, stranger + ":1", forwardedFor(vendor), []CallbackOption{proxies}, false},
		{"the vendor, past the proxy", Production, vendor + ":1", nil, []CallbackOption{proxies}, true},
		{"a proxy that says nothing", Production, "10.1.2.3:1", nil, []CallbackOption{proxies}, false},
		{"a proxy that says nothing of use", Production, "10.1.2.3:1", forwardedFor(vendor + ", unknown"), []CallbackOption{proxies}, false},
		{"a proxy that says nothing at the end", Production, "10.1.2.3:1", forwardedFor(vendor + ","), []CallbackOption{proxies}, false},
		{"only proxies", Production, "10.1.2.3:1", forwardedFor("10.0.0.1"), []CallbackOption{proxies}, false},
		{"loopback is no proxy unless named", Production, "127.0.0.1:1", forwardedFor(vendor), []CallbackOption{proxies}, false},
		{"a proxy on a Unix socket", Production, "@", forwardedFor(vendor), []CallbackOption{proxies}, true},
		{"a stranger through a Unix socket", Production, "@", forwardedFor(vendor + "," + stranger), []CallbackOption{proxies}, false},
		{"the sandbox through a proxy", "http://127.0.0.1:8585", "10.1.2.3:1", forwardedFor(stranger), []CallbackOption{proxies}, true},

		{"Forwarded", Production, "10.1.2.3:1", forwarded(`for=` + vendor + `;proto=https, For="[2001:db8:1::1]:80" ; by=x`), []CallbackOption{proxies}, true},
		{"Forwarded of a stranger", Production, "10.1.2.3:1", forwarded(`for=`+vendor, `for=`+stranger), []CallbackOption{proxies}, false},
		{"Forwarded with an open quote", Production, "10.1.2.3:1", forwarded(`for="` + vendor + `, for=` + stranger), []CallbackOption{proxies}, false},
		{"Forwarded that hides", Production, "10.1.2.3:1", forwarded(`for=` + vendor + `, for=_hidden`), []CallbackOption{proxies}, false},
		{"Forwarded without for", Production, "10.1.2.3:1", forwarded(`for=` + vendor + `, proto=https`), []CallbackOption{proxies}, false},
		{"both agree", Production, "10.1.2.3:1", headers{"Forwarded": {"for=" + vendor}, "X-Forwarded-For": {vendor}}, []CallbackOption{proxies}, true},
		{"a stranger adds the one that the proxy does not", Production, "10.1.2.3:1", headers{"Forwarded": {"for=" + stranger}, "X-Forwarded-For": {vendor}}, []CallbackOption{proxies}, false},
		{"or the other", Production, "10.1.2.3:1", headers{"Forwarded": {"for=" + vendor}, "X-Forwarded-For": {stranger}}, []CallbackOption{proxies}, false},

		{"own sources", Production, "192.0.2.9:1", nil, []CallbackOption{own}, true},
		{"own sources in IPv6", Production, "[2001:db8:2::1]:1", nil, []CallbackOption{own}, true},
		{"own sources, IPv4 as IPv6", Production, "198.51.100.9:1", nil, []CallbackOption{own}, true},
		{"own sources are all there are", Production, vendor + ":1", nil, []CallbackOption{own}, false},
		{"own sources hold for a sandbox", "http://127.0.0.1:8585", stranger + ":1", nil, []CallbackOption{own}, false},
		{"own sources hold on loopback", Production, "127.0.0.1:1", nil, []CallbackOption{own}, false},
		{"own sources hold on a Unix socket", Production, "@", nil, []CallbackOption{own}, false},
		{"own sources through a proxy", "http://127.0.0.1:8585", "10.1.2.3:1", forwardedFor("192.0.2.9"), []CallbackOption{own, proxies}, true},
		{"no sources", Production, stranger + ":1", nil, []CallbackOption{WithCallbackSources()}, true},
		{"no sources through a proxy", Production, "10.1.2.3:1", forwardedFor("x"), []CallbackOption{WithCallbackSources(), proxies}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var reported error
			report := WithCallbackErrors(func(_ context.Context, _ Callback, err error) { reported = err })
			c := guarded(tt.base, append(tt.opts, report)...)
			require.NoError(t, c.err)
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{"))
			r.RemoteAddr = tt.peer
			for name, lines := range tt.headers {
				r.Header[name] = lines
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, r)
			if tt.taken {
				assert.Equal(t, http.StatusBadRequest, w.Code, "the body is looked at")
				return
			}
			assert.Equal(t, http.StatusForbidden, w.Code)
			assert.Equal(t, `{"type":"about:blank","title":"Forbidden","status":403}`+"\n", w.Body.String())
			require.ErrorContains(t, reported, "callback source: ")
		})
	}
}

func TestCallbackSourcesRefused(t *testing.T) {
	for _, p := range []netip.Prefix{{}, netip.PrefixFrom(netip.MustParseAddr("10.0.0.1"), 33), netip.MustParsePrefix("::ffff:0:0/90")} {
		for _, with := range []func(...netip.Prefix) CallbackOption{WithCallbackSources, WithTrustedProxies} {
			var input *client.InputError
			require.ErrorAs(t, guarded(Test, with(p)).Resume(t.Context()), &input, "%s", p)
		}
	}
	mine := CallbackSources()
	mine[0] = netip.Prefix{}
	assert.Equal(t, "20.91.170.120/29", CallbackSources()[0].String(), "a copy is given")
}

// FuzzForwardedFor: whatever a stranger writes, whom the proxy saw is whom it
// is taken for.
func FuzzForwardedFor(f *testing.F) {
	for _, text := range []string{"", "20.91.170.120", "20.91.170.120,10.0.0.1", `for="20.91.170.120`, "for=[::1]:80;by=,,", "\"", "10.0.0.1, 10.0.0.2:80"} {
		f.Add(text, text)
	}
	s := sources{vendor: true, proxies: prefixes("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, xff, forwarded string) {
		r := &http.Request{RemoteAddr: "10.0.0.9:80", Header: http.Header{}}
		for i, header := range []map[string]string{
			{"X-Forwarded-For": xff + ", 203.0.113.7"},
			{"Forwarded": forwarded + ", for=203.0.113.7"},
			{"X-Forwarded-For": xff + ", 203.0.113.7", "Forwarded": forwarded},
			{"X-Forwarded-For": xff, "Forwarded": forwarded + ", for=203.0.113.7"},
		} {
			clear(r.Header)
			for name, value := range header {
				r.Header.Set(name, value)
			}
			require.Error(t, s.check(r), fmt.Sprint(i))
		}
	})
}
