package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

func sums(authorised, captured, released, reversed int64) reading {
	return reading{
		Authorised: swedbankpay.SEK(authorised), Captured: swedbankpay.SEK(captured),
		Released: swedbankpay.SEK(released), Reversed: swedbankpay.SEK(reversed), Progress: 1,
	}
}

func TestState(t *testing.T) {
	const id = "/psp/creditcard/payments/1"
	tests := []struct {
		name string
		o    order
		want state
	}{
		{"stored, the bank was asked", order{Method: byCard}, asking},
		{"the bank has refused", order{Method: byCard, Trouble: "no"}, lost},
		{"the payer was sent away", order{Method: byCard, Payment: id}, waiting},
		{"the widget needs no payment of ours", order{Method: byResurs}, waiting},
		{"the payer was declined and may try again", order{Payment: id, reading: reading{Failure: "no"}}, waiting},
		{"the payer has confirmed", order{Payment: id, reading: reading{Pending: true}}, confirming},
		{"the payer was declined for good", order{Payment: id, reading: reading{Failure: "no", Ended: stateFailed}}, failed},
		{"aborted", order{Payment: id, reading: reading{Ended: stateAborted}}, cancelled},
		{"authorised", order{Payment: id, reading: sums(100, 0, 0, 0)}, reserved},
		{"some captured", order{Payment: id, reading: sums(100, 40, 0, 0)}, partlyCaptured},
		{"some captured and some of that given back", order{Payment: id, reading: sums(100, 40, 0, 10)}, partlyCaptured},
		{"all captured", order{Payment: id, reading: sums(100, 100, 0, 0)}, paid},
		{"some captured, the rest released", order{Payment: id, reading: sums(100, 40, 60, 0)}, paid},
		{"all released", order{Payment: id, reading: sums(100, 0, 100, 0)}, cancelled},
		{"some given back", order{Payment: id, reading: sums(100, 100, 0, 1)}, partlyRefunded},
		{"all given back", order{Payment: id, reading: sums(100, 40, 60, 40)}, refunded},
		{"a success outweighs the failures before it", order{Payment: id, reading: reading{Authorised: swedbankpay.SEK(1), Failure: "no"}}, reserved},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.o.State())
			assert.NotEmpty(t, tt.o.Headline())
			assert.NotEmpty(t, tt.o.Explanation())
			assert.NotEmpty(t, tt.want.Label())
		})
	}
}

func TestLeft(t *testing.T) {
	o := order{reading: sums(100, 40, 10, 5), Operations: []operation{
		{Kind: capture, Amount: swedbankpay.SEK(20), Outcome: unheard},
		{Kind: capture, Amount: swedbankpay.SEK(7), Outcome: done},
		{Kind: reversal, Amount: swedbankpay.SEK(30), Outcome: underWay},
		{Kind: reversal, Amount: swedbankpay.SEK(3), Outcome: refused},
	}}
	assert.Equal(t, swedbankpay.SEK(30), o.Left(capture), "50 are not captured, 20 of them perhaps")
	assert.Equal(t, swedbankpay.SEK(0), o.Left(cancellation), "it might overtake the capture")
	assert.Equal(t, swedbankpay.SEK(5), o.Left(reversal), "35 are not given back, 30 of them are on their way")
	o.Operations[0].Amount = swedbankpay.SEK(70)
	assert.Equal(t, swedbankpay.SEK(0), o.Left(capture), "never less than nothing")
	o.Operations = o.Operations[1:]
	assert.Equal(t, swedbankpay.SEK(50), o.Left(cancellation))
}
