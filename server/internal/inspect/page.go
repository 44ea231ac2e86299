package inspect

import (
	"html/template"
	"net/url"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// An overview is an Overview as its template asks for it.
type overview struct{ Overview }

// Root is the way from the page to the second door's paths.
func (overview) Root() string { return "./" }

func (overview) Title() string { return "Kassa sandbox" }

// In is the query that makes a request of the second door mean the namespace that the page shows.
func (o overview) In() string { return in(o.Query.Namespace) }

// Refused counts the requests shown that were refused.
func (o overview) Refused() int {
	n := 0
	for _, r := range o.Requests {
		if r.Refused.Station != "" {
			n++
		}
	}
	return n
}

// Refusals is the address of the page with the refused requests alone, or with all of them again.
func (o overview) Refusals() string {
	query := url.Values{}
	for name, value := range map[string]string{
		"namespace": o.Query.Namespace, "instrument": o.Query.Instrument, "state": o.Query.State,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if !o.Query.Refused {
		query.Set("refused", "true")
	}
	return "./?" + query.Encode() + "#traffic"
}

// Leaps are how far the clock is moved at a touch: past the first three attempts of a callback, an hour, a day.
func (overview) Leaps() []string { return []string{"30s", "1m", "6m", "1h", "24h"} }

// Day is the date of the clock.
func (o overview) Day() string {
	t, err := time.Parse(time.RFC3339Nano, o.Clock.Now)
	if err != nil {
		return ""
	}
	return t.UTC().Format("Monday 2 January 2006")
}

// Ahead says whether the clock was moved.
func (o overview) Ahead() bool {
	d, err := time.ParseDuration(o.Clock.Offset)
	return err == nil && d >= time.Second
}

func (o overview) CallbackList() callbackList {
	return callbackList{List: o.Callbacks, Now: o.Clock.Now, In: o.In(), Root: o.Root(), Whose: true}
}

func (overview) Instruments() []door.Instrument {
	return []door.Instrument{
		door.InstrumentCreditcard, door.InstrumentInvoice, door.InstrumentMobilepay,
		door.InstrumentSwish, door.InstrumentTrustly, door.InstrumentVipps,
	}
}

func (overview) States() []door.State {
	return []door.State{door.StatePending, door.StateReady, door.StateFailed, door.StateAborted}
}

// A sheet is a Payment as its template asks for it.
type sheet struct{ Payment }

func (sheet) Root() string { return "../../" }

func (s sheet) Title() string { return s.Detail.Payment.Instrument + " payment" }

func (s sheet) In() string { return in(s.Detail.Payment.Namespace) }

// Card says whether a card is what pays.
func (s sheet) Card() bool { return s.Detail.Payment.Instrument == door.PaymentInstrumentCreditcard }

// Phone says whether a phone is what pays.
func (s sheet) Phone() bool {
	switch s.Detail.Payment.Instrument {
	case door.PaymentInstrumentSwish, door.PaymentInstrumentVipps, door.PaymentInstrumentMobilepay:
		return true
	}
	return false
}

// PayersPage is where the payer pays; empty where that is not known as an address of its own, for the second door is
// another.
func (s sheet) PayersPage() string {
	if u, err := url.Parse(s.Detail.Payment.Redirect); err != nil || u.Host == "" {
		return ""
	}
	return s.Detail.Payment.Redirect
}

func (s sheet) CallbackList() callbackList {
	return callbackList{List: s.Detail.Callbacks, Now: s.Clock.Now, In: s.In(), Root: s.Root()}
}

// Picture is the timeline, to stand in the page.
func (s sheet) Picture() (template.HTML, error) {
	picture, err := Timeline(s.Detail)
	return template.HTML(picture), err //nolint:gosec // it was drawn by a template that escapes what it is given
}

// A callbackList is what the table of callbacks asks for.
type callbackList struct {
	List          []door.Callback
	Now, In, Root string
	Whose         bool // whether each row says which payment it is about
}

func in(namespace string) string {
	if namespace == "" {
		return ""
	}
	return "?" + url.Values{"namespace": {namespace}}.Encode()
}
