package pages_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/kassa-dev/kassa/server/internal/pages"
)

// An element of a page, with the text inside it.
type element struct {
	tag    string
	attr   map[string]string
	text   string
	parent *element
}

func (e *element) within(tag string) bool {
	for ; e != nil; e = e.parent {
		if e.tag == tag {
			return true
		}
	}
	return false
}

type tree []*element

// parse reads a page. The pages are written so that a reader of XML that is told of HTML's habits takes them, and closes
// every element.
func parse(t *testing.T, page string) tree {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var out tree
	var open []*element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, page)
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{tag: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				require.NotContains(t, e.attr, a.Name.Local, "attribute twice")
				e.attr[a.Name.Local] = a.Value
			}
			if len(open) > 0 {
				e.parent = open[len(open)-1]
			}
			open, out = append(open, e), append(out, e)
		case xml.EndElement:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1].tag, token.Name.Local, "wrongly nested")
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(token)
			}
		}
	}
	require.Empty(t, open)
	return out
}

func (t tree) all(tags ...string) tree {
	var out tree
	for _, e := range t {
		if slices.Contains(tags, e.tag) {
			out = append(out, e)
		}
	}
	return out
}

func (t tree) with(name, value string) tree {
	var out tree
	for _, e := range t {
		if v, ok := e.attr[name]; ok && v == value {
			out = append(out, e)
		}
	}
	return out
}

func answer(t *testing.T, page written, status int) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	require.NoError(t, page.Write(w, status))
	return w
}

var locales = map[string]string{"sv-SE": "sv", "en-US": "en"}

