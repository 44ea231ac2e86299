package inspect

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/kassa/door"
)

// pages are all pages there are, full and empty.
func pages(t *testing.T) map[string]string {
	t.Helper()
	made := map[string]string{}
	for name, page := range map[string]interface{ Page() ([]byte, error) }{
		"overview": busy(), "empty overview": Overview{}, "payment": orderedPage(), "empty payment": Payment{},
	} {
		text, err := page.Page()
		require.NoError(t, err, name)
		made[name] = string(text)
	}
	return made
}

// element is one start tag of a page.
type element struct {
	name       string
	attributes map[string]string
}

// void are the elements that are never closed.
var void = []string{"br", "img", "input", "link", "meta"}

// elements reads a page as a tree and returns its start tags; tags that do not nest fail the test. What scripts and
// styles say is left out: it is no HTML.
func elements(t *testing.T, page string) []element {
	t.Helper()
	page = regexp.MustCompile(`(?s)(<(?:script|style)[^>]*>).*?(</(?:script|style)>)`).ReplaceAllString(page, "$1$2")
	d := xml.NewDecoder(strings.NewReader(strings.Replace(page, "<!doctype html>", "", 1)))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var all []element
	var open []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			assert.Empty(t, open, "not closed")
			return all
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := element{token.Name.Local, map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			all = append(all, e)
			if !slices.Contains(void, e.name) {
				open = append(open, e.name)
			}
		case xml.EndElement:
			if slices.Contains(void, token.Name.Local) {
				continue
			}
			line, _ := d.InputPos()
			require.NotEmpty(t, open, "line %d: </%s> closes nothing", line, token.Name.Local)
			require.Equal(t, open[len(open)-1], token.Name.Local, "line %d closes what is not open", line)
			open = open[:len(open)-1]
		}
	}
}

func TestPagesAreWhole(t *testing.T) {
	relative := regexp.MustCompile(`^(\.\.?/|[a-z]|#|\?)`)
	for name, page := range pages(t) {
		t.Run(name, func(t *testing.T) {
			ids := map[string]bool{}
			for _, e := range elements(t, page) {
				for attribute, value := range e.attributes {
					assert.False(t, strings.HasPrefix(attribute, "on"), "%s %s: the guard forbids handlers in attributes", e.name, attribute)
					assert.NotEqual(t, "style", attribute, "%s: the guard forbids styles in attributes", e.name)
					switch attribute {
					case "src", "action", "data-path", "data-root":
						assert.Regexp(t, relative, value, "%s %s leads away", e.name, attribute)
					case "href":
						if e.attributes["rel"] != "noreferrer" && e.attributes["rel"] != "icon" {
							assert.Regexp(t, relative, value, "%s %s leads away", e.name, attribute)
							assert.NotContains(t, value, "://", "%s %s leads away", e.name, attribute)
						}
					case "id":
						assert.False(t, ids[value], "the id %s stands twice", value)
						ids[value] = true
					}
				}
				if _, live := e.attributes["data-live"]; live {
					assert.NotEmpty(t, e.attributes["id"], "a live part is found by its id")
				}
			}
			assert.NotContains(t, page, "ZgotmplZ", "something was written where it cannot stand")
		})
	}
}

// TestGuardKnowsWhatStandsInThePages compares the digests of the policy with what the pages really hold: a browser runs
// and applies nothing else.
func TestGuardKnowsWhatStandsInThePages(t *testing.T) {
	header := http.Header{}
	Guard(header)
	policy := header.Get("Content-Security-Policy")
	assert.NotContains(t, policy, "unsafe")
	assert.Contains(t, policy, "default-src 'none'")
	assert.Contains(t, policy, "frame-ancestors 'none'")
	assert.Equal(t, "no-store", header.Get("Cache-Control"))
	found := 0
	for name, page := range pages(t) {
		for _, match := range regexp.MustCompile(`(?s)<(script|style)>(.*?)</`).FindAllStringSubmatch(page, -1) {
			directive := regexp.MustCompile(match[1] + `-src ([^;]+)`).FindString(policy)
			assert.Contains(t, directive, digest(match[2]), "%s: a %s that the guard does not know", name, match[1])
			found++
		}
	}
	assert.Equal(t, 4*2+2, found, "a style and a script each, and two pictures with theirs")
}

