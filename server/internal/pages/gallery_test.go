package pages_test

import (
	"net/http"
	"net/http/httptest"
	"time"

	. "github.com/kassa-dev/kassa/server/internal/pages"
)

// A written page is anything with a Write that takes a status.
type written interface {
	Write(w http.ResponseWriter, status int) error
}

type sample struct {
	name   string
	status int
	page   written
}

var (
	cards = []Card{
		{"Visa", "4925000000000004", Plain},
		{"Visa", "4761739001010416", Challenge},
		{"MasterCard", "5226612199533406", Challenge},
		{"Amex", "377601000000000", Plain},
		{"Maestro", "6764429999947470", Plain},
		{"Dankort", "5019994016316467", Plain},
		{"Visa/Dankort", "4571994016401817", Plain},
		{"Forbrugsforeningen", "6007220000000004", Plain},
		{"MasterCard", "5510000000001232", Frictionless},
		{"MasterCard", "5510000000009631", Rejected},
	}
	persons = []Person{
		{SSN: "600307-1161", Zip: "19792", Name: "Azra Oliveira", Street: "Helgestavägen 9", City: "Bro", Country: "SE"},
		{SSN: "971020-2392", Zip: "17674", Name: "Leia Ahlström", Street: "Hökvägen 5", City: "Järfälla", Country: "SE"},
		{SSN: "26026708248", Zip: "1642", Name: "Olivia Nyhuus", Street: "Saltnestoppen 43", City: "Saltnes", Country: "NO"},
	}
	reasons = []Choice{
		{"REJECTED_BY_ACQUIRER_INSUFFICIENT_FUNDS", "Insufficient funds, response-code: 61"},
		{"REJECTED_BY_ACQUIRER_CARD_STOLEN", "Card stolen, response-code: 43"},
	}
	hints   = []Choice{{"+4799999991", "Vipps internal error"}, {"+4799999997", "user not registered"}}
	phones  = map[Instrument]string{Swish: "+46739000001", Vipps: "+4798765432", MobilePay: "+4522222222"}
	seconds = map[Instrument]Step{CreditCard: StepAuthenticate, Invoice: StepAddress, Swish: StepApp, Vipps: StepApp, MobilePay: StepApp, Trustly: StepBank}
	all     = []Instrument{CreditCard, Invoice, Swish, Vipps, MobilePay, Trustly}
)

// checkout is the page of an instrument's step with all that it can show.
func checkout(i Instrument, step Step, locale, address string) Checkout {
	c := Checkout{
		Order:  Order{Instrument: i, Shop: "Blomsterboden i Järfälla", Description: "Ett fång pioner och en vas", Amount: 123450, Currency: "SEK"},
		Locale: locale, Address: address, Step: step, Reasons: reasons,
		CompleteURL: "https://shop.example/complete", CancelURL: "https://shop.example/cancel", TermsURL: "https://shop.example/terms",
	}
	switch i {
	case CreditCard:
		c.Cards = cards
		if step != StepPay {
			c.Given.Card = cards[1].Number
		}
	case Invoice:
		c.Persons = persons
		if step != StepPay {
			c.Found, c.Given.SSN, c.Given.Zip = persons[0], persons[0].SSN, persons[0].Zip
		}
	case Trustly:
		c.Banks = []string{"Ekbanken", "Sparkassan i Norr", "Fjordbanken"}
		c.Given.Bank, c.Given.FirstName = "Sparkassan i Norr", "Anna"
	default:
		c.Given.MSISDN, c.Hints = phones[i], hints
	}
	return c
}

