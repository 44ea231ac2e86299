package resurs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

const (
	hidden = "hunter2-client-secret"
	store  = "550e8400-e29b-41d4-a716-446655440000"
)

// fake is Resurs: a token endpoint and the widget, without a network.
type fake struct {
	mu        sync.Mutex
	now       func() time.Time
	expiresIn int
	tokens    int
	sessions  int
	bodies    []string
	valid     string // the only access token taken, "" for any
	refuse    int    // status of every answer, 0 for none
	answer    string // instead of the usual 2xx answer
	hold      chan struct{}
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	if f.hold != nil {
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	w := httptest.NewRecorder()
	f.bodies = append(f.bodies, string(body))
	switch {
	case f.refuse != 0:
		w.WriteHeader(f.refuse)
		fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s is wrong"}`, hidden)
	case f.answer != "":
		fmt.Fprint(w, f.answer)
	case r.URL.Path == "/oauth2/token":
		f.tokens++
		fmt.Fprintf(w, `{"access_token":"jwt-%d","token_type":"Bearer","expires_in":%d}`, f.tokens, f.expiresIn)
	case f.valid != "" && r.Header.Get("Authorization") != "Bearer "+f.valid:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		f.sessions++
		fmt.Fprintf(w, `{"data":{"token":"rpmw_%d","expiresAt":%q}}`, f.sessions, f.now().Add(time.Hour).UTC().Format(time.RFC3339))
	}
	return w.Result(), nil
}

func (f *fake) options(extra ...client.Option) []client.Option {
	return append(extra, client.WithHTTPClient(&http.Client{Transport: f}), client.WithClock(f.now))
}

// clock is a time that is set.
type clock struct{ nano atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.nano.Load()) }
func (c *clock) advance(d time.Duration) { c.nano.Add(int64(d)) }

func TestTokenIsKept(t *testing.T) {
	tests := []struct {
		name      string
		expiresIn int
		kept      time.Duration // how long it is handed out
	}{
		{"an hour", 3600, 3600*time.Second - time.Minute},
		{"a minute", 60, 54 * time.Second},
		{"a second", 1, 900 * time.Millisecond},
		{"no lifetime", 0, 0},
		{"negative", -5, 0},
		{"absurd", 1 << 50, maxLife - time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c clock
			f := &fake{now: c.now, expiresIn: tt.expiresIn}
			source := Credentials("id", hidden, f.options()...)
			ask := func() string {
				token, err := source.Token(t.Context())
				require.NoError(t, err)
				return token
			}
			require.Equal(t, "jwt-1", ask())
			if tt.kept > 0 {
				c.advance(tt.kept - 1)
				require.Equal(t, "jwt-1", ask())
				c.advance(1)
			}
			require.Equal(t, "jwt-2", ask())
		})
	}
}

func TestTokenRequest(t *testing.T) {
	f := &fake{now: time.Now, expiresIn: 60}
	_, err := Credentials("id", hidden, f.options()...).Token(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, `{"grant_type":"client_credentials","client_id":"id","client_secret":"`+hidden+`","scope":"merchant-api"}`, f.bodies[0])

	_, err = Credentials("id", hidden, f.options(WithFormBody(), WithScope("mock-merchant-api"))...).Token(t.Context())
	require.NoError(t, err)
	form, err := url.ParseQuery(f.bodies[1])
	require.NoError(t, err)
	assert.Equal(t, url.Values{"grant_type": {"client_credentials"}, "client_id": {"id"}, "client_secret": {hidden}, "scope": {"mock-merchant-api"}}, form)
}

func TestTokenIsFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{now: time.Now, expiresIn: 3600, hold: make(chan struct{})}
		source := Credentials("id", hidden, f.options()...)
		first, cancel := context.WithCancel(t.Context())
		results := make(chan error, 50)
		ask := func(ctx context.Context) {
			token, err := source.Token(ctx)
			if err == nil && token != "jwt-1" {
				err = fmt.Errorf("got %s", token)
			}
			results <- err
		}
		go ask(first)
		synctest.Wait()
		for range 49 {
			go ask(t.Context())
		}
		synctest.Wait()
		cancel() // the one that started the fetch leaves
		synctest.Wait()
		require.ErrorIs(t, <-results, context.Canceled)
		close(f.hold)
		for range 49 {
			require.NoError(t, <-results)
		}
		assert.Equal(t, 1, f.tokens)
	})
}

