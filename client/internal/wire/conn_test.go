package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/secret"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

const bearer = "bearer-that-must-not-show"

// serve starts a server and a connection to it.
func serve(t *testing.T, h http.HandlerFunc) *Conn {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return New(settings.Settings{Retries: new(int)}, srv.URL, client.StaticToken(bearer))
}

func (c *Conn) call(ctx context.Context, method, ref string, body any) (*Answer, error) {
	req, err := c.NewRequest(ctx, method, ref, body)
	if err != nil {
		return nil, err
	}
	return c.Do(ctx, req)
}

func TestHeaders(t *testing.T) {
	var got *http.Request
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		fmt.Fprint(w, `{}`)
	})
	_, err := c.call(t.Context(), http.MethodPost, "/x", map[string]int{"a": 1})
	require.NoError(t, err)
	assert.Equal(t, "Bearer "+bearer, got.Header.Get("Authorization"))
	assert.Equal(t, "application/problem+json; q=1.0, application/json; q=0.9", got.Header.Get("Accept"))
	assert.Equal(t, "application/json; charset=utf-8", got.Header.Get("Content-Type"))
	assert.Equal(t, "kassa", got.Header.Get("User-Agent"))
	assert.Equal(t, int64(len(`{"a":1}`)), got.ContentLength)

	_, err = c.call(t.Context(), http.MethodGet, "/x", nil)
	require.NoError(t, err)
	assert.Empty(t, got.Header.Get("Content-Type"))
	assert.Zero(t, got.ContentLength)
}

