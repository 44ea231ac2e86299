package inspect

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// story writes rows as lines: time, who to whom, what, what became of it.
func story(rows []row) []string {
	var lines []string
	for _, r := range rows {
		line := fmt.Sprintf("%s %s > %s: %s", clock(r.moment, "2026-11-24T00:00:00Z"), lanes[r.from], lanes[r.to], r.label)
		for _, more := range there(r.outcome, r.note) {
			line += ", " + more
		}
		if r.dashed {
			line += " ..."
		}
		lines = append(lines, line)
	}
	return lines
}

func TestRows(t *testing.T) {
	assert.Equal(t, []string{
		"13:25:56 Merchant > Sandbox: Created, 1500.00 SEK",
		"13:26:10 Payer > Sandbox: Authorization 1500.00 SEK, failed, acquirerinsufficientfunds",
		"13:26:10 Sandbox > Callbacks: not sent, only loopback addresses are called ...",
		"13:26:41 Payer > Sandbox: Authorization 1500.00 SEK",
		"13:26:43 Sandbox > Sandbox: Authorization 1500.00 SEK, completed",
		"13:26:43 Sandbox > Callbacks: 200 in 1.8ms",
		"13:57:02 Merchant > Sandbox: Capture 1000.00 SEK, completed",
		"13:57:02 Sandbox > Callbacks: 500 in 12ms, the answer was 500",
		"13:57:32 Sandbox > Callbacks: attempt 2: no answer, the connection was refused",
		"13:58:11 Merchant > Sandbox: Reversal 250.00 SEK",
		"13:58:32 Sandbox > Callbacks: attempt 3: 503 in 9ms, the answer was 503",
		"14:04:32 Sandbox > Callbacks: next attempt ...",
	}, story(rowsOf(ordered())))

	const at = "2026-11-24T12:00:00Z"
	tests := []struct {
		name   string
		detail door.PaymentDetail
		want   []string
	}{
		{"the merchant charges while the payer is away", door.PaymentDetail{
			Payment:  door.Payment{Operation: "Recur", Currency: "SEK"},
			Timeline: []door.Fact{{At: at, Event: "begun", Transaction: "a", Kind: "Authorization", Amount: 100}},
		}, []string{"12:00:00 Merchant > Sandbox: Authorization 1.00 SEK"}},
		{"a decision that does not repeat what was begun", door.PaymentDetail{
			Payment: door.Payment{Currency: "SEK"},
			Timeline: []door.Fact{
				{At: at, Event: "begun", Transaction: "a", Kind: "Sale", Amount: 100}, {At: at, Event: "begun", Transaction: "b", Kind: "Sale", Amount: 200},
				{At: at, Event: "completed", Transaction: "a"}, {At: at, Event: "failed", Transaction: "b", Reason: "swishtimeout"},
			},
		}, []string{
			"12:00:00 Payer > Sandbox: Sale 1.00 SEK", "12:00:00 Payer > Sandbox: Sale 2.00 SEK",
			"12:00:00 Sandbox > Sandbox: Sale 1.00 SEK, completed", "12:00:00 Sandbox > Sandbox: Sale 2.00 SEK, failed, swishtimeout",
		}},
		{"the end, an address, and a word of tomorrow", door.PaymentDetail{Timeline: []door.Fact{
			{At: at, Event: "addressed"}, {At: at, Event: "aborted", Reason: "CancelledByConsumer"}, {At: at, Event: "archived"},
		}}, []string{
			"12:00:00 Merchant > Sandbox: Address looked up", "12:00:00 Merchant > Sandbox: Aborted, CancelledByConsumer", "12:00:00 Sandbox > Sandbox: archived",
		}},
		{"a moment that cannot be read follows the one before", door.PaymentDetail{Timeline: []door.Fact{
			{At: "2026-11-24T12:00:01Z", Event: "addressed"}, {At: "late", Event: "aborted"}, {At: at, Event: "archived"},
		}}, []string{"12:00:00 Sandbox > Sandbox: archived", "12:00:01 Merchant > Sandbox: Address looked up", "late Merchant > Sandbox: Aborted"}},
		{"nothing", door.PaymentDetail{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, story(rowsOf(tt.detail))) })
	}
}

func TestGap(t *testing.T) {
	const noon = "2026-11-24T12:00:00Z"
	for now, want := range map[string]string{
		noon: "", "2026-11-24T12:00:00.9Z": "", "2026-11-24T12:00:30Z": "+30s", "2026-11-24T12:06:00Z": "+6m",
		"2026-11-24T13:00:00Z": "+1h", "2026-11-24T22:00:00Z": "+10h", "2026-11-24T13:00:05Z": "+1h0m5s", "2026-11-24T12:10:00Z": "+10m",
		"2026-11-24T12:30:19Z": "+30m19s", "never": "", "2026-11-24T11:00:00Z": "",
	} {
		assert.Equal(t, want, gap(noon, now), now)
	}
}

// texts reads a picture as XML, which it has to be, and returns what is written in it.
func texts(t *testing.T, picture []byte) []string {
	t.Helper()
	var found []string
	inText := false
	for d := xml.NewDecoder(strings.NewReader(string(picture))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				found = append(found, string(token))
			}
		}
	}
}

func TestTimeline(t *testing.T) {
	picture, err := Timeline(ordered())
	require.NoError(t, err)
	found := texts(t, picture)
	assert.Equal(t, lanes, found[:4])
	for _, want := range []string{"13:25:56", "Created, 1500.00 SEK", "failed", "acquirerinsufficientfunds", "+30m19s", "only loopback addresses are cal…"} {
		assert.Contains(t, found, want)
	}
	assert.Contains(t, string(picture), "only loopback addresses are called", "what is too long to be drawn is said in full")
	assert.Contains(t, string(picture), `<title id="tl-title">Timeline of creditcard payment 7e6cdfc3</title>`)

	picture, err = Timeline(door.PaymentDetail{})
	require.NoError(t, err)
	assert.Contains(t, texts(t, picture), "Nothing has happened yet.")
}

func FuzzTimeline(f *testing.F) {
	f.Add("2026-11-24T12:00:00Z", "begun", "Sale", "swishtimeout", int64(1500), "2s")
	f.Add("\x01", "\x1f", "\t\v", "\x7f\x9f", int64(0), "\x02")
	f.Add("\x00", "\ufffe<", "]]>", "&\xff\u0085", int64(-1), "--><svg")
	f.Fuzz(func(t *testing.T, at, event, kind, reason string, amount int64, duration string) {
		picture, err := Timeline(door.PaymentDetail{
			Payment: door.Payment{ID: reason, Instrument: kind, Currency: event, Amount: amount, Created: at},
			Timeline: []door.Fact{
				{At: at, Event: event, Transaction: kind, Kind: kind, Reason: reason, Amount: amount},
				{At: at, Event: "failed", Transaction: kind, Kind: kind, Reason: reason},
			},
			Callbacks: []door.Callback{
				{ID: at, Transaction: kind, State: event, Reason: reason, Next: at, Attempts: []door.Attempt{{At: at, Duration: duration, Reason: reason, Status: int32(amount)}}},
				{ID: at, Transaction: kind, State: "not-sent", Reason: reason}, {ID: at, Transaction: kind, State: "waiting", Next: duration},
			},
		})
		require.NoError(t, err)
		assert.NotEmpty(t, texts(t, picture))
	})
}