// TestEveryPage holds every kind of page in both languages against what any page has to be.
func TestEveryPage(t *testing.T) {
	for locale, lang := range locales {
		for _, s := range gallery(locale) {
			t.Run(lang+"/"+s.name, func(t *testing.T) {
				w := answer(t, s.page, s.status)
				assert.Equal(t, s.status, w.Code)
				page := parse(t, w.Body.String())

				require.Len(t, page.all("html"), 1)
				assert.Equal(t, lang, page.all("html")[0].attr["lang"])
				assert.NotEmpty(t, strings.TrimSpace(page.all("title")[0].text))
				assert.Len(t, page.all("h1"), 1)
				assert.Len(t, page.all("main"), 1)
				assert.NotEmpty(t, page.all("meta").with("name", "viewport"))
				assert.Len(t, page.all("div").with("class", "ribbon"), 1, "a page that does not say it is a sandbox")

				ids := map[string]bool{}
				for _, e := range page {
					if id, ok := e.attr["id"]; ok {
						assert.NotEmpty(t, id)
						assert.False(t, ids[id], "id %s twice", id)
						ids[id] = true
					}
				}
				for _, e := range page {
					for name, value := range e.attr {
						assert.False(t, name == "style" || strings.HasPrefix(name, "on"), "%s has %s, which the policy forbids", e.tag, name)
						switch name {
						case "aria-describedby", "aria-labelledby", "for":
							for id := range strings.FieldsSeq(value) {
								assert.True(t, ids[id], "%s of %s names %s, which is nowhere", name, e.tag, id)
							}
						case "src", "srcset", "background", "poster":
							t.Errorf("%s loads %s", e.tag, value)
						}
					}
					switch e.tag {
					case "input", "select":
						if e.attr["type"] != "hidden" {
							assert.True(t, e.within("label") || len(page.all("label").with("for", e.attr["id"])) == 1, "%s has no label", e.attr["name"])
						}
						if e.attr["aria-invalid"] == "true" {
							assert.Contains(t, e.attr["aria-describedby"], e.attr["name"]+"-fault")
						}
					case "button":
						assert.Equal(t, "submit", e.attr["type"])
						assert.NotEmpty(t, strings.TrimSpace(e.text))
					case "fieldset":
						assert.NotEmpty(t, slices.ContainsFunc(page.all("legend"), func(l *element) bool { return l.parent == e }))
					case "link":
						assert.True(t, strings.HasPrefix(e.attr["href"], "data:"))
					case "a":
						if id, ok := strings.CutPrefix(e.attr["href"], "#"); ok {
							assert.True(t, ids[id], "a link leads to %s, which is nowhere", id)
						}
					}
				}

				other := page.all("a").with("class", "language")
				require.Len(t, other, 1)
				assert.NotEqual(t, lang, other[0].attr["lang"])
				assert.Contains(t, other[0].attr["href"], Culture+"="+other[0].attr["lang"])
			})
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, s := range gallery("en-US") {
		h := answer(t, s.page, s.status).Header()
		assert.Equal(t, "text/html; charset=utf-8", h.Get("Content-Type"))
		assert.Equal(t, "en", h.Get("Content-Language"))
		assert.Equal(t, "no-store", h.Get("Cache-Control"))
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'; ", "style-src 'sha256-", "base-uri 'none'", "form-action 'self'"} {
			assert.Contains(t, policy, want)
		}
		assert.NotContains(t, policy, "unsafe")
		if s.name == "framed" {
			assert.Contains(t, policy, "frame-ancestors https://shop.example;")
			assert.Contains(t, policy, "script-src 'sha256-")
			assert.Empty(t, h.Get("X-Frame-Options"))
			continue
		}
		assert.Contains(t, policy, "frame-ancestors 'none'")
		assert.NotContains(t, policy, "script-src")
		assert.Equal(t, "DENY", h.Get("X-Frame-Options"))
	}
}

// TestForms: a page offers the acts that its step allows, all posted to its own address with its step.
func TestForms(t *testing.T) {
	for _, i := range all {
		for step, want := range map[Step][]string{
			StepPay:    {"pay", "decline", "timeout", "cancel"},
			seconds[i]: {"confirm", "decline", "timeout"},
		} {
			t.Run(string(i)+"/"+string(step), func(t *testing.T) {
				if step == StepAddress {
					want = append(want, "back")
				}
				page := parse(t, answer(t, checkout(i, step, "en-US", "/there?Culture=en-US"), 200).Body.String())
				form := page.all("form")
				require.Len(t, form, 1)
				assert.Equal(t, "post", form[0].attr["method"])
				assert.Equal(t, "/there?Culture=en-US", form[0].attr["action"])
				assert.Equal(t, string(step), page.all("input").with("name", "step")[0].attr["value"])
				var acts []string
				for _, b := range page.all("button").with("name", "act") {
					acts = append(acts, b.attr["value"])
				}
				assert.Equal(t, want, acts)
				var options []string
				for _, o := range page.all("option") {
					if o.parent.attr["name"] == "reason" {
						options = append(options, o.attr["value"])
					}
				}
				assert.Equal(t, []string{reasons[0].Code, reasons[1].Code}, options)
			})
		}
	}
}

// TestChosen: one card or person is chosen, the one that was given or else the first, and what is typed is kept except
// for the security code.
func TestChosen(t *testing.T) {
	chosen := func(t *testing.T, c Checkout) (string, tree) {
		page := parse(t, answer(t, c, 200).Body.String())
		radios := page.all("input").with("type", "radio").with("checked", "checked")
		require.Len(t, radios, 1)
		return radios[0].attr["value"], page
	}
	c := checkout(CreditCard, StepPay, "en-US", "/")
	value, page := chosen(t, c)
	assert.Equal(t, cards[0].Number, value)
	assert.NotContains(t, page.all("details")[0].attr, "open")
	assert.Contains(t, page.all("span").with("class", "digits")[1].text, "4761\u00a073••\u00a0••••\u00a00416")

	c.Given.Card = cards[7].Number
	value, page = chosen(t, c)
	assert.Equal(t, cards[7].Number, value)
	assert.Contains(t, page.all("details")[0].attr, "open", "the chosen card is folded away")

	c.Given = Form{Number: "4925 0000", Expiry: "08/31", CVC: "987"}
	value, page = chosen(t, c)
	assert.Empty(t, value)
	assert.Equal(t, "4925 0000", page.with("id", "number")[0].attr["value"])
	assert.Equal(t, "08/31", page.with("id", "expiry")[0].attr["value"])
	assert.Empty(t, page.with("id", "cvc")[0].attr["value"], "a security code is shown again")

	c = checkout(Invoice, StepPay, "en-US", "/")
	value, _ = chosen(t, c)
	assert.Equal(t, "600307-1161 19792", value)
	c.Given = Form{Person: "971020-2392 17674", SSN: "971020-2392", Zip: "17674"}
	value, page = chosen(t, c)
	assert.Equal(t, "971020-2392 17674", value)
	assert.Empty(t, page.with("id", "ssn")[0].attr["value"])

	page = parse(t, answer(t, checkout(Trustly, StepPay, "en-US", "/"), 200).Body.String())
	assert.Equal(t, "Sparkassan i Norr", page.all("option").with("selected", "selected")[0].text)
}

func TestFaultsAreAnnounced(t *testing.T) {
	c := checkout(Vipps, StepPay, "en-US", "/")
	c.Faults = Faults{"msisdn": Invalid}
	page := parse(t, answer(t, c, 422).Body.String())
	assert.True(t, strings.HasPrefix(page.all("title")[0].text, "Please check: "))
	alert := page.with("id", "faults")
	require.Len(t, alert, 1)
	assert.Equal(t, "alert", alert[0].attr["role"])
	assert.Contains(t, alert[0].attr, "autofocus")
	assert.Equal(t, "#msisdn", page.all("a").with("href", "#msisdn")[0].attr["href"])
	assert.Equal(t, "msisdn-hint msisdn-fault", page.with("id", "msisdn")[0].attr["aria-describedby"])
	assert.NotEmpty(t, page.with("id", "msisdn-fault")[0].text)
}

func TestVerifyShowsNoAmount(t *testing.T) {
	for _, s := range gallery("en-US") {
		if strings.HasSuffix(s.name, "-verify") {
			text := answer(t, s.page, 200).Body.String()
			assert.NotContains(t, text, "0.00", s.name)
			assert.NotContains(t, text, "SEK", s.name)
		}
	}
	text := answer(t, checkout(CreditCard, StepPay, "sv-SE", "/"), 200).Body.String()
	assert.Contains(t, text, "1\u00a0234,50\u00a0SEK")
}

func TestFrameTells(t *testing.T) {
	frame := &Frame{Hosts: []string{"https://Shop.example:443/checkout", "http://localhost:3000", "javascript:alert(1)", "https://shop.example; script-src *", "https://shop.example;sandbox", "https://a,b.example", "http://[::1]:3000", "https://shop.example"}, Payment: "/psp/swish/payments/1"}
	c := checkout(Swish, StepPay, "en-US", "/")
	c.Frame = frame
	body := func(w *httptest.ResponseRecorder) map[string]string {
		return parse(t, w.Body.String()).all("body")[0].attr
	}
	w := answer(t, c, 200)
	assert.Equal(t, "onPaymentCreated", body(w)["data-event"])
	assert.Equal(t, "/psp/swish/payments/1", body(w)["data-payment"])
	assert.Equal(t, "https://shop.example http://localhost:3000", body(w)["data-hosts"])
	assert.Contains(t, w.Header().Get("Content-Security-Policy"), "; frame-ancestors https://shop.example http://localhost:3000; ")
	assert.Contains(t, w.Header().Get("Content-Security-Policy"), "form-action 'self';", "a frame has no business elsewhere")

	c.Step = StepApp
	assert.Equal(t, "onPaymentPending", body(answer(t, c, 200))["data-event"])

	for why, want := range map[Why]string{WhyPaid: "onPaymentCompleted", WhyFailed: "onPaymentFailed", WhyCanceled: "onPaymentCanceled", WhyAborted: "onError", WhyExpired: "onError"} {
		e := Ending{Order: c.Order, Why: why, Return: "https://shop.example/next", Frame: frame}
		told := body(answer(t, e, 200))
		assert.Equal(t, want, told["data-event"])
		assert.Equal(t, "https://shop.example/next", told["data-redirect"])
		assert.Equal(t, want == "onError", told["data-message"] == string(why))
	}
	e := Ending{Order: c.Order, Why: WhyPaid, Return: "javascript:alert(1)", Frame: &Frame{}}
	w = answer(t, e, 200)
	assert.Empty(t, body(w)["data-redirect"])
	assert.Contains(t, w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'", "no hostUrls, no frame")
}

// TestHostile: whatever a shop or a payer sends is text.
func TestHostile(t *testing.T) {
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}` + "\u202e"
	shown := regexp.MustCompile(`<script|<img`)
	for _, i := range all {
		for _, step := range []Step{StepPay, seconds[i]} {
			c := checkout(i, step, evil, "/x?a="+evil)
			c.Shop, c.Description, c.Currency, c.Declined = evil, evil, evil, evil
			c.Given = Form{Number: evil, Expiry: evil, CVC: evil, MSISDN: evil, SSN: evil, Zip: evil, Bank: evil, FirstName: evil, LastName: evil, Reason: evil}
			c.Reasons, c.Hints, c.Banks = []Choice{{evil, evil}}, []Choice{{evil, evil}}, []string{evil}
			c.Cards, c.Persons = []Card{{evil, evil, Plain}}, []Person{{evil, evil, evil, evil, evil, evil}}
			c.Found = c.Persons[0]
			c.Faults = Faults{"number": evil, evil: evil}
			c.CompleteURL, c.CancelURL, c.TermsURL = "javascript:alert(1)", "https://a.example; script-src *", "javascript:alert(1)" // the second is no address
			w := answer(t, c, 200)
			assert.False(t, shown.MatchString(w.Body.String()))
			page := parse(t, w.Body.String())
			for _, e := range page.all("script", "img") {
				t.Errorf("%s/%s: a %s came in", i, step, e.tag)
			}
			assert.Empty(t, page.with("id", "terms"))
			assert.Contains(t, w.Header().Get("Content-Security-Policy"), "form-action 'self'; ")
		}
	}
	for _, address := range []string{"javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "shop://complete", "//shop.example/", "/there", "https:///x", "vbscript:x", ""} {
		assert.False(t, IsLink(address), address)
		page := parse(t, answer(t, Ending{Order: Order{Instrument: Swish}, Why: WhyPaid, Return: address}, 200).Body.String())
		assert.Empty(t, page.all("a").with("class", "button main"), address)
		if strings.TrimSpace(address) != "" {
			assert.Equal(t, strings.TrimSpace(address), strings.TrimSpace(page.all("code")[0].text))
		}
	}
	page := parse(t, answer(t, Ending{Order: Order{Instrument: Swish}, Why: WhyPaid, Return: "HTTPS://shop.example/a?b=1&c=2"}, 200).Body.String())
	assert.Equal(t, "HTTPS://shop.example/a?b=1&c=2", page.all("a").with("class", "button main")[0].attr["href"])
}

// TestFormAction: the answer to a form may lead to the shop, and from there on, by the schemes of its addresses.
func TestFormAction(t *testing.T) {
	for _, tt := range []struct{ complete, cancel, want string }{
		{"https://shop.example/complete?a=1", "https://shop.example/cancel", "'self' https:;"},
		{"HTTPS://shop.example/", "", "'self' https:;"},
		{"https://shop.example/", " http://shop.example/", "'self' http: https:;"},
		{"http://[::1]:3000/", "", "'self' http: https:;"},
		{"shop://complete", "javascript:x", "'self';"},
		{"", "", "'self';"},
	} {
		c := checkout(Swish, StepPay, "en-US", "/")
		c.CompleteURL, c.CancelURL = tt.complete, tt.cancel
		assert.Contains(t, answer(t, c, 200).Header().Get("Content-Security-Policy"), "form-action "+tt.want, tt.complete)
	}
}

// TestNothingHalf: what cannot be shown is refused before a byte is written.
func TestNothingHalf(t *testing.T) {
	for _, page := range []written{
		Checkout{Order: Order{Instrument: "giro"}, Step: StepPay},
		Checkout{Order: Order{Instrument: Swish}, Step: "elsewhere"},
		Checkout{Order: Order{Instrument: Swish}, Step: StepBank},
		Ending{Why: "tired"},
		Widget{Refused: "tired"},
	} {
		w := httptest.NewRecorder()
		require.ErrorContains(t, page.Write(w, 200), "has no text")
		assert.Empty(t, w.Body.String())
		assert.Empty(t, w.Header())
	}
}

func TestLanguages(t *testing.T) {
	for locale, want := range map[string]string{"sv-SE": "sv", "sv": "sv", "SV-fi": "sv", "en-US": "en", "nb-NO": "en", "": "en", "svenska": "en"} {
		w := httptest.NewRecorder()
		require.NoError(t, Ending{Why: WhyUnknown, Locale: locale}.Write(w, http.StatusNotFound))
		assert.Equal(t, want, w.Header().Get("Content-Language"), locale)
	}
}
