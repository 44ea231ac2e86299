package guard

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

const (
	test = "https://api.externalintegration.payex.com"
	prod = "https://api.payex.com"
)

// settled is the base URL that opts lead to, and what they were refused for.
func settled(base string, opts ...client.Option) (string, string) {
	if base != "" {
		opts = append(opts, client.WithBaseURL(base))
	}
	s := settings.Of(opts)
	Base(&s, test, prod)
	if input, ok := s.Err.(*client.InputError); ok { //nolint:errorlint // it is kept as it is
		return "", input.Field + ": " + input.Reason
	}
	return s.BaseURL, ""
}

func TestDefaultBase(t *testing.T) {
	base, refused := settled("")
	assert.Equal(t, test, base)
	assert.Empty(t, refused)
	base, refused = settled("", client.WithEnvironment(client.Test))
	assert.Equal(t, test, base)
	assert.Empty(t, refused)
	base, refused = settled("", client.WithEnvironment(client.Production))
	assert.Equal(t, prod, base)
	assert.Empty(t, refused)
	for _, wrong := range []client.Environment{"", "prod", "Production", "live"} {
		_, refused = settled("", client.WithEnvironment(wrong), client.WithoutGuard())
		assert.Equal(t, "WithEnvironment: want client.Test or client.Production", refused)
	}

	s := settings.Of([]client.Option{client.WithEnvironment(client.Production), client.WithoutGuard()})
	Base(&s, test, "")
	require.ErrorContains(t, s.Err, "none is documented", "there is no host to fall back to")
}

