package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/conformance"
)

// terminal tells whether people see what is written as it comes. What is no
// file can say so itself.
func terminal(w io.Writer) bool {
	switch w := w.(type) {
	case interface{ Terminal() bool }:
		return w.Terminal()
	case *os.File:
		info, err := w.Stat()
		return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	return false
}

// A progressBar is one line that is drawn over and over, and gone at the end.
// It appears when something takes longer than a second.
type progressBar struct {
	out io.Writer
	now func() time.Time

	mu           sync.Mutex
	begun, drawn time.Time
}

// patience is how long a run may take without a bar, and pace how often it is
// drawn.
const (
	patience = time.Second
	pace     = 100 * time.Millisecond
)

func newProgressBar(out io.Writer, now func() time.Time) *progressBar {
	return &progressBar{out: out, now: now, begun: now()}
}

// tell draws the bar anew if it is time.
func (b *progressBar) tell(p conformance.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Sub(b.begun) < patience || !b.drawn.IsZero() && now.Sub(b.drawn) < pace {
		return
	}
	b.drawn = now
	fmt.Fprint(b.out, "\r\x1b[K", progressLine(p))
}

// end takes the bar away.
func (b *progressBar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.drawn.IsZero() {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// progressLine fits a terminal of 80 columns.
func progressLine(p conformance.Progress) string {
	const width, longest = 24, 28
	name := []rune(conformance.RedactText(p.File))
	if len(name) > longest {
		name = append([]rune("…"), name[len(name)-longest+1:]...)
	}
	if p.Size <= 0 {
		return fmt.Sprintf("%s: %s read", string(name), mebibytes(p.Read))
	}
	done := min(p.Read, p.Size)
	full := int(done * width / p.Size)
	return fmt.Sprintf("%3d %% %s%s %s of %s", done*100/p.Size, strings.Repeat("█", full), strings.Repeat("░", width-full), string(name), mebibytes(p.Size))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
