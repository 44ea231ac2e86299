package conformance

import (
	"regexp"
	"strings"
	"time"
)

// kind is what a value is, and so how it is made harmless without changing
// its shape more than necessary.
type kind int

const (
	plain  kind = iota
	secret      // a token or password
	card        // a card number
	digits      // a code of digits
	person      // a national identity number
	mail        // an e-mail address
	phone       // a telephone number
)

// kinds are the names of members, parameters and form fields whose values are
// sensitive whatever they look like; lower case, without "_" and "-".
var kinds = map[string]kind{
	"accesstoken": secret, "refreshtoken": secret, "idtoken": secret, "token": secret,
	"sessiontoken": secret, "paymenttoken": secret, "recurrencetoken": secret, "unscheduledtoken": secret,
	"clientsecret": secret, "secret": secret, "password": secret, "apikey": secret, "authorization": secret,
	"sig": secret, "signature": secret, "clientassertion": secret,
	"cardnumber": card, "pan": card, "primaryaccountnumber": card,
	"cardverificationcode": digits, "cvc": digits, "cvv": digits, "cvc2": digits, "cvv2": digits,
	"socialsecuritynumber": person, "governmentid": person, "ssn": person, "personalnumber": person,
	"personalidentitynumber": person, "nationalidentitynumber": person, "nationalid": person,
	"email": mail, "emailaddress": mail,
	"msisdn": phone, "phone": phone, "phonenumber": phone, "mobile": phone, "mobilephone": phone,
	"mobilenumber": phone, "mobilephonenumber": phone, "homephonenumber": phone, "workphonenumber": phone,
}

func kindOf(name string) kind {
	if len(name) > 40 {
		return plain
	}
	return kinds[strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == '.':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)]
}

const (
	redacted      = "redacted"
	redactedEmail = "redacted@example.invalid"
)

var (
	guid     = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	wholeID  = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	address  = regexp.MustCompile(`[^\s@"'<>(),:;\[\]\\/=&?{}|]+@[\pL\pN][\pL\pN.-]*\.\pL{2,}[^\s"'<>(),:;\[\]\\/=&?{}|]*`)
	grouped  = regexp.MustCompile(`[0-9]+(?:[ -][0-9]+)*`)
	bearer   = regexp.MustCompile(`(?i)\b(bearer|basic) +[A-Za-z0-9._~+/-]{20,}=*`)
	jwt      = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
	idShape  = regexp.MustCompile(`^[0-9+-]+[0-9A-Za-z]?[0-9]*$`)
	allDigit = regexp.MustCompile(`^[0-9]+$`)
)

// mask replaces a value known to be of a kind.
func mask(k kind, value string) string {
	switch {
	case value == "":
		return value
	case k == secret && wholeID.MatchString(value):
		return zeros(value)
	case k == card && strings.Trim(value, "0123456789 -") == "":
		return harmlessPAN(value)
	case k == digits && allDigit.MatchString(value):
		return zeros(value)
	case k == person && idShape.MatchString(value):
		return zeros(value)
	case k == mail && strings.Contains(value, "@"):
		return redactedEmail
	case k == phone && strings.Trim(value, "0123456789+ -()") == "":
		return zeros(value)
	case k == card && maskedPAN(value):
		return value
	}
	return redacted
}

// maskedPAN says that a value shows no more than the six first and four last
// digits, the form in which a card number may be shown.
func maskedPAN(value string) bool {
	return strings.ContainsAny(value, "*xX") && strings.Trim(value, "0123456789*xX") == "" &&
		len(strings.Map(keepDigits, value)) <= 10
}

func keepDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// zeros keeps the shape of a value: every letter and digit becomes a zero.
func zeros(value string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return '0'
		}
		return r
	}, value)
}

// harmlessPAN keeps the length and the separators; the last digit makes the
// checksum fail.
func harmlessPAN(value string) string {
	out := []byte(zeros(value))
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == '0' {
			out[i] = '1'
			break
		}
	}
	return string(out)
}