// The same address is right in one environment and wrong in the other, or
// right in both; in no case is it wrong in both.
func TestBase(t *testing.T) {
	const both, testOnly, prodOnly = "both", "test", "production"
	tests := []struct{ base, in string }{
		{prod, prodOnly},
		{prod + "/", prodOnly},
		{"https://API.PayEx.com:443/psp", prodOnly},
		{"https://api.payex.com.", prodOnly},
		{"https://merchant-api.resurs.com", prodOnly},
		{"https://apigw.resurs.com/api/payment_widget_service", prodOnly},
		{"https://api.checkout.prod.resurs.cloud/payment/public/v1", prodOnly},

		{test, testOnly},
		{"HTTPS://API.EXTERNALINTEGRATION.PAYEX.COM", testOnly},
		{"https://merchant-api.integration.resurs.com", testOnly},
		{"https://apigw.integration.resurs.com/api/mock_payment_widget_service", testOnly},
		{"https://api.stage.payex.com", testOnly},
		{"https://web-integration-mock-payment-widget-service.wa3.int.resurs.cloud/api/", testOnly},
		{"https://api.i.eks.aws.cld.resurs.com/api/resurs_widget_service/", testOnly},
		{"https://api.checkout.int.resurs.cloud/payment/public/v1", testOnly},
		{"https://apigw.resurs.io/api/mock_payment_widget_service", testOnly},
		{"https://pay-sandbox.shop.se", testOnly},
		{"https://staging.shop.se", testOnly},
		{"http://pay.shop.se", testOnly},
		{"http://127.0.0.1:8080", testOnly},
		{"https://127.0.0.1:8080", testOnly},
		{"https://[::1]:8080", testOnly},
		{"https://[::ffff:10.0.0.1]", testOnly},
		{"https://0.0.0.0", testOnly},
		{"https://10.1.2.3", testOnly},
		{"https://172.16.0.1", testOnly},
		{"https://192.168.1.1", testOnly},
		{"https://169.254.169.254", testOnly},
		{"https://[fd00::1]", testOnly},
		{"https://[fe80::1%25eth0]", testOnly},
		{"https://127.1", testOnly},
		{"https://2130706433", testOnly},
		{"https://localhost", testOnly},
		{"https://shop.localhost", testOnly},
		{"https://payments", testOnly},
		{"https://api.example", testOnly},
		{"https://api.example.com", testOnly},
		{"https://api.test.", testOnly},
		{"https://x.invalid", testOnly},

		{"https://pay.shop.se", both},
		{"https://latest.shop.se", both},
		{"https://contest-stager.shop.se/x", both},
		{"https://193.10.0.1", both},
		{"https://[2001:4860::1]", both},
		{"https://notapi.payex.com.shop.se", both},
		{"https://myexample.com", both},
	}
	for _, tt := range tests {
		t.Run(tt.base, func(t *testing.T) {
			_, refused := settled(tt.base)
			assert.Equal(t, tt.in == prodOnly, strings.HasPrefix(refused, "WithBaseURL: "), "in test: %s", refused)
			_, refused = settled(tt.base, client.WithEnvironment(client.Production))
			assert.Equal(t, tt.in == testOnly, strings.HasPrefix(refused, "WithBaseURL: "), "in production: %s", refused)
			for _, e := range []client.Environment{client.Test, client.Production} {
				base, refused := settled(tt.base, client.WithEnvironment(e), client.WithoutGuard())
				assert.Equal(t, tt.base, base, refused)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	tests := []struct {
		url  string
		want string
	}{
		{"", ""},
		{"https://shop.se/done?x=1", ""},
		{"https://staging.shop.se/done", ""}, // reachable, and may be what is meant
		{"shop://done", ""},                  // an app
		{"%zz", ""},
		{"http://shop.se/done", "URLs.CompleteURL: want https in production (nothing was sent)"},
		{"HTTP://shop.se/done", "URLs.CompleteURL: want https in production (nothing was sent)"},
		{"https://localhost:3000/done", "URLs.CompleteURL: want a host of the internet in production (nothing was sent)"},
		{"https://192.168.0.7/done", "URLs.CompleteURL: want a host of the internet in production (nothing was sent)"},
		{"https://example.com/done", "URLs.CompleteURL: want a host of the internet in production (nothing was sent)"},
		{"https://shop.test/done", "URLs.CompleteURL: want a host of the internet in production (nothing was sent)"},
	}
	for _, tt := range tests {
		err := Of(settings.Settings{Production: true}).Address("URLs.CompleteURL", tt.url)
		if tt.want == "" {
			require.NoError(t, err, tt.url)
		} else {
			require.EqualError(t, err, tt.want, tt.url)
		}
		require.NoError(t, Of(settings.Settings{Production: true, Unguarded: true}).Address("x", tt.url))
		require.NoError(t, Of(settings.Settings{}).Address("x", tt.url))
	}
}

func TestID(t *testing.T) {
	on := Of(settings.Settings{Production: true})
	require.Error(t, on.ID("PayeeID", "ABC-1", "abc-1"))
	require.Error(t, on.ID("PayeeID", " abc-1 ", "abc-1"))
	require.NoError(t, on.ID("PayeeID", "abc-2", "abc-1"))
	require.NoError(t, Guard{}.ID("PayeeID", "abc-1", "abc-1"))
}

func TestScope(t *testing.T) {
	for scope, refused := range map[string]bool{
		"": false, "merchant-api": false, "merchant-api other": false,
		"mock-merchant-api": true, "MOCK-merchant-api": true, "merchant-api mock-merchant-api": true, "test-checkout-plus-api": true,
	} {
		s := settings.Settings{Production: true, Scope: scope}
		Scope(&s)
		assert.Equal(t, refused, s.Err != nil, scope)
		s = settings.Settings{Scope: scope}
		Scope(&s)
		require.NoError(t, s.Err)
		s = settings.Settings{Scope: scope, Production: true, Unguarded: true}
		Scope(&s)
		require.NoError(t, s.Err)
	}
}

// However a production host is spelt, it takes production to reach it; and
// what production accepts has TLS.
func FuzzBase(f *testing.F) {
	for _, seed := range []string{prod, test, "https://API.payex.com.:443/x", "http://[::1]", "https://a-mock.b", "https://%61pi.payex.com", "//x", "https://[v1.x]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, base string) {
		if base == "" {
			return
		}
		_, inTest := settled(base)
		_, inProduction := settled(base, client.WithEnvironment(client.Production))
		u, err := url.Parse(base)
		if err != nil {
			return
		}
		if strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "api.payex.com") && inTest == "" {
			t.Fatalf("%q is taken in test", base)
		}
		if !strings.EqualFold(u.Scheme, "https") && inProduction == "" {
			t.Fatalf("%q is taken in production", base)
		}
		if inTest != "" && inProduction != "" && strings.EqualFold(u.Scheme, "https") && !strings.Contains(u.Path, "mock") && !strings.Contains(u.Path, "MOCK") {
			for _, s := range strings.Split(u.Path, "/") {
				if mocked(s) {
					return
				}
			}
			t.Fatalf("%q is taken nowhere", base)
		}
	})
}
