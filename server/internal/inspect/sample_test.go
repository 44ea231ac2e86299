package inspect

import "github.com/kassa-dev/kassa/gen/kassa/door"

const (
	cardPath  = "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1"
	authPath  = cardPath + "/authorizations/62f2a3a5-2cd6-4ee7-9a56-a12ab72efba4"
	authAgain = cardPath + "/authorizations/0f3b5a7e-8f58-4a0c-9a0f-3f6f7b1d2c11"
	capture   = cardPath + "/captures/9a3c1f0e-6b0d-4f6e-8a43-0d6a1b3c5d7e"
	reversal  = cardPath + "/reversals/3c5d7e9a-0d6a-4b3c-8f6e-6b0d1f0e9a3c"
	shop      = "swedbankpay-3f9a61c2"
)

// ordered is a card payment with a bit of everything: a declined attempt, a good one, a capture whose callback is tried
// three times, a reversal under way.
func ordered() door.PaymentDetail {
	return door.PaymentDetail{
		Payment: door.Payment{
			ID: cardPath, Number: 40126789001, Instrument: "creditcard", Operation: "Purchase", Intent: "Authorization",
			State: "Ready", Currency: "SEK", Amount: 150000, Capturable: 50000, Cancellable: 50000, Reversible: 100000,
			Offers: []string{"create-capture", "create-cancellation", "create-reversal"}, Transactions: 4,
			Created: "2026-11-24T13:25:56.1234567Z", Updated: "2026-11-24T13:58:11Z", Namespace: shop,
			Redirect: "http://127.0.0.1:8585/creditcard/core/instrument/capture/5a17c24e",
		},
		Description: "Two tickets & a <programme>",
		Payee:       door.Payee{PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "AH123456"},
		Urls:        door.Urls{CompleteURL: "https://shop.example/done", CancelURL: "https://shop.example/cart", CallbackURL: "http://127.0.0.1:9000/callback"},
		Timeline: []door.Fact{
			{At: "2026-11-24T13:25:56.1234567Z", Event: "created"},
			{At: "2026-11-24T13:26:10Z", Event: "begun", Transaction: authPath, Kind: "Authorization", Amount: 150000},
			{At: "2026-11-24T13:26:10Z", Event: "failed", Transaction: authPath, Kind: "Authorization", Amount: 150000, Reason: "acquirerinsufficientfunds"},
			{At: "2026-11-24T13:26:41Z", Event: "begun", Transaction: authAgain, Kind: "Authorization", Amount: 150000},
			{At: "2026-11-24T13:26:43Z", Event: "completed", Transaction: authAgain, Kind: "Authorization", Amount: 150000},
			{At: "2026-11-24T13:57:02Z", Event: "begun", Transaction: capture, Kind: "Capture", Amount: 100000},
			{At: "2026-11-24T13:57:02Z", Event: "completed", Transaction: capture, Kind: "Capture", Amount: 100000},
			{At: "2026-11-24T13:58:11Z", Event: "begun", Transaction: reversal, Kind: "Reversal", Amount: 25000},
		},
		Callbacks: []door.Callback{
			{ID: "17", Payment: cardPath, Transaction: authAgain, URL: "http://127.0.0.1:9000/callback", State: "delivered", Namespace: shop,
				Attempts: []door.Attempt{{At: "2026-11-24T13:26:43Z", Status: 200, Duration: "1.8ms"}}},
			{ID: "18", Payment: cardPath, Transaction: capture, URL: "http://127.0.0.1:9000/callback", State: "waiting", Namespace: shop,
				Next: "2026-11-24T14:04:32Z", Attempts: []door.Attempt{
					{At: "2026-11-24T13:57:02Z", Status: 500, Duration: "12ms", Reason: "the answer was 500"},
					{At: "2026-11-24T13:57:32Z", Duration: "5s", Reason: "the connection was refused"},
					{At: "2026-11-24T13:58:32Z", Status: 503, Duration: "9ms", Reason: "the answer was 503"},
				}},
			{ID: "19", Payment: cardPath, Transaction: authPath, URL: "http://192.0.2.1/callback", State: "not-sent", Namespace: shop,
				Reason: "only loopback addresses are called", Attempts: []door.Attempt{}},
		},
	}
}

