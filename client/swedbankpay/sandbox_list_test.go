package swedbankpay_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/server"
)

// The lists of every instrument, as links and shown in full, against the
// sandbox.
func TestListsInSandbox(t *testing.T) {
	s := open(t)
	ctx := s.Context()
	create := map[string]func() (*swedbankpay.Payment, error){
		"card": func() (*swedbankpay.Payment, error) {
			return s.pay.CreditCard.Create(ctx, s.purchase(swedbankpay.SEK(1500)), nil)
		},
		"invoice": func() (*swedbankpay.Payment, error) {
			return s.pay.Invoice.Create(ctx, s.purchase(swedbankpay.SEK(1500)), nil)
		},
		"mobilepay": func() (*swedbankpay.Payment, error) {
			return s.pay.MobilePay.Create(ctx, s.purchase(swedbankpay.DKK(1500)), nil)
		},
		"vipps": func() (*swedbankpay.Payment, error) {
			return s.pay.Vipps.Create(ctx, s.purchase(swedbankpay.NOK(1500)), nil)
		},
		"swish": func() (*swedbankpay.Payment, error) {
			return s.pay.Swish.Create(ctx, s.purchase(swedbankpay.SEK(1500)), nil)
		},
		"trustly": func() (*swedbankpay.Payment, error) {
			return s.pay.Trustly.Create(ctx, s.purchase(swedbankpay.SEK(1500)), nil)
		},
	}
	all := []swedbankpay.Expand{
		swedbankpay.ExpandTransactions, swedbankpay.ExpandAuthorizations, swedbankpay.ExpandCancellations, swedbankpay.ExpandCaptures,
		swedbankpay.ExpandReversals, swedbankpay.ExpandSales, swedbankpay.ExpandVerifications,
	}
	for name, create := range create {
		t.Run(name, func(t *testing.T) {
			linked, err := create()
			require.NoError(t, err)
			assert.False(t, linked.Decided())
			s.paid(linked)
			if name == "swish" || name == "trustly" {
				require.NoError(t, s.sandbox.Advance(ctx, time.Minute))
				require.NoError(t, linked.Refresh(ctx))
				_, err = linked.Reverse(ctx, s.move(swedbankpay.SEK(500)))
			} else {
				a, e := swedbankpay.NewAmount(500, linked.Payment.Currency)
				require.NoError(t, e)
				_, err = linked.Capture(ctx, s.move(a))
			}
			require.NoError(t, err)
			assert.True(t, linked.Decided())

			full, err := s.pay.Payment(ctx, linked.Payment.ID, all...)
			require.NoError(t, err)
			total := 0
			for _, list := range all {
				var a, b []swedbankpay.Transaction
				for transaction, err := range linked.List(ctx, list) {
					require.NoError(t, err)
					require.NotEmpty(t, transaction.Resource, list)
					require.NotEmpty(t, transaction.ID, list)
					require.NotEmpty(t, transaction.State, list)
					a = append(a, transaction)
				}
				for transaction, err := range full.List(ctx, list) {
					require.NoError(t, err)
					b = append(b, transaction)
				}
				require.Len(t, b, len(a))
				for i := range a {
					assert.JSONEq(t, string(a[i].Raw), string(b[i].Raw))
					assert.Equal(t, a[i].Resource, b[i].Resource)
				}
				total += len(a)
			}
			assert.Equal(t, 4, total, "two transactions, each in the list of its kind and among all")
		})
	}
}

// A Swish sale takes four seconds here, which pass at once in a bubble.
func TestAwaitInSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sandbox, err := server.New(server.WithSwishConfirmation())
		require.NoError(t, err)
		t.Cleanup(func() { _ = sandbox.Close() })
		s := &shop{T: t, pay: swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(sandbox.Client()))}
		payment, err := s.pay.Swish.Create(t.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
		require.NoError(t, err)
		sale, err := payment.Sell(t.Context(), swedbankpay.Buyer{MSISDN: "+46739000001"})
		require.NoError(t, err)
		require.Equal(t, "AwaitingActivity", sale.State)
		require.False(t, payment.Decided())

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err = payment.Await(ctx, (*swedbankpay.Payment).Decided)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		began := time.Now()
		require.NoError(t, payment.Await(t.Context(), (*swedbankpay.Payment).Decided))
		assert.Less(t, time.Since(began), time.Minute)
		assert.Equal(t, int64(1500), payment.Payment.Amount)

		// A payer who never comes, and one whose payment is called off.
		payment, err = s.pay.Swish.Create(t.Context(), s.purchase(swedbankpay.SEK(1500)), nil)
		require.NoError(t, err)
		ctx, cancel = context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.ErrorIs(t, payment.Await(ctx, (*swedbankpay.Payment).Decided), context.DeadlineExceeded)
		id := payment.Payment.ID
		time.AfterFunc(time.Minute, func() {
			again, err := s.pay.Payment(context.Background(), id)
			if assert.NoError(t, err) {
				assert.NoError(t, again.Abort(context.Background(), "CancelledByConsumer"))
			}
		})
		require.NoError(t, payment.Await(t.Context(), (*swedbankpay.Payment).Decided))
		assert.Equal(t, "Aborted", payment.Payment.State)
	})
}