// latecomer is a context that runs meanwhile when it is first looked at, which
// is between finding a cache empty and joining a fetch.
type latecomer struct {
	context.Context
	meanwhile func()
}

func (l *latecomer) Err() error {
	if run := l.meanwhile; run != nil {
		l.meanwhile = nil
		run()
	}
	return l.Context.Err()
}

// A caller that found a cache empty just before it was filled asks nobody.
func TestLatecomer(t *testing.T) {
	f := &fake{now: time.Now, expiresIn: 3600}
	source := Credentials("id", hidden, f.options()...)
	token, err := source.Token(&latecomer{t.Context(), func() {
		_, err := source.Token(t.Context())
		assert.NoError(t, err)
	}})
	require.NoError(t, err)
	assert.Equal(t, "jwt-1", token)

	widget := New(source, f.options()...)
	session, err := widget.CreateSession(&latecomer{t.Context(), func() {
		_, err := widget.CreateSession(t.Context(), Shopper{store, "s"})
		assert.NoError(t, err)
	}}, Shopper{store, "s"})
	require.NoError(t, err)
	assert.Equal(t, "rpmw_1", session.Token)
}

// News of an old token's end, coming late, does not end the new one.
func TestInvalidateIsPrecise(t *testing.T) {
	f := &fake{now: time.Now, expiresIn: 3600}
	source := Credentials("id", hidden, f.options()...)
	for i, invalid := range []string{"", "jwt-1", "jwt-1", "jwt-2"} {
		source.(interface{ Invalidate(string) }).Invalidate(invalid)
		token, err := source.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []string{"jwt-1", "jwt-2", "jwt-2", "jwt-3"}[i], token)
	}
}

// A revoked token is renewed once for everybody, however many calls meet it.
func TestRevokedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{now: time.Now, expiresIn: 3600}
		widget := New(Credentials("id", hidden, f.options()...), f.options()...)
		_, err := widget.CreateSession(t.Context(), Shopper{store, "first"})
		require.NoError(t, err)
		f.valid = "jwt-2"
		results := make(chan error, 50)
		for i := range 50 {
			go func() {
				_, err := widget.CreateSession(t.Context(), Shopper{store, fmt.Sprint(i)})
				results <- err
			}()
		}
		for range 50 {
			require.NoError(t, <-results)
		}
		assert.Equal(t, 2, f.tokens)

		f.valid = "never"
		_, err = widget.CreateSession(t.Context(), Shopper{store, "last"})
		assert.Equal(t, http.StatusUnauthorized, client.StatusOf(err))
		assert.Equal(t, 3, f.tokens, "asked once more, not again and again")
	})
}

func TestTokenRefused(t *testing.T) {
	f := &fake{now: time.Now, refuse: 400}
	source := Credentials("id", hidden, f.options()...)
	_, err := New(source, f.options()...).CreateSession(t.Context(), Shopper{store, "s"})
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, 400, p.Status)
	assert.Equal(t, "invalid_client", p.Type)
	assert.Equal(t, "token for POST /api/mock_payment_widget_service/session: POST /oauth2/token: 400: invalid_client: [secret] is wrong", err.Error())
	assert.NotContains(t, string(p.Body), hidden)

	for _, answer := range []string{`{}`, `{"access_token":"jwt-1","token_type":"mac","expires_in":60}`, `<html>jwt-1`, `{"access_token":"jwt-1","expires_in":"soon"}`} {
		f := &fake{now: time.Now, answer: answer}
		_, err := Credentials("id", hidden, f.options()...).Token(t.Context())
		var d *client.DecodeError
		require.ErrorAs(t, err, &d, answer)
		assert.NotContains(t, err.Error(), "jwt-1")
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	f := &fake{now: time.Now, expiresIn: 3600}
	source := Credentials("id", hidden, f.options()...)
	widget := New(source, f.options()...)
	session, err := widget.CreateSession(t.Context(), Shopper{store, "s"})
	require.NoError(t, err)
	for name, v := range map[string]any{"source": source, "client": widget, "session": session, "pointer": &session} {
		var b bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&b, verb, v)
		}
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
		if name == "source" || name == "client" {
			for _, verb := range []string{"%v", "%+v", "%#v"} {
				fmt.Fprintf(&b, verb, struct{ v any }{v})
			}
			j, err := json.Marshal(v)
			require.NoError(t, err)
			b.Write(j)
		}
		assert.NotContains(t, b.String(), hidden, name)
		assert.NotContains(t, b.String(), fmt.Sprintf("%x", hidden), name)
		assert.NotContains(t, b.String(), "jwt-1", name)
		if name != "client" && name != "source" {
			assert.NotContains(t, b.String(), "rpmw_", name)
		}
	}
	j, err := json.Marshal(session)
	require.NoError(t, err)
	assert.Contains(t, string(j), `"token":"rpmw_1"`, "the browser needs it")
}

