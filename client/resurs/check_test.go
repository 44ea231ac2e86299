package resurs

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/server"
)

func TestCheckScope(t *testing.T) {
	tests := []struct {
		name, asked, answer string
		want                string // the error
	}{
		{"none named", "merchant-api", ``, ""},
		{"the same", "merchant-api", `,"scope":"merchant-api"`, ""},
		{"and more", "merchant-api", `,"scope":"a merchant-api b"`, ""},
		{"two asked, two given", "b a", `,"scope":"a b"`, ""},
		{"no text", "merchant-api", `,"scope":["merchant-api"]`, ""},
		{"nothing but space", "merchant-api", `,"scope":" "`, ""},
		{"another", "merchant-api", `,"scope":"mock-merchant-api"`, `asked for a token of the scope "merchant-api", got one of "mock-merchant-api": ask Resurs what the credentials were issued for`},
		{"one of two", "a b", `,"scope":"a"`, `asked for a token of the scope "a b", got one of "a": ask Resurs what the credentials were issued for`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var asked []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.Path)
				if r.URL.Path == "/oauth2/token" {
					fmt.Fprintf(w, `{"access_token":"jwt","token_type":"Bearer","expires_in":3600%s}`, tt.answer)
					return
				}
				fmt.Fprint(w, `{"data":{"token":"rpmw_1","expiresAt":"2125-10-04T10:30:00Z"}}`)
			}))
			defer srv.Close()
			source := Credentials("id", hidden, WithScope(tt.asked), client.WithBaseURL(srv.URL))
			c := New(source, client.WithBaseURL(srv.URL))
			err := c.Check(t.Context(), store)
			if tt.want == "" {
				require.NoError(t, err)
				assert.Equal(t, []string{"/oauth2/token", "/session"}, asked)
				assert.Empty(t, c.sessions.by, "the session is nobody's")
				return
			}
			var scope *ScopeError
			require.ErrorAs(t, err, &scope)
			require.EqualError(t, err, tt.want)
			assert.Equal(t, []string{"/oauth2/token"}, asked, "the store is not asked in vain")

			_, err = c.CreateSession(t.Context(), Shopper{StoreID: store, ShopperID: "s"})
			require.NoError(t, err, "the token is used all the same")
		})
	}
}

// Check against the sandbox: what is right, and each thing that can be wrong.
func TestCheck(t *testing.T) {
	setup, err := server.ReadSetup(strings.NewReader(`merchants:
- {name: shop, clients: [{id: id, secret: ` + hidden + `}], stores: [{id: ` + store + `}]}
- {name: other, clients: [{id: id2, secret: secret2}], stores: [{id: ` + ownStore + `}]}
`))
	require.NoError(t, err)
	sandbox, err := server.New(server.WithSeed(1), server.WithSetup(setup))
	require.NoError(t, err)
	t.Cleanup(func() { _ = sandbox.Close() })
	through := client.WithHTTPClient(sandbox.Client())
	tests := []struct {
		name   string
		source client.TokenSource
		store  string
		status int
	}{
		{"all is well", Credentials("id", hidden, through), store, 0},
		{"a secret that is wrong", Credentials("id", "guess", through), store, http.StatusBadRequest},
		{"another merchant's store", Credentials("id", hidden, through), ownStore, http.StatusForbidden},
		{"a scope nobody was given", Credentials("id", hidden, through, WithScope("nonsense")), store, http.StatusBadRequest},
		{"a token the service does not take", client.StaticToken("nonsense"), store, http.StatusUnauthorized},
		{"a store nobody has", Credentials("id", hidden, through), strings.Replace(store, "550e8400", "deadbeef", 1), http.StatusNotFound},
		{"no store at all", Credentials("id", hidden, through), "shop", http.StatusUnprocessableEntity},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := New(tt.source, through, client.WithRetries(0)).Check(t.Context(), tt.store)
			assert.Equal(t, tt.status, client.StatusOf(err), "%v", err)
			assert.Equal(t, tt.status == 0, err == nil, "%v", err)
		})
	}
	for _, err := range []error{
		New(nil, through).Check(t.Context(), store),
		New(client.StaticToken("t"), through).Check(t.Context(), ""),
		New(client.StaticToken("t"), through, WithFormBody()).Check(t.Context(), store),
	} {
		var input *client.InputError
		require.ErrorAs(t, err, &input)
	}
}
