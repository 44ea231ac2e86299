package swedbankpay

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Rel names something that may be done with a payment. The vocabulary is open.
type Rel string

// Operations the methods of [Payment] follow.
const (
	AbortPayment               Rel = "update-payment-abort"
	CreateApprovedLegalAddress Rel = "create-approved-legal-address"
	CreateAuthorization        Rel = "create-authorization" // also offered as create-authorize
	CreateVerification         Rel = "create-verification"
	CreateSale                 Rel = "create-sale"
	CreateCapture              Rel = "create-capture"
	CreateCancellation         Rel = "create-cancellation" // also offered as create-cancel
	CreateReversal             Rel = "create-reversal"
	DirectAuthorization        Rel = "direct-authorization"
	DirectVerification         Rel = "direct-verification"
	FinaliseAuthorization      Rel = "update-authorization-finalize" //nolint:misspell // the word of the wire
	PaidPayment                Rel = "paid-payment"
	FailedPayment              Rel = "failed-payment"
	AbortedPayment             Rel = "aborted-payment"
)

// OverchargeAuthorization is offered by card payments. What it wants is
// documented nowhere, so only [Payment.Follow] follows it.
const OverchargeAuthorization Rel = "update-authorization-overchargedamount"

// Links for the payer's browser; see [Payment.Link] and [Transaction.Link].
// They lead to other hosts, and this package never calls them.
const (
	RedirectAuthorization  Rel = "redirect-authorization"
	RedirectVerification   Rel = "redirect-verification"
	RedirectSale           Rel = "redirect-sale"
	RedirectAuthentication Rel = "redirect-authentication" // 3-D Secure, in the [Transaction] of a card
	RedirectAppSwish       Rel = "redirect-app-swish"      // in the [Transaction] of a sale
	RedirectTrustly        Rel = "redirect-trustly"        // in the [Transaction] of a sale
	ViewAuthorization      Rel = "view-authorization"
	ViewVerification       Rel = "view-verification"
	ViewPayment            Rel = "view-payment"
	ViewSales              Rel = "view-sales" // also offered as view-sale
)

// aliases are the other spellings the documentation uses.
var aliases = map[Rel]string{
	CreateAuthorization: "create-authorize",
	CreateCancellation:  "create-cancel",
	ViewSales:           "view-sale",
}

// UnavailableError says that a payment does not offer an operation in its
// present state. The operation was not sent.
type UnavailableError struct {
	Payment string // the id of the payment
	Rel     Rel
	State   string // of the payment, such as Ready or Aborted
	Offered []Rel  // what it offers instead
}

func (e *UnavailableError) Error() string {
	offered := make([]string, len(e.Offered))
	for i, rel := range e.Offered {
		offered[i] = string(rel)
	}
	if len(offered) == 0 {
		offered = []string{"nothing"}
	}
	return fmt.Sprintf("%q does not offer %q in state %q; it offers %s (nothing was sent)",
		e.Payment, string(e.Rel), e.State, strings.Join(offered, ", "))
}

// find gives the first usable operation of that rel.
func find(operations []psp.Operation, rel Rel) (psp.Operation, bool) {
	for _, name := range []string{string(rel), aliases[rel]} {
		for _, op := range operations {
			if name != "" && op.Rel == name && op.Href != "" && op.Method != "" {
				return op, true
			}
		}
	}
	return psp.Operation{}, false
}

// follow sends body to the operation the payment offers, and marks the payment
// stale when that may have changed it.
func (p *Payment) follow(ctx context.Context, rel Rel, body any) (*wire.Answer, error) {
	if p.stale != nil {
		if err := p.Refresh(ctx); err != nil {
			return nil, err
		}
	}
	op, ok := p.Operation(rel)
	if !ok {
		e := &UnavailableError{Payment: p.Payment.ID, Rel: rel, State: p.Payment.State}
		for _, op := range p.Operations {
			e.Offered = append(e.Offered, Rel(op.Rel))
		}
		return nil, e
	}
	if op.Method != http.MethodGet {
		p.stale = errChanged
	}
	return p.client.send(ctx, op.Method, op.Href, body, nil)
}
