package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

const full = "the disk is full; make room, then start again; what was acknowledged is kept (database or disk is full (13))"

// TestFailureIsFinal: once a unit could not be written, none is any more, for the same reason, even if there would be
// room again. What was acknowledged is in the file, and nothing else.
func TestFailureIsFinal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	require.NoError(t, s.Exec(`PRAGMA max_page_count = 30`))
	acked := 0
	var reason error
	for reason == nil {
		if reason = add(s, acked+1)(); reason == nil {
			acked++
		}
	}
	assert.EqualError(t, reason, file+": "+full)
	require.Greater(t, acked, 10)

	require.NoError(t, s.Exec(`PRAGMA max_page_count = 1000000`))
	assert.Same(t, reason, s.Append(fact("", 1))())
	assert.Same(t, reason, s.Replace("")())
	assert.Same(t, reason, s.Records(nil), "what is known and not in the file is not left out in silence")
	assert.Same(t, reason, s.Close())
	assert.NoError(t, s.Close())

	s = open(t, file)
	last, problem := history(s)
	assert.Empty(t, problem)
	assert.Equal(t, acked, last)
	assert.NoError(t, add(s, acked+1)(), "there is room again")
}

// TestFailureMeetsManyWaiters: everybody is told, and who was told that all is well was told the truth.
func TestFailureMeetsManyWaiters(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	require.NoError(t, s.Exec(`PRAGMA max_page_count = 60`))
	var (
		mu    sync.Mutex
		n     int
		acked int
		team  sync.WaitGroup
	)
	for range 64 {
		team.Go(func() {
			for failures := 0; failures < 2; {
				mu.Lock()
				n++
				mine := n
				wait := add(s, mine)
				mu.Unlock()
				if err := wait(); err != nil {
					assert.EqualError(t, err, file+": "+full)
					failures++
					continue
				}
				mu.Lock()
				acked = max(acked, mine)
				mu.Unlock()
			}
		})
	}
	team.Wait()
	require.Error(t, s.Close())
	last, problem := history(open(t, file))
	assert.Empty(t, problem)
	assert.Equal(t, acked, last)
}

// TestFailedUnitLeavesNothing: a unit fails as a whole, and so does a replacement, which then has forgotten nothing.
func TestFailedUnitLeavesNothing(t *testing.T) {
	for _, replace := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "facts.db")
		s := open(t, file)
		require.NoError(t, s.Append(fact("a", 1), fact("b", 2))())
		require.NoError(t, s.Exec(`PRAGMA max_page_count = 10`))
		large := fact("a", 3)
		large.Data = make([]byte, 100_000)
		var wait func() error
		if replace {
			wait = s.Replace("", fact("a", 4), large)
		} else {
			wait = s.Append(fact("a", 4), large)
		}
		assert.EqualError(t, wait(), file+": "+full)
		require.Error(t, s.Close())
		assert.Len(t, all(t, open(t, file)), 2, "replace: %t", replace)
	}
}

// TestPanicAcknowledgesNothing: should a commit panic, as a library may, and somebody recover, as net/http does, then
// nobody waits for ever, and nobody is told that all is well.
func TestPanicAcknowledgesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, file)
	require.NoError(t, s.Append(fact("", 1))())
	s.Break()
	release := s.Hold()
	first, second := s.Append(fact("", 2)), s.Append(fact("", 3))
	release()
	assert.Panics(t, func() { _ = first() })
	const want = ": writing it was broken off by a mistake of the program; start again; what was acknowledged is kept"
	assert.EqualError(t, first(), file+want)
	assert.EqualError(t, second(), file+want)
	assert.EqualError(t, s.Append(fact("", 4))(), file+want)
	assert.EqualError(t, s.Close(), file+want)
	assert.Equal(t, []server.Record{fact("", 1)}, all(t, open(t, file)))
}

// TestErrors: an error has a cause when there is one.
func TestErrors(t *testing.T) {
	assert.EqualError(t, &sqlite.Error{File: "f", Problem: "p", Remedy: "r"}, "f: p; r")
}
