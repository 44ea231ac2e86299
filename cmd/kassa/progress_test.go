package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

func TestProgressBar(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	bar := newProgressBar(&out, func() time.Time { return now })
	step := func(d time.Duration, read int64) string {
		now = now.Add(d)
		out.Reset()
		bar.tell(conformance.Progress{File: "checkout.har", Read: read, Size: 4 << 20})
		return out.String()
	}
	assert.Empty(t, step(0, 0))
	bar.end()
	assert.Empty(t, out.String(), "nothing to take away")
	assert.Empty(t, step(999*time.Millisecond, 1<<20), "short runs have no bar")
	assert.Equal(t, "\r\x1b[K 25 % ██████░░░░░░░░░░░░░░░░░░ checkout.har of 4.0 MiB", step(time.Millisecond, 1<<20))
	assert.Empty(t, step(99*time.Millisecond, 2<<20), "not so often")
	assert.Equal(t, "\r\x1b[K100 % ████████████████████████ checkout.har of 4.0 MiB", step(time.Millisecond, 4<<20))
	out.Reset()
	bar.end()
	assert.Equal(t, "\r\x1b[K", out.String())
}

func TestProgressLine(t *testing.T) {
	assert.Equal(t, "stdin: 1.5 MiB read", progressLine(conformance.Progress{File: "stdin", Read: 3 << 19}))
	line := progressLine(conformance.Progress{File: strings.Repeat("åä/", 99) + "end.har", Read: 2, Size: 1})
	assert.True(t, strings.HasPrefix(line, "100 % "), "a file that grows is not more than whole")
	assert.Contains(t, line, "end.har of")
	assert.Less(t, utf8.RuneCountInString(line), 80)
	assert.NotContains(t, progressLine(conformance.Progress{File: "eva@exempel.se.har\x1b[31m"}), "eva")
	assert.NotContains(t, progressLine(conformance.Progress{File: "a\x1b[31m"}), "\x1b")
}

type screen struct{ bytes.Buffer }

func (*screen) Terminal() bool { return true }

func TestTerminal(t *testing.T) {
	assert.True(t, terminal(&screen{}))
	assert.False(t, terminal(&bytes.Buffer{}))
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, terminal(file))
}

// A run that is not long leaves a terminal as it leaves a file.
func TestCheckOnATerminal(t *testing.T) {
	name := filepath.Join(t.TempDir(), "empty.har")
	require.NoError(t, os.WriteFile(name, []byte(`{"log":{"entries":[]}}`), 0o600))
	var out, log bytes.Buffer
	var seen screen
	assert.Equal(t, exitUnjudged, run(context.Background(), []string{"check", name}, strings.NewReader(""), &out, &log))
	assert.Equal(t, exitUnjudged, run(context.Background(), []string{"check", name}, strings.NewReader(""), &out, &seen))
	assert.Equal(t, log.String(), seen.String())
}
