package authority_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/cmd/kassa/internal/authority"
)

// trusting is a pool of the authority alone.
func trusting(t *testing.T, a *authority.Authority) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(a.PEM()))
	return pool
}

func TestCertificate(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	a, err := authority.New(func() time.Time { return now })
	require.NoError(t, err)
	roots := trusting(t, a)
	tests := []struct {
		asked string
		good  []string
		bad   string
	}{
		{"api.externalintegration.payex.com", []string{"api.externalintegration.payex.com"}, "payex.com"},
		{"API.ExternalIntegration.PayEx.com.", []string{"api.externalintegration.payex.com"}, "localhost"},
		{"merchant-api.integration.resurs.com", []string{"merchant-api.integration.resurs.com"}, "api.externalintegration.payex.com"},
		{"192.0.2.7", []string{"192.0.2.7"}, "192.0.2.8"},
		{"", []string{"localhost", "127.0.0.1", "::1"}, "192.0.2.7"},
	}
	for _, tt := range tests {
		t.Run(tt.asked, func(t *testing.T) {
			leaf, err := a.Certificate(&tls.ClientHelloInfo{ServerName: tt.asked})
			require.NoError(t, err)
			for _, name := range tt.good {
				_, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: now})
				require.NoError(t, err, name)
			}
			_, err = leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: tt.bad, CurrentTime: now})
			require.ErrorAs(t, err, &x509.HostnameError{})
			again, err := a.Certificate(&tls.ClientHelloInfo{ServerName: tt.asked})
			require.NoError(t, err)
			assert.Same(t, leaf, again)
		})
	}

	other, err := authority.New(func() time.Time { return now })
	require.NoError(t, err)
	leaf, err := other.Certificate(&tls.ClientHelloInfo{ServerName: "localhost"})
	require.NoError(t, err)
	_, err = leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now})
	require.ErrorAs(t, err, &x509.UnknownAuthorityError{}, "another authority is not trusted")
	_, err = a.Certificate(&tls.ClientHelloInfo{ServerName: "år.example"})
	require.Error(t, err, "no name of a certificate")
}

// TestCertificateInTime wants a process that runs for months to go on.
func TestCertificateInTime(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	a, err := authority.New(func() time.Time { return now })
	require.NoError(t, err)
	roots := trusting(t, a)
	for range 60 {
		leaf, err := a.Certificate(&tls.ClientHelloInfo{ServerName: "localhost"})
		require.NoError(t, err)
		_, err = leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now.Add(23 * time.Hour)})
		require.NoError(t, err, now)
		now = now.Add(50*24*time.Hour + 11*time.Hour)
	}
}

func TestCertificateOfManyNames(t *testing.T) {
	a, err := authority.New(time.Now)
	require.NoError(t, err)
	for i := range 1100 {
		_, err := a.Certificate(&tls.ClientHelloInfo{ServerName: fmt.Sprintf("host%d.example", i)})
		require.NoError(t, err)
	}
	assert.LessOrEqual(t, authority.Remembered(a), 1000)
}

// TestHandshake wants a client that trusts the authority to reach a server by address and by name, and one that does
// not to refuse.
func TestHandshake(t *testing.T) {
	a, err := authority.New(time.Now)
	require.NoError(t, err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: a.Certificate})
	require.NoError(t, err)
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.(*tls.Conn).Handshake()
			_ = conn.Close()
		}
	}()
	for _, name := range []string{"127.0.0.1", "localhost", "api.externalintegration.payex.com"} {
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: trusting(t, a), ServerName: name})
		require.NoError(t, err, name)
		_ = conn.Close()
	}
	_, err = (&tls.Dialer{NetDialer: &net.Dialer{Timeout: time.Minute}}).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.ErrorAs(t, err, &x509.UnknownAuthorityError{})
}
