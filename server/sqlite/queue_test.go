package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// TestQueueIsBounded: while nothing can be written, Append takes what there is room for and then waits for some.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlite.Open(filepath.Join(t.TempDir(), "facts.db"))
		require.NoError(t, err)
		s.SetLimit(3000)
		kilobyte := server.Record{Data: []byte(strings.Repeat("x", 1000))}
		release := s.Hold()
		appended := make(chan func() error, 10)
		go func() {
			for range 5 {
				appended <- s.Append(kilobyte)
			}
			close(appended)
		}()
		synctest.Wait()
		assert.Len(t, appended, 2, "the third would be too much")
		release()
		for wait := range appended {
			require.NoError(t, wait())
		}
		require.Len(t, all(t, s), 5)

		kilobyte.Data = []byte(strings.Repeat("x", 10_000))
		require.NoError(t, s.Append(kilobyte)(), "what is larger than all the room is taken alone")
		require.NoError(t, s.Close())
	})
}

// TestNobodyWaits: a unit nobody waits for is written all the same, soon.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "facts.db")
		s, err := sqlite.Open(file)
		require.NoError(t, err)
		for i := range 3 {
			before := s.Written()
			s.Append(fact("", i))
			synctest.Wait()
			assert.Equal(t, before, s.Written(), "not at once")
			<-time.After(sqlite.Lingering)
			synctest.Wait()
			assert.Equal(t, before+1, s.Written(), "a few milliseconds later")
		}
		require.NoError(t, s.Close()) // or the bubble finds what still runs
	})
}

// TestWaitersShareACommit: what is appended while a commit runs is the next commit, all of it.
func TestWaitersShareACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlite.Open(filepath.Join(t.TempDir(), "facts.db"))
		require.NoError(t, err)
		release := s.Hold()
		done := make(chan error, 50)
		for i := range 50 {
			go func() { done <- s.Append(fact("", i))() }()
		}
		synctest.Wait()
		assert.Empty(t, done, "nobody is told before it is true")
		assert.Equal(t, 50, s.Pending(), "records of the next transaction")
		release()
		for range 50 {
			require.NoError(t, <-done)
		}
		assert.Zero(t, s.Pending())
		require.NoError(t, s.Close())
	})
}
