package conformance_test

import (
	"fmt"

	"github.com/kassa-dev/kassa/conformance"
)

// A merchant's program builds an address of its own instead of following the
// one it was offered, and gets the path wrong.
func Example() {
	checker, err := conformance.New()
	if err != nil {
		panic(err)
	}
	session := checker.Session()
	session.Check(conformance.Exchange{
		File:     "checkout.har",
		Entry:    12,
		Request:  conformance.Request{Method: "POST", URL: "https://api.externalintegration.payex.com/psp/creditcard/payments/5adc265f-f87f-4313-577e-08d3dca1a26c/capture"},
		Response: conformance.Response{Status: 404},
	})
	for _, finding := range session.Findings() {
		fmt.Println(finding.Message)
	}
	fmt.Println("exit code", session.Report().ExitCode(conformance.Error))
	// Output:
	// no documented operation has the path /psp/creditcard/payments/5adc265f-f87f-4313-577e-08d3dca1a26c/capture
	// exit code 1
}