func TestNothingIsBelieved(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'` + "\x00\x01{{.}}"
	p := door.Payment{ID: evil, Instrument: evil, Operation: evil, Intent: evil, State: evil, Currency: evil, Offers: []string{evil}, Created: evil, Updated: evil, Redirect: "javascript:alert(1)", Namespace: evil}
	c := door.Callback{ID: evil, Payment: evil, Transaction: evil, URL: evil, State: evil, Attempts: []door.Attempt{{At: evil, Duration: evil, Reason: evil}}, Next: evil, Reason: evil, Namespace: evil}
	f := door.Fact{At: evil, Event: evil, Transaction: evil, Kind: evil, Reason: evil}
	o := Overview{
		Query:      Query{Namespace: evil, Instrument: evil, State: evil},
		Namespaces: []door.Namespace{{Name: evil}}, Clock: door.Clock{Now: evil, Offset: evil, Next: evil},
		Payments: []door.Payment{p}, Callbacks: []door.Callback{c}, Recording: true,
		Requests: []door.Request{{At: evil, Method: evil, Path: evil, Operation: evil, Duration: evil, Refused: door.Refusal{
			Station: evil, Type: evil, Title: evil, Detail: evil, Remedy: evil, Fault: evil,
			Reasons: []door.Violation{{Pointer: evil, Message: evil, Rule: evil, Hint: evil, Spec: evil}}}}},
		Faults: []door.Fault{{ID: evil, On: evil, Match: door.Match{Method: evil, Path: evil, Operation: evil}, Body: evil, Latency: evil, Delay: evil, Problem: door.FaultProblem{Title: evil}}},
	}
	detail := door.PaymentDetail{Payment: p, Description: evil, Payee: door.Payee{PayeeReference: evil},
		Urls: door.Urls{CompleteURL: evil, CancelURL: evil, CallbackURL: evil}, Timeline: []door.Fact{f}, Callbacks: []door.Callback{c}}
	for name, page := range map[string]interface{ Page() ([]byte, error) }{
		"overview": o, "payment": Payment{Detail: detail, Clock: o.Clock, Reasons: []door.DeclineReason{{Reason: evil, Title: evil, Detail: evil}}},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := page.Page()
			require.NoError(t, err)
			scripts := 0
			for _, e := range elements(t, strings.Map(func(r rune) rune {
				if r == 1 { // XML has no such character; HTML does no harm with it
					return -1
				}
				return r
			}, string(text))) {
				assert.NotEqual(t, "img", e.name)
				assert.NotContains(t, e.attributes["href"], "javascript:")
				if e.name == "script" {
					scripts++
				}
			}
			assert.Equal(t, 1, scripts, "no script but ours")
			assert.NotContains(t, string(text), "<script>alert")
		})
	}
}

func TestPagesSay(t *testing.T) {
	all := pages(t)
	tests := []struct {
		page string
		want []string
	}{
		{"overview", []string{
			`href="inspector/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1?namespace=` + shop + `"`, "1500.00 SEK", "3 refused",
			`href="recording.har"`, "want integer, got string", "swedbankpay/psp.yaml:558", "<b>Remedy:</b> Send amounts as integers.",
			`<li class="passed">authenticate</li><li class="here" aria-current="step">contract</li><li class="">state</li>`,
			"Fault 3 did this.", "answer 429, retry after 2 s", "the connection was refused", "23 Nov 23:59:59", "31m29s ahead",
			`data-body="{&#34;to&#34;:&#34;2026-11-24T14:04:32Z&#34;}"`, `data-path="callbacks/18/redeliver"`, `data-path="faults/3"`,
		}},
		{"empty overview", []string{"No payments yet", "Nothing was asked yet", "No callbacks yet", "Everything works as it should", "Nothing is due"}},
		{"payment", []string{
			`data-path="payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/payer?namespace=` + shop + `"`, `value="cardexpired"`, "Two tickets &amp; a &lt;programme&gt;",
			`name="card"`, `<svg xmlns`, `href="http://127.0.0.1:8585/creditcard/core/instrument/capture/5a17c24e"`, `data-root="../../"`,
			`href="../../payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1/timeline.svg?namespace=` + shop + `"`,
		}},
	}
	for _, tt := range tests {
		for _, want := range tt.want {
			assert.Contains(t, all[tt.page], want, tt.page)
		}
	}
	assert.NotContains(t, all["empty overview"], "recording.har", "nothing is offered that is not there")
	assert.NotContains(t, all["payment"], `name="msisdn"`, "a card has no phone")
}

func TestQueryStays(t *testing.T) {
	o := busy()
	o.Query = Query{Namespace: "a b", State: "Ready"}
	page, err := o.Page()
	require.NoError(t, err)
	assert.Contains(t, string(page), `href="./?namespace=a&#43;b&amp;refused=true&amp;state=Ready#traffic"`)
	assert.Contains(t, string(page), `data-path="clock?namespace=a&#43;b"`)
	assert.Contains(t, string(page), `<option selected>Ready</option>`)

	o.Query.Refused = true
	page, err = o.Page()
	require.NoError(t, err)
	assert.Contains(t, string(page), `href="./?namespace=a&#43;b&amp;state=Ready#traffic">Show all`)
	assert.Contains(t, string(page), `<input type="hidden" name="refused" value="true">`)
}
