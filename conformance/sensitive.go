package conformance

import (
	"regexp"
	"strings"
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
	guid     = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	address  = regexp.MustCompile(`[^\s@"'<>(),:;\[\]\\/=&?{}|]+@[\pL\pN][\pL\pN.-]*\.\pL{2,}[^\s"'<>(),:;\[\]\\/=&?{}|]*`)
	bearer   = regexp.MustCompile(`(?i)\b(bearer|basic) +[A-Za-z0-9._~+/-]{20,}=*`)
	stored   = regexp.MustCompile(`(?i)(/instrumentdata/)[^/?#\s"'<>]+`) // the token of a stored card or payer stands in its address
	jwt      = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)
	idShape  = regexp.MustCompile(`^[0-9+-]+[0-9A-Za-z]?[0-9]*$`)
	allDigit = regexp.MustCompile(`^[0-9]+$`)
)

// mask replaces a value known to be of a kind.
func mask(k kind, value string) string {
	switch {
	case value == "":
		return value
	case k == secret && guid.MatchString(value):
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

// zeros keeps the shape of a value: every letter and digit becomes a zero.
func zeros(value string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return '0'
		}
		return r
	}, value)
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
