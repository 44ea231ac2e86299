package wire

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func TestHideInText(t *testing.T) {
	tests := []struct{ in, secret, want string }{
		{"a token-1 b token-1", "token-1", "a [secret] b [secret]"},
		{"token-10", "token-1", "[secret]0"},
		{`code 123, "123" 1234 a123 /123/`, "123", `code [secret], "[secret]" 1234 a123 /[secret]/`},
		{"nothing", "", "nothing"},
		{"a.b", "[a-z]", "a.b"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, hide(tt.in, []string{tt.secret}))
	}
}

func TestHideInContext(t *testing.T) {
	ctx := Hide(Hide(t.Context(), "token-1", "", "403"), "4925000000000004")
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", ctx, ctx, ctx), "token-1")
	sibling := Hide(ctx, "other")
	_ = Hide(ctx, "third")

	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/refused/token-1/403":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"status":403,"detail":"token-1 4925000000000004 other 403 third"}`)
		case "/cut/token-1":
			w.Header().Set("Content-Length", "100")
		default:
			_, _ = io.WriteString(w, "<html>")
		}
	})
	_, err := c.call(ctx, http.MethodGet, "/refused/token-1/403", nil)
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "GET /refused/[secret]/403", p.Request, "a short number in a path is none of ours")
	assert.Equal(t, "[secret] [secret] other [secret] third", p.Detail)
	assert.NotContains(t, string(p.Body), "token-1")
	assert.Equal(t, http.StatusForbidden, p.Status)

	_, err = c.call(sibling, http.MethodGet, "/refused/token-1/403", nil)
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "[secret] [secret] [secret] [secret] third", p.Detail, "what is hidden elsewhere is not hidden here")

	_, err = c.call(ctx, http.MethodGet, "/cut/token-1", nil)
	require.ErrorContains(t, err, "GET /cut/[secret]: no complete answer")
	a, err := c.call(ctx, http.MethodGet, "/read/token-1", nil)
	require.NoError(t, err)
	require.ErrorContains(t, a.Decode(new(int)), "GET /read/[secret]: answered 200")

	_, err = c.call(context.Background(), http.MethodGet, "/refused/token-1/403", nil)
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "GET /refused/token-1/403", p.Request)
}

// An error in getting the token names the request, and not more of it than
// other errors do.
func TestHideBeforeSending(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	c.token = failing{}
	req, err := http.NewRequest(http.MethodPatch, c.Server()+"stored/token-1", nil)
	require.NoError(t, err)
	_, err = c.Do(Hide(t.Context(), "token-1"), req)
	require.EqualError(t, err, "token for PATCH /stored/[secret]: unexpected EOF")
}

type failing struct{}

func (failing) Token(context.Context) (string, error) { return "", io.ErrUnexpectedEOF }
