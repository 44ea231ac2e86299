package sqlite_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// BenchmarkAppend measures durable units of one record of a kilobyte. Beside it stands BenchmarkSync, what the disk can
// do: the one divided by the other is what to look at.
func BenchmarkAppend(b *testing.B) {
	record := server.Record{
		Subject: "5cabf558-5283-482f-b252-4d58e06f6f3b", Kind: "transaction",
		Data: []byte(`{"description":"` + strings.Repeat("x", 1000) + `"}`),
	}
	for _, goroutines := range []int{1, 64} {
		b.Run(strconv.Itoa(goroutines), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "facts.db"))
			warm(b, s, record)
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			laps := make([][]time.Duration, goroutines)
			for i := range goroutines {
				all.Go(func() {
					for range (b.N + i) / goroutines {
						start := time.Now()
						if err := s.Append(record)(); err != nil {
							b.Error(err)
							return
						}
						laps[i] = append(laps[i], time.Since(start))
					}
				})
			}
			all.Wait()
			report(b, slices.Concat(laps...))
		})
	}
}

// warm writes until FILE-wal is as long as it gets, since growing costs more than writing over.
func warm(b *testing.B, s *sqlite.Store, record server.Record) {
	b.Helper()
	for range 100 {
		records := slices.Repeat([]server.Record{record}, 50)
		require.NoError(b, s.Append(records...)())
	}
}

// BenchmarkSync writes 4 KiB and syncs the data: over what is there, and at the end of a file that grows.
func BenchmarkSync(b *testing.B) {
	page := make([]byte, 4096)
	for _, bm := range []struct {
		name  string
		pages int64 // in the file before
	}{{"overwrite", 1024}, {"grow", 0}} {
		b.Run(bm.name, func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "file"))
			require.NoError(b, err)
			defer f.Close()
			for i := range bm.pages {
				_, err := f.WriteAt(page, i*4096)
				require.NoError(b, err)
			}
			require.NoError(b, f.Sync())
			var laps []time.Duration
			for i := int64(0); b.Loop(); i++ {
				start := time.Now()
				at := i
				if bm.pages > 0 {
					at %= bm.pages
				}
				if _, err := f.WriteAt(page, at*4096); err != nil {
					b.Fatal(err)
				}
				if err := syncData(f); err != nil {
					b.Fatal(err)
				}
				laps = append(laps, time.Since(start))
			}
			report(b, laps)
		})
	}
}

func report(b *testing.B, laps []time.Duration) {
	b.Helper()
	slices.Sort(laps)
	b.ReportMetric(float64(laps[len(laps)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(laps[len(laps)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(len(laps))/b.Elapsed().Seconds(), "units/s")
}
