package pages_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	. "github.com/kassa-dev/kassa/server/internal/pages"
)

func TestReadForm(t *testing.T) {
	values := url.Values{}
	for _, name := range []string{"step", "act", "reason", "card", "number", "expiry", "cvc", "msisdn", "ssn", "zip", "bank", "firstName", "lastName"} {
		values.Set(name, " "+name+" ")
	}
	assert.Equal(t, Form{
		Step: "step", Act: "act", Reason: "reason", Card: "card", Number: "number", Expiry: "expiry", CVC: "cvc", MSISDN: "msisdn",
		SSN: "ssn", Zip: "zip", Bank: "bank", FirstName: "firstName", LastName: "lastName",
	}, ReadForm(values))

	values.Set("person", "600307-1161 19792")
	f := ReadForm(values)
	assert.Equal(t, "600307-1161", f.SSN, "a listed person goes before what was typed")
	assert.Equal(t, "19792", f.Zip)
	assert.Equal(t, Form{}, ReadForm(nil))
}

func TestCheck(t *testing.T) {
	now := time.Date(2026, 8, 31, 23, 59, 59, 0, time.UTC)
	good := Form{Act: ActPay, Number: "4925 0000-0000 0004", Expiry: "08/26", CVC: "123"}
	with := func(change func(*Form)) Form {
		f := good
		change(&f)
		return f
	}
	for name, tt := range map[string]struct {
		instrument Instrument
		form       Form
		want       Faults
	}{
		"a card that ends this month":   {CreditCard, good, Faults{}},
		"a card that ended last month":  {CreditCard, with(func(f *Form) { f.Expiry = "07/2026" }), Faults{"expiry": Expired}},
		"month and year without stroke": {CreditCard, with(func(f *Form) { f.Expiry = "0931" }), Faults{}},
		"month thirteen":                {CreditCard, with(func(f *Form) { f.Expiry = "13/31" }), Faults{"expiry": Invalid}},
		"a listed card needs no more":   {CreditCard, Form{Act: ActPay, Card: "4925000000000004"}, Faults{}},
		"no card":                       {CreditCard, Form{Act: ActPay}, Faults{"number": Missing, "expiry": Missing, "cvc": Missing}},
		"letters":                       {CreditCard, with(func(f *Form) { f.Number, f.CVC = "abc", "12345" }), Faults{"number": Invalid, "cvc": Invalid}},
		"declining needs nothing":       {CreditCard, Form{Act: ActDecline}, Faults{}},
		"a phone":                       {Swish, Form{Act: ActPay, MSISDN: "+46 739-00 00 01"}, Faults{}},
		"a phone without country":       {MobilePay, Form{Act: ActPay, MSISDN: "0739000001"}, Faults{"msisdn": Invalid}},
		"no phone":                      {Vipps, Form{Act: ActPay}, Faults{"msisdn": Missing}},
		"nobody":                        {Invoice, Form{Act: ActPay}, Faults{"ssn": Missing, "zip": Missing}},
		"somebody":                      {Invoice, Form{Act: ActPay, SSN: "600307-1161", Zip: "19792"}, Faults{}},
		"no bank":                       {Trustly, Form{Act: ActPay}, Faults{"bank": Missing}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tt.want, tt.form.Check(tt.instrument, now)) })
	}
	assert.Equal(t, Faults{"expiry": Expired}, good.Check(CreditCard, now.Add(time.Second)), "the month is over")
	assert.Equal(t, "4925000000000004", good.PAN())
	assert.Equal(t, "+46739000001", Form{MSISDN: "+46 (739) 00-00-01"}.Phone())
	expires, ok := good.Expires()
	assert.True(t, ok)
	assert.Equal(t, "08/2026", expires)
}