func TestSessionIsKept(t *testing.T) {
	var c clock
	f := &fake{now: c.now, expiresIn: 1 << 20}
	widget := New(Credentials("id", hidden, f.options()...), f.options()...)
	ask := func(storeID, shopper string) string {
		s, err := widget.CreateSession(t.Context(), Shopper{StoreID: storeID, ShopperID: shopper})
		require.NoError(t, err)
		return s.Token
	}
	require.Equal(t, "rpmw_1", ask("a", "anna"))
	require.Equal(t, "rpmw_1", ask("a", "anna"))
	require.Equal(t, "rpmw_2", ask("a", "bo"), "never shared between shoppers")
	require.Equal(t, "rpmw_3", ask("b", "anna"), "nor between stores")
	c.advance(time.Hour - 30*time.Second - 1)
	require.Equal(t, "rpmw_1", ask("a", "anna"))
	c.advance(1)
	require.Equal(t, "rpmw_4", ask("a", "anna"))
	require.Len(t, widget.sessions.by, 1, "what is over is not kept")
	widget.ForgetSession(Shopper{StoreID: "a", ShopperID: "anna"})
	require.Equal(t, "rpmw_5", ask("a", "anna"))
}

func TestSessionIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{now: time.Now, expiresIn: 3600}
		widget := New(Credentials("id", hidden, f.options()...), f.options()...)
		results := make(chan string, 50)
		for range 50 {
			go func() {
				s, err := widget.CreateSession(t.Context(), Shopper{store, "s"})
				if err != nil {
					s.Token = err.Error()
				}
				results <- s.Token
			}()
		}
		for range 50 {
			require.Equal(t, "rpmw_1", <-results)
		}
	})
}

// Shoppers who come at the same moment do not share a request.
func TestSessionsAreNotMixedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{now: time.Now, hold: make(chan struct{})}
		widget := New(client.StaticToken("t"), f.options()...)
		shoppers := []Shopper{{"a", "b"}, {"a", "c"}, {"b", "b"}, {"a b", "c"}, {"a", "b c"}, {`a" "b`, "c"}, {"a", `b" "c`}}
		results := make(chan string, len(shoppers))
		for _, shopper := range shoppers {
			go func() {
				s, err := widget.CreateSession(t.Context(), shopper)
				assert.NoError(t, err)
				results <- s.Token
			}()
		}
		synctest.Wait()
		close(f.hold)
		seen := map[string]bool{}
		for range shoppers {
			seen[<-results] = true
		}
		assert.Len(t, seen, len(shoppers))
	})
}

func TestSessionsAreBounded(t *testing.T) {
	var s sessions
	now := time.Unix(0, 0)
	for i := range maxSessions + 100 {
		// Later shoppers expire sooner, so that they are the ones to go.
		s.put(Shopper{"a", fmt.Sprint(i)}, Session{Token: "t", ExpiresAt: now.Add(24*time.Hour - time.Duration(i)*time.Second)}, now)
	}
	assert.Len(t, s.by, maxSessions)
	assert.Len(t, s.ends, maxSessions)
	_, ok := s.get(Shopper{"a", "0"}, now)
	assert.True(t, ok)
	_, ok = s.get(Shopper{"a", fmt.Sprint(maxSessions + 50)}, now)
	assert.False(t, ok)
	s.put(Shopper{"a", "0"}, Session{Token: "dead", ExpiresAt: now}, now)
	got, _ := s.get(Shopper{"a", "0"}, now)
	assert.Equal(t, "t", got.Token, "a session that is over replaces nothing")
}

