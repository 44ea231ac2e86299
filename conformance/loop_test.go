package conformance_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/resurs"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server"
)

// unexercised lists operations the loop does not reach, each with its reason.
// An operation that is reached must leave the list.
var unexercised = map[string]string{}

// loop is the clients, the sandbox and the judge, closed: whatever the clients
// send and the sandbox answers is held against the documents.
type loop struct {
	sandbox   *server.Server
	url       string
	recorder  *conformance.Recorder
	exercised *exercised
	http      *http.Client
	merchant  *httptest.Server
	told      chan *swedbankpay.Callback
}

// exercised passes exchanges on, and notes which operations were answered with
// more than a refusal.
type exercised struct {
	conformance.Sink
	contract *contract.Contract

	mu         sync.Mutex
	operations map[string]bool
}

func (e *exercised) Record(x conformance.Exchange) {
	e.Sink.Record(x)
	u, err := url.Parse(x.Request.URL)
	if err != nil || x.Response.Status >= 400 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if m := e.contract.MatchPath(x.Request.Method, u.EscapedPath()); m.Outcome == contract.Matched {
		e.operations[m.Operation.Name()] = true
	}
}

func newLoop(t *testing.T) *loop {
	t.Helper()
	sandbox, err := server.New(server.WithSeed(1))
	require.NoError(t, err)
	t.Cleanup(func() { _ = sandbox.Close() })
	front := httptest.NewServer(sandbox)
	t.Cleanup(front.Close)
	checker, err := conformance.New(conformance.WithServer(front.URL))
	require.NoError(t, err)
	own, err := contract.Own()
	require.NoError(t, err)
	l := &loop{sandbox: sandbox, url: front.URL, recorder: conformance.NewRecorder(checker, nil), told: make(chan *swedbankpay.Callback, 1000)}
	l.exercised = &exercised{Sink: l.recorder, contract: own, operations: map[string]bool{}}
	l.http = &http.Client{Transport: conformance.Transport(front.Client().Transport, l.exercised)}
	l.merchant = httptest.NewServer(conformance.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		callback, err := swedbankpay.ParseCallback(r.Body)
		if assert.NoError(t, err) {
			l.told <- callback
		}
		w.WriteHeader(http.StatusOK)
	}), l.recorder))
	t.Cleanup(l.merchant.Close)
	return l
}

func (l *loop) options(prefix string) []client.Option {
	return []client.Option{client.WithBaseURL(l.url + prefix), client.WithHTTPClient(l.http), client.WithUserAgent("loop", "1")}
}

func (l *loop) swedbankpay() *swedbankpay.Client {
	return swedbankpay.New(client.StaticToken("token"), l.options("")...)
}

func (l *loop) purchase(amount swedbankpay.Amount, reference string) swedbankpay.Purchase {
	return swedbankpay.Purchase{
		Amount: amount, VAT: swedbankpay.SEK(amount.Minor() / 5), Description: "An order",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: reference, PayeeName: "Shop", OrderReference: "or-1",
		UserAgent: "Mozilla/5.0", Language: "sv-SE", PayerReference: "AB1234",
		Metadata: map[string]any{"key": "value", "number": 2, "yes": true},
		URLs: psp.UrlsRequest{
			HostUrls: []string{"https://shop.example"}, CompleteURL: "https://shop.example/done",
			CancelURL: "https://shop.example/cart", CallbackURL: l.merchant.URL + "/callback",
		},
	}
}

// await returns the next callback of the payment.
func (l *loop) await(t *testing.T, payment string) *swedbankpay.Callback {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		select {
		case callback := <-l.told:
			if callback.Payment == payment {
				return callback
			}
		case <-ctx.Done():
			t.Fatalf("no callback for %s", payment)
		}
	}
}

