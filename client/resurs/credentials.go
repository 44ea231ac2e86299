package resurs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/guard"
	"github.com/kassa-dev/kassa/client/internal/secret"
	"github.com/kassa-dev/kassa/client/internal/settings"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/resurs/merchant"
)

// Credentials is the source of the Merchant API's access token, by the OAuth 2
// client credentials grant. It is safe for concurrent use.
//
// A token is used until 60 seconds before its expires_in is over (a tenth of
// its life, when that is less); one without a lifetime is used once. However
// many calls wait for a token, one request fetches it. A call whose context
// ends stops waiting, and the fetch goes on for the others. After a 401 of the
// API the token is fetched anew, once. A token of another scope than was asked
// for is used all the same, since documentation does not say that the answer
// names one; [Client.Check] tells.
//
// By default the token is asked of [TokenHost], in [client.Production] of
// [ProductionTokenHost], by a JSON body, with the scope merchant-api. Scopes
// mock-… and test-… are refused in production. A refusal is a [*client.Problem] whose Type is the code of
// OAuth, such as invalid_client; Resurs answers it with status 400 or 401.
func Credentials(id, clientSecret string, opts ...client.Option) client.TokenSource {
	s := settings.Of(opts)
	if id == "" || clientSecret == "" {
		s.Refuse(&client.InputError{Field: "Credentials", Reason: "want a client id and a client secret"})
	}
	guard.Base(&s, TokenHost, ProductionTokenHost)
	guard.Scope(&s)
	c := &credentials{id: id, secret: secret.Of(clientSecret), scope: s.Scope, form: s.Form, production: s.Production}
	if c.scope == "" {
		c.scope = "merchant-api"
	}
	s.Scope, s.Form = "", false
	c.conn = wire.New(s, TokenHost, nil)
	c.conn.Hide = c.secret
	c.flight.Request = "POST /oauth2/token"
	return c
}

// WithScope asks for another scope than merchant-api, such as
// mock-merchant-api, as the credentials were issued for. It concerns
// [Credentials] alone.
func WithScope(scope string) client.Option {
	return func(s *settings.Settings) { s.Scope = scope }
}

// WithFormBody sends the credentials as application/x-www-form-urlencoded. By
// default they are sent as JSON. It concerns [Credentials] alone.
func WithFormBody() client.Option {
	return func(s *settings.Settings) { s.Form = true }
}

type credentials struct {
	id     string
	secret secret.Text
	scope  string
	form   bool

	production bool
	conn       *wire.Conn
	flight     wire.Flight[secret.Text]

	mu      sync.Mutex
	token   secret.Text
	granted string // the scope the server named with token, if any
	until   time.Time
}

func (c *credentials) Token(ctx context.Context) (string, error) {
	if token := c.cached(); token != "" {
		return token, nil
	}
	token, err := c.flight.Do(ctx, "", func(ctx context.Context) (secret.Text, error) {
		if token := c.cached(); token != "" { // fetched while we came here
			return secret.Of(token), nil
		}
		return c.fetch(ctx)
	})
	return token.Reveal(), err
}

// Format writes a mask, whatever the verb.
func (c *credentials) Format(s fmt.State, verb rune) { c.secret.Format(s, verb) }

// Invalidate drops token unless a newer one has taken its place.
func (c *credentials) Invalidate(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token.Reveal() == token {
		c.token = secret.Text{}
	}
}

func (c *credentials) cached() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.conn.Now().Before(c.until) {
		return ""
	}
	return c.token.Reveal()
}

func (c *credentials) fetch(ctx context.Context) (secret.Text, error) {
	if err := c.conn.Err(); err != nil {
		return secret.Text{}, err
	}
	build := merchant.NewCreateTokenRequest
	if c.form {
		build = merchant.NewCreateTokenRequestWithFormdataBody
	}
	req, err := build(c.conn.Server(), merchant.TokenRequest{
		GrantType:    merchant.TokenRequestGrantTypeClientCredentials,
		ClientID:     c.id,
		ClientSecret: c.secret.Reveal(),
		Scope:        c.scope,
	})
	if err != nil {
		return secret.Text{}, &client.InputError{Field: "Credentials", Reason: "the token request cannot be built"}
	}
	asked := c.conn.Now() // the lifetime runs from here at the earliest
	answer, err := c.conn.Do(ctx, req)
	if err != nil {
		return secret.Text{}, err
	}
	var t struct {
		oauth2.Token
		Scope json.RawMessage `json:"scope"` // undocumented, so a strange one harms nobody
	}
	if err := answer.Decode(&t); err != nil {
		return secret.Text{}, err
	}
	if t.AccessToken == "" || t.Type() != "Bearer" {
		return secret.Text{}, answer.Unreadable(errors.New("no access_token of the type Bearer"))
	}
	life := time.Duration(min(max(t.ExpiresIn, 0), int64(maxLife/time.Second))) * time.Second
	token := secret.Of(t.AccessToken)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.granted = ""
	_ = json.Unmarshal(t.Scope, &c.granted)
	c.token, c.until = token, asked.Add(life-min(time.Minute, life/10))
	return token, nil
}

// maxLife keeps a token of a strange lifetime from being trusted for ever.
const maxLife = 365 * 24 * time.Hour
