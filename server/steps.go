package server

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A step answers one operation of the contract.
type step func(till, *call) (answer, error)

// steps are the operations that the instruments share, by operationId. An instrument has those that its document offers.
var steps = map[string]step{
	"createPayment":       till.create,
	"getPayment":          till.read,
	"abortPayment":        till.abort,
	"getPrices":           part("prices", payment.prices),
	"getPayeeInfo":        part("payeeInfo", payment.payeeInfo),
	"getPayers":           part("payers", payment.payers),
	"getUrls":             part("urls", payment.urls),
	"getMetadata":         part("metadata", payment.metadata),
	"getSettings":         part("settings", func(p payment) any { return link{p.path() + "/settings"} }),
	"getPaid":             till.paid,
	"getFailed":           till.failed,
	"getAborted":          till.aborted,
	"listTransactions":    list(""),
	"getTransaction":      one(""),
	"getActivities":       below("activities", nil),
	"getItemDescriptions": below("itemDescriptions", transaction.itemDescriptions),
	"listAuthorizations":  list(ledger.Authorization),
	"getAuthorization":    one(ledger.Authorization),
	"listVerifications":   list(ledger.Verification),
	"getVerification":     one(ledger.Verification),
	"listSales":           list(ledger.Sale),
	"getSale":             one(ledger.Sale),
	"createSale":          till.sell,
	"listCaptures":        list(ledger.Capture),
	"getCapture":          one(ledger.Capture),
	"createCapture":       moves(ledger.Capture),
	"listCancellations":   list(ledger.Cancellation),
	"getCancellation":     one(ledger.Cancellation),
	"createCancellation":  moves(ledger.Cancellation),
	"listReversals":       list(ledger.Reversal),
	"getReversal":         one(ledger.Reversal),
	"createReversal":      moves(ledger.Reversal),
	"deleteToken":         till.forget,
}

// ownSteps are those that one instrument alone has, or has in its own way, by its path segment and operationId.
var ownSteps = map[string]step{
	"creditcard createAuthorization":       typedCard(ledger.Authorization),
	"creditcard createDirectAuthorization": typedCard(ledger.Authorization),
	"creditcard createDirectVerification":  typedCard(ledger.Verification),
	"creditcard updateAuthorization":       till.overcharge,

	"invoice getInvoiceCopy":                till.copied,
	"invoice createAuthorization":           named(ledger.Authorization),
	"invoice createVerification":            named(ledger.Verification),
	"invoice createApprovedLegalAddress":    till.lookUp,
	"invoice getApprovedLegalAddress":       lookedUp("approvedLegalAddress", address.plain),
	"invoice getMaskedApprovedLegalAddress": lookedUp("maskedApprovedLegalAddress", address.masked),
	"invoice getConsumer":                   party("consumer", parties.consumerMembers),
	"invoice getLegalAddress":               party("legalAddress", func(p parties) members { return p.legal.members() }),
	"invoice getShippingAddress":            party("shippingAddress", func(p parties) members { return p.legal.members() }),
	"invoice getBillingAddress":             party("billingAddress", func(p parties) members { return p.billing.members() }),

	"vipps createAuthorization": till.sell, // by the payer's number; older clients do, and no operation leads there
}

// stepOf is the step for an operation of one instrument; nil when the sandbox does not behave it.
func stepOf(segment, operationID string) step {
	if own := ownSteps[segment+" "+operationID]; own != nil {
		return own
	}
	switch operationID {
	case "createAuthorization", "createVerification", "updateAuthorization":
		return nil // never shared
	default:
		return steps[operationID]
	}
}

// authenticateID is the operation that is a page, for a payer's browser.
const authenticateID = "authenticate"

// Unbehaved lists the operations that the contract has and the sandbox does not behave, as findings name them. They
// answer 403 and a problem that says so. There are none today.
func (s *Server) Unbehaved() []string {
	names := []string{}
	for _, op := range s.contract.Operations() {
		file, ours := strings.CutPrefix(op.Document, "swedbankpay/")
		if ours && !op.Callback && op.ID != authenticateID && stepOf(strings.TrimSuffix(file, ".yaml"), op.ID) == nil {
			names = append(names, op.Name())
		}
	}
	slices.Sort(names)
	return names
}

// served is the middleware that answers a strict server's operations with a till's steps. The generated code routes and
// binds; behind it there is nothing, for its interfaces are six times the same and its response types cannot say what
// view.go explains.
func served[H ~func(context.Context, http.ResponseWriter, *http.Request, any) (any, error)](t till) func(H, string) H {
	return func(H, string) H {
		return func(ctx context.Context, w http.ResponseWriter, _ *http.Request, _ any) (any, error) {
			c := callOf(ctx)
			do := stepOf(t.instrument.segment, c.operation.ID)
			if do == nil {
				return nil, refuse.NotYet(c.operation.Name())
			}
			a, err := do(t, c)
			if lost := c.server.durable(c.world); lost != nil {
				return nil, lost
			}
			if err != nil {
				return nil, err
			}
			return nil, a.write(w)
		}
	}
}