// gallery is every kind of page in one language.
func gallery(locale string) []sample {
	var out []sample
	add := func(name string, status int, page written) { out = append(out, sample{name, status, page}) }
	draw := func(name string, i Instrument, step Step) Checkout {
		return checkout(i, step, locale, "/page/"+name+"?Culture="+locale)
	}
	for _, i := range all {
		for _, step := range []Step{StepPay, seconds[i]} {
			name := string(i) + "-" + string(step)
			add(name, http.StatusOK, draw(name, i, step))
		}
	}
	for _, i := range []Instrument{CreditCard, Invoice} {
		for _, step := range []Step{StepPay, seconds[i]} {
			name := string(i) + "-" + string(step) + "-verify"
			c := draw(name, i, step)
			c.Verify, c.Amount = true, 0
			add(name, http.StatusOK, c)
		}
	}

	c := draw("wait", Swish, StepWait)
	add("wait", http.StatusOK, c)

	c = draw("declined", CreditCard, StepPay)
	c.Declined, c.Given.Card = reasons[0].Text, cards[9].Number
	add("declined", http.StatusOK, c)

	c = draw("faults-card", CreditCard, StepPay)
	c.Given = Form{Number: "4925", Expiry: "01/20", CVC: "1"}
	c.Faults = Faults{"number": Invalid, "expiry": Expired, "cvc": Invalid, "reason": Unknown}
	add("faults-card", http.StatusUnprocessableEntity, c)

	c = draw("faults-card-empty", CreditCard, StepPay)
	c.Given, c.Faults = Form{Act: ActPay}, Faults{"number": Missing, "expiry": Missing, "cvc": Missing}
	add("faults-card-empty", http.StatusUnprocessableEntity, c)

	c = draw("faults-expiry", CreditCard, StepPay)
	c.Given, c.Faults = Form{Number: "4925000000000004", Expiry: "13/31", CVC: "123"}, Faults{"expiry": Invalid}
	add("faults-expiry", http.StatusUnprocessableEntity, c)

	c = draw("faults-phone", Vipps, StepPay)
	c.Given, c.Faults = Form{MSISDN: "0739"}, Faults{"msisdn": Invalid}
	add("faults-phone", http.StatusUnprocessableEntity, c)

	c = draw("faults-phone-empty", Swish, StepPay)
	c.Given, c.Faults = Form{Act: ActPay}, Faults{"msisdn": Missing}
	add("faults-phone-empty", http.StatusUnprocessableEntity, c)

	c = draw("faults-person", Invoice, StepPay)
	c.Given, c.Faults = Form{SSN: "8001010000", Zip: "12345"}, Faults{"ssn": Unknown}
	add("faults-person", http.StatusUnprocessableEntity, c)

	c = draw("faults-person-empty", Invoice, StepPay)
	c.Given, c.Faults = Form{Act: ActPay}, Faults{"ssn": Missing, "zip": Missing}
	add("faults-person-empty", http.StatusUnprocessableEntity, c)

	c = draw("faults-bank", Trustly, StepPay)
	c.Given, c.Faults = Form{Act: ActPay}, Faults{"bank": Missing, "firstName": Invalid}
	add("faults-bank", http.StatusUnprocessableEntity, c)

	c = draw("faults-other", CreditCard, StepPay)
	c.Faults = Faults{"card": Unknown}
	add("faults-other", http.StatusUnprocessableEntity, c)

	c = draw("faults-person-other", Invoice, StepPay)
	c.Faults = Faults{"person": Unknown}
	add("faults-person-other", http.StatusUnprocessableEntity, c)

	c = draw("framed", Swish, StepPay)
	c.Frame = &Frame{Hosts: []string{"https://shop.example"}, Payment: "/psp/swish/payments/1"}
	add("framed", http.StatusOK, c)

	c = draw("bare", MobilePay, StepPay)
	c.Shop, c.Description, c.Reasons, c.Hints, c.TermsURL, c.Given = "", "", nil, nil, "", Form{}
	add("bare", http.StatusOK, c)

	for why, status := range map[Why]int{WhyPaid: 200, WhyFailed: 200, WhyCanceled: 200, WhyAborted: 410, WhyExpired: 410, WhyUnknown: 404} {
		name := "end-" + string(why)
		e := Ending{Order: c.Order, Locale: locale, Address: "/page/" + name, Why: why, Return: "https://shop.example/complete"}
		e.Shop, e.Description = "Blomsterboden", "Ett fång pioner"
		switch why {
		case WhyFailed:
			e.Detail = "REJECTED_BY_ACQUIRER-unknown error, response-code: 51"
		case WhyUnknown:
			e.Order, e.Return = Order{}, ""
		}
		add(name, status, e)
	}
	verified := Ending{Order: Order{Instrument: CreditCard, Shop: "Blomsterboden", Verify: true}, Locale: locale, Address: "/page/end-verified", Why: WhyPaid, Return: "blomsterboden://complete"}
	add("end-verified", http.StatusOK, verified)

	g := Widget{Locale: locale, Address: "/page/widget", Store: "550e8400-e29b-41d4-a716-446655440000", Expires: time.Date(2026, 5, 1, 12, 30, 0, 0, time.UTC)}
	for _, kind := range []string{"INVOICE", "PART_PAYMENT_SELECT_LATER", "PART_PAYMENT_SELECT_NOW", "CARD", "REVOLVING_CREDIT", "NEW_REVOLVING_CREDIT"} {
		g.Methods = append(g.Methods, Method{ID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Type: "RESURS_" + kind})
	}
	g.Methods = append(g.Methods, Method{ID: "7ba7b810-9dad-11d1-80b4-00c04fd430c8", Type: "SOMETHING_NEW"})
	add("widget", http.StatusOK, g)
	g.Methods, g.Address = nil, "/page/widget-empty"
	add("widget-empty", http.StatusOK, g)
	for refused, status := range map[Refusal]int{NoToken: 200, TokenExpired: 401, TokenUnknown: 401} {
		name := "widget-" + string(refused)
		add(name, status, Widget{Locale: locale, Address: "/page/" + name, Refused: refused})
	}
	return out
}

func init() {
	Shown = func(locale string) []string {
		var out []string
		for _, s := range gallery(locale) {
			w := httptest.NewRecorder()
			if err := s.page.Write(w, s.status); err != nil {
				panic(err)
			}
			out = append(out, w.Body.String())
		}
		return out
	}
}
