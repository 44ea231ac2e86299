package swedbankpay

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"time"

	"github.com/kassa-dev/kassa/client"
)

// PayeeReferenceRule says which payee references a merchant may use, which
// follows from the agreement with Swedbank Pay. The methods that send a
// reference ask for [AnyPayeeReference] alone, for they do not know the
// agreement; Check asks for the rest before a reference is used.
type PayeeReferenceRule int

// The rules. What Swedbank Pay promises to take is documented for the two
// agreements; more than that was seen to be taken.
const (
	// AnyPayeeReference is the default and the widest: 1 to 50 of A-Z, a-z, 0-9,
	// _ and -.
	AnyPayeeReference PayeeReferenceRule = iota
	// SettledBySwedbankPay is option A of the documentation: Swedbank Pay
	// settles with the acquirer. 1 to 30 of A-Z, a-z, 0-9 and -. Where the
	// documentation speaks of invoices, it allows no - either.
	SettledBySwedbankPay
	// SettledByMerchant is option B: the merchant settles, and the reference
	// goes to the acquirer. 1 to 12 digits.
	SettledByMerchant
)

var (
	referenceA = regexp.MustCompile(`^[A-Za-z0-9-]{1,30}$`)
	referenceB = regexp.MustCompile(`^[0-9]{1,12}$`)
)

// Check refuses a reference that breaks the rule by an [*client.InputError]. It
// cannot tell whether the reference was used before.
func (r PayeeReferenceRule) Check(reference string) error {
	switch r {
	case AnyPayeeReference:
		return checkWords("any description", reference)
	case SettledBySwedbankPay:
		if !referenceA.MatchString(reference) {
			return &client.InputError{Field: "PayeeReference", Reason: "want 1 to 30 of A-Z, a-z, 0-9 and -, as Swedbank Pay settles; NewPayeeReference makes one"}
		}
	case SettledByMerchant:
		if !referenceB.MatchString(reference) {
			return &client.InputError{Field: "PayeeReference", Reason: "want 1 to 12 digits, as the merchant settles; NumberedPayeeReference makes one"}
		}
	default:
		return &client.InputError{Field: "PayeeReferenceRule", Reason: "want AnyPayeeReference, SettledBySwedbankPay or SettledByMerchant"}
	}
	return nil
}

// NewPayeeReference makes a reference that nobody used before: 26 of 0-9 and
// A-V, which fits [SettledBySwedbankPay] and invoices. It begins with the time,
// so that references sort by the millisecond they were made in; the rest is 80
// bits of crypto/rand. Among a million made in one and the same millisecond,
// the odds that two are equal are below 1 in 2,000,000,000,000.
//
// Write it down before it is sent: in the transactions of the payment it tells
// whether an operation of unknown outcome happened.
func NewPayeeReference() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(time.Now().UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // it never fails, or ends the program
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// NumberedPayeeReference makes the reference of a number that the merchant has
// counted up, such as the next of a sequence in a database, for
// [SettledByMerchant]: twelve digits, zeros in front. It is as unique as the
// number. None is made by chance: among 1.2 million references of twelve random
// digits, two are more likely equal than not.
//
// A number below 0 or above 999999999999 is refused by an
// [*client.InputError].
func NumberedPayeeReference(n int64) (string, error) {
	if n < 0 || n > 999_999_999_999 {
		return "", &client.InputError{Field: "PayeeReference", Reason: "want a number from 0 to 999999999999, which is what twelve digits can say"}
	}
	return fmt.Sprintf("%012d", n), nil
}
