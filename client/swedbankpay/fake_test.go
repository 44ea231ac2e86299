package swedbankpay

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/internal/contract"
)

const (
	cardID    = "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1"
	trustlyID = "/psp/trustly/payments/9464c3b2-6b2f-4b9e-d17a-08d7f7288268"
	invoiceID = "/psp/invoice/payments/27bcbf25-8ec1-4a24-a4b6-08d7f96e6b21"
	mobileID  = "/psp/mobilepay/payments/a4a0d4bb-a5f9-4c43-bd46-08d7f7d6f3a5"
	swishID   = "/psp/swish/payments/cb91a58a-7c50-4b0e-a7c3-08d7ff7c2ebd"
	vippsID   = "/psp/vipps/payments/84b9e6aa-b8f5-4e7f-fa2f-08d612f7dd5d"

	payeeID = "5cabf558-5283-482f-b252-4d58e06f6f3b"
	stored  = "5A17C24E-D459-4567-BBAD-AA0F17A76119"
)

// born is the payment each collection makes.
var born = map[string]string{
	"/psp/creditcard/payments": cardID, "/psp/trustly/payments": trustlyID, "/psp/invoice/payments": invoiceID,
	"/psp/mobilepay/payments": mobileID, "/psp/swish/payments": swishID, "/psp/vipps/payments": vippsID,
}

// seen is one request the bank received.
type seen struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// bank is a very small Swedbank Pay: it shows the one payment it is given and
// answers to requests with what the test put there.
type bank struct {
	*httptest.Server

	mu      sync.Mutex
	log     []seen
	answers map[string]string // "POST /path": "201 body"
	payment map[string]any    // members of the payment beside its id
	offers  []string          // "METHOD rel href-tail"
}

func newBank(t testing.TB, offers ...string) *bank {
	b := &bank{answers: map[string]string{}, payment: map[string]any{"state": "Ready", "currency": "SEK"}, offers: offers}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, seen{r.Method, r.URL.Path, r.URL.RawQuery, r.Header, string(body)})
	answer, ok := b.answers[r.Method+" "+r.URL.Path]
	if !ok {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/payments"):
			w.Header().Set("Location", "https://api.stage.payex.com/elsewhere") // seen live; of no consequence
			answer = "201 " + b.show(born[r.URL.Path])
		case r.Method == http.MethodGet:
			answer = "200 " + b.show(r.URL.Path)
		default:
			answer = `404 {"type":"https://api.payex.com/psp/errordetail/notfound"}`
		}
	}
	var status int
	_, _ = fmt.Sscan(answer, &status)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer[len("200 "):])
}

func (b *bank) show(id string) string {
	payment := map[string]any{"id": id, "number": 40101602179, "unknownMember": true}
	for k, v := range b.payment {
		payment[k] = v
	}
	var operations []map[string]string
	for _, offer := range b.offers {
		f := strings.Fields(offer)
		href := f[2]
		if strings.HasPrefix(href, "/") {
			href = b.URL + id + href
		}
		operations = append(operations, map[string]string{"method": f[0], "rel": f[1], "href": strings.TrimSuffix(href, "/.")})
	}
	out, _ := json.Marshal(map[string]any{"payment": payment, "operations": operations})
	return string(out)
}

func (b *bank) client(opts ...client.Option) *Client {
	return New(client.StaticToken("hunter2-access-token"), append([]client.Option{client.WithBaseURL(b.URL), client.WithRetries(0)}, opts...)...)
}

// calls lists what was received since the last time, as "METHOD path".
func (b *bank) calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, s := range b.log {
		out = append(out, s.Method+" "+s.Path)
	}
	b.log = nil
	return out
}

func (b *bank) last() seen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log[len(b.log)-1]
}

// moved is the answer to a transaction.
func moved(kind, id string) string {
	return fmt.Sprintf(`201 {"payment":%q,%q:{"id":"%s/%ss/t1","transaction":{"id":"%s/transactions/t1","type":"X","state":"Completed","number":40101602224,"amount":1001,"payeeReference":"r1","unknownMember":1,"operations":[]}}}`,
		id, kind, id, kind, id)
}

// keepsContract judges everything the bank received by the documents, where
// even a warning is too much.
func (b *bank) keepsContract(t *testing.T) {
	t.Helper()
	documents, err := contract.Own()
	require.NoError(t, err)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.log {
		match := documents.MatchPath(s.Method, s.Path)
		require.Equal(t, contract.Matched, match.Outcome, s.Method+" "+s.Path)
		message := contract.Message{Header: s.Header, Query: s.Query}
		if s.Body != "" {
			message.Body = []byte(s.Body)
		}
		assert.Empty(t, match.Operation.JudgeRequest(match.Params, message), s.Method+" "+s.Path+" "+s.Body)
	}
}

func verification() Verification {
	v := Verification{
		Currency: "NOK", Description: "Test Verification", PayeeID: payeeID, PayeeReference: "AH123457",
		UserAgent: "Mozilla/5.0", Language: "nb-NO",
	}
	v.URLs.CompleteURL = "https://example.com/done"
	return v
}

func charge(a Amount) Charge {
	return Charge{
		Token: stored, Amount: a, Description: "Test Charge", PayeeID: payeeID, PayeeReference: "AH123458",
		UserAgent: "Mozilla/5.0", Language: "sv-SE", CallbackURL: "https://example.com/callback",
	}
}

func purchase(a Amount) Purchase {
	p := Purchase{
		Amount: a, Description: "Test Purchase", PayeeID: payeeID, PayeeReference: "AH123456",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
	}
	p.URLs.CompleteURL = "https://example.com/done"
	return p
}
