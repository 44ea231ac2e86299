package resurs

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

// widgetHost stands for the production host, which Resurs tells its merchants.
const (
	widgetHost = "https://widget.resurs.se"
	ownStore   = "11111111-e29b-41d4-a716-446655440000"
)

// internet answers like the token endpoint and the widget, on any host.
type internet struct{ asked []string }

func (i *internet) RoundTrip(r *http.Request) (*http.Response, error) {
	i.asked = append(i.asked, r.URL.Scheme+"://"+r.URL.Host)
	w := httptest.NewRecorder()
	_, _ = w.WriteString(map[bool]string{
		true:  `{"access_token":"jwt","token_type":"Bearer","expires_in":3600}`,
		false: `{"data":{"token":"rpmw_1","expiresAt":"2125-10-04T10:30:00Z"},"types":{}}`,
	}[r.URL.Path == "/oauth2/token"])
	return w.Result(), nil
}

func TestEnvironment(t *testing.T) {
	production, own := client.WithEnvironment(client.Production), client.WithBaseURL(widgetHost)
	with := func(opts ...client.Option) []client.Option { return opts }
	tests := []struct {
		name        string
		credentials []client.Option
		widget      []client.Option
		store       string
		want        []string // hosts that are asked, or the one refusal
	}{
		{"nothing said", nil, nil, store, []string{TokenHost, "https://apigw.integration.resurs.com"}},
		{"production", with(production), with(production, own), ownStore, []string{ProductionTokenHost, widgetHost}},
		{"a documented store in production", with(production), with(production, own), store, []string{"StoreID: want one of your own in production: this one is printed in documentation (nothing was sent)"}},
		{"the same, knowingly", with(production), with(production, own, client.WithoutGuard()), store, []string{ProductionTokenHost, widgetHost}},
		{"no production host is known", with(production), with(production), ownStore, []string{"WithBaseURL: want the production host: none is documented, so ask the vendor (nothing was sent)"}},
		{"not even knowingly", with(production), with(production, client.WithoutGuard()), ownStore, []string{"WithBaseURL: want the production host: none is documented, so ask the vendor (nothing was sent)"}},
		{"the mock in production", with(production), with(production, client.WithBaseURL(WidgetHost)), ownStore, []string{"WithBaseURL: want a production host: this one is for trying things (client.WithoutGuard takes it all the same) (nothing was sent)"}},
		{"tokens of the other environment", nil, with(production, own), ownStore, []string{"WithEnvironment: want the same environment in Credentials and in New (nothing was sent)"}},
		{"and the other way round", with(production), nil, store, []string{"WithEnvironment: want the same environment in Credentials and in New (nothing was sent)"}},
		{"the token host in production by base URL alone", with(client.WithBaseURL(ProductionTokenHost)), nil, store, []string{"token for POST /api/mock_payment_widget_service/session: WithBaseURL: merchant-api.resurs.com is production, which client.WithEnvironment(client.Production) has to name (nothing was sent)"}},
		{"a scope for trying things", with(production, WithScope("mock-merchant-api")), with(production, own), ownStore, []string{"token for POST /session: WithScope: want a scope of production, such as merchant-api: mock-… and test-… are for trying things (nothing was sent)"}},
		{"the same in test", with(WithScope("mock-merchant-api")), nil, store, []string{TokenHost, "https://apigw.integration.resurs.com"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var i internet
			through := client.WithHTTPClient(&http.Client{Transport: &i})
			c := New(Credentials("id", hidden, append(tt.credentials, through)...), append(tt.widget, through)...)
			_, err := c.CreateSession(t.Context(), Shopper{StoreID: tt.store, ShopperID: "s"})
			if len(tt.want) == 2 {
				require.NoError(t, err)
				assert.Equal(t, tt.want, []string{i.asked[len(i.asked)-2], i.asked[len(i.asked)-1]})
				return
			}
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			require.EqualError(t, err, tt.want[0])
			assert.Empty(t, i.asked)
		})
	}

	var i internet
	c := New(nil, production, own, client.WithHTTPClient(&http.Client{Transport: &i}))
	_, err := c.PaymentMethodTypes(t.Context(), store, B2C, "m1")
	require.ErrorContains(t, err, "storeID: want one of your own")
	_, err = c.PaymentMethodTypes(t.Context(), ownStore, B2C, "m1")
	require.NoError(t, err)
	assert.Equal(t, []string{widgetHost}, i.asked)
}
