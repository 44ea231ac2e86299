package swedbankpay

import (
	"context"
	"net/http"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/gen/swedbankpay/vipps"
)

// Vipps creates Vipps payments.
type Vipps struct{ client *Client }

// VippsOptions are what only a Vipps payment knows. All are optional.
type VippsOptions struct {
	// MSISDN is the payer's number, as in +4745612345, filled in for them. The
	// server passes over one that is not valid.
	MSISDN string
}

// Create starts a Vipps payment; nil options are the defaults. No money is
// reserved yet: send the payer to the [Payment.Link] of [RedirectAuthorization],
// or show the script of [ViewAuthorization] (which wants URLs.HostUrls). Vipps
// takes NOK; another currency, like anything that cannot be sent as it stands,
// is refused by a [*client.InputError].
func (v *Vipps) Create(ctx context.Context, p Purchase, o *VippsOptions) (*Payment, error) {
	if o == nil {
		o = &VippsOptions{}
	}
	return v.client.create(ctx, "Purchase", p.checkIn("Vipps", "NOK"), func(server string) (*http.Request, error) {
		return vipps.NewCreatePaymentRequest(server, nil, vipps.CreatePaymentRequest{
			Payment: vipps.PurchaseRequest{
				Operation:   vipps.PurchaseRequestOperationPurchase,
				Intent:      vipps.PurchaseRequestIntentAuthorization,
				Currency:    p.Amount.currency,
				Prices:      p.price("Vipps"),
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
