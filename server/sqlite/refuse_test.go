package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server/sqlite"
)

// TestOpenRefuses: what is not ours to use is refused with the file, the problem and the remedy, and stays as it was.
func TestOpenRefuses(t *testing.T) {
	const other = "it is an SQLite database of something else; name another file"
	tests := []struct {
		name string
		make func(t *testing.T, dir string) (file string)
		want string
	}{
		{"no name", func(*testing.T, string) string { return "" },
			"no file is named; name one, or use no store to keep everything in memory"},
		{"memory", func(*testing.T, string) string { return ":memory:" },
			"it is SQLite's name for no file at all; name a file, or use no store to keep everything in memory"},
		{"a folder that is not there", func(_ *testing.T, dir string) string { return filepath.Join(dir, "no", "facts.db") },
			"its folder is not there; make the folder, or name another file"},
		{"a folder", func(_ *testing.T, dir string) string { return dir },
			"it is a folder; name a file in it"},
		{"a file below a file", func(t *testing.T, dir string) string {
			return filepath.Join(written(t, dir, "text"), "facts.db")
		}, "it cannot be used; name another file"},
		{"a link to nothing", func(t *testing.T, dir string) string {
			link := filepath.Join(dir, "link")
			if err := os.Symlink(filepath.Join(dir, "nothing"), link); err != nil {
				t.Skipf("no links here: %v", err)
			}
			return link
		}, "it is a link to nothing; name the file itself"},
		{"a device", func(t *testing.T, _ string) string {
			if runtime.GOOS == "windows" {
				t.Skip("devices are no files on Windows")
			}
			return os.DevNull
		}, "it is no ordinary file; name another"},
		{"a name with a NUL", func(_ *testing.T, dir string) string { return filepath.Join(dir, "a\x00b") },
			"it cannot be used; name another file"},
		{"a short text", func(t *testing.T, dir string) string { return written(t, dir, "hello") },
			"it is no SQLite database; name another file"},
		{"a long text", func(t *testing.T, dir string) string { return written(t, dir, fmt.Sprintf("%5000d", 1)) },
			"it is no SQLite database; name another file"},
		{"a database of something else", func(t *testing.T, dir string) string {
			return made(t, dir, `CREATE TABLE places (url TEXT)`)
		}, other},
		{"one marked as something else's, still empty", func(t *testing.T, dir string) string {
			return made(t, dir, `PRAGMA application_id = 7`)
		}, other},
		{"one with a version of its own, still empty", func(t *testing.T, dir string) string {
			return made(t, dir, `PRAGMA user_version = 7`)
		}, other},
		{"one in WAL mode whose writer was killed", func(t *testing.T, dir string) string {
			return killedWriter(t, dir, `PRAGMA journal_mode = WAL`, `CREATE TABLE places (url TEXT)`, `PRAGMA wal_checkpoint`, `INSERT INTO places VALUES ('x')`)
		}, other},
		{"a newer version", func(t *testing.T, dir string) string {
			return made(t, dir, sqlite.Table, mark(), `PRAGMA user_version = 2`)
		}, "it is kept in version 2 of the format, and this program knows version 1; use the program that wrote it, or name another file"},
		{"no version", func(t *testing.T, dir string) string {
			return made(t, dir, sqlite.Table, mark())
		}, "it is kept in version 0 of the format"},
		{"a table that was changed", func(t *testing.T, dir string) string {
			return made(t, dir, sqlite.Table, `ALTER TABLE record ADD COLUMN note TEXT`, mark(), `PRAGMA user_version = 1`)
		}, "it is damaged; restore a copy, or name another file (its table is not the one this version makes)"},
		{"a table too many", func(t *testing.T, dir string) string {
			return made(t, dir, sqlite.Table, `CREATE TABLE note (text TEXT)`, mark(), `PRAGMA user_version = 1`)
		}, "it is damaged"},
		{"half a file", func(t *testing.T, dir string) string {
			file := ours(t, dir)
			require.NoError(t, os.Truncate(file, 8192))
			return file
		}, "it is damaged; restore a copy, or name another file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			file := tt.make(t, dir)
			before := contents(t, dir)
			s, err := sqlite.Open(file)
			require.Error(t, err)
			assert.Nil(t, s)
			assert.Contains(t, err.Error(), file+": "+tt.want)
			var typed *sqlite.Error
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, file, typed.File)
			assert.Equal(t, before, contents(t, dir), "it was left as it was")
		})
	}
}

func mark() string { return fmt.Sprintf(`PRAGMA application_id = %d`, sqlite.Application) }

// written is a file with some text.
func written(t *testing.T, dir, text string) string {
	t.Helper()
	file := filepath.Join(dir, "facts.db")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// made is a database made by some statements.
func made(t *testing.T, dir string, statements ...string) string {
	t.Helper()
	file := filepath.Join(dir, "facts.db")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	for _, text := range statements {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err, text)
	}
	require.NoError(t, db.Close())
	return file
}

// killedWriter is a database as a process leaves it that is killed after some statements.
func killedWriter(t *testing.T, dir string, statements ...string) string {
	t.Helper()
	alive := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(alive, "facts.db"))
	require.NoError(t, err)
	for _, text := range statements {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err, text)
	}
	require.NoError(t, os.CopyFS(dir, os.DirFS(alive)))
	require.NoError(t, db.Close())
	require.FileExists(t, filepath.Join(dir, "facts.db-wal"))
	return filepath.Join(dir, "facts.db")
}

// ours is a file of several pages that was closed properly.
func ours(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "facts.db")
	s := open(t, file)
	for n := range 200 {
		add(s, n)
	}
	require.NoError(t, s.Close())
	return file
}

// contents is what a folder holds, by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil {
			found[e.Name()] = string(data)
		} else {
			found[e.Name()] = err.Error()
		}
	}
	return found
}
