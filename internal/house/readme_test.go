package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeRuns keeps the README's Go a piece of an Example, which the tests
// run, and its curl the one the sandbox prints.
func TestReadmeRuns(t *testing.T) {
	read := func(name ...string) string {
		text, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, name...)...))
		require.NoError(t, err)
		return string(text)
	}
	readme := read("README.md")

	_, rest, ok := strings.Cut(readme, "```go\n")
	require.True(t, ok, "README.md: has no Go; remedy: show the middle of the example")
	snippet, _, _ := strings.Cut(rest, "```")
	example := read("client", "swedbankpay", "example_sandbox_test.go")
	assert.Contains(t, example, snippet, "README.md: the Go differs from client/swedbankpay/example_sandbox_test.go; remedy: copy it from there")

	_, rest, ok = strings.Cut(readme, "curl -s http://127.0.0.1:8585/psp/creditcard/payments")
	require.True(t, ok, "README.md: has no curl; remedy: show the one `kassa sandbox` prints")
	curl, _, _ := strings.Cut(rest, "}}}'")
	sandbox := strings.ReplaceAll(read("cmd", "kassa", "sandbox.go"), "%[1]s", "http://127.0.0.1:8585")
	squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	assert.Contains(t, squeeze(sandbox), squeeze(curl), "README.md: the curl differs from what `kassa sandbox` prints; remedy: copy it from there")
}
