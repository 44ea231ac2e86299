package swedbankpay

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
)

func TestTransactionIn(t *testing.T) {
	const moved = `"transaction":{"id":"x","number":2,"state":"Completed","type":"T","new":1}`
	for _, body := range []string{
		`{"payment":"/psp/x","authorization":{"id":"/psp/x/kind/t",` + moved + `}}`,
		`{"payment":"/psp/x","cancellation":{` + moved + `,"id":"/psp/x/kind/t"}}`,
		`{"payment":"/psp/x","kindOfTomorrow":{"id":"/psp/x/kind/t",` + moved + `,"more":[]},"extra":7,"nothing":null,"text":"transaction"}`,
		`{"a":{"transaction":{"number":0,"state":"Completed"}},"b":{"transaction":{"number":1}},"c":{"transaction":[]},"sale":{"id":"/psp/x/kind/t",` + moved + `}}`,
	} {
		got, err := transactionIn(&wire.Answer{Body: []byte(body)})
		require.NoError(t, err, body)
		assert.Equal(t, "/psp/x/kind/t 2 Completed T", strings.Join([]string{got.Resource, "2", got.State, got.Type}, " "))
		assert.EqualValues(t, 2, got.Number)
		assert.Equal(t, body, string(got.Raw))
	}
	general, err := transactionIn(&wire.Answer{Body: []byte(`{"payment":"/psp/x",` + moved + `}`)})
	require.NoError(t, err)
	assert.EqualValues(t, 2, general.Number)
	assert.Empty(t, general.Resource)

	for _, body := range []string{
		``, `null`, `[]`, `7`, `{}`, `{"transaction":null}`, `{"transaction":{"number":2}}`, `{"transaction":{"state":"Completed"}}`,
		`{"sale":{"transaction":{"number":-1,"state":"Completed"}}}`, `{"sale":{"transaction":{"number":"2","state":"Completed"}}}`,
		`{"payment":{"id":"/psp/x","number":2,"state":"Ready"},"operations":[]}`, `{"sales":{"saleList":[{` + moved + `}]}}`, `{"sale":{` + moved,
	} {
		_, err := transactionIn(&wire.Answer{Body: []byte(body)})
		var unreadable *client.DecodeError
		require.ErrorAs(t, err, &unreadable, body)
	}
}

func FuzzTransactionIn(f *testing.F) {
	for _, body := range []string{
		`{"payment":"/psp/x","sale":{"id":"/psp/x/sales/t","transaction":{"id":"t","number":2,"state":"Completed"}}}`,
		`{"transaction":{"number":2,"state":"Completed"},"a":{"transaction":{"number":3,"state":"Failed","problem":{"status":403}}}}`,
		`{"sale":[],"":{"transaction":{"Number":1e3,"STATE":"x"}}}`, `nul`, `{"a":1e999}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := transactionIn(&wire.Answer{Body: body})
		if err != nil {
			var unreadable *client.DecodeError
			require.ErrorAs(t, err, &unreadable)
			return
		}
		require.Positive(t, got.Number)
		require.NotEmpty(t, got.State)
		again, err := transactionIn(&wire.Answer{Body: body})
		require.NoError(t, err)
		require.Equal(t, got, again, "the same, whatever the order of a map")
	})
}
