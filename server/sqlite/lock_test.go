package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server/sqlite"
)

const taken = "somebody else has it open; stop the other sandbox or program, or name another file"

// TestLock: one store at a time has a file, in this process or another, from Open to Close.
func TestLock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	refused := func() {
		t.Helper()
		_, err := sqlite.Open(file)
		require.ErrorContains(t, err, file+": "+taken)
	}

	other := start(t, "hold", file)
	require.True(t, other.lines.Scan())
	require.Equal(t, "open", other.lines.Text())
	refused()
	require.NoError(t, other.stop())
	require.NoError(t, other.Wait())

	s := open(t, file)
	refused()
	require.NoError(t, s.Append(fact("", 1))(), "a refusal harms nobody")
	refusedThere(t, file)
	require.NoError(t, s.Close())
	open(t, file)
}

// TestLockOutlivesReaders: that something else in the process opens and closes the file changes nothing.
func TestLockOutlivesReaders(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has locks that outlive this; Open's comment says so")
	}
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	require.NoError(t, s.Append(fact("", 1))())
	_, err := os.ReadFile(file)
	require.NoError(t, err)
	refusedThere(t, file)
}

func refusedThere(t *testing.T, file string) {
	t.Helper()
	other := start(t, "hold", file)
	require.True(t, other.lines.Scan())
	assert.Contains(t, other.lines.Text(), file+": "+taken)
	require.NoError(t, other.stop())
	require.NoError(t, other.Wait())
}
