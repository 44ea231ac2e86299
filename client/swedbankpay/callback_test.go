package swedbankpay

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/internal/contract"
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

// A transaction is one of the payment that is named beside it.
func TestCallbackOfAnotherPayment(t *testing.T) {
	for id, ok := range map[string]bool{
		cardID + "/sales/t":                     true,
		cardID + "/a/b/c":                       true,
		cardID:                                  false,
		cardID + "0/sales/t":                    false,
		cardID + "/":                            false,
		swishID + "/sales/t":                    false,
		"/psp/creditcard/payments":              false,
		strings.ToUpper(cardID):                 false,
		"/psp/creditcard/payments/x/sales/t":    false,
		"https://api.payex.com" + cardID + "/t": false,
	} {
		body := `{"payment":{"id":"` + cardID + `","number":1},"transaction":{"id":"` + id + `","number":1}}`
		_, err := ParseCallback(strings.NewReader(body))
		assert.Equal(t, ok, err == nil, "%s: %v", id, err)
		_, err = NewCallbackRequest("https://shop.example", Callback{Payment: cardID, Transaction: id})
		assert.Equal(t, ok, err == nil, "%s: %v", id, err)
	}
}

// As JSON a callback is what is sent, and comes back as it was.
func TestCallbackJSON(t *testing.T) {
	for body, c := range map[string]Callback{
		`{"payment":{"id":"/psp/x","number":40000000123},"transaction":{"id":"/psp/x/y","number":9007199254740993}}`: {"/psp/x", 40000000123, "/psp/x/y", 9007199254740993},
		`{"payment":{"id":"/psp/x","number":0}}`: {Payment: "/psp/x"},
	} {
		out, err := json.Marshal(c)
		require.NoError(t, err)
		assert.Equal(t, body, string(out))
		var back Callback
		require.NoError(t, json.Unmarshal(out, &back))
		assert.Equal(t, c, back)

		r, err := NewCallbackRequest("https://shop.example/told", c)
		require.NoError(t, err)
		sent, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, body, string(sent))
		assert.Equal(t, "POST https://shop.example/told application/json", r.Method+" "+r.URL.String()+" "+r.Header.Get("Content-Type"))
	}
	kept := Callback{Payment: "/psp/x"}
	var input *client.InputError
	require.ErrorAs(t, json.Unmarshal([]byte(`{"payment":{"id":"//evil"}}`), &kept), &input)
	assert.Equal(t, Callback{Payment: "/psp/x"}, kept, "a refused one changes nothing")
	_, err := NewCallbackRequest("://", kept)
	require.Error(t, err)
}

// What is sent keeps the contract.
func TestCallbackKeepsContract(t *testing.T) {
	documents, err := contract.Own()
	require.NoError(t, err)
	judged := 0
	for _, op := range documents.Operations() {
		if op.Callback {
			r, err := NewCallbackRequest("https://shop.example", Callback{cardID, 40000000123, cardID + "/captures/t1", 40000000456})
			require.NoError(t, err)
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			assert.Empty(t, op.JudgeRequest(nil, contract.Message{Header: r.Header, Body: body}))
			judged++
		}
	}
	assert.Positive(t, judged)
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
	f.Add([]byte(`{"payment":{"id":"/psp/x","number":9223372036854775807},"transaction":{"id":"/psp/x/y"},"paymentOrder":{"id":"/psp/z","instrument":"Swish"}}`))
	f.Add([]byte(`{"payment":{"id":"/psp/x"},"payment":{"id":"/psp/y"},"transaction":null}`))
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
		if c.Transaction != "" && !strings.HasPrefix(c.Transaction, c.Payment+"/") {
			t.Fatalf("took %q of %q", c.Transaction, c.Payment)
		}
		out, err := json.Marshal(c)
		require.NoError(t, err)
		again, err := ParseCallback(strings.NewReader(string(out)))
		require.NoError(t, err)
		if c.Transaction == "" {
			c.TransactionNumber = 0 // of nothing
		}
		require.Equal(t, c, again)
	})
}
