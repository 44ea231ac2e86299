package server

import (
	"bytes"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// What is answered is built here and not with the generated types, for those leave out every zero (a payment of amount
// 0, a list with nothing in it) and sort members by name. The tests hold every answer against the contract.

// A paymentView is a payment as the live environment shows it, in its order of members.
type paymentView struct {
	PaymentToken                string `json:"paymentToken,omitempty"`
	RecurrenceToken             string `json:"recurrenceToken,omitempty"`
	UnscheduledToken            string `json:"unscheduledToken,omitempty"`
	ID                          string `json:"id"`
	Number                      int64  `json:"number"`
	Created                     string `json:"created"`
	Updated                     string `json:"updated"`
	Instrument                  string `json:"instrument"`
	Operation                   string `json:"operation"`
	Intent                      string `json:"intent,omitempty"`
	State                       string `json:"state"`
	Currency                    string `json:"currency"`
	Prices                      any    `json:"prices,omitempty"`
	Amount                      int64  `json:"amount"`
	RemainingCaptureAmount      int64  `json:"remainingCaptureAmount,omitempty"`
	RemainingCancellationAmount int64  `json:"remainingCancellationAmount,omitempty"`
	RemainingReversalAmount     int64  `json:"remainingReversalAmount,omitempty"`
	Description                 string `json:"description"`
	PayerReference              string `json:"payerReference,omitempty"`
	InitiatingSystemUserAgent   string `json:"initiatingSystemUserAgent,omitempty"`
	UserAgent                   string `json:"userAgent"`
	Language                    string `json:"language"`
	Transactions                any    `json:"transactions,omitempty"`
	Authorizations              any    `json:"authorizations,omitempty"`
	Verifications               any    `json:"verifications,omitempty"`
	Captures                    any    `json:"captures,omitempty"`
	Cancellations               any    `json:"cancellations,omitempty"`
	Sales                       any    `json:"sales,omitempty"`
	Reversals                   any    `json:"reversals,omitempty"`
	Urls                        any    `json:"urls"`
	PayeeInfo                   any    `json:"payeeInfo"`
	Metadata                    any    `json:"metadata,omitempty"`
	Paid                        any    `json:"paid,omitempty"`
}

// A leanView is a payment of MobilePay: its prices come first.
type leanView struct {
	Prices any `json:"prices"`
	paymentView
}

// A transactionView is one movement in its general form.
type transactionView struct {
	ID                     string          `json:"id"`
	Created                string          `json:"created"`
	Updated                string          `json:"updated"`
	Type                   string          `json:"type"`
	State                  string          `json:"state"`
	Number                 int64           `json:"number"`
	Amount                 int64           `json:"amount"`
	VatAmount              int64           `json:"vatAmount"`
	Description            string          `json:"description"`
	PayeeReference         string          `json:"payeeReference"`
	ReceiptReference       string          `json:"receiptReference,omitempty"`
	FailedReason           string          `json:"failedReason,omitempty"`
	FailedActivityName     string          `json:"failedActivityName,omitempty"`
	FailedErrorCode        string          `json:"failedErrorCode,omitempty"`
	FailedErrorDescription string          `json:"failedErrorDescription,omitempty"`
	IsOperational          bool            `json:"isOperational"`
	ReconciliationNumber   int64           `json:"reconciliationNumber,omitempty"`
	Problem                *refuse.Problem `json:"problem,omitempty"`
	Operations             []operation     `json:"operations"`
}

// A typedView is a transaction under its own kind: its id there, what only that kind tells, and the general form.
type typedView struct {
	*card

	ID          string          `json:"id"`
	Transaction transactionView `json:"transaction"`
}

// A link stands for a sub-resource that is not expanded.
type link struct {
	ID string `json:"id"`
}

// local is a path that is shown as a URL of the sandbox's own.
type local string

// members is a JSON object whose members keep their order.
type members []member

type member struct {
	name  string
	value any
}

// AppendJSON writes the members one after the other. It fails as the encoding of a value fails.
func (m members) AppendJSON(buf *bytes.Buffer) error {
	buf.WriteByte('{')
	for i, v := range m {
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.WriteByte('"')
		buf.WriteString(v.name)
		buf.WriteString(`":`)
		if err := refuse.Append(buf, v.value); err != nil {
			return err
		}
	}
	buf.WriteByte('}')
	return nil
}

// MarshalJSON is AppendJSON for an encoder, where members stand in something else.
func (m members) MarshalJSON() ([]byte, error) { return refuse.JSON(m) }

// wireTime prints a time as the vendor does: UTC, up to seven fraction digits, none that are zero.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }

// view is the answer to reading the payment, with links or, where asked, whole sub-resources.
func (p payment) view(base string, x expansion) any {
	v := paymentView{
		ID: p.path(), Number: p.number, Created: wireTime(p.created), Updated: wireTime(p.state.updated),
		Instrument: p.instrument.name, Operation: p.order.operation, Intent: p.order.intent,
		State: p.status(), Currency: p.order.currency, Amount: p.state.balance.Amount(),
		Description: p.order.description, PayerReference: p.order.payerReference,
		InitiatingSystemUserAgent: p.order.systemAgent, UserAgent: p.order.userAgent, Language: p.order.language,
	}
	v.RemainingCaptureAmount, v.RemainingCancellationAmount, v.RemainingReversalAmount = p.left()
	if t, ok := p.paid(); ok {
		v.RecurrenceToken, v.UnscheduledToken = tokenOf(t.tokens, tokenRecurrence), tokenOf(t.tokens, tokenUnscheduled)
		if x["paid"] {
			v.Paid = p.paidView(t)
		}
	}
	switch p.order.operation {
	case operationRecur:
		v.RecurrenceToken = p.order.stored
	case operationUnscheduled, operationPayout:
		v.PaymentToken = p.order.stored
	}
	if !p.order.verifies() {
		v.Prices = p.linked("prices", x, p.prices)
	}
	v.Urls = p.linked("urls", x, p.urls)
	v.PayeeInfo = p.linked("payeeInfo", x, p.payeeInfo)
	for op, field := range map[ledger.Op]*any{
		"": &v.Transactions, ledger.Authorization: &v.Authorizations, ledger.Verification: &v.Verifications, ledger.Sale: &v.Sales,
		ledger.Capture: &v.Captures, ledger.Cancellation: &v.Cancellations, ledger.Reversal: &v.Reversals,
	} {
		if p.has(op) || op == "" && p.instrument.lean {
			*field = p.linked(kinds[op].plural, x, func() any { return p.list(base, op) })
		}
	}
	if p.instrument.lean {
		return members{{"payment", leanView{v.Prices, v}}, {"operations", p.operations(base)}}
	}
	v.Metadata = p.linked("metadata", x, p.metadata)
	return members{{"payment", v}, {"operations", p.operations(base)}}
}

// linked is a sub-resource as a link, or in full when it is expanded.
func (p payment) linked(name string, x expansion, full func() any) any {
	if lower := strings.ToLower(name); !x[lower] {
		return link{p.path() + "/" + lower}
	}
	return full()
}

func (p payment) prices() any {
	prices := p.order.prices
	if prices == nil {
		prices = []psp.PriceRequest{}
	}
	return members{{"id", p.path() + "/prices"}, {"priceList", prices}}
}

func (p payment) urls() any {
	return struct {
		link
		psp.UrlsRequest
	}{link{p.path() + "/urls"}, p.order.urls}
}

func (p payment) payeeInfo() any {
	return struct {
		link
		psp.PayeeInfoRequest
	}{link{p.path() + "/payeeinfo"}, p.order.payee}
}

func (p payment) payers() any {
	return struct {
		link
		psp.PayerRequest
	}{link{p.path() + "/payers"}, psp.PayerRequest{PayerReference: p.order.payerReference}}
}

// metadata is the merchant's own map with our id in it; an id of the merchant's gives way.
func (p payment) metadata() any {
	m := make(map[string]any, len(p.order.metadata)+1)
	for name, value := range p.order.metadata {
		m[name] = value
	}
	m["id"] = p.path() + "/metadata"
	return m
}

// paidView sums up how the payment was paid.
func (p payment) paidView(t transaction) any {
	v := members{
		{"id", p.path() + "/paid"}, {"number", p.number},
		{"transaction", members{{"id", p.transactionPath("", t)}, {"number", t.number}}},
		{"payeeReference", p.order.payee.PayeeReference},
	}
	if ref := p.order.payee.OrderReference; ref != "" {
		v = append(v, member{"orderReference", ref})
	}
	v = append(v, member{"amount", t.amount})
	if t.card == nil {
		return v
	}
	return append(v, member{"tokens", paidTokens(t.tokens, t.card)}, member{"details", members{
		{"cardBrand", t.card.Brand}, {"maskedPan", t.card.MaskedPan}, {"cardType", t.card.Type},
		{"issuingBank", t.card.IssuingBank}, {"countryCode", t.card.CountryCode},
		{"acquirerTransactionType", t.card.TransactionType}, {"issuerAuthorizationApprovalCode", t.card.ApprovalCode},
		{"acquirerStan", t.card.Stan}, {"acquirerTerminalId", t.card.TerminalID},
		{"acquirerTransactionTime", t.card.TransactionTime}, {"nonPaymentToken", t.card.NonPaymentToken},
	}})
}

// transactionPath is a transaction's id under one kind.
func (p payment) transactionPath(op ledger.Op, t transaction) string {
	return p.path() + "/" + kinds[op].plural + "/" + t.id
}

// list is every transaction of one kind, which may be none.
func (p payment) list(base string, op ledger.Op) any {
	items := []any{}
	for _, t := range p.of(op) {
		items = append(items, p.one(base, op, t))
	}
	return members{{"id", p.path() + "/" + kinds[op].plural}, {kinds[op].list, items}}
}

// one is a transaction: in its general form for "", else under its own kind.
func (p payment) one(base string, op ledger.Op, t transaction) any {
	v := transactionView{
		ID: p.transactionPath("", t), Created: wireTime(t.created), Updated: wireTime(t.updated),
		Type: string(t.op), State: t.state, Number: t.number, Amount: t.amount, VatAmount: t.vatAmount,
		Description: t.description, PayeeReference: t.payeeReference, ReceiptReference: t.receiptReference,
		IsOperational: t.state == awaitingActivity, Operations: t.operations(p, base),
	}
	if p.instrument.bareIDs {
		v.ID = t.id
	}
	if t.failure != nil {
		v.FailedReason, v.FailedActivityName = t.failure.reason, t.failure.activity
		v.FailedErrorCode, v.FailedErrorDescription = t.failure.code, t.failure.description
		v.Problem = t.failure.problem
	}
	if p.instrument.settling && t.settles() {
		v.ReconciliationNumber = reconciliationNumber(t.updated)
	}
	switch {
	case op == "":
		return v
	case op == ledger.Verification && t.card != nil:
		verified := *t.card
		verified.CountryCode = "" // never seen here
		return typedView{card: &verified, ID: p.transactionPath(op, t), Transaction: v}
	case t.card != nil && t.card.Direct && !t.card.PanEnrolled:
		typed := *t.card
		typed.IssuingBank, typed.CountryCode = "", "" // as seen
		return typedView{card: &typed, ID: p.transactionPath(op, t), Transaction: v}
	case t.card != nil:
		return typedView{card: t.card, ID: p.transactionPath(op, t), Transaction: v}
	}
	own := make(members, 0, len(t.extra)+2)
	for _, m := range t.extra {
		if path, ok := m.value.(local); ok {
			m.value = base + string(path)
		}
		own = append(own, m)
	}
	return append(own, member{"id", p.transactionPath(op, t)}, member{"transaction", v})
}

// settles tells a transaction that moved money.
func (t transaction) settles() bool {
	return t.state == stateCompleted && (t.op == ledger.Sale || t.op == ledger.Capture || t.op == ledger.Reversal)
}

// reconciliationNumber counts the days since the first of the year 1, which is what the live numbers turn out to be.
func reconciliationNumber(t time.Time) int64 {
	const until1970 = 719162
	return t.Unix()/86400 + until1970
}
