package server

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/pages"
)

// choices are the reasons to decline, the usual one first. At the card's bank those come first that are of the bank, so
// that who only presses the button has cancelled there.
func (i *instrument) choices(step pages.Step) []pages.Choice {
	var first, out []pages.Choice
	for _, r := range i.reasons {
		choice := pages.Choice{Code: r.name, Text: cmp.Or(r.detail, r.description)}
		if step == pages.StepAuthenticate && strings.HasPrefix(r.name, "3dsecure") {
			first = append(first, choice)
			continue
		}
		out = append(out, choice)
	}
	return append(first, out...)
}

// hints are the published numbers that decide how a payer's attempt ends.
func (i *instrument) hints() []pages.Choice {
	if i != vippsInstrument {
		return nil
	}
	var out []pages.Choice
	for last, what := range vippsErrors {
		if what != "" {
			out = append(out, pages.Choice{Code: "+479999999" + strconv.Itoa(last), Text: what})
		}
	}
	return out
}

// cards are the test cards for which the payment has a price. The first of each brand for each effect stands first, so
// that what a payer is likely to want to see is not folded away.
func (p *payment) cards() []pages.Card {
	var out []pages.Card
	like := map[pages.Card]bool{}
	firsts := 0
	for _, c := range testCards {
		brand, does := brandOf(c.number), pages.Plain
		switch _, priced := p.priceFor(brand); {
		case !priced && !p.order.verifies():
			continue
		case c.rejected:
			does = pages.Rejected
		case c.enrolled:
			does = pages.Challenge
		}
		card := pages.Card{Brand: brand, Number: c.number, Does: does}
		if kind := (pages.Card{Brand: brand, Does: does}); !like[kind] {
			like[kind] = true
			out = slices.Insert(out, firsts, card)
			firsts++
			continue
		}
		out = append(out, card)
	}
	return out
}

func shownPersons() []pages.Person {
	var out []pages.Person
	for _, p := range persons {
		out = append(out, p.shown())
	}
	return out
}

func (p person) shown() pages.Person {
	return pages.Person{SSN: p.id, Name: p.address.Addressee, Street: p.address.StreetAddress, Zip: p.address.ZipCode, City: p.address.City, Country: p.address.CountryCode}
}
