package swedbankpay_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

const payload = `{"payment":{"id":"` + paymentID + `","number":1},"transaction":{"id":"` + saleID + `","number":2}}`

// Forged and broken requests, over a wire: each is refused with a status and
// no more, nothing is asked of the API, and nothing is noted.
func TestForgedRequests(t *testing.T) {
	payment := func(id string) string { return `{"payment":{"id":"` + id + `","number":1}}` }
	transaction := func(id string) string {
		return `{"payment":{"id":"` + paymentID + `"},"transaction":{"id":"` + id + `","number":1}}`
	}
	padded := func(n int) string {
		return payload[:len(payload)-1] + `,"x":"` + strings.Repeat("x", n-len(payload)-7) + `"}`
	}
	tests := []struct {
		name, method, body string
		status             int
	}{
		{"to look at", "GET", "", 405},
		{"to look at, without the rest", "HEAD", "", 405},
		{"another method", "PUT", payload, 405},
		{"to ask", "OPTIONS", "", 405},
		{"a method of its own", "PAY", payload, 405},
		{"nothing", "POST", "", 400},
		{"no JSON", "POST", "payment.id=" + paymentID, 400},
		{"HTML", "POST", "<html></html>", 400},
		{"an array", "POST", "[" + payload + "]", 400},
		{"more than one", "POST", payload + payload, 400},
		{"cut short", "POST", payload[:len(payload)-2], 400},
		{"deep", "POST", strings.Repeat(`{"payment":`, 5000), 400},
		{"64 KiB and a byte", "POST", padded(64<<10 + 1), 413},
		{"a megabyte", "POST", padded(1 << 20), 413},
		{"another host", "POST", payment("https://evil.example/psp/x"), 400},
		{"another host, without its scheme", "POST", payment("//evil.example/psp/x"), 400},
		{"our host in full", "POST", payment(swedbankpay.Test + paymentID), 400},
		{"user information", "POST", payment("/psp/x@evil.example"), 400},
		{"a path on the host, but no payment's", "POST", payment("/admin"), 400},
		{"up and down", "POST", payment("/psp/../admin"), 400},
		{"up and down, escaped", "POST", payment("/psp/%2e%2e/admin"), 400},
		{"a query", "POST", payment(paymentID + "?$expand=paid"), 400},
		{"a header", "POST", payment(paymentID + `\r\nHost: evil.example`), 400},
		{"a long one", "POST", payment("/psp/" + strings.Repeat("x", 600)), 400},
		{"a transaction elsewhere", "POST", transaction("https://evil.example" + saleID), 400},
		{"a transaction of another payment", "POST", transaction("/psp/swish/payments/other/sales/1"), 400},
		{"a transaction that climbs", "POST", transaction(paymentID + "/../../other"), 400},
	}
	inbox := swedbankpay.NewInbox()
	m := newMerchant(t, swedbankpay.WithInbox(inbox))
	web := httptest.NewServer(m)
	t.Cleanup(web.Close)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, web.URL, strings.NewReader(tt.body))
			require.NoError(t, err)
			status, body := send(t, req)
			assert.Equal(t, tt.status, status)
			if tt.method != "HEAD" {
				assert.Equal(t, fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d}`+"\n", http.StatusText(tt.status), tt.status), body)
			}
			assert.Len(t, m.reported(), map[bool]int{true: 1}[tt.status != 405])
			assert.Empty(t, m.bank.asked())
			assert.Zero(t, pending(t, inbox))
		})
	}
	assert.Empty(t, m.had())
	for name, body := range map[string]string{"": payload, "text/html": padded(64 << 10), "application/json; charset=utf-16": payload} {
		req, err := http.NewRequest("POST", web.URL, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", name)
		status, body := send(t, req)
		assert.Equal(t, "200 ", fmt.Sprint(status, " ", body), "the content type is documented nowhere, so it does not matter")
	}
	assert.Len(t, m.had(), 1)
	m.close()
}

func send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if resp.StatusCode != http.StatusOK {
		assert.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
	}
	if resp.StatusCode == http.StatusMethodNotAllowed {
		assert.Equal(t, "POST", resp.Header.Get("Allow"))
	}
	return resp.StatusCode, string(body)
}

// Bodies that no client of Go's would send.
func TestRawCallbacks(t *testing.T) {
	m := newMerchant(t)
	web := httptest.NewServer(m)
	t.Cleanup(web.Close)
	tests := map[string]struct{ head, body, status string }{
		"a body without end":            {"Transfer-Encoding: chunked", strings.Repeat("8000\r\n"+strings.Repeat(" ", 0x8000)+"\r\n", 3), "413"},
		"a body that says it is long":   {"Content-Length: 9999999999", strings.Repeat(" ", 70_000), "413"},
		"a body that stops":             {"Content-Length: 500", payload, "400"},
		"a body in pieces":              {"Transfer-Encoding: chunked", "1\r\n{\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(payload)-1, payload[1:]), "200"},
		"a body that is not what it is": {"Content-Length: 4\r\nContent-Encoding: gzip", "\x1f\x8b\x00\x00", "400"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(web.URL, "http://"))
			require.NoError(t, err)
			defer conn.Close()
			go func() {
				_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"+tt.head+"\r\n\r\n"+tt.body)
				if tt.status == "400" {
					_ = conn.(*net.TCPConn).CloseWrite()
				}
			}()
			status := make([]byte, len("HTTP/1.1 200"))
			_, err = io.ReadFull(conn, status)
			require.NoError(t, err)
			assert.Equal(t, "HTTP/1.1 "+tt.status, string(status))
		})
	}
	m.close()
}
