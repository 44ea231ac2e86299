package sqlite_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// open opens a file that is closed when the test ends.
func open(tb testing.TB, file string) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(file)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// all reads everything.
func all(tb testing.TB, s server.Store) []server.Record {
	tb.Helper()
	var records []server.Record
	require.NoError(tb, s.Records(func(r server.Record) error {
		records = append(records, r)
		return nil
	}))
	return records
}

// fact is a record that differs from others in its number.
func fact(namespace string, n int) server.Record {
	return server.Record{Namespace: namespace, Subject: fmt.Sprint("payment-", n), Kind: "fact", Data: fmt.Appendf(nil, `{"n":%d}`, n)}
}

func TestRoundTrip(t *testing.T) {
	var many []server.Record
	for i := range 1000 {
		many = append(many, fact("many", i))
	}
	tests := []struct {
		name    string
		records []server.Record
	}{
		{"nothing", nil},
		{"one", []server.Record{fact("a", 1)}},
		{"more than is read at once", many},
		{"empty names and data", []server.Record{{}}},
		{"names that are SQL, not UTF-8 or NUL", []server.Record{
			{Namespace: "'; DROP TABLE record; --", Subject: "\xff\xfe", Kind: "a\x00b", Data: []byte("\x00\xff")},
			{Namespace: "åäö", Subject: "1", Kind: "1.5", Data: []byte("null")},
		}},
		{"data larger than a page and than what is read at once", []server.Record{
			{Data: []byte(strings.Repeat("x", 5000))},
			{Data: []byte(strings.Repeat("y", 3<<20))},
			{Data: []byte(strings.Repeat("z", 3<<20))},
			fact("", 1),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "facts.db")
			s := open(t, file)
			require.NoError(t, s.Append(tt.records...)())
			assert.Equal(t, tt.records, all(t, s), "from the store that wrote them")
			require.NoError(t, s.Close())
			assert.Equal(t, tt.records, all(t, open(t, file)), "from the file")
		})
	}
}

// Data that is empty comes back as nil: there is none.
func TestEmptyData(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "facts.db"))
	require.NoError(t, s.Append(server.Record{Kind: "k", Data: []byte{}})())
	assert.Equal(t, []server.Record{{Kind: "k"}}, all(t, s))
}

func TestReplace(t *testing.T) {
	tests := []struct {
		name string
		do   func(*sqlite.Store) func() error
		want []server.Record
	}{
		{"one namespace", func(s *sqlite.Store) func() error { return s.Replace("a", fact("a", 9), fact("a", 10)) },
			[]server.Record{fact("b", 2), fact("", 4), fact("b", 5), fact("a", 9), fact("a", 10)}},
		{"one namespace, by nothing", func(s *sqlite.Store) func() error { return s.Replace("b") },
			[]server.Record{fact("a", 1), fact("a", 3), fact("", 4)}},
		{"a namespace that is not there", func(s *sqlite.Store) func() error { return s.Replace("c", fact("c", 9)) },
			[]server.Record{fact("a", 1), fact("b", 2), fact("a", 3), fact("", 4), fact("b", 5), fact("c", 9)}},
		{"all", func(s *sqlite.Store) func() error { return s.Replace("", fact("c", 9)) },
			[]server.Record{fact("c", 9)}},
		{"all, by nothing", func(s *sqlite.Store) func() error { return s.Replace("") },
			nil},
		{"between appends of one transaction", func(s *sqlite.Store) func() error {
			s.Append(fact("a", 9))
			s.Replace("a", fact("b", 10))
			s.Append(fact("a", 11))
			s.Replace("b")
			return s.Append(fact("b", 12))
		}, []server.Record{fact("", 4), fact("a", 11), fact("b", 12)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "facts.db")
			s := open(t, file)
			require.NoError(t, s.Append(fact("a", 1), fact("b", 2), fact("a", 3), fact("", 4), fact("b", 5))())
			release := s.Hold() // what follows is one transaction
			wait := tt.do(s)
			release()
			require.NoError(t, wait())
			assert.Equal(t, tt.want, all(t, s))
			require.NoError(t, s.Append(fact("z", 99))(), "appending goes on")
			require.NoError(t, s.Close())
			assert.Equal(t, append(tt.want, fact("z", 99)), all(t, open(t, file)))
		})
	}
}

