package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// TestKilled kills a process that writes, at any moment, opens what it left, and lets the next one go on from there.
// Every unit that was acknowledged is there, no unit is there in part, and none without all before it.
//
// KASSA_KILLS sets how often, 25 times by default; KASSA_SEED repeats a run.
func TestKilled(t *testing.T) {
	kills := number(t, "KASSA_KILLS", 25)
	seed := number(t, "KASSA_SEED", int(rand.Int32()))
	chance := rand.New(rand.NewPCG(uint64(seed), 0))
	var file string
	var acked, promised, found int
	for i := range kills {
		if i%5 == 0 {
			file = filepath.Join(t.TempDir(), "facts.db")
			acked = 0
		}
		after, doing := chance.IntN(150), []string{"", "", opening, closing}[chance.IntN(4)]
		if i%5 == 0 && i > 0 {
			after, doing = 0, opening // and making, then
		}
		acked = max(acked, killed(t, file, after, doing))
		if chance.IntN(3) == 0 && i%5 < 4 {
			continue // the next one has to open what a kill left, too
		}
		s, err := sqlite.Open(file)
		require.NoError(t, err, "seed %d, kill %d", seed, i)
		last, problem := history(s)
		require.Empty(t, problem, "seed %d, kill %d", seed, i)
		require.GreaterOrEqual(t, last, acked, "seed %d, kill %d: acknowledged and gone", seed, i)
		require.NoError(t, s.Close())
		promised, found = promised+acked, found+last-acked
		acked = last
	}
	t.Logf("%d kills, seed %d: all of %d acknowledged units found, and %d that were on their way", kills, seed, promised, found)
}

// TestKilledInCheckpoint: a process was killed when Close had moved the first page of FILE-wal into FILE, which then says
// that it is longer than it is.
func TestKilledInCheckpoint(t *testing.T) {
	alive, dead := t.TempDir(), t.TempDir()
	s := open(t, filepath.Join(alive, "facts.db"))
	for n := range 200 {
		add(s, n+1)
	}
	require.NoError(t, s.Append()(), "everything before it is durable")
	require.NoError(t, os.CopyFS(dead, os.DirFS(alive)))
	require.NoError(t, s.Close())

	moved, err := os.ReadFile(filepath.Join(alive, "facts.db"))
	require.NoError(t, err)
	file := filepath.Join(dead, "facts.db")
	left, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Less(t, len(left), len(moved))
	copy(left, moved[:4096])
	require.NoError(t, os.WriteFile(file, left, 0o600))

	last, problem := history(open(t, file))
	assert.Empty(t, problem)
	assert.Equal(t, 200, last)
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return n
}

// What a process that writes says beside the units that are durable.
const opening, closing = "opening", "closing"

// killed has a process write and kills it after so many acknowledgements; if doing is not empty, then when it says that
// next. It returns the highest unit acknowledged.
func killed(t *testing.T, file string, after int, doing string) (acked int) {
	t.Helper()
	c := start(t, "write", file)
	seen, dead := 0, false
	for c.lines.Scan() { // what comes after the kill was said before it
		line := c.lines.Text()
		if line != opening && line != closing {
			n, err := strconv.Atoi(line)
			require.NoError(t, err, line)
			acked = max(acked, n)
			seen++
		}
		if !dead && seen >= after && (doing == "" || doing == line) {
			require.NoError(t, c.Process.Kill())
			dead = true
		}
	}
	require.True(t, dead)
	require.Error(t, c.Wait())
	return acked
}

// write appends units from several goroutines until it is killed, and says each that is durable. After a while it
// closes the file and opens it again.
func write(file string) {
	for {
		fmt.Println(opening)
		s, err := sqlite.Open(file)
		if err != nil {
			fmt.Println(err)
			return
		}
		last, problem := history(s)
		if problem != "" {
			fmt.Println(problem)
			return
		}
		var mu sync.Mutex
		var team sync.WaitGroup
		for range 8 {
			team.Go(func() {
				for range 8 {
					mu.Lock()
					last++
					n := last
					wait := add(s, n)
					mu.Unlock()
					if err := wait(); err != nil {
						fmt.Println(err)
						return
					}
					fmt.Println(n)
				}
			})
		}
		team.Wait()
		fmt.Println(closing)
		if err := s.Close(); err != nil {
			fmt.Println(err)
			return
		}
	}
}

// add appends unit n, or has it replace the state.
func add(s server.Store, n int) (wait func() error) {
	if n%10 == 0 {
		return s.Replace("state", unit(n)...)
	}
	return s.Append(unit(n)...)
}

// unit is one of the units that are written: the parts tell which, and how many there are. Every tenth is state, the
// others belong to the log.
func unit(n int) []server.Record {
	namespace := "log"
	if n%10 == 0 {
		namespace = "state"
	}
	records := make([]server.Record, 1+n%4)
	for i := range records {
		size := 20
		if n%7 == 0 {
			size = n * 997 % 9000 // some fill more than a page
		}
		records[i] = server.Record{
			Namespace: namespace, Subject: strconv.Itoa(n), Kind: fmt.Sprintf("%d of %d", i+1, len(records)),
			Data: []byte(strings.Repeat(strconv.Itoa(n%10), size)),
		}
	}
	return records
}

// history reads which unit was the last, and says what is wrong with what is there: it has to be what the units up to
// that one leave.
func history(s server.Store) (last int, problem string) {
	var records []server.Record
	if err := s.Records(func(r server.Record) error {
		records = append(records, r)
		return nil
	}); err != nil {
		return 0, err.Error()
	}
	if len(records) == 0 {
		return 0, ""
	}
	last, err := strconv.Atoi(records[len(records)-1].Subject)
	if err != nil {
		return 0, err.Error()
	}
	i := 0
	for n := 1; n <= last; n++ {
		if n%10 == 0 && n < last/10*10 {
			continue // replaced since
		}
		for _, want := range unit(n) {
			if i == len(records) {
				return last, fmt.Sprintf("unit %d is there in part: %s is missing", n, want.Kind)
			}
			if !assert.ObjectsAreEqual(want, records[i]) {
				return last, fmt.Sprintf("want unit %d, %s, and record %d is unit %s, %s", n, want.Kind, i, records[i].Subject, records[i].Kind)
			}
			i++
		}
	}
	if i < len(records) {
		return last, fmt.Sprintf("%d records too many", len(records)-i)
	}
	return last, ""
}
