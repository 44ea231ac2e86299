package pages_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/kassa-dev/kassa/server/internal/pages"
)

func TestScript(t *testing.T) {
	for i, name := range map[Instrument]string{CreditCard: "creditCard", Invoice: "invoice", Swish: "swish", Vipps: "vipps", MobilePay: "mobilePay", Trustly: "trustly"} {
		w := httptest.NewRecorder()
		require.NoError(t, Script{Instrument: i, Page: `https://sandbox.example/a?b=1&c=</script>"`}.Write(w))
		assert.Equal(t, "application/javascript; charset=utf-8", w.Header().Get("Content-Type"))
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		assert.Equal(t, "cross-origin", w.Header().Get("Cross-Origin-Resource-Policy"))
		text := w.Body.String()
		assert.Contains(t, text, `"name":"`+name+`"`)
		assert.NotContains(t, text, "</script>")
		assert.True(t, strings.HasSuffix(text, "});\n"), "it does not call itself")
	}
	for _, s := range []Script{{"giro", "https://sandbox.example/"}, {Swish, "/relative"}, {Swish, "javascript:alert(1)"}} {
		w := httptest.NewRecorder()
		require.Error(t, s.Write(w))
		assert.Empty(t, w.Body.String())
		assert.Empty(t, w.Header())
	}
}
