package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A running sandbox is `kassa sandbox` in this process, on free ports.
type running struct {
	t              *testing.T
	welcome        string
	api, admin     string // addresses
	stderr         *bytes.Buffer
	stop           context.CancelFunc
	done           chan int
	stoppedAlready bool
	count          int // payments made
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{t: t, stderr: &bytes.Buffer{}, stop: stop, done: make(chan int, 1)}
	out := &lines{seen: make(chan string, 100)}
	args = append([]string{"sandbox", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"}, args...)
	go func() { r.done <- run(ctx, args, strings.NewReader(""), out, r.stderr) }()
	select {
	case r.welcome = <-out.seen:
	case code := <-r.done:
		t.Fatalf("the sandbox ended with %d: %s", code, r.stderr)
	}
	found := regexp.MustCompile(`(?s)Swedbank Pay +https?://([^/\s]+)/psp.*second door \(payers\) +http://(\S+)`).FindStringSubmatch(r.welcome)
	require.NotNil(t, found, r.welcome)
	r.api, r.admin = found[1], found[2]
	t.Cleanup(func() { _ = r.end() })
	return r
}

// end stops the sandbox as ctrl-c does, and is its status.
func (r *running) end() int {
	if r.stoppedAlready {
		return 0
	}
	r.stoppedAlready = true
	r.stop()
	select {
	case code := <-r.done:
		return code
	case <-time.After(30 * time.Second):
		r.t.Fatal("the sandbox did not stop")
		return 0
	}
}

const cardPayment = `{"payment": {"operation": "Purchase", "intent": "Authorization", "currency": "SEK",
  "prices": [{"type": "CreditCard", "amount": 1500, "vatAmount": 0}],
  "description": "Test Purchase", "userAgent": "curl", "language": "sv-SE", "urls": {"completeUrl": "https://example.com/done"},
  "payeeInfo": {"payeeId": "5cabf558-5283-482f-b252-4d58e06f6f3b", "payeeReference": "AH123456"}}}`

// vendors is a client that finds the vendor's host names at the sandbox, as a
// hosts entry would have it, and trusts one authority.
func (r *running) vendors(ca []byte) *http.Client {
	r.t.Helper()
	pool := x509.NewCertPool()
	require.True(r.t, pool.AppendCertsFromPEM(ca))
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, r.api)
	}
	transport := &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// TestSandboxTLS wants vendors' clients to be served unchanged under the
// vendors' names, by an authority in a file and by one that is printed.
func TestSandboxTLS(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	for name, args := range map[string][]string{"in a file": {"--tls", "--tls-ca", file}, "printed": {"--tls"}} {
		t.Run(name, func(t *testing.T) {
			r := start(t, append(args, "--judge")...)
			ca := []byte(regexp.MustCompile(`(?s)-----BEGIN.*CERTIFICATE-----\n`).FindString(r.welcome))
			if len(args) > 1 {
				var err error
				ca, err = os.ReadFile(file)
				require.NoError(t, err)
			}
			client := r.vendors(ca)
			req, err := http.NewRequest(http.MethodPost, "https://api.externalintegration.payex.com/psp/creditcard/payments", strings.NewReader(cardPayment))
			require.NoError(t, err)
			req.Header = http.Header{"Authorization": {"Bearer any"}, "Content-Type": {"application/json"}}
			res, err := client.Do(req)
			require.NoError(t, err)
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Equal(t, 201, res.StatusCode, string(text))
			assert.Equal(t, "HTTP/1.1", res.Proto)
			assert.GreaterOrEqual(t, res.TLS.Version, uint16(tls.VersionTLS12))
			assert.Contains(t, res.Header.Get("Location"), "https://api.externalintegration.payex.com/psp/creditcard/payments/")
			assert.Contains(t, string(text), `"href":"https://api.externalintegration.payex.com/`)
			assert.NotContains(t, string(text), r.api)

			res, err = client.Post("https://merchant-api.integration.resurs.com/oauth2/token", "application/json",
				strings.NewReader(`{"grant_type":"client_credentials","scope":"merchant-api","client_id":"a","client_secret":"b"}`))
			require.NoError(t, err)
			defer res.Body.Close()
			assert.Equal(t, 200, res.StatusCode)

			_, err = tls.Dial("tcp", r.api, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, InsecureSkipVerify: true})
			require.ErrorContains(t, err, "protocol version not supported", "TLS 1.1")
			assert.Equal(t, 0, r.end(), r.stderr.String())
			assert.Contains(t, r.stderr.String(), "2 exchanges: 2 judged, 0 unjudged; 0 errors")
		})
	}
}

// TestSandboxBroughtCertificate uses a certificate of the caller's, which is
// what --tls has signed for localhost.
func TestSandboxBroughtCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key, ca := writePair(t, dir, time.Now().Add(time.Hour))
	r := start(t, "--tls-cert", cert, "--tls-key", key)
	res, err := r.vendors(ca).Get("https://localhost/psp/creditcard/payments")
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, 405, res.StatusCode)
	assert.Equal(t, 0, r.end())

	_, foreign, _ := writePair(t, t.TempDir(), time.Now().Add(time.Hour))
	code, _, stderr := kassa(t, "sandbox", "--tls-cert", cert, "--tls-key", foreign)
	assert.Equal(t, 2, code)
	assert.Regexp(t, `^kassa: .* are no certificate and its key: .*; give the PEM files that belong together, .*\n$`, stderr)

	cert, key, _ = writePair(t, t.TempDir(), time.Date(2020, 5, 17, 0, 0, 0, 0, time.UTC))
	code, _, stderr = kassa(t, "sandbox", "--tls-cert", cert, "--tls-key", key)
	assert.Equal(t, 2, code)
	assert.Regexp(t, `^kassa: the certificate in .* was good until 2020-05-17; renew it, or let --tls make one\n$`, stderr)
}

func TestSecondDoorPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	code, _, stderr := kassa(t, "sandbox", "--addr", "127.0.0.1:0", "--admin-addr", taken.Addr().String())
	assert.Equal(t, 1, code)
	assert.Regexp(t, `^kassa: 127\.0\.0\.1:\d+ is in use; .*--admin-addr.*\n$`, stderr)
}

// TestDoorsAreApart wants neither door to answer for the other.
func TestDoorsAreApart(t *testing.T) {
	r := start(t)
	for url, status := range map[string]int{
		"http://" + r.admin + "/healthz":                     200,
		"http://" + r.admin + "/psp/creditcard/payments/x":   404,
		"http://" + r.api + "/healthz":                       404,
		"http://" + r.api + "/_kassa/payments":               404,
		"http://" + r.admin + "/recording.har":               404,
		"http://" + r.api + "/recording.har":                 404,
		"http://" + r.admin + "/payments?namespace=stranger": 404,
	} {
		res, err := http.Get(url)
		require.NoError(t, err)
		_ = res.Body.Close()
		assert.Equal(t, status, res.StatusCode, url)
	}
}

// TestOpenSecondDoorIsSaid wants a warning when other machines reach the second
// door, and none when they do not.
func TestOpenSecondDoorIsSaid(t *testing.T) {
	r := start(t, "--admin-addr", "0.0.0.0:0")
	assert.Equal(t, 0, r.end())
	assert.Contains(t, r.stderr.String(), "level=WARN")
	assert.Contains(t, r.stderr.String(), "the second door is open to other machines")
	r = start(t)
	assert.Equal(t, 0, r.end())
	assert.Empty(t, r.stderr.String())
}

func TestSandboxLogs(t *testing.T) {
	ask := func(args ...string) string {
		r := start(t, args...)
		res, err := http.Get("http://" + r.api + "/psp/creditcard/payments/x")
		require.NoError(t, err)
		_ = res.Body.Close()
		require.Equal(t, 0, r.end())
		return r.stderr.String()
	}
	assert.Empty(t, ask())
	assert.Contains(t, ask("--verbose"), "level=INFO msg=request method=GET")
	assert.Contains(t, ask("--log", "text"), "level=INFO msg=request method=GET")
	for line := range strings.Lines(ask("--log", "json", "-v")) {
		var entry struct{ Msg, Level string }
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		assert.NotEmpty(t, entry.Msg)
	}
}

// TestDrain wants a request that is under way to be answered although the
// sandbox has been told to stop, and new ones to be turned away.
func TestDrain(t *testing.T) {
	r := start(t)
	conn, err := net.Dial("tcp", r.api)
	require.NoError(t, err)
	defer conn.Close()
	half := len(cardPayment) / 2
	_, err = io.WriteString(conn, "POST /psp/creditcard/payments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer any\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nContent-Length: "+itoa(len(cardPayment))+"\r\n\r\n")
	require.NoError(t, err)
	buffer := make([]byte, 64)
	n, err := conn.Read(buffer)
	require.NoError(t, err)
	require.Contains(t, string(buffer[:n]), "100 Continue", "the handler reads the body")
	_, err = io.WriteString(conn, cardPayment[:half])
	require.NoError(t, err)
	r.stop()
	require.Eventually(t, func() bool {
		late, err := net.Dial("tcp", r.api)
		if err == nil {
			_ = late.Close()
		}
		return err != nil
	}, 10*time.Second, 10*time.Millisecond, "no connection is taken any more")
	_, err = io.WriteString(conn, cardPayment[half:])
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Contains(t, string(answer), "HTTP/1.1 201 Created")
	assert.Equal(t, 0, r.end())
}

// TestSandboxResets wants a fault's reset to reach the caller as one, not as an
// end, over either kind of connection.
func TestSandboxResets(t *testing.T) {
	for name, args := range map[string][]string{"plain": nil, "TLS": {"--tls"}} {
		t.Run(name, func(t *testing.T) {
			r := start(t, args...)
			res, err := http.Post("http://"+r.admin+"/faults", "application/json", strings.NewReader(`{"cut":"reset"}`))
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, 201, res.StatusCode)
			scheme, client := "http", &http.Client{Transport: &http.Transport{}}
			if args != nil {
				scheme, client = "https", r.vendors([]byte(regexp.MustCompile(`(?s)-----BEGIN.*CERTIFICATE-----\n`).FindString(r.welcome)))
			}
			_, err = client.Get(scheme + "://" + r.api + "/psp/creditcard/payments/none")
			require.ErrorIs(t, err, syscall.ECONNRESET)
		})
	}
}
