package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/server"
)

// ruleRefused is that the sandbox refuses what the vendor documents or took.
const ruleRefused = "sandbox.refused"

// A replay is what became of a request that was sent to the sandbox.
type replay struct {
	request

	status   int
	refusals []conformance.Finding // one for each reason that the sandbox gave
}

// play sends a request to a sandbox of its own, as it stands but for the payee, the references, stored tokens and the
// ids in its address. Where it is about a payment there is a new one first, in a state in which the request is possible.
func play(ctx context.Context, r request) (replay, error) {
	done := replay{request: r}
	t, why := r.target()
	if r.why == "" {
		done.why = why
	}
	if done.why != "" {
		return done, nil
	}
	sandbox, err := server.New(server.WithSeed(1))
	if err != nil {
		return done, err
	}
	defer sandbox.Close()
	p := player{sandbox: sandbox, client: sandbox.Client()}
	path, body, err := p.prepare(ctx, t, r)
	if err != nil {
		return done, fmt.Errorf("%s, entry %d: no payment to try the request on: %w", r.file, r.index, err)
	}
	answer, err := p.send(ctx, r.method, path, body)
	if err != nil {
		return done, err
	}
	done.status = answer.status
	if !t.accepts(answer.status) {
		done.refusals = answer.refusals(r)
	}
	return done, nil
}

// player stands for the merchant and the payer.
type player struct {
	sandbox    *server.Server
	client     *http.Client
	references int
}

type reply struct {
	status int
	body   []byte
}

func (p *player) send(ctx context.Context, method, path string, body []byte) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+host+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer corpus")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, text}, err
}

// must is send for a step on the way, which has to succeed. It returns the payment, if that is what is answered.
func (p *player) must(ctx context.Context, method, path, body string) (made struct {
	Payment struct{ ID, RecurrenceToken string }
}, err error,
) {
	answer, err := p.send(ctx, method, path, []byte(body))
	if err == nil && answer.status >= 300 {
		err = fmt.Errorf("%s %s is answered %d: %s", method, path, answer.status, answer.body)
	}
	if err == nil && bytes.HasPrefix(answer.body, []byte(`{"payment":{`)) {
		err = json.Unmarshal(answer.body, &made)
	}
	return made, err
}

// prepare makes what a request is about, and returns where it is sent and what.
func (p *player) prepare(ctx context.Context, t target, r request) (path string, body []byte, err error) {
	body = payeeID.ReplaceAll(r.body, []byte(`${1}"`+payee+`"`))
	body = payeeReference.ReplaceAllFunc(body, func(found []byte) []byte {
		return append(payeeReference.FindSubmatch(found)[1], `"`+p.reference()+`"`...)
	})
	if storedToken.Match(body) {
		token, err := p.stored(ctx, t.instrument)
		if err != nil {
			return "", nil, err
		}
		body = storedToken.ReplaceAll(body, []byte(`${1}"`+token+`"`))
	}
	root := "/psp/" + t.instrument + "/payments"
	switch t.kind {
	case collection:
		return root, body, nil
	case onToken:
		token, err := p.stored(ctx, t.instrument)
		return root + "/instrumentdata/" + token, body, err
	}
	id, err := p.payment(ctx, t, r.method == http.MethodGet)
	if t.below != "" {
		id += "/" + t.below
	}
	return strings.Replace(id, "/payments/", "/"+t.prefix+"payments/", 1), body, err
}

// Members that no two requests share, or that the sandbox has to have made.
var (
	payeeID        = regexp.MustCompile(`(?i)("payeeId" *: *)"[^"]*"`)
	payeeReference = regexp.MustCompile(`(?i)("payeeReference" *: *)"[^"]*"`)
	storedToken    = regexp.MustCompile(`(?i)("(?:payment|recurrence|unscheduled)Token" *: *)"[^"]+"`)
)

const payee = "5cabf558-5283-482f-b252-4d58e06f6f3b"

func (p *player) reference() string {
	p.references++
	return fmt.Sprintf("corpus-%d", p.references)
}

