package swedbankpay

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/gen/swedbankpay/mobilepay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// MobilePay creates MobilePay payments.
type MobilePay struct{ client *Client }

// MobilePayOptions are what only a MobilePay payment knows. All are optional.
type MobilePayOptions struct {
	// MSISDN is the payer's number, as in +4522222222, filled in for them. The
	// server passes over one that is not valid.
	MSISDN string
	// ShopLogoURL is a picture of 250 by 250 pixels, served by https.
	ShopLogoURL string
}

// Create starts a MobilePay payment; nil options are the defaults. No money is
// reserved yet: send the payer to the [Payment.Link] of [RedirectAuthorization].
// MobilePay takes DKK and, by documentation, EUR, NOK and SEK, so no currency
// is refused here; what cannot be sent as it stands is, by a
// [*client.InputError]. Documentation wants URLs.CancelURL and
// URLs.TermsOfServiceURL. MobilePay was seen to offer no [PaidPayment].
func (m *MobilePay) Create(ctx context.Context, p Purchase, o *MobilePayOptions) (*Payment, error) {
	if o == nil {
		o = &MobilePayOptions{}
	}
	return m.client.create(ctx, "Purchase", p.check(), func(server string) (*http.Request, error) {
		return mobilepay.NewCreatePaymentRequest(server, nil, mobilepay.CreatePaymentRequest{
			Mobilepay: mobilepay.MobilePayOptions{ShoplogoURL: o.ShopLogoURL},
			Payment: mobilepay.PurchaseRequest{
				Operation:   mobilepay.PurchaseRequestOperationPurchase,
				Intent:      mobilepay.PurchaseRequestIntentAuthorization,
				Currency:    p.Amount.currency,
				Prices:      p.price("MobilePay"),
				Description: p.Description,
				UserAgent:   p.UserAgent,
				Language:    p.Language,
				Urls:        p.URLs,
				PayeeInfo:   p.payee(),
				Payer:       p.payer(),
				Metadata:    p.Metadata,
				PrefillInfo: psp.PrefillInfoRequest{Msisdn: o.MSISDN},
			},
		})
	})
}
