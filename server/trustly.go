package server

import (
	"cmp"
	"context"

	"github.com/kassa-dev/kassa/gen/swedbankpay/trustly"
	"github.com/kassa-dev/kassa/server/internal/ledger"
)

// trustlyServer serves Trustly payments.
type trustlyServer struct{ till }

// CreatePayment creates what the contract lets through.
func (c trustlyServer) CreatePayment(ctx context.Context, r trustly.CreatePaymentRequestObject) (trustly.CreatePaymentResponseObject, error) {
	in := r.Body.Payment
	return c.create(ctx, order{
		operation: string(in.Operation), intent: string(in.Intent), currency: in.Currency, description: in.Description,
		userAgent: in.UserAgent, language: in.Language, payerReference: cmp.Or(in.Payer.PayerReference, in.PayerReference),
		prices: in.Prices, urls: in.Urls, payee: in.PayeeInfo,
	}, r.Params.Expand)
}

// The rest is the same for every instrument: a step in the book, and its answer.

func (c trustlyServer) GetPayment(ctx context.Context, r trustly.GetPaymentRequestObject) (trustly.GetPaymentResponseObject, error) {
	return c.read(ctx, r.PaymentID, r.Params.Expand)
}

func (c trustlyServer) AbortPayment(ctx context.Context, r trustly.AbortPaymentRequestObject) (trustly.AbortPaymentResponseObject, error) {
	return c.abort(ctx, r.PaymentID, r.Body, r.Params.Expand)
}

func (c trustlyServer) GetAborted(_ context.Context, r trustly.GetAbortedRequestObject) (trustly.GetAbortedResponseObject, error) {
	return c.aborted(r.PaymentID)
}

func (c trustlyServer) GetFailed(_ context.Context, r trustly.GetFailedRequestObject) (trustly.GetFailedResponseObject, error) {
	return c.failed(r.PaymentID)
}

func (c trustlyServer) GetMetadata(_ context.Context, r trustly.GetMetadataRequestObject) (trustly.GetMetadataResponseObject, error) {
	return c.part(r.PaymentID, "metadata", payment.metadata)
}

func (c trustlyServer) GetPaid(_ context.Context, r trustly.GetPaidRequestObject) (trustly.GetPaidResponseObject, error) {
	return c.paid(r.PaymentID)
}

func (c trustlyServer) GetPayeeInfo(_ context.Context, r trustly.GetPayeeInfoRequestObject) (trustly.GetPayeeInfoResponseObject, error) {
	return c.part(r.PaymentID, "payeeInfo", payment.payeeInfo)
}

func (c trustlyServer) GetPayers(_ context.Context, r trustly.GetPayersRequestObject) (trustly.GetPayersResponseObject, error) {
	return c.part(r.PaymentID, "payers", payment.payers)
}

func (c trustlyServer) GetPrices(_ context.Context, r trustly.GetPricesRequestObject) (trustly.GetPricesResponseObject, error) {
	return c.part(r.PaymentID, "prices", payment.prices)
}

func (c trustlyServer) ListReversals(ctx context.Context, r trustly.ListReversalsRequestObject) (trustly.ListReversalsResponseObject, error) {
	return c.list(ctx, r.PaymentID, ledger.Reversal)
}

func (c trustlyServer) CreateReversal(ctx context.Context, r trustly.CreateReversalRequestObject) (trustly.CreateReversalResponseObject, error) {
	return c.amount(ctx, r.PaymentID, ledger.Reversal, r.Body.Transaction)
}

func (c trustlyServer) GetReversal(ctx context.Context, r trustly.GetReversalRequestObject) (trustly.GetReversalResponseObject, error) {
	return c.one(ctx, r.PaymentID, ledger.Reversal, r.TransactionID)
}

func (c trustlyServer) ListSales(ctx context.Context, r trustly.ListSalesRequestObject) (trustly.ListSalesResponseObject, error) {
	return c.list(ctx, r.PaymentID, ledger.Sale)
}

func (c trustlyServer) CreateSale(ctx context.Context, r trustly.CreateSaleRequestObject) (trustly.CreateSaleResponseObject, error) {
	return c.made(ctx)(c.book.sell(c.instrument, r.PaymentID))
}

func (c trustlyServer) GetSale(ctx context.Context, r trustly.GetSaleRequestObject) (trustly.GetSaleResponseObject, error) {
	return c.one(ctx, r.PaymentID, ledger.Sale, r.TransactionID)
}

func (c trustlyServer) ListTransactions(ctx context.Context, r trustly.ListTransactionsRequestObject) (trustly.ListTransactionsResponseObject, error) {
	return c.list(ctx, r.PaymentID, "")
}

func (c trustlyServer) GetTransaction(ctx context.Context, r trustly.GetTransactionRequestObject) (trustly.GetTransactionResponseObject, error) {
	return c.one(ctx, r.PaymentID, "", r.TransactionID)
}

func (c trustlyServer) GetUrls(_ context.Context, r trustly.GetUrlsRequestObject) (trustly.GetUrlsResponseObject, error) {
	return c.part(r.PaymentID, "urls", payment.urls)
}