func TestSessionAnswers(t *testing.T) {
	tests := []struct {
		answer string
		good   bool
	}{
		{`{"data":{"token":"x","expiresAt":"2125-10-04T10:30:00Z"}}`, true},
		{`{"data":{"token":"x","expiresAt":"2125-10-04T12:30:00.1234567+02:00","more":1},"more":[]}`, true},
		{`{"data":{"token":"x","expiresAt":"tomorrow"}}`, false},
		{`{"data":{"token":"","expiresAt":"2125-10-04T10:30:00Z"}}`, false},
		{`{"token":"x","expiresAt":"2125-10-04T10:30:00Z"}`, false},
		{`[]`, false},
		{`<html>`, false},
	}
	for _, tt := range tests {
		f := &fake{now: time.Now, answer: tt.answer}
		s, err := New(client.StaticToken("t"), f.options()...).CreateSession(t.Context(), Shopper{store, "s"})
		if tt.good {
			require.NoError(t, err, tt.answer)
			assert.Equal(t, "x", s.Token)
			assert.Equal(t, 2125, s.ExpiresAt.Year())
			continue
		}
		var d *client.DecodeError
		require.ErrorAs(t, err, &d, tt.answer)
		assert.Equal(t, tt.answer, string(d.Body))
	}
}

func TestPaymentMethodTypes(t *testing.T) {
	want := map[string]PaymentMethodType{"m1": Invoice, "m2": "SOMETHING_NEW"}
	for _, answer := range []string{
		`{"types":{"m1":"RESURS_INVOICE","m2":"SOMETHING_NEW"}}`,
		`{"data":{"types":{"m1":"RESURS_INVOICE","m2":"SOMETHING_NEW"}}}`,
		`{"data":[{"types":{"m1":"RESURS_INVOICE","m2":"SOMETHING_NEW"}}]}`,
	} {
		f := &fake{now: time.Now, answer: answer}
		got, err := New(nil, f.options()...).PaymentMethodTypes(t.Context(), store, B2C, "m1", "m2")
		require.NoError(t, err, answer)
		assert.Equal(t, want, got)
		assert.JSONEq(t, `{"storeId":"`+store+`","customerType":"B2C","paymentMethodId":["m1","m2"]}`, f.bodies[0])
	}
	for _, answer := range []string{`{}`, `{"data":[]}`, `{"types":{"m1":1}}`, `null`} {
		f := &fake{now: time.Now, answer: answer}
		_, err := New(nil, f.options()...).PaymentMethodTypes(t.Context(), store, "", "m1")
		var d *client.DecodeError
		require.ErrorAs(t, err, &d, answer)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	ctx := t.Context()
	token := client.StaticToken("t")
	long := string(bytes.Repeat([]byte("x"), 513))
	tests := []struct {
		name string
		call func(o ...client.Option) error
	}{
		{"no shopper", func(o ...client.Option) error {
			_, err := New(token, o...).CreateSession(ctx, Shopper{StoreID: store})
			return err
		}},
		{"no store", func(o ...client.Option) error {
			_, err := New(token, o...).CreateSession(ctx, Shopper{ShopperID: "s"})
			return err
		}},
		{"long shopper", func(o ...client.Option) error {
			_, err := New(token, o...).CreateSession(ctx, Shopper{store, long})
			return err
		}},
		{"no source", func(o ...client.Option) error {
			_, err := New(nil, o...).CreateSession(ctx, Shopper{store, "s"})
			return err
		}},
		{"types without store", func(o ...client.Option) error {
			_, err := New(token, o...).PaymentMethodTypes(ctx, "", B2C, "m")
			return err
		}},
		{"types without ids", func(o ...client.Option) error {
			_, err := New(token, o...).PaymentMethodTypes(ctx, store, B2C)
			return err
		}},
		{"bad base URL", func(o ...client.Option) error {
			_, err := New(token, append(o, client.WithBaseURL("x"))...).PaymentMethodTypes(ctx, store, B2C, "m")
			return err
		}},
		{"scope at the wrong constructor", func(o ...client.Option) error {
			_, err := New(token, append(o, WithScope("x"))...).CreateSession(ctx, Shopper{store, "s"})
			return err
		}},
		{"no secret", func(o ...client.Option) error { _, err := Credentials("id", "", o...).Token(ctx); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{now: time.Now}
			err := tt.call(f.options()...)
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			assert.Empty(t, f.bodies, "something was sent")
		})
	}
}