// read asks for everything the documents say a payment of this instrument has:
// its descriptions, its lists, and each transaction in every place where it may
// stand. What this payment does not have is answered with 404.
func (l *loop) read(t *testing.T, pay *swedbankpay.Client, payment *swedbankpay.Payment) {
	t.Helper()
	require.NoError(t, payment.Refresh(t.Context(), swedbankpay.ExpandTransactions))
	p := payment.Payment
	instrument := strings.Split(p.ID, "/")[2]
	for _, operation := range l.exercised.contract.Select("swedbankpay/" + instrument + ".yaml").Operations() {
		if operation.Method != http.MethodGet || !strings.Contains(operation.Path, "{paymentId}") {
			continue
		}
		path := strings.ReplaceAll(operation.Path, "/psp/"+instrument+"/payments/{paymentId}", p.ID)
		paths := []string{path}
		if strings.Contains(path, "{transactionId}") {
			paths = nil
			for _, each := range p.Transactions.TransactionList {
				paths = append(paths, strings.ReplaceAll(path, "{transactionId}", each.ID[strings.LastIndex(each.ID, "/")+1:]))
			}
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "/invoicecopy") {
				l.get(t, path, 0)
				continue
			}
			var answer map[string]any
			if err := pay.Get(t.Context(), path, &answer); client.StatusOf(err) >= 500 || err != nil && client.StatusOf(err) < 400 {
				assert.NoError(t, err, path)
			}
		}
	}
	all := []swedbankpay.Expand{
		swedbankpay.ExpandTransactions, swedbankpay.ExpandAuthorizations, swedbankpay.ExpandCaptures,
		swedbankpay.ExpandCancellations, swedbankpay.ExpandReversals, swedbankpay.ExpandSales,
		swedbankpay.ExpandPrices, swedbankpay.ExpandPayeeInfo, swedbankpay.ExpandURLs, swedbankpay.ExpandMetadata, swedbankpay.ExpandPaid,
	}
	require.NoError(t, payment.Refresh(t.Context(), all...))
}

func movement(amount swedbankpay.Amount, reference string) swedbankpay.Movement {
	return swedbankpay.Movement{Amount: amount, VAT: swedbankpay.SEK(0), Description: "An order", PayeeReference: reference}
}

// TestLoop drives every operation of every document through the typed clients
// and wants nothing worse than a note from the judge.
func TestLoop(t *testing.T) {
	l := newLoop(t)
	t.Run("resurs", func(t *testing.T) { l.resurs(t) })
	t.Run("card", func(t *testing.T) { l.card(t) })
	t.Run("trustly", func(t *testing.T) { l.trustly(t) })
	t.Run("aborted", func(t *testing.T) { l.aborted(t) })
	t.Run("failed", func(t *testing.T) { l.failed(t) })
	t.Run("swish", func(t *testing.T) { l.swish(t) })
	t.Run("invoice", func(t *testing.T) { l.invoice(t) })
	t.Run("two steps", func(t *testing.T) { l.twoSteps(t) })
	t.Run("kinds", func(t *testing.T) { l.kinds(t) })
	t.Run("direct", func(t *testing.T) { l.direct(t) })
	t.Run("ends", func(t *testing.T) { l.everyEnd(t) })
	require.NoError(t, l.sandbox.Close(), "callbacks under way are waited for")

	report := l.recorder.Report()
	assert.Equal(t, report.Summary.Exchanges, report.Summary.Judged, "every exchange is judged")
	assert.Zero(t, report.Summary.Errors)
	assert.Zero(t, report.Summary.Warnings)
	for _, finding := range report.Findings {
		t.Log(finding)
	}
	for _, operation := range l.exercised.contract.Operations() {
		name := operation.Name()
		done := l.exercised.operations[name] || operation.Callback && slices.Contains(report.Seen, name)
		if reason := unexercised[name]; reason == "" {
			assert.True(t, done, "%s: exercise it, or name it in unexercised with the reason", name)
		} else {
			assert.False(t, done, "%s is exercised now; take it off the list (%s)", name, reason)
		}
	}
	for name := range unexercised {
		assert.True(t, slices.ContainsFunc(l.exercised.contract.Operations(), func(o *contract.Operation) bool { return o.Name() == name }), "%s is no operation; take it off the list", name)
	}
}

