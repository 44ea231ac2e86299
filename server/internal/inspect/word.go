package inspect

import (
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// words are what the templates say things with.
var words = template.FuncMap{
	"style":    func() template.CSS { return template.CSS(style) }, //nolint:gosec // it is a constant of ours, and has to stand as its digest says
	"script":   func() template.JS { return template.JS(script) },  //nolint:gosec // as above
	"ink":      func() template.CSS { return template.CSS(ink) },   //nolint:gosec // as above
	"money":    money,
	"tail":     path.Base,
	"short":    short,
	"clock":    clock,
	"took":     took,
	"body":     body,
	"tone":     tone,
	"stations": stations,
	"does":     does,
	"meets":    meets,
	"happened": happened,
	"last":     func(list []door.Attempt) door.Attempt { return list[len(list)-1] },
	"join":     strings.Join,
}

// money writes an amount of minor units: 1500 is 15.00 SEK. Every currency of the vendors has two decimals.
func money(amount int64, currency string) string {
	sign, whole := "", uint64(amount)
	if amount < 0 {
		sign, whole = "-", -uint64(amount)
	}
	return strings.TrimSpace(fmt.Sprintf("%s%d.%02d %s", sign, whole/100, whole%100, currency))
}

// short is what people know a payment by: the first part of its GUID.
func short(id string) string {
	first, _, _ := strings.Cut(path.Base(id), "-")
	return cut(first, 12)
}

// took writes a duration with two or three digits that count: 8.358563ms is 8.4ms. What is none stays as it is.
func took(duration string) string {
	d, err := time.ParseDuration(duration)
	if err != nil {
		return duration
	}
	for unit := time.Second; unit > 1; unit /= 1000 {
		if d >= 10*unit {
			return d.Round(unit).String()
		}
		if d >= unit {
			return d.Round(unit / 10).String()
		}
	}
	return d.String()
}

// clock writes a moment for somebody who looks at the clock given: with its day only when that is another one, and its
// year only when that is. What is no moment stays as it is.
func clock(at, now string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return at
	}
	today, err := time.Parse(time.RFC3339Nano, now)
	t, today = t.UTC(), today.UTC()
	switch {
	case err != nil || t.Year() != today.Year():
		return t.Format("2 Jan 2006 15:04:05")
	case t.YearDay() != today.YearDay():
		return t.Format("2 Jan 15:04:05")
	default:
		return t.Format(time.TimeOnly)
	}
}

// body writes pairs of name and value as a JSON object, to be sent by a button.
func body(pairs ...any) (string, error) {
	members := map[string]any{}
	for pair := range slices.Chunk(pairs, 2) {
		name, ok := pair[0].(string)
		if !ok || len(pair) != 2 {
			return "", fmt.Errorf("a body takes pairs of name and value, got %v", pairs)
		}
		members[name] = pair[1]
	}
	text, err := json.Marshal(members)
	return string(text), err
}

// tone says how a word or a status feels: good, bad, waiting or plain. The word itself always stands beside the colour.
func tone(of any) string {
	switch of := of.(type) {
	case int32:
		switch {
		case of >= 500:
			return "bad"
		case of >= 400 || of == 0:
			return "warn"
		case of >= 300:
			return "plain"
		default:
			return "good"
		}
	case string:
		switch of {
		case "Ready", "Completed", "completed", "delivered":
			return "good"
		case "Failed", "failed", "given-up":
			return "bad"
		case "Pending", "AwaitingActivity", "waiting", "begun":
			return "warn"
		}
	}
	return "plain"
}

// A stop is one station of a request, and whether it came there or past it.
type stop struct{ Name, Class string }

// stations shows how far a refused request came.
func stations(at string) []stop {
	order := []string{door.RefusalStationRoute, door.RefusalStationAuthenticate, door.RefusalStationContract, door.RefusalStationState}
	i := slices.Index(order, at)
	if i < 0 {
		return []stop{{at, "here"}}
	}
	stops := make([]stop, len(order))
	for j, name := range order {
		switch {
		case j < i:
			stops[j] = stop{name, "passed"}
		case j == i:
			stops[j] = stop{name, "here"}
		default:
			stops[j] = stop{name, ""}
		}
	}
	return stops
}

// meets says in words what a fault happens to, and how often.
func meets(f door.Fault) string {
	noun := door.FaultOnRequest
	if f.On != "" {
		noun = f.On
	}
	what := there(f.Match.Method, f.Match.Path, f.Match.Operation)
	if len(what) == 0 {
		what = []string{"any"}
	}
	often := "every time"
	if f.Rate > 0 && f.Rate < 1 {
		often = fmt.Sprintf("%.4g%% of the time", f.Rate*100)
	}
	switch {
	case f.Times == nil || *f.Times == 0:
	case f.Rate > 0 && f.Rate < 1:
		often += fmt.Sprintf(", %d times at most", *f.Times)
	case *f.Times == 1:
		often = "the next time"
	default:
		often = fmt.Sprintf("the next %d times", *f.Times)
	}
	return strings.Join(append(what, noun), " ") + ", " + often
}

// happened says in words how often a fault has happened.
func happened(f door.Fault) string {
	switch f.Hits {
	case 0:
		return "not happened yet"
	case 1:
		return "happened once"
	default:
		return fmt.Sprintf("happened %d times", f.Hits)
	}
}

// there are the texts that are not empty.
func there(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// does says in words what a fault does.
func does(f door.Fault) string {
	var parts []string
	say := func(there bool, format string, args ...any) {
		if there {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	say(f.Latency != "", "wait %s", f.Latency)
	say(f.Status != 0, "answer %d", f.Status)
	say(f.RetryAfter != 0, "retry after %d s", f.RetryAfter)
	say(f.Problem != door.FaultProblem{}, "say %q", strings.TrimSpace(f.Problem.Type+" "+f.Problem.Title+" "+f.Problem.Detail))
	say(f.Body != "", "with %q", cut(f.Body, 40))
	say(f.Slow != 0, "%d bytes a second", f.Slow)
	say(f.Cut == door.FaultCutReset, "break the connection")
	say(f.Cut == door.FaultCutTruncate, "break off in the middle")
	say(f.Drop, "never send it")
	say(f.Hold, "hold it until the next")
	say(f.Delay != "", "send it %s late", f.Delay)
	say(f.Duplicate != 0, "send it %d more times", f.Duplicate)
	say(f.When == door.FaultWhenAfter && f.On != door.FaultOnCallback, "after the request is done")
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// cut shortens a text to n characters, and says that it did.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
