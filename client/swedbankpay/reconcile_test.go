package swedbankpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/settings"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// unhurried waits for nothing.
func unhurried(s *settings.Settings) {
	s.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
}

// overTheWire is a shop whose client reaches the sandbox over loopback, where
// connections can be cut.
func overTheWire(t *testing.T, retries int) *shop {
	s := open(t)
	front := httptest.NewServer(s.sandbox)
	t.Cleanup(front.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s.pay = swedbankpay.New(client.StaticToken("any"), client.WithBaseURL(front.URL), client.WithRetries(retries),
		client.WithHTTPClient(&http.Client{Transport: transport}), unhurried)
	return s
}

// authorised is a card payment of 100.00 SEK that the payer has authorised.
func (s *shop) authorised() *swedbankpay.Payment {
	s.Helper()
	p, err := s.pay.CreditCard.Create(s.Context(), s.purchase(swedbankpay.SEK(10000)), nil)
	require.NoError(s, err)
	s.paid(p)
	return p
}

// fault is how POSTs to a kind of resource go wrong.
func (s *shop) fault(f server.Fault) {
	s.Helper()
	f.Method = http.MethodPost
	_, err := s.sandbox.Inject(f)
	require.NoError(s, err)
}

func TestUnknownOutcome(t *testing.T) {
	cuts := []struct {
		name  string
		fault server.Fault
		done  bool // by the first request
	}{
		{"before it was taken", server.Fault{Cut: server.CutReset}, false},
		{"before the answer", server.Fault{Cut: server.CutReset, After: true}, true},
		{"during the answer", server.Fault{Cut: server.CutTruncate, After: true}, true},
		{"a gateway gave up before it was taken", server.Fault{Status: http.StatusBadGateway, Body: "<html>"}, false},
		{"a gateway gave up after it was taken", server.Fault{Status: http.StatusGatewayTimeout, Body: "<html>", After: true}, true},
		{"the server fails before it is done", server.Fault{Status: http.StatusInternalServerError}, false},
		{"the server fails after it was done", server.Fault{Status: http.StatusInternalServerError, After: true}, true},
	}
	operations := map[string]func(context.Context, *swedbankpay.Payment) (*swedbankpay.Transaction, error){
		"captures": func(ctx context.Context, p *swedbankpay.Payment) (*swedbankpay.Transaction, error) {
			return p.Capture(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(2500), Description: "goods", PayeeReference: "theref"})
		},
		"cancellations": func(ctx context.Context, p *swedbankpay.Payment) (*swedbankpay.Transaction, error) {
			return p.Cancel(ctx, swedbankpay.Release{Description: "no goods", PayeeReference: "theref"})
		},
		"reversals": func(ctx context.Context, p *swedbankpay.Payment) (*swedbankpay.Transaction, error) {
			return p.Reverse(ctx, swedbankpay.Movement{Amount: swedbankpay.SEK(2500), Description: "returned", PayeeReference: "theref"})
		},
	}
	for kind, do := range operations {
		for _, cut := range cuts {
			for _, retries := range []int{0, 2} {
				t.Run(fmt.Sprintf("%s, %s, %d retries", kind, cut.name, retries), func(t *testing.T) {
					s := overTheWire(t, retries)
					p := s.authorised()
					if kind == "reversals" {
						s.done(p.Capture(t.Context(), s.move(swedbankpay.SEK(5000))))
					}
					cut.fault.Path = "/psp/creditcard/payments/*/" + kind
					s.fault(cut.fault)
					transaction, err := do(t.Context(), p)
					again := retries > 0 && cut.fault.Status != http.StatusInternalServerError
					if cut.done || again {
						require.NoError(t, err, "done by the first request and found, or by the second")
					} else {
						var unknown *client.OutcomeUnknownError
						require.ErrorAs(t, err, &unknown)
						assert.Equal(t, "theref", unknown.PayeeReference)
						outcome, none, err := p.Reconcile(t.Context(), "theref")
						require.NoError(t, err)
						assert.Equal(t, swedbankpay.OutcomeNotDone, outcome)
						assert.Nil(t, none)
						transaction, err = do(t.Context(), p)
						require.NoError(t, err, "the same again, with the same reference")
					}
					assert.Equal(t, "Completed", transaction.State)
					assert.Equal(t, "theref", transaction.PayeeReference)
					assert.Contains(t, transaction.Resource, "/"+kind+"/")
					assert.NoError(t, p.Stale())

					outcome, found, err := p.Reconcile(t.Context(), "theref")
					require.NoError(t, err)
					assert.Equal(t, swedbankpay.OutcomeDone, outcome)
					assert.Equal(t, transaction.ID, found.ID)
					assert.Equal(t, []string{"theref"}, s.references(p, kind, "theref"), "once")
				})
			}
		}
	}
}

