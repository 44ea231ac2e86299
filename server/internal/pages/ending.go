package pages

import "net/http"

// A Why is how a payment ended, or why there is nothing to pay.
type Why string

// The endings.
const (
	WhyPaid     Why = "paid"     // paid or verified, now or before
	WhyFailed   Why = "failed"   // failed for good
	WhyCanceled Why = "canceled" // the payer went back to the shop; the payment is as it was
	WhyAborted  Why = "aborted"  // the merchant took it back
	WhyExpired  Why = "expired"  // the link is older than 28 days
	WhyUnknown  Why = "unknown"  // no payment has this link
)

// An Ending is a page that tells the payer how it ended. In a frame it also tells the shop's page.
type Ending struct {
	Order          // empty for WhyUnknown
	Locale  string // as in Checkout
	Address string // as in Checkout
	Why     Why
	Detail  string // more about it in the vendor's words, such as the last refusal; may be empty
	Return  string // where the payer goes on to: completeUrl, or cancelUrl after cancelling. Other than http and https is shown as text
	Frame   *Frame // nil for a page of its own
}

// Write answers with the page: usually with 200, 404 for WhyUnknown, 410 for WhyAborted and WhyExpired. On error nothing
// was written.
func (e Ending) Write(w http.ResponseWriter, status int) error {
	in := wordsFor(e.Locale)
	v := endingView{Ending: e}
	title, err := in.T(v.key("title"))
	if err != nil {
		return err
	}
	v.shell = newShell(in, title, e.Address)
	happened := happening{event: failedForNow, message: string(e.Why), redirect: onlyLink(e.Return)}
	if event, ok := endings[e.Why]; ok {
		happened.event, happened.message = event, ""
	}
	return write(w, status, "ending", v, in.Lang, e.Frame.open(&v.shell, happened))
}

type endingView struct {
	shell
	Ending
}

func (v endingView) key(part string) string {
	key := "end." + string(v.Why) + "." + part
	if v.Why == WhyPaid && v.Verify {
		key += ".verify"
	}
	return key
}

func (v endingView) Text() (string, error) { return v.T(v.key("text")) }

func (v endingView) ShopName() (string, error) { return v.shop(v.words) }

// Money is the amount as the payer reads it.
func (v endingView) Money() string { return money(v.Amount, v.Currency, v.words) }

// Known is whether there is a payment to show.
func (v endingView) Known() bool { return v.Instrument != "" }

func (v endingView) Link() string { return onlyLink(v.Return) }
