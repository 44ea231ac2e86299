package house

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reasonRow finds a dependency and its reason in the table of docs/design.md: "| `module` | reason |".
var reasonRow = regexp.MustCompile("(?m)^\\| `([a-z0-9.-]+\\.[a-z]+/[^` ]+)` \\| (.*) \\|$")

// Every module this one requires directly has its reason in docs/design.md, and every reason there has its module.
func TestDependenciesHaveReasons(t *testing.T) {
	design, err := os.ReadFile(root + "/docs/design.md")
	require.NoError(t, err)
	reasons := map[string]string{}
	for _, row := range reasonRow.FindAllStringSubmatch(string(design), -1) {
		reasons[row[1]] = row[2]
	}

	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal(out, &mod))

	for _, r := range mod.Require {
		if r.Indirect {
			continue
		}
		assert.Greater(t, len(reasons[r.Path]), 20,
			"go.mod requires %s without a reason; remedy: add a row \"| `%s` | reason |\" to docs/design.md, or do without it", r.Path, r.Path)
		delete(reasons, r.Path)
	}
	for _, path := range slices.Sorted(maps.Keys(reasons)) {
		t.Errorf("docs/design.md gives a reason for %s, which go.mod does not require directly; remedy: run go mod tidy, then drop the row if it is still not", path)
	}
}
