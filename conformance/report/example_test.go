package report_test

import (
	"os"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/conformance/report"
)

func ExampleWrite() {
	found := conformance.Report{
		Summary: conformance.Summary{Exchanges: 1, Judged: 1, Errors: 1},
		Findings: []conformance.Finding{{
			Rule: "response.body.schema", Severity: conformance.Error, Operation: "swedbankpay/creditcard createCapture",
			File: "checkout.har", Side: "response", Pointer: "/capture/transaction/amount", Message: "want integer, got string",
			Spec: "swedbankpay/psp.yaml:559", Count: 1,
		}},
	}
	_ = report.Write(os.Stdout, report.Markdown, report.Data{Report: found})
	// Output:
	// ## ❌ Kassa: 1 finding fails the check
	//
	// 1 rule is broken; 1 exchange was judged.
	//
	// | exchanges | judged | unjudged | errors | warnings | notes | excused |
	// | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
	// | 1 | 1 | 0 | 1 | 0 | 0 | 0 |
	//
	// ### What fails (1)
	//
	// | severity | where | what | rule | document |
	// | --- | --- | --- | --- | --- |
	// | error | `swedbankpay/creditcard createCapture`<br>`checkout.har:0 response /capture/transaction/amount` | `want integer, got string` | `response.body.schema` | `swedbankpay/psp.yaml:559` |
}