// references lists those of the transactions of a kind that are in want, as the
// sandbox has them.
func (s *shop) references(p *swedbankpay.Payment, kind string, want ...string) []string {
	s.Helper()
	fresh := swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(s.sandbox.Client()))
	var body struct {
		Transactions struct {
			TransactionList []psp.Transaction `json:"transactionList"`
		} `json:"transactions"`
	}
	require.NoError(s, fresh.Get(s.Context(), p.Payment.ID+"/transactions", &body))
	var out []string
	for _, t := range body.Transactions.TransactionList {
		for _, w := range want {
			if t.PayeeReference == w && (kind == "" || t.Type+"s" == map[string]string{"captures": "Captures", "cancellations": "Cancellations", "reversals": "Reversals"}[kind]) {
				out = append(out, t.PayeeReference)
			}
		}
	}
	return out
}

// While nobody can be asked, the outcome stays unknown, and is found later.
func TestStillUnknown(t *testing.T) {
	s := overTheWire(t, 0)
	p := s.authorised()
	s.fault(server.Fault{Cut: server.CutReset, After: true, Path: "/psp/creditcard/payments/*/captures"})
	reading, err := s.sandbox.Inject(server.Fault{Method: http.MethodGet, Cut: server.CutReset, Times: server.Forever})
	require.NoError(t, err)

	m := s.move(swedbankpay.SEK(2500))
	_, err = p.Capture(t.Context(), m)
	require.ErrorAs(t, err, new(*client.OutcomeUnknownError))
	require.ErrorAs(t, err, new(*client.WireError), "what happened is kept")
	outcome, none, err := p.Reconcile(t.Context(), m.PayeeReference)
	require.ErrorAs(t, err, new(*client.WireError))
	assert.Equal(t, swedbankpay.OutcomeUnknown, outcome)
	assert.Nil(t, none)

	require.True(t, s.sandbox.Withdraw(reading))
	reopened, err := s.pay.Payment(t.Context(), p.Payment.ID) // by another process, perhaps
	require.NoError(t, err)
	outcome, found, err := reopened.Reconcile(t.Context(), m.PayeeReference)
	require.NoError(t, err)
	assert.Equal(t, swedbankpay.OutcomeDone, outcome)
	assert.Equal(t, int64(2500), found.Amount)

	_, _, err = reopened.Reconcile(t.Context(), "")
	require.ErrorAs(t, err, new(*client.InputError))
}

// A sale has no reference of its own; its transaction has the payment's.
func TestReconcileSale(t *testing.T) {
	s := overTheWire(t, 2)
	purchase := s.purchase(swedbankpay.SEK(10000))
	p, err := s.pay.Swish.Create(t.Context(), purchase, nil)
	require.NoError(t, err)
	s.fault(server.Fault{Cut: server.CutReset, After: true, Path: "/psp/swish/payments/*/sales"})
	_, err = p.Sell(t.Context(), swedbankpay.Buyer{MSISDN: "+46739000001"})
	var unknown *client.OutcomeUnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, 1, unknown.Attempts, "nothing makes a second one harmless")
	outcome, sale, err := p.Reconcile(t.Context(), purchase.PayeeReference)
	require.NoError(t, err)
	assert.Equal(t, swedbankpay.OutcomeDone, outcome)
	assert.Equal(t, "Sale", sale.Type)
}

