package swedbankpay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// BenchmarkCall is one call over loopback to a server that answers from
// memory. "by hand" is net/http and encoding/json, with what the documentation
// asks of every request and a limit in time; "client" is this package; "judged"
// is this package with every exchange judged, redacted and recorded.
func BenchmarkCall(b *testing.B) {
	bank := recordedBank(b)
	checker, err := conformance.New(conformance.WithServer(bank.URL))
	if err != nil {
		b.Fatal(err)
	}
	recorder := conformance.NewRecorder(checker, io.Discard)
	plain := &http.Client{Timeout: 30 * time.Second, Transport: http.DefaultTransport}
	pay := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(bank.URL), client.WithHTTPClient(plain))
	judged := swedbankpay.New(client.StaticToken("token"), client.WithBaseURL(bank.URL),
		client.WithHTTPClient(&http.Client{Timeout: 30 * time.Second, Transport: conformance.Transport(nil, recorder)}))
	get := func(pay *swedbankpay.Client) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := pay.Payment(ctx, bank.id)
			return err
		}
	}
	create := func(pay *swedbankpay.Client) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := pay.CreditCard.Create(ctx, bank.purchase, nil)
			return err
		}
	}
	calls := []struct {
		name string
		call func(context.Context) error
	}{
		{"get/by hand", func(ctx context.Context) error { return byHand(ctx, plain, http.MethodGet, bank.URL+bank.id, nil) }},
		{"get/client", get(pay)},
		{"get/judged", get(judged)},
		{"create/by hand", func(ctx context.Context) error {
			return byHand(ctx, plain, http.MethodPost, bank.URL+"/psp/creditcard/payments", bank.request)
		}},
		{"create/client", create(pay)},
		{"create/judged", create(judged)},
	}
	for _, c := range calls {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.call(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	if findings := recorder.Findings(); len(findings) > 0 {
		b.Fatal(findings)
	}
}

// byHand sends body and reads a payment.
func byHand(ctx context.Context, c *http.Client, method, address string, body any) error {
	var content io.Reader
	if body != nil {
		written, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(written)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer token")
	req.Header.Set("Accept", "application/problem+json; q=1.0, application/json; q=0.9")
	req.Header.Set("Session-Id", uuid.NewString())
	req.Header.Set("User-Agent", "shop/1")
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var p psp.PaymentResponse
	return json.Unmarshal(answer, &p)
}

// A memory is a server that knows one answer, and what leads to it.
type memory struct {
	*httptest.Server
	id       string
	purchase swedbankpay.Purchase
	request  creditcard.CreatePaymentRequest
}

// recordedBank answers what the sandbox once answered.
func recordedBank(b *testing.B) *memory {
	sandbox, err := server.New(server.WithSeed(1))
	if err != nil {
		b.Fatal(err)
	}
	defer sandbox.Close()
	m := &memory{purchase: swedbankpay.Purchase{
		Amount: swedbankpay.SEK(10000), Description: "an order", PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order1",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done", CancelURL: "https://shop.example/no", CallbackURL: "https://shop.example/callback"},
	}}
	var sent []byte
	pay := swedbankpay.New(client.StaticToken("token"), client.WithHTTPClient(&http.Client{Transport: tapped{sandbox.Client().Transport, &sent}}))
	p, err := pay.CreditCard.Create(b.Context(), m.purchase, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal(sent, &m.request); err != nil {
		b.Fatal(err)
	}
	m.id = p.Payment.ID
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if r.Method == http.MethodPost {
			w.Header().Set("Location", m.URL+m.id)
			w.WriteHeader(http.StatusCreated)
		}
		_, _ = w.Write(p.Raw)
	}))
	b.Cleanup(m.Close)
	return m
}

// tapped keeps the body of the last request.
type tapped struct {
	next http.RoundTripper
	sent *[]byte
}

func (t tapped) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	*t.sent, _ = io.ReadAll(body)
	return t.next.RoundTrip(req)
}
