package server_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		opt  server.Option
		want string
	}{
		{"no clock", server.WithClock(nil), "nil"},
		{"no logger", server.WithLogger(nil), "nil"},
		{"no client", server.WithCallbackClient(nil), "nil"},
		{"no attempts", server.WithPayerAttempts(0), "0 payer attempts; at least one is needed"},
		{"no lifetime", server.WithTokenLifetime(0), "lifetime"},
		{"a base without a scheme", server.WithBaseURL("sandbox.example"), `base URL "sandbox.example" is not an absolute http or https URL`},
		{"a base that is a file", server.WithBaseURL("file:///x"), "base URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := server.New(tt.opt)
			require.ErrorContains(t, err, tt.want)
		})
	}
	a, err := server.New()
	require.NoError(t, err)
	b, err := server.New()
	require.NoError(t, err)
	token := func(s *server.Server) string {
		return (&sandbox{Server: s, t: t, client: s.Client()}).token()
	}
	assert.NotEqual(t, token(a), token(b), "without a seed no two are alike")
}
