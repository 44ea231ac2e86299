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
	AbortPayment       Rel = "update-payment-abort"
	CreateCapture      Rel = "create-capture"
	CreateCancellation Rel = "create-cancellation" // also offered as create-cancel
	CreateReversal     Rel = "create-reversal"
	CreateSale         Rel = "create-sale"
	PaidPayment        Rel = "paid-payment"
	FailedPayment      Rel = "failed-payment"
	AbortedPayment     Rel = "aborted-payment"
)

// Links for the payer's browser; see [Payment.Link]. They lead to other hosts,
// and this package never calls them.
const (
	RedirectAuthorization Rel = "redirect-authorization"
	RedirectSale          Rel = "redirect-sale"
	RedirectTrustly       Rel = "redirect-trustly" // in the [Transaction] of a sale
	ViewAuthorization     Rel = "view-authorization"
	ViewPayment           Rel = "view-payment"
	ViewSales             Rel = "view-sales" // also offered as view-sale
)

// aliases are the other spellings the documentation uses.
var aliases = map[Rel]string{CreateCancellation: "create-cancel", ViewSales: "view-sale"}

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