// Whatever a server says, a redirect that leaves the origin is not followed.
func TestRedirect(t *testing.T) {
	var strangers atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(stranger.Close)
	sibling := httptest.NewUnstartedServer(nil) // another port of the same host
	t.Cleanup(sibling.Close)

	var home *Conn
	home = serve(t, func(w http.ResponseWriter, r *http.Request) {
		hostport := strings.TrimSuffix(strings.TrimPrefix(home.Server(), "http://"), "/")
		to := map[string]string{
			"/same":     "/end",
			"/loop":     "/loop",
			"/absolute": home.Server() + "end",
			"/host":     stranger.URL + "/steal",
			"/noscheme": strings.TrimPrefix(stranger.URL, "http:") + "/steal",
			"/port":     "http://" + sibling.Listener.Addr().String() + "/steal",
			"/scheme":   "https://" + hostport + "/steal",
			"/user":     "http://" + hostport + "@" + strings.TrimPrefix(stranger.URL, "http://"),
			"/twice":    "/host",
		}[r.URL.Path]
		if to == "" {
			fmt.Fprintf(w, `{"method":%q,"auth":%q}`, r.Method, r.Header.Get("Authorization"))
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	for _, path := range []string{"/same", "/absolute"} {
		a, err := home.call(t.Context(), http.MethodGet, path, nil)
		require.NoError(t, err, path)
		assert.JSONEq(t, `{"method":"GET","auth":"Bearer `+bearer+`"}`, string(a.Body))
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, path := range []string{"/host", "/noscheme", "/port", "/scheme", "/user"} {
			_, err := home.call(t.Context(), method, path, nil)
			var foreign *client.ForeignHostError
			require.ErrorAs(t, err, &foreign, method+" "+path)
			assert.NotEqual(t, foreign.Base, foreign.Host)
		}
	}
	_, err := home.call(t.Context(), http.MethodGet, "/twice", nil)
	var foreign *client.ForeignHostError
	require.ErrorAs(t, err, &foreign)
	assert.Zero(t, strangers.Load(), "a stranger was called")

	_, err = home.call(t.Context(), http.MethodPost, "/same", nil)
	assert.Equal(t, http.StatusTemporaryRedirect, client.StatusOf(err), "a POST is not repeated elsewhere")
	_, err = home.call(t.Context(), http.MethodGet, "/loop", nil)
	assert.Equal(t, http.StatusTemporaryRedirect, client.StatusOf(err), "a loop ends")
}

// A request that some builder made for another host is not sent at all.
func TestForeignRequest(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:1/x", nil)
	require.NoError(t, err)
	_, err = c.Do(t.Context(), req)
	var foreign *client.ForeignHostError
	require.ErrorAs(t, err, &foreign)
	assert.Equal(t, "http://127.0.0.1:1", foreign.Host)
}

func TestRefusal(t *testing.T) {
	tests := []struct {
		name, contentType, body string
		want                    client.Problem
	}{
		{"problem", "application/problem+json", `{"type":"t","title":"T","status":999,"detail":"D"}`,
			client.Problem{Type: "t", Title: "T", Detail: "D"}},
		{"problem as plain JSON", "application/json", `{"title":"T"}`, client.Problem{Title: "T"}},
		{"HTML", "text/html; charset=utf-8", "<html>\n<b>Bad gateway</b>", client.Problem{Detail: "the body is text/html, not a problem in JSON"}},
		{"HTML that says it is JSON", "application/json", "<html>", client.Problem{Detail: "the body is application/json, not a problem in JSON"}},
		{"unknown", "???", "x", client.Problem{Detail: "the body is something, not a problem in JSON"}},
		{"empty", "", "", client.Problem{}},
		{"array", "application/json", "[]", client.Problem{Detail: "the body is application/json, not a problem in JSON"}},
		{"the bearer repeated", "application/json", `{"title":"bearer-that-must-\u006eot-show","detail":"bad token ` + bearer + `","problems":[{"name":"x","description":"bearer-that-must-\u006eot-show"}]}`,
			client.Problem{Title: "[secret]", Detail: "bad token [secret]", Fields: []client.Field{{Name: "x", Detail: "[secret]"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.WriteHeader(http.StatusBadGateway)
				_, _ = io.WriteString(w, tt.body)
			})
			_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
			var p *client.Problem
			require.ErrorAs(t, err, &p)
			assert.NotContains(t, string(p.Body), bearer)
			if !strings.Contains(tt.body, bearer) {
				assert.Equal(t, tt.body, string(p.Body))
			}
			assert.Equal(t, tt.contentType, p.Header.Get("Content-Type"))
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, err.Error(), bearer)
			p.Header, p.Body = nil, nil
			tt.want.Status, tt.want.Request = http.StatusBadGateway, "GET /x"
			assert.Equal(t, tt.want, *p)
		})
	}
}

func TestBounds(t *testing.T) {
	size, status := 0, 0
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`"`))
		for chunk := bytes.Repeat([]byte("x"), 1<<10); size > 0; size -= len(chunk) {
			_, _ = w.Write(chunk)
		}
		_, _ = w.Write([]byte(`"`))
	})
	size, status = MaxAnswer, 200 // plus the two quotes
	_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
	var d *client.DecodeError
	require.ErrorAs(t, err, &d)
	assert.Contains(t, err.Error(), "more than 10 MiB")
	assert.Equal(t, 200, client.StatusOf(err))
	assert.Len(t, d.Body, MaxRefusal)

	size, status = MaxAnswer-(1<<10), 200
	a, err := c.call(t.Context(), http.MethodGet, "/x", nil)
	require.NoError(t, err)
	assert.Len(t, a.Body, MaxAnswer-(1<<10)+2)

	size, status = 1<<20, 500
	_, err = c.call(t.Context(), http.MethodGet, "/x", nil)
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Len(t, p.Body, MaxRefusal)
	assert.Contains(t, p.Detail, "longer than 64 KiB")
}

