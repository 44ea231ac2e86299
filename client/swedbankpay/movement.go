package swedbankpay

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Movement is what a capture or a reversal says.
type Movement struct {
	Amount Amount // VAT included; more than nothing, at most what remains
	VAT    Amount // part of Amount; by default none

	// Description has 1 to 40 characters.
	Description string

	// PayeeReference makes the operation happen exactly once: it is unique for
	// every operation of the merchant. 1 to 50 of A-Z, a-z, 0-9, _ and - are
	// sent. Swedbank Pay promises to take 30 letters and digits, or 12 digits
	// where the merchant settles with the acquirer.
	PayeeReference string

	// What follows belongs to invoices. On another instrument it is refused by
	// an [*client.InputError], and nothing is sent.

	// Activity is the kind of invoice transaction. By default it is
	// FinancingConsumer.
	Activity string
	// Items are the lines of the invoice and VATSummary its VAT by rate, where
	// 2500 means 25 percent. They belong to captures. Documentation wants both,
	// the API was seen to take less, and it adds nothing up.
	Items      []invoice.ItemDescriptionRequest
	VATSummary []invoice.VatSummaryRequest
	// ReceiptReference is printed in place of PayeeReference; at most 50
	// characters. A reversal of Trustly takes it as well.
	ReceiptReference string
}

// Release is what a cancellation says. It has no amount: everything that was
// authorised and not captured is released.
type Release struct {
	Description    string // 1 to 40 characters
	PayeeReference string // as in [Movement]
	Activity       string // of invoices alone, as in [Movement]
}

// financing is the activity of invoice transactions by default.
const financing = "FinancingConsumer"

var reference = regexp.MustCompile(`^[\w-]{1,50}$`)

func checkWords(description, ref string) error {
	if n := utf8.RuneCountInString(description); n < 1 || n > 40 || !utf8.ValidString(description) {
		return &client.InputError{Field: "Description", Reason: "want 1 to 40 characters"}
	}
	if !reference.MatchString(ref) {
		return &client.InputError{Field: "PayeeReference", Reason: "want 1 to 50 of A-Z, a-z, 0-9, _ and -, never used before"}
	}
	return nil
}

// instrument is the lower-case name of what the payment is made with.
func (p *Payment) instrument() string {
	if name := p.Payment.Instrument; name != "" {
		return strings.ToLower(name)
	}
	// Some documented answers leave it out; the id tells then.
	rest, _ := strings.CutPrefix(strings.ToLower(p.Payment.ID), "/psp/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// checkMovement checks a capture or a reversal against the payment.
func (p *Payment) checkMovement(m Movement, capture bool) error {
	if err := checkAmounts(m.Amount, m.VAT); err != nil {
		return err
	}
	if err := checkWords(m.Description, m.PayeeReference); err != nil {
		return err
	}
	isInvoice := p.instrument() == "invoice"
	receipts := isInvoice || !capture && p.instrument() == "trustly"
	wants := []struct {
		broken      bool
		field, want string
	}{
		{p.Payment.Currency != "" && p.Payment.Currency != m.Amount.currency, "Amount", "want " + p.Payment.Currency + ", the currency of the payment"},
		{m.Activity != "" && !isInvoice, "Activity", "want none: this is no invoice"},
		{len(m.Items) > 0 && !(isInvoice && capture), "Items", "want none: this is no capture of an invoice"},
		{len(m.VATSummary) > 0 && !(isInvoice && capture), "VATSummary", "want none: this is no capture of an invoice"},
		{m.ReceiptReference != "" && !receipts, "ReceiptReference", "want none: neither an invoice nor a reversal of Trustly"},
		{utf8.RuneCountInString(m.ReceiptReference) > 50, "ReceiptReference", "want at most 50 characters"},
	}
	for _, w := range wants {
		if w.broken {
			return &client.InputError{Field: w.field, Reason: w.want}
		}
	}
	return nil
}

// capture spells m out as the instrument wants it.
func (p *Payment) capture(m Movement) any {
	if p.instrument() != "invoice" {
		return psp.CaptureRequest{Transaction: m.plain()}
	}
	return invoice.CreateCaptureRequest{Transaction: invoice.CaptureTransactionRequest{
		Activity: activity(m.Activity), Amount: m.Amount.minor, VatAmount: m.VAT.minor,
		Description: m.Description, PayeeReference: m.PayeeReference, ReceiptReference: m.ReceiptReference,
		ItemDescriptions: m.Items, VatSummary: m.VATSummary,
	}}
}

func (p *Payment) reversal(m Movement) any {
	if p.instrument() != "invoice" {
		return psp.ReversalRequest{Transaction: m.plain()}
	}
	return invoice.CreateReversalRequest{Transaction: invoice.ReversalTransactionRequest{
		Activity: activity(m.Activity), Amount: m.Amount.minor, VatAmount: m.VAT.minor,
		Description: m.Description, PayeeReference: m.PayeeReference, ReceiptReference: m.ReceiptReference,
	}}
}

func (p *Payment) cancellation(r Release) any {
	if p.instrument() != "invoice" {
		return psp.CancellationRequest{Transaction: psp.CancellationTransactionRequest{
			Description: r.Description, PayeeReference: r.PayeeReference,
		}}
	}
	return invoice.CreateCancellationRequest{Transaction: invoice.CancellationTransactionRequest{
		Activity: activity(r.Activity), Description: r.Description, PayeeReference: r.PayeeReference,
	}}
}

func (m Movement) plain() psp.AmountTransactionRequest {
	return psp.AmountTransactionRequest{
		Amount: m.Amount.minor, VatAmount: m.VAT.minor,
		Description: m.Description, PayeeReference: m.PayeeReference, ReceiptReference: m.ReceiptReference,
	}
}

func activity(s string) string {
	if s == "" {
		return financing
	}
	return s
}
