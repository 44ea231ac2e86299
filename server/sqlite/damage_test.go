package sqlite_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// TestDamage changes a file in many ways. Each time Open or Records says that it is damaged, or, where the change met
// only what nothing depends on, everything is read as it was written. Nothing is ever left out or altered.
//
// KASSA_DAMAGES sets how often each way is tried, 15 times by default; KASSA_SEED repeats a run.
func TestDamage(t *testing.T) {
	const page = 4096
	seed := number(t, "KASSA_SEED", int(rand.Int32()))
	chance := rand.New(rand.NewPCG(uint64(seed), 1))
	dir := t.TempDir()
	whole := ours(t, dir)
	good, err := os.ReadFile(whole)
	require.NoError(t, err)
	want := all(t, open(t, whole))
	pages := len(good) / page
	require.Greater(t, pages, 20)

	ways := []struct {
		name   string
		change func(b []byte) []byte
	}{
		{"a bit", func(b []byte) []byte {
			b[chance.IntN(len(b))] ^= 1 << chance.IntN(8)
			return b
		}},
		{"a byte of the file's header", func(b []byte) []byte {
			b[chance.IntN(108)] = byte(chance.Int())
			return b
		}},
		{"a byte of a page's header", func(b []byte) []byte {
			b[(1+chance.IntN(pages-1))*page+chance.IntN(12)] = byte(chance.Int())
			return b
		}},
		{"sixteen bytes", func(b []byte) []byte {
			at := chance.IntN(len(b) - 16)
			for i := range 16 {
				b[at+i] = byte(chance.Int())
			}
			return b
		}},
		{"a page of zeros", func(b []byte) []byte {
			at := chance.IntN(pages) * page
			clear(b[at : at+page])
			return b
		}},
		{"a page in another's place", func(b []byte) []byte {
			from, to := chance.IntN(pages)*page, chance.IntN(pages)*page
			copy(b[to:to+page], good[from:])
			return b
		}},
		{"the end cut off", func(b []byte) []byte { return b[:1+chance.IntN(len(b)-1)] }},
	}
	found := map[string]int{}
	for range number(t, "KASSA_DAMAGES", 15) {
		for _, way := range ways {
			changed := way.change(slices.Clone(good))
			if bytes.Equal(changed, good) {
				continue
			}
			file := filepath.Join(dir, "changed.db")
			require.NoError(t, os.WriteFile(file, changed, 0o600))
			got, err := attempt(file)
			if err == nil {
				require.Equal(t, want, got, "seed %d, %s: it was read without a word", seed, way.name)
				continue
			}
			found[way.name]++
			var typed *sqlite.Error
			require.ErrorAs(t, err, &typed)
			require.Equal(t, file, typed.File)
			require.NotContains(t, typed.Remedy, "sandbox", "seed %d, %s: %v", seed, way.name, err)
			after, err := os.ReadFile(file)
			require.NoError(t, err)
			require.True(t, bytes.Equal(changed, after), "seed %d, %s: refused, and changed all the same", seed, way.name)
		}
	}
	for _, way := range ways {
		assert.Positive(t, found[way.name], "%s is never noticed", way.name)
	}
	t.Logf("seed %d, noticed: %v", seed, found)
}

func attempt(file string) (records []server.Record, err error) {
	s, err := sqlite.Open(file)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.Records(func(r server.Record) error {
		records = append(records, r)
		return nil
	})
	return records, err
}

// TestDamageWhileOpen: pages that go bad after Open looked are an error of Records, after what comes before them.
func TestDamageWhileOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	for i := range 3000 {
		s.Append(fact("", i))
	}
	require.NoError(t, s.Close())
	s = open(t, file)
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	for at := info.Size() / 2 / 4096 * 4096; at < info.Size(); at += 4096 {
		_, err := f.WriteAt(make([]byte, 100), at)
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
	require.NoError(t, s.Exec(`PRAGMA shrink_memory`)) // what is in memory is still good
	read := 0
	err = s.Records(func(server.Record) error { read++; return nil })
	assert.Positive(t, read)
	assert.ErrorContains(t, err, file+": it is damaged; restore a copy, or name another file")
}
