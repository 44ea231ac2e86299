package swedbankpay

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func TestParseCallback(t *testing.T) {
	want := &Callback{Payment: cardID, PaymentNumber: 40000000123, Transaction: cardID + "/captures/t1", TransactionNumber: 40000000456}
	for _, body := range []string{
		`{"payment":{"id":"` + cardID + `","number":40000000123},"transaction":{"id":"` + cardID + `/captures/t1","number":40000000456}}`,
		`{"transaction":{"number":"40000000456","id":"` + cardID + `/captures/t1"},"payment":{"number":"40000000123","id":"` + cardID + `"},"paymentOrder":{"id":"/x"}}`,
	} {
		got, err := ParseCallback(strings.NewReader(body))
		require.NoError(t, err, body)
		assert.Equal(t, want, got)
	}
	got, err := ParseCallback(strings.NewReader(`{"payment":{"id":"` + cardID + `"}}`))
	require.NoError(t, err)
	assert.Equal(t, &Callback{Payment: cardID}, got)
}

func TestForgedCallback(t *testing.T) {
	ids := []string{
		"", "https://evil.example/psp/x", "//evil.example/psp/x", "/psp", "/psp/", "/admin/x", "psp/x", "/PSP/x",
		"/psp/../admin", "/psp/x/..", "/psp/./x", "/psp/%2e%2e/x", "/psp//evil.example", `/psp/\evil.example`, "/psp/x?y=1", "/psp/x#y",
		"/psp/x y", "/psp/x\r\nHost: evil", "/psp/x\x00", "/psp/å", "/psp/x@evil", "/psp/" + strings.Repeat("x", 600),
	}
	for _, id := range ids {
		quoted := strings.NewReplacer(`\`, `\\`, "\r", `\r`, "\n", `\n`, "\x00", `\u0000`).Replace(id)
		for _, body := range []string{
			`{"payment":{"id":"` + quoted + `","number":1},"transaction":{"id":"/psp/x","number":1}}`,
			`{"payment":{"id":"/psp/x","number":1},"transaction":{"id":"` + quoted + `","number":1}}`,
		} {
			got, err := ParseCallback(strings.NewReader(body))
			if id == "" && err == nil {
				assert.Empty(t, got.Transaction) // a transaction may be missing, a payment may not
				assert.Equal(t, "/psp/x", got.Payment)
				continue
			}
			var input *client.InputError
			require.ErrorAs(t, err, &input, body)
		}
	}
}

func TestBadCallback(t *testing.T) {
	for _, body := range []string{"", "null", "[]", "{}", "<html>", `{"payment":"/psp/x"}`, `{"payment":{"id":1}}`, `{"payment":{"id":"/psp/x","number":"x"}}`, `{"payment":{"id":"/psp/x"}} x`} {
		_, err := ParseCallback(strings.NewReader(body))
		var input *client.InputError
		require.ErrorAs(t, err, &input, body)
	}
	big := io.MultiReader(strings.NewReader(`{"x":"`), strings.NewReader(strings.Repeat("x", maxCallback)))
	_, err := ParseCallback(big)
	require.ErrorContains(t, err, "at most 64 KiB")
	cut := errors.New("cut")
	_, err = ParseCallback(iotest.ErrReader(cut))
	require.ErrorIs(t, err, cut)
}

func FuzzParseCallback(f *testing.F) {
	f.Add([]byte(`{"payment":{"id":"/psp/creditcard/payments/1","number":1},"transaction":{"id":"/psp/creditcard/payments/1/sales/2","number":"2"}}`))
	f.Add([]byte(`{"payment":{"id":"//evil"}}`))
	f.Add([]byte(`{"Payment":{"ID":"/psp/x","number":1e400}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseCallback(strings.NewReader(string(body)))
		if err != nil {
			return
		}
		for _, id := range []string{c.Payment, c.Transaction} {
			if id == "" && id == c.Transaction {
				continue
			}
			if !strings.HasPrefix(id, "/psp/") || strings.Contains(id, "/.") || strings.Contains(id, "//") || strings.ContainsAny(id, "\\%?#@: \r\n") {
				t.Fatalf("took %q", id)
			}
		}
	})
}
