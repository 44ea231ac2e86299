package swedbankpay

import (
	"context"
	"errors"
	"net/netip"
	"unicode/utf8"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// Consumer is who pays an invoice, told by the merchant. All members of the
// first group are required.
type Consumer struct {
	// SocialSecurityNumber has twelve digits in Sweden, eleven in Norway and the
	// form DDMMYY-NNNC in Finland.
	SocialSecurityNumber string
	MSISDN               string // with the code of the country, as in +46739000001
	IP                   string // where the payer is, as in 203.0.113.7
	// LegalAddress has to be the registered one, which [Payment.LegalAddress]
	// finds.
	LegalAddress invoice.AddressRequest

	// BillingAddress is where the invoice goes. Documentation wants it, the API
	// was seen to do without; by default none is sent.
	BillingAddress invoice.AddressRequest
	Name           string
	Email          string
	CustomerNumber string // the merchant's own
	// Activity is the kind of invoice transaction. By default it is
	// FinancingConsumer.
	Activity string
}

func (c Consumer) check() error {
	_, badIP := netip.ParseAddr(c.IP)
	wants := []struct {
		broken      bool
		field, want string
	}{
		{c.SocialSecurityNumber == "", "SocialSecurityNumber", "want the national identity number of the payer"},
		{c.MSISDN == "", "MSISDN", "want the payer's number with the code of the country, as in +46739000001"},
		{badIP != nil, "IP", "want the IP address of the payer, as in 203.0.113.7 or 2001:db8::7"},
		{!complete(c.LegalAddress), "LegalAddress", wantAddress},
		{c.BillingAddress != invoice.AddressRequest{} && !complete(c.BillingAddress), "BillingAddress", wantAddress},
	}
	for _, w := range wants {
		if w.broken {
			return &client.InputError{Field: w.field, Reason: w.want}
		}
	}
	return nil
}

const wantAddress = "want Addressee, ZipCode, City and CountryCode, and a StreetAddress of at most 50 characters"

func complete(a invoice.AddressRequest) bool {
	return a.Addressee != "" && a.ZipCode != "" && a.City != "" && a.CountryCode != "" && utf8.RuneCountInString(a.StreetAddress) <= 50
}

func (c Consumer) body() invoice.CreateAuthorizationRequest {
	return invoice.CreateAuthorizationRequest{
		Transaction: invoice.ActivityTransactionRequest{Activity: activity(c.Activity)},
		Consumer: invoice.ConsumerRequest{
			SocialSecurityNumber: c.SocialSecurityNumber, Msisdn: c.MSISDN, IP: c.IP,
			Name: c.Name, Email: c.Email, CustomerNumber: c.CustomerNumber,
		},
		LegalAddress:   c.LegalAddress,
		BillingAddress: c.BillingAddress,
	}
}

// Authorize authorises an invoice for a payer the merchant knows, without a
// page. Success and errors are those of Capture; errors do not show the
// identity number.
func (p *Payment) Authorize(ctx context.Context, c Consumer) (*Transaction, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return transact(wire.Hide(ctx, c.SocialSecurityNumber), p, CreateAuthorization, c.body(), authorized)
}

// Verify verifies a payer the merchant knows, without a page, for a payment
// made by [Invoice.Verify]. What is sent is documented nowhere; it is taken to
// be what Authorize sends. Success and errors are those of Authorize.
func (p *Payment) Verify(ctx context.Context, c Consumer) (*Transaction, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return transact(wire.Hide(ctx, c.SocialSecurityNumber), p, CreateVerification, c.body(), verified)
}

// LegalAddress looks up where a payer is registered, by identity number and zip
// code, for an invoice not yet authorised. What it gives is what Consumer wants.
// Errors do not show the identity number.
func (p *Payment) LegalAddress(ctx context.Context, socialSecurityNumber, zipCode string) (invoice.AddressRequest, error) {
	var none invoice.AddressRequest
	if socialSecurityNumber == "" || zipCode == "" {
		return none, &client.InputError{Field: "LegalAddress", Reason: "want the identity number and the zip code of the payer"}
	}
	ctx = wire.Hide(ctx, socialSecurityNumber)
	answer, err := p.follow(ctx, CreateApprovedLegalAddress, invoice.CreateApprovedLegalAddressRequest{
		Addressee: invoice.AddresseeRequest{SocialSecurityNumber: socialSecurityNumber, ZipCode: zipCode},
	})
	if err != nil {
		return none, err
	}
	var body invoice.ApprovedLegalAddressResponse
	if err := answer.Decode(&body); err != nil {
		return none, err
	}
	found := body.ApprovedLegalAddress
	if found.Addressee == "" {
		return none, answer.Unreadable(errors.New("no approvedLegalAddress.addressee"))
	}
	p.reread(ctx)
	return invoice.AddressRequest{
		Addressee: found.Addressee, CoAddress: found.CoAddress, StreetAddress: found.StreetAddress,
		ZipCode: found.ZipCode, City: found.City, CountryCode: found.CountryCode,
	}, nil
}

func authorized(r psp.AuthorizationResponse) (string, psp.Transaction) {
	return r.Authorization.ID, r.Authorization.Transaction
}

// verified picks the transaction out of a verification, which was once seen to
// be the bare transaction itself.
func verified(r psp.VerificationResponse) (string, psp.Transaction) {
	v := r.Verification
	if v.Transaction.ID != "" {
		return v.ID, v.Transaction
	}
	return v.ID, psp.Transaction{
		ID: v.ID, Created: v.Created, Updated: v.Updated, Type: v.Type, State: v.State, Number: v.Number,
		Amount: v.Amount, VatAmount: v.VatAmount, Description: v.Description, PayeeReference: v.PayeeReference,
		FailedReason: v.FailedReason, FailedActivityName: v.FailedActivityName, FailedErrorCode: v.FailedErrorCode,
		FailedErrorDescription: v.FailedErrorDescription, IsOperational: v.IsOperational,
		Problem: v.Problem, Operations: v.Operations,
	}
}