func TestDecode(t *testing.T) {
	var v struct {
		Amount int64 `json:"amount"`
	}
	tests := []struct{ name, body, want string }{
		{"good", `{"amount":1,"more":true}`, ""},
		{"empty", " ", "the body is empty"},
		{"HTML", "<html>", "not JSON from byte 1 on"},
		{"wrong type", `{"amount":"hunter2"}`, "member amount: want int64, got string"},
		{"fraction", `{"amount":15.5}`, "member amount: want int64, got number"},
		{"rubbish behind", `{} x`, "not JSON from byte 4 on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &Answer{Request: "GET /x", Status: 200, Header: http.Header{"X": {"y"}}, Body: []byte(tt.body)}
			err := a.Decode(&v)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			var d *client.DecodeError
			require.ErrorAs(t, err, &d)
			assert.Equal(t, "GET /x: answered 200, but the answer cannot be read: "+tt.want, err.Error())
			assert.Equal(t, []byte(tt.body), d.Body)
			assert.Equal(t, "y", d.Header.Get("X"))
		})
	}
}

// source hands out numbered tokens.
type source struct{ asked, invalid atomic.Int32 }

func (s *source) Token(context.Context) (string, error) {
	return fmt.Sprintf("token-%d", s.asked.Add(1)), nil
}
func (s *source) Invalidate(string) { s.invalid.Add(1) }

// answering is a server without a network.
type answering http.HandlerFunc

func (h answering) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h(w, r)
	return w.Result(), nil
}

func TestUnauthorized(t *testing.T) {
	tests := []struct {
		name            string
		good            string // the token that is taken
		calls, invalids int32
		status          int
	}{
		{"first token is good", "token-1", 1, 0, 0},
		{"second token is good", "token-2", 2, 1, 0},
		{"never a loop", "token-3", 2, 1, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var calls int32
			var bodies []string
			// Not the transport of net/http, which would rewind a body for us.
			server := answering(func(w http.ResponseWriter, r *http.Request) {
				calls++
				body, _ := io.ReadAll(r.Body)
				bodies = append(bodies, string(body))
				if r.Header.Get("Authorization") != "Bearer "+tt.good {
					w.WriteHeader(http.StatusUnauthorized)
				}
				fmt.Fprint(w, `{}`)
			})
			s := &source{}
			c := New(settings.Settings{HTTPClient: &http.Client{Transport: server}}, "http://127.0.0.1", s)
			_, err := c.call(t.Context(), http.MethodPost, "/x", map[string]int{"a": 1})
			require.Equal(t, tt.status != 0, err != nil, "%v", err)
			assert.Equal(t, tt.status, client.StatusOf(err))
			assert.Equal(t, tt.calls, calls)
			assert.Equal(t, tt.invalids, s.invalid.Load())
			for _, body := range bodies {
				assert.JSONEq(t, `{"a":1}`, body)
			}
		})
	}
	t.Run("a static token gets no second chance", func(t *testing.T) {
		var calls atomic.Int32
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
		})
		_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
		assert.Equal(t, 401, client.StatusOf(err))
		assert.Equal(t, int32(1), calls.Load())
	})
}

func TestRefusedBeforeSending(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called") }))
	t.Cleanup(srv.Close)
	tests := []struct {
		name  string
		s     settings.Settings
		token client.TokenSource
	}{
		{"empty token", settings.Settings{}, client.StaticToken("")},
		{"token with a line break", settings.Settings{}, client.StaticToken("a\r\nX: y")},
		{"bad base URL", settings.Settings{BaseURL: "ftp://x"}, nil},
		{"refused option", settings.Settings{Err: &client.InputError{}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.s, srv.URL, tt.token).call(t.Context(), http.MethodGet, "/x", nil)
			var input *client.InputError
			require.ErrorAs(t, err, &input)
			assert.Zero(t, client.StatusOf(err))
		})
	}
}

