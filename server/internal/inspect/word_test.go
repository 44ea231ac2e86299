package inspect

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

func TestMoney(t *testing.T) {
	for want, amount := range map[string]int64{
		"15.00 SEK": 1500, "0.05 SEK": 5, "0.00 SEK": 0, "-0.05 SEK": -5, "-12.30 SEK": -1230,
		"92233720368547758.07 SEK": math.MaxInt64, "-92233720368547758.08 SEK": math.MinInt64,
	} {
		assert.Equal(t, want, money(amount, "SEK"))
	}
	assert.Equal(t, "15.00", money(1500, ""))
}

func TestClock(t *testing.T) {
	const now = "2026-11-24T13:58:40Z"
	for at, want := range map[string]string{
		"2026-11-24T13:25:56.1234567Z": "13:25:56",
		"2026-11-24T00:30:00+01:00":    "23 Nov 23:30:00",
		"2025-11-24T13:58:40Z":         "24 Nov 2025 13:58:40",
		"some day":                     "some day",
		"":                             "",
	} {
		assert.Equal(t, want, clock(at, now))
	}
	assert.Equal(t, "24 Nov 2026 13:58:40", clock(now, ""), "without a clock to compare with, everything is said")
}

func TestFaultsInWords(t *testing.T) {
	one, three, always := int64(1), int64(3), int64(0)
	tests := []struct {
		fault       door.Fault
		meets, does string
	}{
		{door.Fault{Times: &one, Status: 503}, "any request, the next time", "answer 503"},
		{
			door.Fault{On: "request", Match: door.Match{Method: "POST", Path: "/psp/*/payments"}, Times: &three, Cut: "reset", When: "after"},
			"POST /psp/*/payments request, the next 3 times", "break the connection, after the request is done",
		},
		{door.Fault{Match: door.Match{Operation: "createCapture"}, Times: &always, Cut: "truncate", Slow: 10, When: "before"}, "createCapture request, every time", "10 bytes a second, break off in the middle"},
		{door.Fault{Rate: 0.1, Latency: "2s"}, "any request, 10% of the time", "wait 2s"},
		{door.Fault{Rate: 0.125, Times: &three, Status: 429, RetryAfter: 2}, "any request, 12.5% of the time, 3 times at most", "answer 429, retry after 2 s"},
		{door.Fault{On: "callback", Rate: 1, Hold: true, Delay: "30s", Duplicate: 2, When: "after"}, "any callback, every time", "hold it until the next, send it 30s late, send it 2 more times"},
		{door.Fault{On: "callback", Times: &one, Drop: true}, "any callback, the next time", "never send it"},
		{door.Fault{Problem: door.FaultProblem{Title: "Sorry"}, Body: "<html>"}, "any request, every time", `say "Sorry", with "<html>"`},
		{door.Fault{}, "any request, every time", "nothing"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.meets, meets(tt.fault))
		assert.Equal(t, tt.does, does(tt.fault))
	}
	assert.Equal(t, "not happened yet", happened(door.Fault{}))
	assert.Equal(t, "happened once", happened(door.Fault{Hits: 1}))
	assert.Equal(t, "happened 7 times", happened(door.Fault{Hits: 7}))
}

func TestTone(t *testing.T) {
	for want, list := range map[string][]any{
		"good": {"Ready", "delivered", int32(200)}, "bad": {"Failed", "given-up", int32(500)},
		"warn": {"Pending", "waiting", int32(404), int32(0)}, "plain": {"Aborted", "a word of tomorrow", int32(302), 7},
	} {
		for _, of := range list {
			assert.Equal(t, want, tone(of), "%v", of)
		}
	}
}

func TestStations(t *testing.T) {
	assert.Equal(t, []stop{{"route", "passed"}, {"authenticate", "here"}, {"contract", ""}, {"state", ""}}, stations("authenticate"))
	assert.Equal(t, []stop{{"fault", "here"}}, stations("fault"), "a fault is no step of the way")
}

func TestCut(t *testing.T) {
	assert.Equal(t, "öre", cut("öre", 3))
	assert.Equal(t, "ör…", cut("öret", 3))
}

func TestTook(t *testing.T) {
	for given, want := range map[string]string{
		"8.358563ms": "8.4ms", "924.123µs": "924µs", "1.286951ms": "1.3ms", "12.5s": "13s", "1m2.345s": "1m2s", "950ns": "950ns",
		"0s": "0s", "soon": "soon",
	} {
		assert.Equal(t, want, took(given), given)
	}
}
