package pages

import (
	"net/http"
	"slices"
)

// A Step is a page of the checkout.
type Step string

// The steps. Every instrument begins with StepPay.
const (
	StepPay          Step = "pay"          // choose a card, a number, a person, a bank
	StepAuthenticate Step = "authenticate" // creditcard: 3-D Secure at the card's bank
	StepApp          Step = "app"          // swish, vipps, mobilepay: the payer's phone
	StepBank         Step = "bank"         // trustly: the payer's bank
	StepAddress      Step = "address"      // invoice: the address that was found
	StepWait         Step = "wait"         // any: what was confirmed is on its way; the page looks again by itself
)

// A Checkout is a page that asks the payer for something.
type Checkout struct {
	Order
	Locale  string // of the payment or of the Culture parameter; sv-* is Swedish, all others are English
	Address string // of this page, and where its form is posted; the link to the other language is made of it
	Step    Step
	Attempt int // which of the payer's attempts the page is for, from 1; it comes back in the form

	Cards   []Card   // creditcard; the first is chosen unless Given says otherwise
	Persons []Person // invoice; likewise
	Banks   []string // trustly
	Hints   []Choice // published numbers and what each does; vendor's words
	Reasons []Choice // why to decline; vendor's words. Without them declining asks for none
	Found   Person   // invoice, on StepAddress

	Given    Form   // what is filled in already: what the payer wrote, or what the shop prefilled
	Faults   Faults // of the form as it was sent
	Declined string // why the last attempt failed, in the vendor's words; empty when there was none

	CompleteURL string // where a POST may lead on to
	CancelURL   string // likewise
	TermsURL    string // linked to when it is an http or https address
	Frame       *Frame // nil for a page of its own
}

// A Card is one of the vendor's published test cards.
type Card struct {
	Brand  string
	Number string // shown masked
	Does   Effect
}

// An Effect is what a card does.
type Effect string

// The effects.
const (
	Plain        Effect = "plain"        // pays at once
	Challenge    Effect = "challenge"    // asks for a 3-D Secure step
	Frictionless Effect = "frictionless" // 3-D Secure without a step
	Rejected     Effect = "rejected"     // is refused
)

// A Person is one of the vendor's published payers of invoices.
type Person struct {
	SSN, Name, Street, Zip, City, Country string
}

// A Choice is a code and what it means, in the words of the vendor, which are English.
type Choice struct {
	Code, Text string
}

// shownCards is how many cards are listed before the rest is folded away.
const shownCards = 5

// Write answers with the page; usually with 200, and with 422 when it has faults. On error nothing was written.
func (c Checkout) Write(w http.ResponseWriter, status int) error {
	in := wordsFor(c.Locale)
	v := checkoutView{Checkout: c}
	title, err := in.T(c.titleKey())
	if err != nil {
		return err
	}
	v.shell = newShell(in, title, c.Address)
	v.Faulty = len(c.Faults) > 0
	if c.Step == StepWait {
		v.Refresh = 2
	}
	event := created
	if c.Step != StepPay {
		event = pending
	}
	p := c.Frame.open(&v.shell, happening{event: event})
	if c.Frame == nil {
		p.targets = []string{c.CompleteURL, c.CancelURL}
	}
	return write(w, status, "checkout", v, in.Lang, p)
}

func (c Checkout) titleKey() string {
	key := "title." + string(c.Instrument) + "." + string(c.Step)
	switch {
	case c.Step == StepWait:
		return "title.wait"
	case c.Verify && c.Step == StepPay:
		key += ".verify"
	}
	return key
}

// A checkoutView is what the template sees.
type checkoutView struct {
	shell
	Checkout
}

func (v checkoutView) ShopName() (string, error) { return v.shop(v.words) }

// Money is the amount as the payer reads it.
func (v checkoutView) Money() string { return money(v.Amount, v.Currency, v.words) }

func (v checkoutView) Terms() string { return onlyLink(v.TermsURL) }

// FirstCards and MoreCards are the cards in two parts.
func (v checkoutView) FirstCards() []cardView { return v.cards(0, min(shownCards, len(v.Cards))) }

// MoreCards are those that are folded away.
func (v checkoutView) MoreCards() []cardView {
	return v.cards(min(shownCards, len(v.Cards)), len(v.Cards))
}

func (v checkoutView) cards(from, to int) []cardView {
	var out []cardView
	for i, c := range v.Cards[from:to] {
		out = append(out, cardView{words: v.words, Card: c, Chosen: v.Given.Card == c.Number || v.Given == (Form{}) && from+i == 0})
	}
	return out
}

// From is whose money it is, on the step where the payer answers: a phone's number, a bank.
func (v checkoutView) From() string {
	switch v.Step {
	case StepApp:
		return v.Given.MSISDN
	case StepBank:
		return v.Given.Bank
	case StepAuthenticate:
		if pan := v.Given.PAN(); pan != "" {
			return cardView{Card: Card{Number: pan}}.Mask()
		}
	}
	return ""
}

// Unfolded is whether the chosen card is among those that would be folded away.
func (v checkoutView) Unfolded() bool {
	return slices.ContainsFunc(v.MoreCards(), func(c cardView) bool { return c.Chosen })
}

// Typed is whether no listed card or person is chosen.
func (v checkoutView) Typed() bool {
	if v.Instrument == Invoice {
		return !slices.ContainsFunc(v.People(), func(p personView) bool { return p.Chosen })
	}
	return !slices.ContainsFunc(v.cards(0, len(v.Cards)), func(c cardView) bool { return c.Chosen })
}

// People are the persons to choose from.
func (v checkoutView) People() []personView {
	var out []personView
	for i, p := range v.Persons {
		code := p.SSN + " " + p.Zip
		out = append(out, personView{Person: p, Code: code, Chosen: v.Given.Person == code || v.Given == (Form{}) && i == 0})
	}
	return out
}

type cardView struct {
	words
	Card
	Chosen bool
}

type personView struct {
	Person
	Code   string
	Chosen bool
}

// Mask is the number in groups of four, with the middle hidden.
func (c cardView) Mask() string {
	digits, out := []rune(c.Number), []rune{}
	for i, d := range digits {
		if i > 0 && i%4 == 0 {
			out = append(out, '\u00a0')
		}
		if i >= 6 && i < len(digits)-4 {
			d = '•'
		}
		out = append(out, d)
	}
	return string(out)
}

// Last are the last four digits.
func (c cardView) Last() string { return c.Number[max(0, len(c.Number)-4):] }
