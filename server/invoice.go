package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// An address is where an invoice goes.
type address invoice.AddressRequest

// Parties are whom an invoice concerns: the payer, the registered address, and the one for the bill, which may be none.
type parties struct {
	consumer       invoice.ConsumerRequest
	legal, billing address
}

// A person is one of the vendor's published payers.
type person struct {
	id, msisdn, email string
	address           address
}

// persons are the published payers. The first of a country pays where nobody says who does.
var persons = []person{
	{"196003071161", "+46739000001", "azra.oliveira@payex.com", address{Addressee: "Azra Oliveira", StreetAddress: "Helgestavägen 9", ZipCode: "19792", City: "Bro", CountryCode: "SE"}},
	{"199710202392", "+46739000001", "leia.ahlstrom@swedbankpay.com", address{Addressee: "Leia Ahlström", StreetAddress: "Hökvägen 5", ZipCode: "17674", City: "Järfälla", CountryCode: "SE"}},
	{"194810205957", "+46765432198", "", address{Addressee: "Leo 6", StreetAddress: "Gata 535", ZipCode: "55560", City: "Vaxholm", CountryCode: "SE"}},
	{"26026708248", "+4798765432", "olivia.nyhuus@swedbankpay.com", address{Addressee: "Olivia Nyhuus", StreetAddress: "Saltnestoppen 43", ZipCode: "1642", City: "Saltnes", CountryCode: "NO"}},
	{"100584-451P", "", "", address{Addressee: "Järvilehto Kimmo", StreetAddress: "Kiannonkatu 88", ZipCode: "90500", City: "Oulu", CountryCode: "FI"}},
}

// personWith finds a published payer by national id, in its long or short form and with or without dash, and zip code.
func personWith(id, zip string) (person, bool) {
	plain := func(s string) string { return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s)) }
	for _, p := range persons {
		known := plain(p.id)
		if given := plain(id); (given == known || len(known) == 12 && given == known[2:]) && plain(zip) == p.address.ZipCode {
			return p, true
		}
	}
	return person{}, false
}

// payerOf is the published payer of a currency's country; of Sweden for a currency without one.
func payerOf(currency string) person {
	country := map[string]string{"NOK": "NO", "EUR": "FI"}[currency]
	i := slices.IndexFunc(persons, func(p person) bool { return p.address.CountryCode == country })
	return persons[max(i, 0)]
}

// invoiceTells adds the parties to an authorization or verification that completes, and the tokens the merchant asked
// for; and its lines to a capture.
func invoiceTells(d *dice, p *payment, t transaction, f *fact) {
	switch {
	case t.op == ledger.Capture && f.event == begun:
		f.extra = members{{"itemDescriptions", link{p.transactionPath("", t) + "/itemdescriptions"}}}
	case !t.byPayer() || f.event != completed:
	default:
		if f.parties == nil {
			payer := payerOf(p.order.currency)
			f.parties = &parties{
				consumer: invoice.ConsumerRequest{SocialSecurityNumber: payer.id, Email: payer.email, Msisdn: payer.msisdn},
				legal:    payer.address,
			}
			if p.state.address != nil {
				f.parties.legal = *p.state.address
			}
		}
		f.tokens = d.tokens(p.order.wants)
		if t.op == ledger.Authorization {
			f.extra = members{{"shippingAddress", link{p.path() + "/shippingaddress"}}, {"legalAddress", link{p.path() + "/legaladdress"}}}
			return
		}
		for _, name := range []string{tokenPayment, tokenRecurrence} {
			if value := tokenOf(f.tokens, name); value != "" {
				f.extra = append(f.extra, member{name + "Token", value})
			}
		}
	}
}

// named authorises, or verifies, for the person the merchant names. It is taken at its word: whether the address is the
// registered one is not looked up.
func named(op ledger.Op) step {
	return func(t till, c *call) (answer, error) {
		in, err := decoded[invoice.CreateAuthorizationRequest](c)
		if err != nil {
			return answer{}, err
		}
		return made(c)(c.world.book.direct(t.instrument, c.payment(), op, fact{event: completed, parties: &parties{
			consumer: in.Consumer, legal: address(in.LegalAddress), billing: address(in.BillingAddress),
		}}))
	}
}

// lookUp finds a person's registered address. There are the vendor's published persons and no others.
func (t till) lookUp(c *call) (answer, error) {
	in, err := decoded[invoice.CreateApprovedLegalAddressRequest](c)
	if err != nil {
		return answer{}, err
	}
	found, known := personWith(in.Addressee.SocialSecurityNumber, in.Addressee.ZipCode)
	p, err := c.world.book.lookUp(t.instrument, c.payment(), found.address, known)
	if err != nil {
		return answer{}, err
	}
	path := p.path() + "/approvedlegaladdress"
	a, err := p.under("approvedLegalAddress", found.address.view(path))
	a.status, a.location = http.StatusCreated, c.base+path
	return a, err
}

// The addresses and the payer of an invoice answer what has been said of them; that is their id alone where nothing
// has. An address that was never looked up does not exist.

func lookedUp(root string, shown func(address) address) step {
	return func(t till, c *call) (answer, error) {
		p, err := c.world.book.get(t.instrument, c.payment())
		switch {
		case err != nil:
			return answer{}, err
		case p.state.address == nil:
			return answer{}, refuse.NotFound("No legal address has been looked up for this payment.")
		}
		return p.under(root, shown(*p.state.address).view(p.path()+"/"+strings.ToLower(root)))
	}
}

// party is a sub-resource made of what an authorization said.
func party(root string, said func(parties) members) step {
	return part(root, func(p payment) any {
		v := members{{"id", p.path() + "/" + strings.ToLower(root)}}
		if p.state.parties != nil {
			v = append(v, said(*p.state.parties)...)
		}
		return v
	})
}

func (p parties) consumerMembers() members {
	return present(members{
		{"socialSecurityNumber", p.consumer.SocialSecurityNumber}, {"customerNumber", p.consumer.CustomerNumber},
		{"name", p.consumer.Name}, {"email", p.consumer.Email}, {"msisdn", p.consumer.Msisdn}, {"ip", p.consumer.IP},
	})
}

func (a address) view(id string) members { return append(members{{"id", id}}, a.members()...) }

func (a address) members() members {
	return present(members{
		{"addressee", a.Addressee}, {"coAddress", a.CoAddress}, {"streetAddress", a.StreetAddress},
		{"zipCode", a.ZipCode}, {"city", a.City}, {"countryCode", a.CountryCode},
	})
}

func (a address) plain() address { return a }

// masked shows of each word but the country its first letter.
func (a address) masked() address {
	hide := func(s string) string {
		words := strings.Fields(s)
		for i, w := range words {
			first := []rune(w)[:1]
			words[i] = string(first) + strings.Repeat("*", len([]rune(w))-1)
		}
		return strings.Join(words, " ")
	}
	return address{
		Addressee: hide(a.Addressee), CoAddress: hide(a.CoAddress), StreetAddress: hide(a.StreetAddress),
		ZipCode: hide(a.ZipCode), City: hide(a.City), CountryCode: a.CountryCode,
	}
}

// present leaves out members that are empty.
func present(all members) members {
	return slices.DeleteFunc(all, func(m member) bool { return m.value == "" })
}