// TestOrder: 64 goroutines append units, numbered as they are appended. In the file the numbers rise and units are whole.
func TestOrder(t *testing.T) {
	const goroutines, each, parts = 64, 20, 3
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	var (
		mu   sync.Mutex
		n    int
		team sync.WaitGroup
	)
	for range goroutines {
		team.Go(func() {
			for range each {
				mu.Lock()
				var unit []server.Record
				for range parts {
					unit = append(unit, fact("", n))
					n++
				}
				wait := s.Append(unit...)
				mu.Unlock()
				assert.NoError(t, wait())
				assert.NoError(t, wait(), "the second time too")
			}
		})
	}
	team.Wait()
	require.NoError(t, s.Close())
	records := all(t, open(t, file))
	require.Len(t, records, goroutines*each*parts)
	for i, r := range records {
		require.Equal(t, fact("", i), r)
	}
}

// TestCloseWhileAppending: whatever Close meets is durable or refused, and nothing is both or neither.
func TestCloseWhileAppending(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	var (
		mu    sync.Mutex
		acked []int
		n     atomic.Int64
		team  sync.WaitGroup
		begun = make(chan struct{})
		once  sync.Once
	)
	for range 16 {
		team.Go(func() {
			for {
				i := int(n.Add(1))
				err := s.Append(fact("", i))()
				if err != nil {
					assert.ErrorIs(t, err, fs.ErrClosed)
					return
				}
				mu.Lock()
				acked = append(acked, i)
				if len(acked) == 100 {
					once.Do(func() { close(begun) })
				}
				mu.Unlock()
			}
		})
	}
	<-begun
	require.NoError(t, s.Close())
	team.Wait()
	require.NoError(t, s.Close(), "a second time")
	require.ErrorIs(t, s.Replace("", fact("", 1))(), fs.ErrClosed)
	require.ErrorIs(t, s.Records(func(server.Record) error { return nil }), fs.ErrClosed)

	var found []int
	for _, r := range all(t, open(t, file)) {
		var i int
		_, err := fmt.Sscanf(r.Subject, "payment-%d", &i)
		require.NoError(t, err)
		found = append(found, i)
	}
	slices.Sort(acked)
	slices.Sort(found)
	assert.Equal(t, acked, found)
}

// TestCloseWrites: Close waits for what nobody waited for.
func TestCloseWrites(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	wait := s.Append(fact("", 1))
	require.NoError(t, s.Close())
	require.NoError(t, wait())
	assert.Equal(t, []server.Record{fact("", 1)}, all(t, open(t, file)))
}

func TestRecordsStopsAtTheFirstError(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "facts.db"))
	require.NoError(t, s.Append(fact("", 1), fact("", 2), fact("", 3))())
	enough := errors.New("enough")
	calls := 0
	err := s.Records(func(server.Record) error {
		if calls++; calls == 2 {
			return enough
		}
		return nil
	})
	assert.Same(t, enough, err)
	assert.Equal(t, 2, calls)
}

// What is read may lead to something new, which is for the next reading.
func TestRecordsMayCallTheStore(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "facts.db"))
	for i := range 300 {
		s.Append(fact("old", i))
	}
	calls := 0
	require.NoError(t, s.Records(func(r server.Record) error {
		calls++
		r.Namespace = "new"
		return s.Append(r)()
	}))
	assert.Equal(t, 300, calls)
	records := all(t, s)
	require.Len(t, records, 600)
	assert.Equal(t, "old", records[299].Namespace)
	assert.Equal(t, "new", records[300].Namespace)
}

// Every character of a path is meant as it stands, and nobody but its owner reads a file that Open made.
func TestFileNames(t *testing.T) {
	names := []string{"facts.db", "a b.db", "100%41.db", "kr?mode=memory", "c#1.db", "file:x.db", "åäö.db", "-x", "a&b=c;d.db", "'quoted'\".db"}
	if runtime.GOOS == "windows" {
		names = []string{"facts.db", "a b.db", "100%41.db", "c#1.db", "åäö.db", "-x", "a&b=c;d.db"}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			s := open(t, name)
			require.NoError(t, s.Append(fact("", 1))())
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			var there []string
			for _, e := range entries {
				there = append(there, e.Name())
				info, err := e.Info()
				require.NoError(t, err)
				if runtime.GOOS != "windows" { // which has other rights
					assert.Equal(t, fs.FileMode(0o600), info.Mode(), e.Name())
				}
			}
			assert.Equal(t, []string{name, name + "-wal"}, there)
			require.NoError(t, s.Close())
			assert.NoFileExists(t, name+"-wal", "what Close leaves is one file")
			assert.Equal(t, []server.Record{fact("", 1)}, all(t, open(t, filepath.Join(dir, name))))
		})
	}
}

// The file of another mode, and one that is empty, are used as they are.
func TestEmptyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	require.NoError(t, os.WriteFile(file, nil, 0o640))
	s := open(t, file)
	require.NoError(t, s.Append(fact("", 1))())
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o640), info.Mode())
}