// holdsPAN says that a run of digit groups holds a card number: one group, or
// several of the lengths cards are printed in, that together have 13 to 19
// digits, start as issuers' numbers do, and pass the checksum.
func holdsPAN(run string) bool {
	for from := 0; from < len(run); {
		first, total := 0, 0
		for at := from; at < len(run); {
			end := at
			for end < len(run) && run[end] != ' ' && run[end] != '-' && end-from < 40 {
				end++
			}
			length := end - at
			if first == 0 {
				first = length
			} else if first > 7 || length > 7 {
				break
			}
			if total += length; total > 19 {
				break
			}
			if total >= 13 && issued(run[from:end]) {
				return true
			}
			if length < 3 {
				break // only a last group is that short
			}
			at = end + 1
		}
		next := strings.IndexAny(run[from:], " -")
		if next < 0 {
			return false
		}
		from += next + 1
	}
	return false
}

// issued says that digits (and separators) start like a card number and pass
// the Luhn checksum.
func issued(number string) bool {
	number = strings.Map(keepDigits, number)
	two, four := number[:2], number[:4]
	known := number[0] >= '4' && number[0] <= '6' || two == "30" || two >= "34" && two <= "39" ||
		four >= "2200" && four <= "2204" || four >= "2221" && four <= "2720"
	return known && luhn(number)
}

func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// phoneDigits says how much of a run of digit groups after a plus sign is a
// telephone number of 8 to 15 digits, as many groups as fit; 0 if none is.
func phoneDigits(run string) int {
	if run[0] == '0' && strings.Trim(run, "0 -") != "" {
		return 0
	}
	end, total := 0, 0
	for i := 0; i <= len(run); i++ {
		if i < len(run) && run[i] >= '0' && run[i] <= '9' {
			total++
			continue
		}
		if total > 15 {
			break
		}
		if total >= 8 {
			end = i
		}
	}
	return end
}

var (
	swedish = regexp.MustCompile(`^(?:18|19|20)?([0-9]{6})[-+]?([0-9]{4})$`)
	danish  = regexp.MustCompile(`^([0-9]{6})-?([0-9]{4})$`)
	norse   = regexp.MustCompile(`^([0-9]{6}) ?([0-9]{5})$`)
	finnish = regexp.MustCompile(`^([0-9]{6})[-+A-FU-Y]([0-9]{3})([0-9A-FHJ-NPR-Y])$`)
)

// nationalID says that text as a whole is a Swedish, Norwegian, Danish or
// Finnish identity number: a date that exists and check digits that agree.
func nationalID(text string) bool {
	if len(text) < 10 || len(text) > 13 {
		return false
	}
	if m := swedish.FindStringSubmatch(text); m != nil && date("060102", m[1], '6', 4) && luhn(m[1]+m[2]) {
		return true
	}
	if m := danish.FindStringSubmatch(text); m != nil && date("020106", m[1], '0', 0) &&
		weighted(m[1]+m[2], 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) {
		return true
	}
	if m := norse.FindStringSubmatch(text); m != nil && date("020106", m[1], '4', 0) {
		number := m[1] + m[2]
		return weighted(number, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) && weighted(number, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
	}
	if m := finnish.FindStringSubmatch(text); m != nil && date("020106", m[1], '0', 0) {
		n := 0
		for _, c := range m[1] + m[2] {
			n = (n*10 + int(c-'0')) % 31
		}
		return "0123456789ABCDEFHJKLMNPRSTUVWXY"[n] == m[3][0]
	}
	return false
}

// date says that six digits are a date; in numbers given to people without a
// residence, lift is added to the first digit of the day, which is at position
// day.
func date(layout, text string, lift byte, day int) bool {
	if _, err := time.Parse(layout, text); err == nil {
		return true
	}
	if lift == '0' || text[day] < lift {
		return false
	}
	lowered := []byte(text)
	lowered[day] -= lift - '0'
	_, err := time.Parse(layout, string(lowered))
	return err == nil
}

func weighted(number string, weights ...int) bool {
	sum := 0
	for i, w := range weights {
		sum += w * int(number[i]-'0')
	}
	return sum%11 == 0
}