func (l *loop) resurs(t *testing.T) {
	const store = "550e8400-e29b-41d4-a716-446655440000"
	for _, form := range []bool{false, true} {
		options := l.options("")
		if form {
			options = append(options, resurs.WithFormBody())
		}
		widget := resurs.New(resurs.Credentials("id", "secret", options...), l.options("/api/mock_payment_widget_service")...)
		session, err := widget.CreateSession(t.Context(), resurs.Shopper{StoreID: store, ShopperID: "one"})
		require.NoError(t, err)
		assert.NotEmpty(t, session.Token)
		types, err := widget.PaymentMethodTypes(t.Context(), store, resurs.B2C, store)
		require.NoError(t, err)
		assert.Contains(t, types, store)

		_, err = widget.CreateSession(t.Context(), resurs.Shopper{StoreID: "no-uuid", ShopperID: "two"})
		var problem *client.Problem
		require.ErrorAs(t, err, &problem)
		assert.Equal(t, http.StatusUnprocessableEntity, problem.Status)
	}
}

func (l *loop) card(t *testing.T) {
	pay := l.swedbankpay()
	ctx := swedbankpay.WithPayer(t.Context(), "203.0.113.7")
	payment, err := pay.CreditCard.Create(ctx, l.purchase(swedbankpay.SEK(10000), "card1"), nil)
	require.NoError(t, err)
	require.NoError(t, l.sandbox.Pay(ctx, payment.Payment.ID))
	told := l.await(t, payment.Payment.ID)
	payment, err = pay.Payment(ctx, told.Payment)
	require.NoError(t, err)
	assert.EqualValues(t, 10000, payment.Payment.RemainingCaptureAmount)

	_, err = payment.Capture(ctx, movement(swedbankpay.SEK(10001), "card1toomuch"))
	require.Equal(t, http.StatusForbidden, client.StatusOf(err))
	_, err = payment.Capture(ctx, movement(swedbankpay.SEK(1001), "card1capture"))
	require.NoError(t, err)
	_, err = payment.Reverse(ctx, movement(swedbankpay.SEK(1001), "card1reversal"))
	require.NoError(t, err)
	released, err := payment.Cancel(ctx, swedbankpay.Release{Description: "the rest", PayeeReference: "card1cancel"})
	require.NoError(t, err)
	assert.EqualValues(t, 8999, released.Amount)
	assert.Zero(t, payment.Payment.RemainingCaptureAmount)
	_, err = payment.Paid(ctx)
	require.NoError(t, err)
	l.read(t, pay, payment)

	again, err := pay.CreditCard.Create(ctx, l.purchase(swedbankpay.SEK(500), "card2"), &swedbankpay.CardOptions{AutoCapture: true})
	require.NoError(t, err)
	require.NoError(t, l.sandbox.Pay(ctx, again.Payment.ID))
	require.NoError(t, again.Refresh(ctx))
	assert.EqualValues(t, 500, again.Payment.RemainingReversalAmount)
	assert.False(t, again.Offers(swedbankpay.CreateCapture))
}

func (l *loop) trustly(t *testing.T) {
	pay := l.swedbankpay()
	payment, err := pay.Trustly.Create(t.Context(), l.purchase(swedbankpay.SEK(10000), "trustly1"), &swedbankpay.TrustlyOptions{FirstName: "Olivia"})
	require.NoError(t, err)
	sale, err := payment.Sell(t.Context(), swedbankpay.Buyer{FirstName: "Olivia", LastName: "Nyhuus"})
	require.NoError(t, err)
	assert.Equal(t, "AwaitingActivity", sale.State)
	require.NoError(t, l.sandbox.Pay(t.Context(), payment.Payment.ID))
	told := l.await(t, payment.Payment.ID)
	var single psp.SaleResponse
	require.NoError(t, pay.Get(t.Context(), told.Transaction, &single))
	assert.Equal(t, "Completed", single.Sale.Transaction.State)
	require.NoError(t, payment.Refresh(t.Context()))
	_, err = payment.Reverse(t.Context(), movement(swedbankpay.SEK(10000), "trustly1reversal"))
	require.NoError(t, err)
	_, err = payment.Paid(t.Context())
	require.NoError(t, err)
	l.read(t, pay, payment)
}

