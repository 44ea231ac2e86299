package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/resurs/merchant"
	"github.com/kassa-dev/kassa/gen/resurs/widget"
	"github.com/kassa-dev/kassa/gen/swedbankpay/creditcard"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/gen/swedbankpay/trustly"
)

// The generated clients are strangers to this package; they understand what it answers. Refusals they leave undecoded,
// for they compare media types byte for byte and ours carry a charset.

func TestGeneratedCreditcardClient(t *testing.T) {
	s := newSandbox(t)
	client, err := creditcard.NewClientWithResponses(apiHost, creditcard.WithHTTPClient(bearing{s.client, "any"}))
	require.NoError(t, err)
	var purchase creditcard.NewPayment
	require.NoError(t, purchase.FromPurchaseRequest(creditcard.PurchaseRequest{
		Operation: creditcard.PurchaseRequestOperationPurchase, Intent: creditcard.PurchaseRequestIntentAuthorization, Currency: "SEK",
		Prices:      []psp.PriceRequest{{Type: "CreditCard", Amount: 1500, VatAmount: 300}},
		Description: "Socks", UserAgent: "Mozilla/5.0", Language: "sv-SE", Urls: psp.UrlsRequest{CompleteURL: "https://shop.example/done"},
		PayeeInfo: psp.PayeeInfoRequest{PayeeID: payee, PayeeReference: "r1"},
	}))
	created, err := client.CreatePaymentWithResponse(t.Context(), nil, creditcard.CreatePaymentRequest{Payment: purchase})
	require.NoError(t, err)
	require.NotNil(t, created.JSON201, string(created.Body))
	id := lastSegment(created.JSON201.Payment.ID)
	require.NoError(t, s.Pay(t.Context(), id))

	captured, err := client.CreateCaptureWithResponse(t.Context(), id, nil, psp.CaptureRequest{Transaction: psp.AmountTransactionRequest{
		Amount: 1000, VatAmount: 200, Description: "One sock", PayeeReference: "r2",
	}})
	require.NoError(t, err)
	require.NotNil(t, captured.JSON201, string(captured.Body))
	assert.Equal(t, "Completed", captured.JSON201.Capture.Transaction.State)

	refused, err := client.CreateCaptureWithResponse(t.Context(), id, nil, psp.CaptureRequest{Transaction: psp.AmountTransactionRequest{
		Amount: 501, Description: "Another", PayeeReference: "r3",
	}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusForbidden, refused.StatusCode())
	assert.Contains(t, string(refused.Body), "Capture amount too high.")

	read, err := client.GetPaymentWithResponse(t.Context(), id, &creditcard.GetPaymentParams{Expand: psp.Expand{"captures", "paid"}})
	require.NoError(t, err)
	require.NotNil(t, read.JSON200)
	assert.EqualValues(t, 500, read.JSON200.Payment.RemainingCaptureAmount)
	assert.Len(t, read.JSON200.Payment.Captures.CaptureList, 1)
	assert.EqualValues(t, 1500, read.JSON200.Payment.Paid.Amount)
}

func TestGeneratedTrustlyClient(t *testing.T) {
	s := newSandbox(t)
	client, err := trustly.NewClientWithResponses(apiHost, trustly.WithHTTPClient(bearing{s.client, "test"}))
	require.NoError(t, err)
	id := lastSegment(s.trustly("r1"))
	sold, err := client.CreateSaleWithResponse(t.Context(), id, nil, trustly.CreateSaleRequest{})
	require.NoError(t, err)
	require.NotNil(t, sold.JSON201, string(sold.Body))
	assert.True(t, sold.JSON201.Sale.Transaction.IsOperational)
}

func TestGeneratedResursClients(t *testing.T) {
	s := newSandbox(t)
	tokens, err := merchant.NewClientWithResponses("https://merchant-api.integration.resurs.com", merchant.WithHTTPClient(s.client))
	require.NoError(t, err)
	request := merchant.TokenRequest{GrantType: merchant.TokenRequestGrantTypeClientCredentials, Scope: "merchant-api", ClientID: "id", ClientSecret: "secret"}
	token, err := tokens.CreateTokenWithResponse(t.Context(), request)
	require.NoError(t, err)
	require.NotNil(t, token.JSON200, string(token.Body))
	form, err := tokens.CreateTokenWithFormdataBodyWithResponse(t.Context(), request)
	require.NoError(t, err)
	require.NotNil(t, form.JSON200, string(form.Body))

	widgets, err := widget.NewClientWithResponses(widgetURL, widget.WithHTTPClient(bearing{s.client, token.JSON200.AccessToken}))
	require.NoError(t, err)
	session, err := widgets.CreateSessionWithResponse(t.Context(), widget.SessionRequest{StoreID: "550e8400-e29b-41d4-a716-446655440000"})
	require.NoError(t, err)
	require.NotNil(t, session.JSON200, string(session.Body))
	wrong, err := widgets.CreateSessionWithResponse(t.Context(), widget.SessionRequest{StoreID: "1"})
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnprocessableEntity, wrong.StatusCode())
	assert.Contains(t, string(wrong.Body), "#/storeId")
}

// bearing sends a token along.
type bearing struct {
	client *http.Client
	token  string
}

func (b bearing) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.client.Do(r)
}
