package contract

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/openapi"
)

const (
	benchRequest = `{"payment":{"operation":"Purchase","intent":"Authorization","currency":"SEK","prices":[{"type":"CreditCard","amount":1500,"vatAmount":0}],
"description":"Test Purchase","userAgent":"Mozilla/5.0","language":"sv-SE","urls":{"hostUrls":["https://example.com"],"completeUrl":"https://example.com/payment-completed",
"cancelUrl":"https://example.com/payment-canceled","callbackUrl":"https://api.example.com/payment-callback"},"payeeInfo":{"payeeId":"5cabf558-5283-482f-b252-4d58e06f6f3b",
"payeeReference":"CD1234","payeeName":"Merchant1","productCategory":"A123","orderReference":"or123"}}}`
	benchResponse = `{"payment":{"id":"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1","number":40101602179,"created":"2020-05-13T12:13:56.5849776Z",
"updated":"2020-05-13T12:13:57.3064138Z","instrument":"CreditCard","operation":"Purchase","intent":"Authorization","state":"Ready","currency":"SEK",
"prices":{"id":"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/prices"},"amount":1500,"remainingCaptureAmount":1500,"description":"Test Purchase",
"initiatingSystemUserAgent":"merchant/1.0","userAgent":"Mozilla/5.0","language":"sv-SE","urls":{"id":"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/urls"},
"payeeInfo":{"id":"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/payeeinfo"},"metadata":{"id":"/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/metadata"}},
"operations":[{"method":"PATCH","href":"https://api.externalintegration.payex.com/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1","rel":"update-payment-abort","contentType":"application/json"},
{"method":"GET","href":"https://ecom.externalintegration.payex.com/creditcardv2/payments/authorize/5a17c24ed45945670badaa0f17a76119","rel":"redirect-authorization","contentType":"text/html"},
{"method":"POST","href":"https://api.externalintegration.payex.com/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/captures","rel":"create-capture","contentType":"application/json"}]}`
	benchURL = "https://api.externalintegration.payex.com/psp/creditcard/payments"
)

func benchHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}, "Location": {benchURL + "/1"}}
}

// recipe is what kin-openapi's own documentation does for one request.
func recipe(b *testing.B) routers.Router {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
		return fs.ReadFile(openapi.FS, path.Clean(u.Path))
	}
	doc, err := loader.LoadFromURI(&url.URL{Path: "swedbankpay/creditcard.yaml"})
	require.NoError(b, err)
	router, err := legacy.NewRouter(doc)
	require.NoError(b, err)
	return router
}

func recipeInput(b *testing.B, router routers.Router, body string) *openapi3filter.RequestValidationInput {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, benchURL, bytes.NewReader([]byte(body)))
	require.NoError(b, err)
	req.Header = benchHeader()
	route, params, err := router.FindRoute(req)
	require.NoError(b, err)
	return &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true}}
}

func BenchmarkJudgeRequest(b *testing.B) {
	b.Run("contract", func(b *testing.B) {
		c, u := own(b), benchMust(url.Parse(benchURL))
		m := Message{Header: benchHeader(), Body: []byte(benchRequest)}
		b.ReportAllocs()
		for b.Loop() {
			match := c.Match(http.MethodPost, u)
			if list := match.Operation.JudgeRequest(match.Params, m); len(list) > 0 {
				b.Fatal(list)
			}
		}
	})
	b.Run("openapi3filter", func(b *testing.B) {
		router := recipe(b)
		b.ReportAllocs()
		for b.Loop() {
			if err := openapi3filter.ValidateRequest(b.Context(), recipeInput(b, router, benchRequest)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkJudgeResponse(b *testing.B) {
	b.Run("contract", func(b *testing.B) {
		o := own(b).Match(http.MethodPost, benchMust(url.Parse(benchURL))).Operation
		m := Message{Header: benchHeader(), Body: []byte(benchResponse)}
		b.ReportAllocs()
		for b.Loop() {
			if list := o.JudgeResponse(http.StatusCreated, m); len(list) > 0 {
				b.Fatal(list)
			}
		}
	})
	b.Run("openapi3filter", func(b *testing.B) {
		router := recipe(b)
		request := recipeInput(b, router, benchRequest)
		b.ReportAllocs()
		for b.Loop() {
			input := &openapi3filter.ResponseValidationInput{RequestValidationInput: request, Status: http.StatusCreated, Header: benchHeader(),
				Body: io.NopCloser(bytes.NewReader([]byte(benchResponse))), Options: &openapi3filter.Options{IncludeResponseStatus: true}}
			if err := openapi3filter.ValidateResponse(b.Context(), input); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestBenchmarkedBodies keeps what is measured valid.
func TestBenchmarkedBodies(t *testing.T) {
	o := operation(t, own(t), "swedbankpay/creditcard createPayment")
	require.Empty(t, o.JudgeRequest(nil, Message{Header: benchHeader(), Body: []byte(benchRequest)}))
	require.Empty(t, o.JudgeResponse(http.StatusCreated, Message{Header: benchHeader(), Body: []byte(benchResponse)}))
}

func benchMust[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
