package client_test

import (
	"fmt"

	"github.com/kassa-dev/kassa/client"
)

// What to do next, without looking at statuses or at text.
func ExampleKindOf() {
	next := func(err error) string {
		switch client.KindOf(err) {
		case client.Declined, client.Cancelled:
			return "offer another way to pay"
		case client.OutcomeUnknown, client.Unreadable:
			return "find out what happened"
		case client.RateLimited, client.ServerFault, client.NoAnswer:
			return "try later"
		default:
			return "tell an engineer"
		}
	}
	const types = "https://api.payex.com/psp/errordetail/"
	fmt.Println(next(&client.Problem{Status: 403, Type: types + "creditcard/acquirerinsufficientfunds"}))
	fmt.Println(next(&client.Problem{Status: 429, Type: types + "creditcard/velocitycheck"}))
	fmt.Println(next(&client.Problem{Status: 403, Type: types + "forbidden"}))
	fmt.Println(next(&client.Problem{Status: 503}))
	fmt.Println(next(&client.OutcomeUnknownError{Err: &client.Problem{Status: 503}}))
	// Output:
	// offer another way to pay
	// offer another way to pay
	// tell an engineer
	// try later
	// find out what happened
}