func (l *loop) aborted(t *testing.T) {
	pay := l.swedbankpay()
	card, err := pay.CreditCard.Create(t.Context(), l.purchase(swedbankpay.SEK(100), "abort1"), nil)
	require.NoError(t, err)
	trustly, err := pay.Trustly.Create(t.Context(), l.purchase(swedbankpay.SEK(100), "abort2"), nil)
	require.NoError(t, err)
	for _, payment := range []*swedbankpay.Payment{card, trustly} {
		require.NoError(t, payment.Abort(t.Context(), "CancelledByConsumer"))
		assert.Equal(t, "Aborted", payment.Payment.State)
		reason, err := payment.Aborted(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "CancelledByConsumer", reason.AbortReason)
		err = payment.Abort(t.Context(), "Again")
		var unavailable *swedbankpay.UnavailableError
		require.ErrorAs(t, err, &unavailable)
	}
}

func (l *loop) failed(t *testing.T) {
	pay := l.swedbankpay()
	card, err := pay.CreditCard.Create(t.Context(), l.purchase(swedbankpay.SEK(100), "fail1"), nil)
	require.NoError(t, err)
	trustly, err := pay.Trustly.Create(t.Context(), l.purchase(swedbankpay.SEK(100), "fail2"), nil)
	require.NoError(t, err)
	for _, payment := range []*swedbankpay.Payment{card, trustly} {
		for range 10 {
			require.NoError(t, payment.Refresh(t.Context()))
			if payment.Offers(swedbankpay.FailedPayment) {
				break
			}
			require.NoError(t, l.sandbox.Decline(t.Context(), payment.Payment.ID))
		}
		assert.Equal(t, "Failed", payment.Payment.State)
		problem, err := payment.Failed(t.Context())
		require.NoError(t, err)
		assert.GreaterOrEqual(t, problem.Status, 400)
		l.read(t, pay, payment)
	}
}

// TestLoopRaw drives the sandbox without the clients: what anybody may send.
func TestLoopRaw(t *testing.T) {
	l := newLoop(t)
	send := func(method, path, token, body string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, l.url+path, strings.NewReader(body))
		require.NoError(t, err)
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		res, err := l.http.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res, string(answer)
	}
	for _, each := range []struct {
		name, method, path, token, body string
		status                          int
	}{
		{"no token", "GET", "/psp/creditcard/payments/1", "", "", 401},
		{"no such payment", "GET", "/psp/creditcard/payments/1", "t", "", 404},
		{"not JSON", "POST", "/psp/trustly/payments", "t", "{", 400},
		{"nothing in it", "POST", "/psp/trustly/payments", "t", "{}", 400},
		{"no such path", "GET", "/psp/gold", "t", "", 404},
		{"no such method", "DELETE", "/psp/creditcard/payments/1", "t", "", 405},
		{"no body", "POST", "/api/mock_payment_widget_service/session", "t", "", 401},
	} {
		t.Run(each.name, func(t *testing.T) {
			res, answer := send(each.method, each.path, each.token, each.body)
			assert.Equal(t, each.status, res.StatusCode, answer)
			assert.True(t, strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json"), "a problem is always problem JSON")
		})
	}
	// What was sent wrongly is the caller's fault; what was answered is ours.
	for _, finding := range l.recorder.Findings() {
		assert.False(t, finding.Side == "response" && finding.Severity != conformance.Note, "%s", finding)
	}
}
