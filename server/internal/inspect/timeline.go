package inspect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// Timeline draws what happened to a payment as SVG: a lane each for the payer, the merchant, the sandbox and the
// callbacks, and from the top down every fact and every attempt to tell the merchant. It stands alone or in a page.
func Timeline(detail door.PaymentDetail) ([]byte, error) {
	rows := rowsOf(detail)
	title := strings.Join(append(there(detail.Payment.Instrument), "payment", short(detail.Payment.ID)), " ")
	p := picture{Title: "Timeline of " + drawn(title, 60), Height: top + len(rows)*step + 12}
	for i, name := range lanes {
		p.Lanes = append(p.Lanes, lane{Name: name, X: laneX[i], Box: laneX[i] - 52, End: p.Height - 8})
	}
	before := ""
	for i, r := range rows {
		y := top + i*step + step/2
		p.Rows = append(p.Rows, r.at(y, before, detail.Payment.Created))
		before = r.moment
	}
	return draw("timeline.svg", p)
}

// The lanes, from left to right.
const (
	payer = iota
	merchant
	sandbox
	callbacks
)

var lanes = []string{"Payer", "Merchant", "Sandbox", "Callbacks"}

// A row is one thing that happened: something went from one lane to another, or to itself.
type row struct {
	moment   string // RFC 3339
	when     time.Time
	from, to int
	label    string // what went
	note     string // why
	outcome  string // what became of it in the sandbox: completed or failed; empty for neither
	tone     string
	dashed   bool // it has not happened yet, or nothing was sent
}

// rowsOf puts the facts of a payment and the attempts of its callbacks into one order: that of time, facts before the
// callbacks about them. A transaction that was begun and decided at one moment is one row.
func rowsOf(detail door.PaymentDetail) []row {
	var rows []row
	kinds := map[string]door.Fact{} // how each transaction was begun
	latest := map[string]string{}   // when something last happened to it
	for _, f := range detail.Timeline {
		if f.Event == door.FactEventBegun {
			kinds[f.Transaction] = f
		}
		if f.Transaction != "" {
			latest[f.Transaction] = f.At
		}
	}
	for i := 0; i < len(detail.Timeline); i++ {
		f := detail.Timeline[i]
		r := factRow(f, kinds[f.Transaction], detail.Payment)
		if next := i + 1; next < len(detail.Timeline) && f.Event == door.FactEventBegun {
			if n := detail.Timeline[next]; n.Transaction == f.Transaction && n.At == f.At && decided(n.Event) {
				r.outcome, r.note, r.tone = n.Event, n.Reason, tone(n.Event)
				i++
			}
		}
		rows = append(rows, r)
	}
	rows = timed(rows)
	for _, c := range detail.Callbacks {
		rows = append(rows, timed(callbackRows(c, latest[c.Transaction]))...)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.when.Compare(b.when) })
	return rows
}

// timed reads the moments of rows that follow each other. A row whose moment cannot be read happened right after the one
// before it.
func timed(rows []row) []row {
	var last time.Time
	for i := range rows {
		if when, err := time.Parse(time.RFC3339Nano, rows[i].moment); err == nil {
			last = when
		}
		rows[i].when = last
	}
	return rows
}

func decided(event string) bool {
	return event == door.FactEventCompleted || event == door.FactEventFailed
}

// factRow is the row of one fact. Payers authorise, buy and verify, unless the merchant does so in their absence;
// everything else is the merchant's doing.
func factRow(f, began door.Fact, of door.Payment) row {
	r := row{moment: f.At, from: merchant, to: sandbox, tone: tone(f.Event), note: f.Reason}
	kind, amount := f.Kind, f.Amount
	if kind == "" {
		kind, amount = began.Kind, began.Amount
	}
	what := strings.TrimSpace(kind + " " + money(amount, of.Currency))
	switch f.Event {
	case door.FactEventCreated:
		r.label = "Created, " + money(of.Amount, of.Currency)
	case door.FactEventBegun:
		r.label = what
		if present(kind, of.Operation) {
			r.from = payer
		}
	case door.FactEventCompleted, door.FactEventFailed:
		r.from, r.outcome, r.label = sandbox, f.Event, what
	case door.FactEventAborted:
		r.label = "Aborted"
	case door.FactEventAddressed:
		r.label = "Address looked up"
	default:
		r.from, r.label = sandbox, strings.TrimSpace(f.Event+" "+kind)
	}
	return r
}

// present says whether the payer is there when a transaction of the kind is begun.
func present(kind, operation string) bool {
	switch operation {
	case door.PaymentOperationRecur, door.PaymentOperationUnscheduledPurchase, door.PaymentOperationPayout:
		return false
	}
	switch kind {
	case door.FactKindAuthorization, door.FactKindSale, door.FactKindVerification:
		return true
	}
	return false
}

// callbackRows are the attempts of a callback, and the one that is still to come. What was never sent stands where its
// transaction ended.
func callbackRows(c door.Callback, ended string) []row {
	var rows []row
	for i, a := range c.Attempts {
		r := row{moment: a.At, from: sandbox, to: callbacks, tone: "good", note: a.Reason}
		r.label = "no answer"
		if a.Status != 0 {
			r.label = strconv.Itoa(int(a.Status)) + " in " + took(a.Duration)
		}
		if a.Reason != "" || a.Status < 200 || a.Status > 299 {
			r.tone = "bad"
		}
		if i > 0 {
			r.label = fmt.Sprintf("attempt %d: %s", i+1, r.label)
		}
		rows = append(rows, r)
	}
	switch {
	case c.State == door.CallbackStateWaiting && c.Next != "":
		rows = append(rows, row{moment: c.Next, from: sandbox, to: callbacks, label: "next attempt", tone: "warn", dashed: true})
	case c.State == door.CallbackStateNotSent && len(rows) == 0:
		rows = append(rows, row{moment: ended, from: sandbox, to: callbacks, label: "not sent", note: c.Reason, tone: "warn", dashed: true})
	}
	return rows
}
