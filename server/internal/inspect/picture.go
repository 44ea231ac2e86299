package inspect

import (
	"strings"
	"time"
)

// Where things stand in the picture, in its own units.
const (
	width = 920
	top   = 56 // below the names of the lanes
	step  = 48 // from row to row
)

var laneX = []int{168, 380, 600, 850}

// A picture is a timeline laid out: every place is known, every text is short enough and can be drawn.
type picture struct {
	Title  string
	Height int
	Lanes  []lane
	Rows   []placed
}

func (picture) Width() int { return width }

type lane struct {
	Name        string
	X, Box, End int
}

// A placed row. Full texts stand beside those that had to be shortened, for who points at them or listens.
type placed struct {
	Moment, Time, Gap string
	Y, LabelY, NoteY  int
	X1, X2, Arrow     int // of the line, its end before the head
	Head              string
	Flat              bool // nothing goes anywhere
	Text              int  // where the label begins
	Label, Note       string
	Outcome           string
	OutX, OutText     int // of the mark in the sandbox's lane, and of what is said beside it
	Tone              string
	Dashed            bool
	Said              string
}

// at puts a row at a height, below one that happened before, in a picture that began at a moment.
func (r row) at(y int, before, began string) placed {
	from, to := laneX[r.from], laneX[r.to]
	p := placed{
		Moment: drawn(r.moment, 40), Time: drawn(clock(r.moment, began), 20), Gap: gap(before, r.moment),
		Y: y, LabelY: y - 8, NoteY: y + 16,
		X1: from, X2: to, Arrow: to - 9, Flat: from == to,
		Text: from + 12, Outcome: r.outcome, OutX: laneX[sandbox], OutText: laneX[sandbox] + 16,
		Tone: r.tone, Dashed: r.dashed,
	}
	if before == r.moment {
		p.Time = "" // the same
	}
	room := (to - from - 24) / 7 // characters
	noteAt := room
	switch {
	case p.Flat:
		p.Text, room, noteAt = p.OutText, 30, 34
	case r.outcome != "":
		p.Arrow = to - 19
		noteAt = 34
	}
	p.Label, p.Note = drawn(r.label, room), drawn(r.note, noteAt)
	p.Said = drawn(strings.Join(there(lanes[r.from], r.label, r.outcome, r.note), ", "), 400)
	return p
}

// drawn makes a text fit for a picture: no longer than n characters, and none that XML cannot hold.
func drawn(text string, n int) string {
	return cut(strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff:
			return ' '
		default:
			return r
		}
	}, strings.ToValidUTF8(text, "?")), n)
}

// gap says how much time passed since the row before, when it is worth saying.
func gap(before, now string) string {
	x, errX := time.Parse(time.RFC3339Nano, before)
	y, errY := time.Parse(time.RFC3339Nano, now)
	if errX != nil || errY != nil || y.Sub(x) < time.Second {
		return ""
	}
	text := "+" + y.Sub(x).Round(time.Second).String()
	for _, nothing := range []string{"m0s", "h0m"} {
		if rest, ok := strings.CutSuffix(text, nothing[1:]); ok && strings.HasSuffix(text, nothing) {
			text = rest
		}
	}
	return text
}