// A payment that was made without our hearing of it is refused when it is
// created again.
func TestUnknownCreation(t *testing.T) {
	s := overTheWire(t, 2)
	purchase := s.purchase(swedbankpay.SEK(10000))
	s.fault(server.Fault{Cut: server.CutReset, Path: "/psp/creditcard/payments"})
	_, err := s.pay.CreditCard.Create(t.Context(), purchase, nil)
	require.NoError(t, err, "the second request made it")

	purchase.PayeeReference = s.reference()
	s.fault(server.Fault{Cut: server.CutReset, After: true, Path: "/psp/creditcard/payments"})
	_, err = s.pay.CreditCard.Create(t.Context(), purchase, nil)
	var unknown *client.OutcomeUnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, 2, unknown.Attempts)
	assert.Equal(t, purchase.PayeeReference, unknown.PayeeReference)
	assert.Equal(t, http.StatusForbidden, client.StatusOf(err), "the second request was refused")
}

// Whatever goes wrong on the way, no money moves twice, and what the merchant
// believes in the end is what the ledger says.
func TestNoDuplicateMovement(t *testing.T) {
	kinds := []server.Fault{
		{Cut: server.CutReset}, {Cut: server.CutReset, After: true}, {Cut: server.CutTruncate, After: true},
		{Status: 429}, {Status: 429, RetryAfter: 1}, {Status: 500}, {Status: 500, After: true},
		{Status: 502, Body: "<html>"}, {Status: 502, Body: "<html>", After: true}, {Status: 503}, {Status: 503, After: true},
		{Status: 504, Body: "", After: true}, {Status: 200, Body: "{", ContentType: "application/json", After: true},
	}
	rapid.Check(t, func(r *rapid.T) {
		s := overTheWire(t, rapid.IntRange(0, 3).Draw(r, "retries"))
		p := s.authorised()
		believed := map[string]int64{}
		for i := range rapid.IntRange(1, 6).Draw(r, "steps") {
			for range rapid.IntRange(0, 3).Draw(r, "faults") {
				f := kinds[rapid.IntRange(0, len(kinds)-1).Draw(r, "kind")]
				f.Times = rapid.IntRange(1, 2).Draw(r, "times")
				if rapid.Bool().Draw(r, "of any method") {
					_, err := s.sandbox.Inject(f)
					require.NoError(t, err)
				} else {
					s.fault(f)
				}
			}
			ref := fmt.Sprintf("step%d", i)
			amount := int64(rapid.IntRange(1, 4000).Draw(r, "amount"))
			m := swedbankpay.Movement{Amount: swedbankpay.SEK(amount), Description: "goods", PayeeReference: ref}
			transaction, err := p.Capture(t.Context(), m)
			for tries := 0; errors.As(err, new(*client.OutcomeUnknownError)) || errors.As(err, new(*client.DecodeError)); tries++ {
				require.Less(r, tries, 50, "never known: %v", err)
				outcome, found, readErr := p.Reconcile(t.Context(), ref)
				switch outcome {
				case swedbankpay.OutcomeDone:
					transaction, err = found, nil
				case swedbankpay.OutcomeNotDone:
					transaction, err = p.Capture(t.Context(), m)
				default:
					require.Error(r, readErr)
				}
			}
			if err == nil && transaction.State == "Completed" {
				believed[ref] = transaction.Amount
			}
		}
		s.sandbox.Withdraw("")

		var body struct {
			Transactions struct {
				TransactionList []psp.Transaction `json:"transactionList"`
			} `json:"transactions"`
		}
		require.NoError(r, s.pay.Get(t.Context(), p.Payment.ID+"/transactions", &body))
		ledger, total := map[string]int64{}, int64(0)
		for _, x := range body.Transactions.TransactionList {
			if x.Type != "Capture" {
				continue
			}
			require.NotContains(r, ledger, x.PayeeReference, "moved twice")
			ledger[x.PayeeReference] = x.Amount
			total += x.Amount
		}
		require.Equal(r, ledger, believed)
		require.NoError(r, p.Refresh(t.Context()))
		require.Equal(r, 10000-total, p.Payment.RemainingCaptureAmount)
	})
}