// busy is an overview with something in every list.
func busy() Overview {
	detail := ordered()
	swish := door.Payment{
		ID: "/psp/swish/payments/1d0c9b8a-7f6e-4d5c-8b4a-392817160504", Number: 40126789002, Instrument: "swish", Operation: "Purchase", Intent: "Sale",
		State: "Pending", Currency: "SEK", Amount: 1500, Created: "2026-11-23T23:59:58Z", Updated: "2026-11-23T23:59:59Z", Namespace: shop,
		Offers: []string{"create-sale", "redirect-sale", "update-payment-abort"},
	}
	failed := swish
	failed.ID, failed.Instrument, failed.State, failed.Offers = "/psp/trustly/payments/aa0c9b8a-7f6e-4d5c-8b4a-392817160504", "trustly", "Failed", []string{}
	aborted := swish
	aborted.ID, aborted.Instrument, aborted.State, aborted.Currency, aborted.Offers = "/psp/vipps/payments/bb0c9b8a-7f6e-4d5c-8b4a-392817160504", "vipps", "Aborted", "NOK", []string{}
	twice := int64(2)
	return Overview{
		Namespaces: []door.Namespace{{Name: shop, Payments: 4, Callbacks: 3, Now: "2026-11-24T13:58:40Z", Faults: 2}, {Name: "resurs-0d1e2f3a", Now: "2026-11-24T13:58:40Z"}},
		Clock:      door.Clock{Now: "2026-11-24T13:58:40Z", Offset: "31m29s", Next: "2026-11-24T14:04:32Z"},
		Payments:   []door.Payment{detail.Payment, swish, failed, aborted},
		Requests: []door.Request{
			{Number: 43, At: "2026-11-24T13:58:11Z", Method: "POST", Path: cardPath + "/reversals", Operation: "swedbankpay/creditcard createReversal", Status: 200, Duration: "612µs", Namespace: shop},
			{Number: 42, At: "2026-11-24T13:57:57Z", Method: "POST", Path: "/psp/creditcard/payments", Operation: "swedbankpay/creditcard createPayment", Status: 400, Duration: "287µs", Namespace: shop,
				Refused: door.Refusal{
					Station: "contract", Type: "https://api.payex.com/psp/errordetail/creditcard/inputerror", Title: "Error in input data",
					Detail: "Input validation failed, error description in problems node!", Remedy: "Send amounts as integers.",
					Reasons: []door.Violation{
						{Pointer: "/payment/prices/0/amount", Message: "want integer, got string", Rule: "request.body.schema", Hint: "Amounts are integers of minor units; 15.00 SEK is 1500.", Spec: "swedbankpay/psp.yaml:558"},
						{Pointer: "/payment/payeeInfo/payeeReference", Message: "the member is missing", Rule: "request.body.required", Spec: "swedbankpay/psp.yaml:612"},
					},
				}},
			{Number: 41, At: "2026-11-24T13:57:30Z", Method: "POST", Path: cardPath + "/captures", Operation: "swedbankpay/creditcard createCapture", Status: 429, Duration: "95µs", Namespace: shop,
				Refused: door.Refusal{Station: "fault", Title: "Too Many Requests", Fault: "3", Remedy: "Wait two seconds, then ask again."}},
			{Number: 40, At: "2026-11-24T13:57:02Z", Method: "POST", Path: cardPath + "/captures", Operation: "swedbankpay/creditcard createCapture", Status: 200, Duration: "530µs", Namespace: shop},
			{Number: 39, At: "2026-11-23T23:59:59Z", Method: "GET", Path: "/psp/creditcard/pay", Status: 404, Duration: "12µs", Refused: door.Refusal{Station: "route", Title: "Not Found", Detail: "No API has this path."}},
		},
		Callbacks: detail.Callbacks,
		Faults: []door.Fault{
			{ID: "3", On: "request", Match: door.Match{Operation: "createCapture"}, Times: &twice, Status: 429, RetryAfter: 2, When: "before", Hits: 1},
			{ID: "4", On: "request", Rate: 0.1, Latency: "2s", When: "before"},
		},
		Recording: true,
	}
}

func orderedPage() Payment {
	return Payment{
		Detail: ordered(), Clock: busy().Clock,
		Reasons: []door.DeclineReason{
			{Reason: "acquirerinsufficientfunds", Instrument: "creditcard", Status: 403, Title: "Acquirer error", Detail: "Insufficient funds."},
			{Reason: "cardexpired", Instrument: "creditcard", Status: 403, Title: "Card expired", Detail: "The card has expired."},
		},
	}
}
