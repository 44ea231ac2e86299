package pages

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// An Act is what the payer pressed, the value of the field "act".
type Act string

// The acts. Each page offers some of them.
const (
	ActPay     Act = "pay"     // go on with what was filled in; on [StepPay]
	ActConfirm Act = "confirm" // say yes at the bank, in the app, or to the address; on the second step
	ActDecline Act = "decline" // say no, or be refused, for the chosen Reason; on the 3-D Secure step: cancel at the bank
	ActTimeout Act = "timeout" // do nothing until it is too late
	ActCancel  Act = "cancel"  // leave for the shop and change nothing; on [StepPay]
	ActBack    Act = "back"    // another person; on [StepAddress]
)

// A Form is what the payer sent. Its fields are named in the form as the tags say.
type Form struct {
	Step      Step   // step: the page that was filled in, so that a stale one can be told
	Attempt   int    // attempt: the page's, so that a form that is sent twice can be told; 0 where there is none
	Act       Act    // act
	Reason    string // reason: a Choice's code
	Card      string // card: the number of a listed card, or empty where one was typed
	Number    string // number
	Expiry    string // expiry: as typed; Expires reads it
	CVC       string // cvc
	MSISDN    string // msisdn: as typed; Phone reads it
	Person    string // person: a listed person's national id, a space and zip code, or empty where they were typed
	SSN       string // ssn; the listed person's where one was chosen
	Zip       string // zip; likewise
	Bank      string // bank
	FirstName string // firstName
	LastName  string // lastName
}

// ReadForm reads the fields of a POST. It never fails: what is missing is empty, and acts and steps may be unknown.
func ReadForm(v url.Values) Form {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	attempt, err := strconv.Atoi(get("attempt"))
	if err != nil || attempt < 0 {
		attempt = 0
	}
	f := Form{
		Step: Step(get("step")), Attempt: attempt, Act: Act(get("act")), Reason: get("reason"),
		Card: get("card"), Number: get("number"), Expiry: get("expiry"), CVC: get("cvc"),
		MSISDN: get("msisdn"), Person: get("person"), SSN: get("ssn"), Zip: get("zip"),
		Bank: get("bank"), FirstName: get("firstName"), LastName: get("lastName"),
	}
	if ssn, zip, ok := strings.Cut(f.Person, " "); ok {
		f.SSN, f.Zip = ssn, zip
	}
	return f
}

// PAN is the number of the card that was chosen or typed, without what people put between digits.
func (f Form) PAN() string {
	if f.Card != "" {
		return f.Card
	}
	return gaps.Replace(f.Number)
}

// Phone is the number that was typed, without what people put between digits.
func (f Form) Phone() string { return gaps.Replace(f.MSISDN) }

// Expires is the month that was typed, written as the vendor writes it, MM/YYYY, and false when it is none.
func (f Form) Expires() (string, bool) {
	m := month.FindStringSubmatch(gaps.Replace(f.Expiry))
	if m == nil {
		return "", false
	}
	return m[1] + "/20" + m[2], true
}

var (
	gaps = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "(", "", ")", "")

	pan    = regexp.MustCompile(`^[0-9]{12,19}$`)
	month  = regexp.MustCompile(`^(0[1-9]|1[0-2])/?(?:20)?([0-9]{2})$`)
	cvc    = regexp.MustCompile(`^[0-9]{3,4}$`)
	msisdn = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`) // as the vendor's .NET SDK reads one
)

// Faults are what the payer should mend, by the name of the form's field.
type Faults map[string]Fault

// A Fault is what is wrong with one field. Pages have words for Missing and Invalid of every field that Check looks at,
// for Expired of expiry and for Unknown of ssn; any other fault reads as "not accepted".
type Fault string

// The faults.
const (
	Missing Fault = "missing"
	Invalid Fault = "invalid"
	Expired Fault = "expired" // the card's month is over
	Unknown Fault = "unknown" // nobody is found for the national id and zip code
	Refused Fault = "refused" // well written, and not taken for this payment
)

// Check looks at the form of what is written: a card number of 12 to 19 digits whatever its check digit, a month that is
// not over at now, a phone number with its country code. Only ActPay needs fields; for other acts it finds nothing.
// Whether a card or a person exists is for the caller to say.
func (f Form) Check(i Instrument, now time.Time) Faults {
	faults := Faults{}
	if f.Act != ActPay {
		return faults
	}
	look := func(field, value string, ok bool) {
		switch {
		case value == "":
			faults[field] = Missing
		case !ok:
			faults[field] = Invalid
		}
	}
	switch i {
	case CreditCard:
		if f.Card != "" {
			break
		}
		expires, ok := f.Expires()
		look("number", f.Number, pan.MatchString(f.PAN()))
		look("expiry", f.Expiry, ok)
		look("cvc", f.CVC, cvc.MatchString(f.CVC))
		if first, err := time.Parse("01/2006", expires); ok && err == nil && !now.UTC().Before(first.AddDate(0, 1, 0)) {
			faults["expiry"] = Expired
		}
	case Swish, Vipps, MobilePay:
		look("msisdn", f.MSISDN, msisdn.MatchString(f.Phone()))
	case Invoice:
		look("ssn", f.SSN, true)
		look("zip", f.Zip, true)
	case Trustly:
		look("bank", f.Bank, true)
	}
	return faults
}