func TestBrokenWire(t *testing.T) {
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		c := New(settings.Settings{}, "http://"+l.Addr().String(), nil)
		require.NoError(t, l.Close())
		_, err = c.call(t.Context(), http.MethodGet, "/x", nil)
		var wire *client.WireError
		require.ErrorAs(t, err, &wire)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		assert.Zero(t, client.StatusOf(err))
	})
	t.Run("cut inside the answer", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		})
		_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
		var wire *client.WireError
		require.ErrorAs(t, err, &wire)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, 200, client.StatusOf(err))
	})
	t.Run("cut inside a refusal", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("{"))
		})
		_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
		var p *client.Problem
		require.ErrorAs(t, err, &p)
		assert.Equal(t, 403, p.Status)
	})
	t.Run("context ends", func(t *testing.T) {
		started, release := make(chan struct{}), make(chan struct{})
		c := serve(t, func(http.ResponseWriter, *http.Request) {
			close(started)
			<-release
		})
		defer close(release)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-started; cancel() }()
		_, err := c.call(ctx, http.MethodGet, "/x?secret=1", nil)
		var wire *client.WireError
		require.ErrorAs(t, err, &wire)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, "GET /x: no complete answer: context canceled", err.Error())
	})
}

// stalled answers nothing until the request is given up.
type stalled struct{}

func (stalled) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(settings.Settings{Retries: new(int)}, "http://127.0.0.1", nil)
		c.http.Transport = stalled{}
		start := time.Now()
		_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, Timeout, time.Since(start))
	})
}

func TestDefaultTransport(t *testing.T) {
	c := New(settings.Settings{}, "https://a.example", nil)
	tr, ok := c.http.Transport.(*http.Transport)
	require.True(t, ok)
	assert.Equal(t, uint16(tls.VersionTLS12), tr.TLSClientConfig.MinVersion)
	assert.Same(t, tr, New(settings.Settings{}, "https://b.example", nil).http.Transport)

	own := &http.Client{Transport: stalled{}, Timeout: time.Hour}
	c = New(settings.Settings{HTTPClient: own}, "https://a.example", nil)
	assert.Equal(t, time.Hour, c.http.Timeout)
	assert.Nil(t, own.CheckRedirect, "the caller's client was changed")
	assert.NotNil(t, c.http.CheckRedirect)
}

func TestStampIsFresh(t *testing.T) {
	var seen []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Session-Id"))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(srv.Close)
	c := New(settings.Settings{}, srv.URL, &source{})
	n := 0
	c.Stamp = func(_ context.Context, h http.Header) error {
		n++
		h.Set("Session-Id", fmt.Sprint("id", n))
		return nil
	}
	_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, []string{"id1", "id2"}, seen)
	assert.Equal(t, "id2", p.SessionID)

	c.Stamp = func(context.Context, http.Header) error { return errors.New("no") }
	_, err = c.call(t.Context(), http.MethodGet, "/x", nil)
	require.EqualError(t, err, "no")
	assert.Len(t, seen, 2)
}

func TestHide(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"hunter2 is wrong"}`)
	})
	c.Hide = secret.Of("hunter2")
	_, err := c.call(t.Context(), http.MethodPost, "/oauth2/token", nil)
	assert.EqualError(t, err, "POST /oauth2/token: 400: invalid_client: [secret] is wrong")
}

func TestFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := Flight[int]{Request: "POST /x"}
		release := make(chan struct{})
		fetches := 0
		fetch := func(ctx context.Context) (int, error) {
			fetches++
			<-release
			return 7, ctx.Err()
		}
		first, cancel := context.WithCancel(t.Context())
		results := make(chan error, 50)
		go func() {
			_, err := f.Do(first, "k", fetch)
			results <- err
		}()
		synctest.Wait()
		for range 49 {
			go func() {
				n, err := f.Do(t.Context(), "k", fetch)
				if n != 7 {
					err = fmt.Errorf("got %d, %w", n, err)
				}
				results <- err
			}()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		err := <-results
		var wire *client.WireError
		require.ErrorAs(t, err, &wire)
		require.ErrorIs(t, err, context.Canceled)
		close(release)
		for range 49 {
			require.NoError(t, <-results)
		}
		assert.Equal(t, 1, fetches)

		_, err = f.Do(first, "k", fetch)
		require.ErrorIs(t, err, context.Canceled, "a dead context fetches nothing")
		assert.Equal(t, 1, fetches)
	})
}
