package conformance_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

// The shop is an API made up for these tests, small enough to keep in mind.

func shop(tb testing.TB, opts ...conformance.Option) *conformance.Checker {
	tb.Helper()
	checker, err := conformance.NewFrom(os.DirFS("testdata/shop"), opts...)
	require.NoError(tb, err)
	return checker
}

const base = "https://api.shop.example/v1"

// order is a faultless creation of an order; change makes it otherwise.
func order(change ...func(*conformance.Exchange)) conformance.Exchange {
	x := conformance.Exchange{
		File: "shop.har",
		Request: conformance.Request{
			Method: "POST", URL: base + "/orders",
			Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer abc"}},
			Body:   []byte(`{"amount":1500,"urls":{"callbackUrl":"https://merchant.example/callback?order=1"}}`),
		},
		Response: conformance.Response{
			Status: 201,
			Header: http.Header{"Content-Type": {"application/json"}, "Location": {base + "/orders/1"}},
			Body:   []byte(`{"amount":1500}`),
		},
	}
	for _, c := range change {
		c(&x)
	}
	return x
}

// reading is a faultless reading of an order.
func reading(change ...func(*conformance.Exchange)) conformance.Exchange {
	return order(append([]func(*conformance.Exchange){func(x *conformance.Exchange) {
		x.Request.Method, x.Request.URL, x.Request.Body = "GET", base+"/orders/1", nil
		x.Request.Header.Del("Content-Type")
		x.Response.Status = 200
	}}, change...)...)
}

func at(method, url string) func(*conformance.Exchange) {
	return func(x *conformance.Exchange) { x.Request.Method, x.Request.URL = method, url }
}

func answer(status int, body string) func(*conformance.Exchange) {
	return func(x *conformance.Exchange) { x.Response.Status, x.Response.Body = status, []byte(body) }
}

func ask(body string) func(*conformance.Exchange) {
	return func(x *conformance.Exchange) { x.Request.Body = []byte(body) }
}

// rules lists "severity rule side pointer" of each finding.
func rules(findings []conformance.Finding) []string {
	list := []string{}
	for _, f := range findings {
		line := string(f.Severity) + " " + f.Rule
		for _, part := range []string{f.Side, f.Pointer} {
			if part != "" {
				line += " " + part
			}
		}
		list = append(list, line)
	}
	return list
}
