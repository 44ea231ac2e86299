package swedbankpay

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

const ownPayee = "11111111-5283-482f-b252-4d58e06f6f3b"

// world stands for the internet and writes down which host was asked.
type world struct{ hosts []string }

func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	w.hosts = append(w.hosts, req.URL.Scheme+"://"+req.URL.Host)
	body := `{"payment":{"id":"/psp/x/payments/1"}}`
	return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func (w *world) option() client.Option { return client.WithHTTPClient(&http.Client{Transport: w}) }

// Production is reached by naming the environment, and by nothing else.
func TestEnvironment(t *testing.T) {
	production := client.WithEnvironment(client.Production)
	tests := []struct {
		name string
		opts []client.Option
		want string // the host that is asked, or what is refused
	}{
		{"nothing said", nil, Test},
		{"production", []client.Option{production}, Production},
		{"production spelled out", []client.Option{production, client.WithBaseURL(Production)}, Production},
		{"production by base URL alone", []client.Option{client.WithBaseURL(Production)}, "WithBaseURL"},
		{"the same, knowingly", []client.Option{client.WithBaseURL(Production), client.WithoutGuard()}, Production},
		{"test named in production", []client.Option{production, client.WithBaseURL(Test)}, "WithBaseURL"},
		{"the last environment counts", []client.Option{production, client.WithEnvironment(client.Test)}, Test},
		{"a typing error", []client.Option{client.WithEnvironment("Production")}, "WithEnvironment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w world
			_, err := New(client.StaticToken("t"), append(tt.opts, w.option())...).Payment(t.Context(), "/psp/x/payments/1")
			if strings.HasPrefix(tt.want, "https:") {
				require.NoError(t, err)
				assert.Equal(t, []string{tt.want}, w.hosts)
				return
			}
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			assert.Equal(t, tt.want, input.Field)
			assert.Empty(t, w.hosts)
		})
	}
}

// Every way to create a payment is looked at, whatever its body is called.
func TestProductionRefusesTestData(t *testing.T) {
	own := func(p Purchase) Purchase {
		p.PayeeID, p.URLs.CompleteURL, p.URLs.CallbackURL = ownPayee, "https://shop.se/done", "https://shop.se/callback"
		return p
	}
	tests := []struct {
		name  string
		field string
		spoil func(*Purchase)
	}{
		{"as it should be", "", func(*Purchase) {}},
		{"printed payee", "PayeeID", func(p *Purchase) { p.PayeeID = strings.ToUpper(payeeID) }},
		{"plain callback", "URLs.CallbackURL", func(p *Purchase) { p.URLs.CallbackURL = "http://shop.se/callback" }},
		{"nobody's page", "URLs.CompleteURL", func(p *Purchase) { p.URLs.CompleteURL = "https://shop.example/done" }},
		{"cancel at home", "URLs.CancelURL", func(p *Purchase) { p.URLs.CancelURL = "https://localhost/" }},
		{"payment page", "URLs.PaymentURL", func(p *Purchase) { p.URLs.PaymentURL = "https://10.0.0.1/" }},
		{"logo", "URLs.LogoURL", func(p *Purchase) { p.URLs.LogoURL = "https://shop.test/" }},
		{"terms", "URLs.TermsOfServiceURL", func(p *Purchase) { p.URLs.TermsOfServiceURL = "http://shop.se/" }},
		{"one frame of two", "URLs.HostUrls", func(p *Purchase) { p.URLs.HostUrls = []string{"https://shop.se", "https://shop.invalid"} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := own(purchase(SEK(1500)))
			tt.spoil(&p)
			var w world
			pay := New(client.StaticToken("t"), w.option(), client.WithEnvironment(client.Production))
			inNOK, inEUR := p, p
			inNOK.Amount, inEUR.Amount = NOK(1500), EUR(1500)
			_, card := pay.CreditCard.Create(t.Context(), p, nil)
			_, mobile := pay.MobilePay.Create(t.Context(), p, &MobilePayOptions{ShopLogoURL: "https://shop.se/logo.png"})
			_, swish := pay.Swish.Create(t.Context(), p, nil)
			_, trustly := pay.Trustly.Create(t.Context(), inEUR, nil)
			_, vipps := pay.Vipps.Create(t.Context(), inNOK, nil)
			for name, err := range map[string]error{"card": card, "mobile": mobile, "swish": swish, "trustly": trustly, "vipps": vipps} {
				if tt.field == "" {
					require.NoError(t, err, name)
					continue
				}
				var input *client.InputError
				require.ErrorAs(t, err, &input, name)
				assert.Equal(t, tt.field, input.Field, name)
			}
			if tt.field == "" {
				assert.Len(t, w.hosts, 5)
				return
			}
			assert.Empty(t, w.hosts)
			for _, opt := range []client.Option{client.WithoutGuard(), client.WithEnvironment(client.Test)} {
				_, err := New(client.StaticToken("t"), w.option(), client.WithEnvironment(client.Production), opt).CreditCard.Create(t.Context(), p, nil)
				require.NoError(t, err)
			}
		})
	}

	pay := New(client.StaticToken("t"), client.WithEnvironment(client.Production), (&world{}).option())
	c := charge(SEK(1500))
	c.PayeeID, c.CallbackURL = ownPayee, "http://shop.se/callback"
	_, err := pay.CreditCard.Recur(t.Context(), c, nil)
	require.EqualError(t, err, "CallbackURL: want https in production (nothing was sent)")
	v := verification()
	v.PayeeID, v.URLs.CompleteURL = ownPayee, "https://shop.example/done"
	_, err = pay.CreditCard.Verify(t.Context(), v, nil)
	require.EqualError(t, err, "URLs.CompleteURL: want a host of the internet in production (nothing was sent)")
}
