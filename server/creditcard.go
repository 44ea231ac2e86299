package server

import (
	"cmp"
	"context"
	"strings"

	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// creditcardServer serves card payments.
type creditcardServer struct{ till }

// CreatePayment refuses, beside what the contract refuses, a price for every brand next to one for a single brand.
func (c creditcardServer) CreatePayment(ctx context.Context, r creditcard.CreatePaymentRequestObject) (creditcard.CreatePaymentResponseObject, error) {
	in := r.Body.Payment
	every := 0
	for _, price := range in.Prices {
		if strings.EqualFold(price.Type, "CreditCard") {
			every++
		}
	}
	if every > 0 && len(in.Prices) > 1 {
		return nil, refuse.Input(refuse.Item{Name: "Payment.Prices", Description: "A CreditCard price is for every brand and stands alone."})
	}
	return c.create(ctx, order{
		operation: string(in.Operation), intent: string(in.Intent), currency: in.Currency, description: in.Description,
		userAgent: in.UserAgent, language: in.Language, payerReference: cmp.Or(in.Payer.PayerReference, in.PayerReference),
		prices: in.Prices, urls: in.Urls, payee: in.PayeeInfo,
		generatePaymentToken: in.GeneratePaymentToken, generateRecurrenceToken: in.GenerateRecurrenceToken,
	}, r.Params.Expand)
}

// The rest is the same for every instrument: a step in the book, and its answer.

func (c creditcardServer) GetPayment(ctx context.Context, r creditcard.GetPaymentRequestObject) (creditcard.GetPaymentResponseObject, error) {
	return c.read(ctx, r.PaymentID, r.Params.Expand)
}

func (c creditcardServer) AbortPayment(ctx context.Context, r creditcard.AbortPaymentRequestObject) (creditcard.AbortPaymentResponseObject, error) {
	return c.abort(ctx, r.PaymentID, r.Body, r.Params.Expand)
}

func (c creditcardServer) GetAborted(_ context.Context, r creditcard.GetAbortedRequestObject) (creditcard.GetAbortedResponseObject, error) {
	return c.aborted(r.PaymentID)
}

func (c creditcardServer) ListAuthorizations(ctx context.Context, r creditcard.ListAuthorizationsRequestObject) (creditcard.ListAuthorizationsResponseObject, error) {
	return c.list(ctx, r.PaymentID, ledger.Authorization)
}

func (c creditcardServer) GetAuthorization(ctx context.Context, r creditcard.GetAuthorizationRequestObject) (creditcard.GetAuthorizationResponseObject, error) {
	return c.one(ctx, r.PaymentID, ledger.Authorization, r.TransactionID)
}

func (c creditcardServer) ListCancellations(ctx context.Context, r creditcard.ListCancellationsRequestObject) (creditcard.ListCancellationsResponseObject, error) {
	return c.list(ctx, r.PaymentID, ledger.Cancellation)
}

func (c creditcardServer) CreateCancellation(ctx context.Context, r creditcard.CreateCancellationRequestObject) (creditcard.CreateCancellationResponseObject, error) {
	return c.cancel(ctx, r.PaymentID, r.Body.Transaction)
}

func (c creditcardServer) GetCancellation(ctx context.Context, r creditcard.GetCancellationRequestObject) (creditcard.GetCancellationResponseObject, error) {
	return c.one(ctx, r.PaymentID, ledger.Cancellation, r.TransactionID)
}

func (c creditcardServer) ListCaptures(ctx context.Context, r creditcard.ListCapturesRequestObject) (creditcard.ListCapturesResponseObject, error) {
	return c.list(ctx, r.PaymentID, ledger.Capture)
}

func (c creditcardServer) CreateCapture(ctx context.Context, r creditcard.CreateCaptureRequestObject) (creditcard.CreateCaptureResponseObject, error) {
	return c.amount(ctx, r.PaymentID, ledger.Capture, r.Body.Transaction)
}

func (c creditcardServer) GetCapture(ctx context.Context, r creditcard.GetCaptureRequestObject) (creditcard.GetCaptureResponseObject, error) {
	return c.one(ctx, r.PaymentID, ledger.Capture, r.TransactionID)
}

func (c creditcardServer) GetFailed(_ context.Context, r creditcard.GetFailedRequestObject) (creditcard.GetFailedResponseObject, error) {
	return c.failed(r.PaymentID)
}

func (c creditcardServer) GetMetadata(_ context.Context, r creditcard.GetMetadataRequestObject) (creditcard.GetMetadataResponseObject, error) {
	return c.part(r.PaymentID, "metadata", payment.metadata)
}

func (c creditcardServer) GetPaid(_ context.Context, r creditcard.GetPaidRequestObject) (creditcard.GetPaidResponseObject, error) {
	return c.paid(r.PaymentID)
}

func (c creditcardServer) GetPayeeInfo(_ context.Context, r creditcard.GetPayeeInfoRequestObject) (creditcard.GetPayeeInfoResponseObject, error) {
	return c.part(r.PaymentID, "payeeInfo", payment.payeeInfo)
}

func (c creditcardServer) GetPayers(_ context.Context, r creditcard.GetPayersRequestObject) (creditcard.GetPayersResponseObject, error) {
	return c.part(r.PaymentID, "payers", payment.payers)
}

func (c creditcardServer) GetPrices(_ context.Context, r creditcard.GetPricesRequestObject) (creditcard.GetPricesResponseObject, error) {
	return c.part(r.PaymentID, "prices", payment.prices)
}

func (c creditcardServer) ListReversals(ctx context.Context, r creditcard.ListReversalsRequestObject) (creditcard.ListReversalsResponseObject, error) {
	return c.list(ctx, r.PaymentID, ledger.Reversal)
}

func (c creditcardServer) CreateReversal(ctx context.Context, r creditcard.CreateReversalRequestObject) (creditcard.CreateReversalResponseObject, error) {
	return c.amount(ctx, r.PaymentID, ledger.Reversal, r.Body.Transaction)
}

func (c creditcardServer) GetReversal(ctx context.Context, r creditcard.GetReversalRequestObject) (creditcard.GetReversalResponseObject, error) {
	return c.one(ctx, r.PaymentID, ledger.Reversal, r.TransactionID)
}

func (c creditcardServer) ListTransactions(ctx context.Context, r creditcard.ListTransactionsRequestObject) (creditcard.ListTransactionsResponseObject, error) {
	return c.list(ctx, r.PaymentID, "")
}

func (c creditcardServer) GetTransaction(ctx context.Context, r creditcard.GetTransactionRequestObject) (creditcard.GetTransactionResponseObject, error) {
	return c.one(ctx, r.PaymentID, "", r.TransactionID)
}

func (c creditcardServer) GetItemDescriptions(_ context.Context, r creditcard.GetItemDescriptionsRequestObject) (creditcard.GetItemDescriptionsResponseObject, error) {
	return c.itemDescriptions(r.PaymentID, r.TransactionID)
}

func (c creditcardServer) GetUrls(_ context.Context, r creditcard.GetUrlsRequestObject) (creditcard.GetUrlsResponseObject, error) {
	return c.part(r.PaymentID, "urls", payment.urls)
}