// payment makes a payment and brings it to where a request below it is possible; one that is read is paid.
func (p *player) payment(ctx context.Context, t target, read bool) (id string, err error) {
	kind := kinds[t.instrument]
	beside, more := kind.beside, ""
	if t.below == "verifications" {
		kind.operation = "Verify"
	}
	made, err := p.must(ctx, http.MethodPost, "/psp/"+t.instrument+"/payments", p.order(kind, more, beside))
	if err != nil {
		return "", err
	}
	id = made.Payment.ID
	switch t.below {
	case "captures", "cancellations", "reversals":
		err = p.sandbox.Pay(ctx, id)
	case "":
		if read {
			err = p.sandbox.Pay(ctx, id)
		}
	}
	if err == nil && t.below == "reversals" && kind.intent == "Authorization" {
		_, err = p.must(ctx, http.MethodPost, id+"/captures", fmt.Sprintf(
			`{"transaction":{"amount":%d,"vatAmount":0,"description":"all","payeeReference":%q}}`, plenty, p.reference()))
	}
	return id, err
}

// stored makes a token of a payer who has verified a card, or who they are.
func (p *player) stored(ctx context.Context, instrument string) (string, error) {
	kind := kinds[instrument]
	kind.operation = "Verify"
	made, err := p.must(ctx, http.MethodPost, "/psp/"+instrument+"/payments", p.order(kind, `"generateRecurrenceToken":true,`, kind.beside))
	if err != nil {
		return "", err
	}
	if err := p.sandbox.Pay(ctx, made.Payment.ID); err != nil {
		return "", err
	}
	made, err = p.must(ctx, http.MethodGet, made.Payment.ID, "")
	if err == nil && made.Payment.RecurrenceToken == "" {
		err = fmt.Errorf("%s makes no token", instrument)
	}
	return made.Payment.RecurrenceToken, err
}

// plenty is more than any request of the corpus moves.
const plenty = 100_000_000

// A kind is the payment of an instrument that requests are tried on.
type kind struct{ operation, intent, currency, price, beside string }

var kinds = map[string]kind{
	"creditcard": {"Purchase", "Authorization", "SEK", "CreditCard", ""},
	"invoice":    {"FinancingConsumer", "Authorization", "SEK", "Invoice", `,"invoice":{"invoiceType":"PayExFinancingSe"}`},
	"mobilepay":  {"Purchase", "Authorization", "DKK", "Mobilepay", ""},
	"swish":      {"Purchase", "Sale", "SEK", "Swish", ""},
	"trustly":    {"Purchase", "Sale", "SEK", "Trustly", ""},
	"vipps":      {"Purchase", "Authorization", "NOK", "Vipps", ""},
}

func (p *player) order(k kind, more, beside string) string {
	return fmt.Sprintf(`{"payment":{"operation":%q,"intent":%q,"currency":%q,%s"prices":[{"type":%q,"amount":%d,"vatAmount":0}],
"description":"Corpus","userAgent":"corpus","language":"sv-SE","urls":{"completeUrl":"https://example.com/complete"},
"payeeInfo":{"payeeId":%q,"payeeReference":%q}}%s}`, k.operation, k.intent, k.currency, more, k.price, plenty, payee, p.reference(), beside)
}

// refusals are the reasons of a problem as findings, at least one.
func (a reply) refusals(r request) []conformance.Finding {
	var problem struct {
		Detail   string
		Problems []struct{ Name, Description string }
	}
	refused := func(name, text string) conformance.Finding {
		return conformance.Finding{
			Rule: ruleRefused, Severity: conformance.Error, File: r.file, Entry: r.index, Side: "request", Pointer: name,
			Message: fmt.Sprintf("the sandbox answers %d: %s", a.status, text), Count: 1,
		}
	}
	if err := json.Unmarshal(a.body, &problem); err != nil {
		return []conformance.Finding{refused("", "no problem document")}
	}
	if len(problem.Problems) == 0 {
		return []conformance.Finding{refused("", problem.Detail)}
	}
	var out []conformance.Finding
	for _, item := range problem.Problems {
		out = append(out, refused(item.Name, item.Description))
	}
	return out
}
