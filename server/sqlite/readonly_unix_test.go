//go:build unix

package sqlite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server/sqlite"
)

// TestReadOnly: a file, or a folder, that may not be written is refused at Open, not at the first unit.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 { // who may write everything
		if !apart(t, func(*exec.Cmd) {}) {
			return
		}
		const nobody = 65534
		require.NoError(t, syscall.Setgroups(nil))
		require.NoError(t, syscall.Setgid(nobody))
		require.NoError(t, syscall.Setuid(nobody))
	}
	const remedy = "it cannot be opened for writing; allow reading and writing of the file and of its folder, or name another"
	tests := []struct {
		name         string
		folder, file os.FileMode // 0 for a file that is not there
		want         string
	}{
		{"a file that may not be written", 0o700, 0o400, remedy},
		{"a file that may not be read", 0o700, 0o200, remedy},
		{"a file in a folder that may not be written", 0o500, 0o600, remedy},
		{"a new file in a folder that may not be written", 0o500, 0, "it cannot be made in its folder; allow writing to the folder, or name another file"},
		{"a file in a folder that may not be entered", 0o600, 0o600, "it cannot be made in its folder; allow writing to the folder, or name another file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "facts.db")
			if tt.file != 0 {
				file = ours(t, dir)
				require.NoError(t, os.Chmod(file, tt.file))
			}
			require.NoError(t, os.Chmod(dir, tt.folder))
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			_, err := sqlite.Open(file)
			assert.ErrorContains(t, err, file+": "+tt.want)
		})
	}
}
