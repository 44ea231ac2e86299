package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

func TestInWords(t *testing.T) {
	const types = "https://api.payex.com/psp/errordetail/"
	tests := []struct {
		problem, reason string
		status          int
		want            string
	}{
		{types + "creditcard/acquirerinsufficientfunds", "ExternalResponseError", 403, "There is not enough money on the card."},
		{types + "creditcard/3dsecureusercancelled", "UserCancelled", 403, "You did not approve the purchase at your bank."},
		{types + "trustly/systemerror", "UserCancelled", 502, "You cancelled."},
		{types + "trustly/systemerror", "", 502, "The bank could not do it just now."},
		{types + "invoice/CreditNotApproved", "", 403, "The invoice was not approved."},
		{types + "invoice/userpreaborted", "", 403, "The payment was broken off."},
		{types + "creditcard/nobodyknows", "", 403, "The bank said no."},
		{"", "Strange", 0, "The bank said no."},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, inWords(&client.Problem{Type: tt.problem, Status: tt.status}, tt.reason), tt.problem)
	}
}

func TestRefusal(t *testing.T) {
	no := &client.Problem{Status: 403, Title: "Operation not allowed", Detail: "Payment check failed", Fields: []client.Field{{Name: "Capture", Detail: "Capture amount too high."}}}
	tests := []struct {
		name  string
		err   error
		want  string
		knows bool
	}{
		{"nothing", nil, "", false},
		{"the bank's word", no, "Capture amount too high.", true},
		{"the bank's word, without fields", &client.Problem{Status: 400, Detail: "D"}, "D", true},
		{"not offered", &swedbankpay.UnavailableError{}, "The payment does not allow this now.", true},
		{"not sent", &client.InputError{Field: "Amount", Reason: "want more"}, "Amount: want more", true},
		{"a refusal of the second attempt says nothing of the first", &client.OutcomeUnknownError{Err: no}, "", false},
		{"the bank is broken", &client.Problem{Status: 500}, "", false},
		{"the bank is busy", &client.Problem{Status: 429}, "", false},
		{"the token is wrong", &client.Problem{Status: 401}, "The bank said no.", true},
		{"another's error", errors.New("?"), "", false},
		{"the wire is", &client.WireError{Err: errors.New("reset")}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			why, knows := refusal(tt.err)
			assert.Equal(t, tt.want, why)
			assert.Equal(t, tt.knows, knows)
		})
	}
}

func TestAmountOf(t *testing.T) {
	const most = 1000_00
	for typed, want := range map[string]int64{"295": 295_00, " 147.50 ": 147_50, "147,5": 147_50, "0.01": 1, "1000": most} {
		a, wrong := amountOf(typed, swedbankpay.SEK(most))
		assert.Empty(t, wrong, typed)
		assert.Equal(t, swedbankpay.SEK(want), a, typed)
	}
	for _, typed := range []string{"", "-1", "0", "+1", "1.", ".5", "1.234", "1 000", "1e3", "٣", "0x10", "1000.01", "1,2,3", "99999999999999999999", "5 EUR"} {
		_, wrong := amountOf(typed, swedbankpay.SEK(most))
		assert.Contains(t, wrong, "Enter an amount", typed)
	}
}

func TestPhoneNumbers(t *testing.T) {
	for typed, want := range map[string]string{
		"073-900 00 01": "+46739000001", "+46739000001": "+46739000001", "0046 739 000 001": "+46739000001", "(073) 9000001": "+46739000001",
	} {
		b := buyer{Phone: typed}
		assert.Empty(t, b.check(bySwish), typed)
		assert.Equal(t, want, b.Phone)
	}
}
