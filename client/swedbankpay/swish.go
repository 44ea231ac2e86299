package swedbankpay

import (
	"context"
	"net/http"
	"regexp"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/gen/swedbankpay/swish"
)

// Swish creates Swish payments.
type Swish struct{ client *Client }

// SwishOptions are what only a Swish payment knows. All are optional.
type SwishOptions struct {
	// MSISDN is the payer's number, as in +46739000001, filled in for them. The
	// server passes over one that is not valid.
	MSISDN string
	// BrowserOnly allows the flow with a number alone, not the one inside the
	// app. By default both are allowed.
	BrowserOnly bool
	// AgeLimit is the least age of the payer in years, and SocialSecurityNumber
	// the one person who may pay, in twelve digits. Both are features of the
	// contract; by default anyone may pay.
	AgeLimit             int
	SocialSecurityNumber string
}

var twelveDigits = regexp.MustCompile(`^[0-9]{12}$`)

func (o SwishOptions) check() error {
	if o.AgeLimit < 0 {
		return &client.InputError{Field: "AgeLimit", Reason: "want years, or 0 for none"}
	}
	if o.SocialSecurityNumber != "" && !twelveDigits.MatchString(o.SocialSecurityNumber) {
		return &client.InputError{Field: "SocialSecurityNumber", Reason: "want twelve digits, the year in four"}
	}
	return nil
}

// Create starts a Swish payment; nil options are the defaults. No money moves
// yet: send the payer to the [Payment.Link] of [RedirectSale], or start the
// sale with [Payment.Sell]. Swish takes SEK; another currency, like anything
// that cannot be sent as it stands, is refused by a [*client.InputError].
func (s *Swish) Create(ctx context.Context, p Purchase, o *SwishOptions) (*Payment, error) {
	if o == nil {
		o = &SwishOptions{}
	}
	refused := p.checkIn("Swish", "SEK")
	if refused == nil {
		refused = o.check()
	}
	ctx = wire.Hide(ctx, o.SocialSecurityNumber)
	return s.client.create(ctx, "Purchase", refused, func(server string) (*http.Request, error) {
		return swish.NewCreatePaymentRequest(server, nil, swish.CreatePaymentRequest{
			Swish: swish.SwishOptions{
				EnableEcomOnly:                          o.BrowserOnly,
				PaymentRestrictedToAgeLimit:             int64(o.AgeLimit),
				PaymentRestrictedToSocialSecurityNumber: o.SocialSecurityNumber,
			},
			Payment: swish.PurchaseRequest{
				Operation:   swish.PurchaseRequestOperationPurchase,
				Intent:      swish.PurchaseRequestIntentSale,
				Currency:    p.Amount.currency,
				Prices:      p.price("Swish"),
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
