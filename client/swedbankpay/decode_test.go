package swedbankpay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/server"
)

// A scripted transport answers changes with one body and reads with another.
type scripted struct {
	status        int
	changed, read []byte
}

func (s scripted) RoundTrip(req *http.Request) (*http.Response, error) {
	body, status := s.changed, s.status
	if req.Method == http.MethodGet {
		body, status = s.read, 200
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
}

// A decoder reads an answer of one kind. The names of the members it cannot do
// without are in needs, as paths.
type decoder struct {
	name  string
	needs []string
	read  func(ctx context.Context, answer []byte, status int) error
}

// opened is a payment that offers everything there is, without asking anybody.
func opened(answer []byte, status int) *Payment {
	shown := `{"payment":{"id":"` + cardID + `","currency":"SEK","instrument":"CreditCard"},"operations":[` +
		`{"method":"POST","rel":"create-capture","href":"/a/captures"},{"method":"POST","rel":"create-reversal","href":"/a/reversals"},` +
		`{"method":"POST","rel":"create-cancellation","href":"/a/cancellations"},{"method":"POST","rel":"create-sale","href":"/a/sales"},` +
		`{"method":"PATCH","rel":"update-payment-abort","href":"/a"},{"method":"POST","rel":"paid-payment","href":"/a/paid"},` +
		`{"method":"POST","rel":"failed-payment","href":"/a/failed"},{"method":"POST","rel":"aborted-payment","href":"/a/aborted"}]}`
	c := New(client.StaticToken("t"), client.WithRetries(0), client.WithHTTPClient(&http.Client{Transport: scripted{status, answer, []byte(shown)}}))
	p, err := c.Payment(context.Background(), cardID)
	if err != nil {
		panic(err)
	}
	return p
}

var decoders = []decoder{
	{"payment", []string{"payment", "payment.id"}, func(ctx context.Context, answer []byte, status int) error {
		p := Purchase{
			Amount: NOK(1500), Description: "d", PayeeID: payeeID, PayeeReference: "r", UserAgent: "u", Language: "nb-NO",
		}
		p.URLs.CompleteURL = "https://shop.example/done"
		_, err := opened(answer, status).client.Vipps.Create(ctx, p, nil)
		return err
	}},
	{"aborted payment", []string{"payment", "payment.id"}, func(ctx context.Context, answer []byte, status int) error {
		return opened(answer, status).Abort(ctx, "why")
	}},
	{"capture", []string{"capture", "capture.transaction", "capture.transaction.id"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Capture(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
		return err
	}},
	{"reversal", []string{"reversal", "reversal.transaction", "reversal.transaction.id"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Reverse(ctx, Movement{Amount: SEK(1), Description: "d", PayeeReference: "r"})
		return err
	}},
	{"cancellation", []string{"cancellation", "cancellation.transaction", "cancellation.transaction.id"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Cancel(ctx, Release{Description: "d", PayeeReference: "r"})
		return err
	}},
	{"sale", []string{"sale", "sale.transaction", "sale.transaction.id"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Sell(ctx, Buyer{})
		return err
	}},
	{"paid", []string{"paid", "paid.id"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Paid(ctx)
		return err
	}},
	{"failed", []string{"problem", "problem.type"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Failed(ctx)
		return err
	}},
	{"aborted", []string{"aborted"}, func(ctx context.Context, answer []byte, status int) error {
		_, err := opened(answer, status).Aborted(ctx)
		return err
	}},
}

// answers are good ones of the sandbox, by the name of their decoder.
func goodAnswers(t testing.TB) map[string][]byte {
	sandbox, err := server.New(server.WithSeed(1))
	require.NoError(t, err)
	t.Cleanup(func() { _ = sandbox.Close() })
	ctx := t.Context()
	pay := New(client.StaticToken("any"), client.WithHTTPClient(sandbox.Client()))
	used := 0
	create := func() *Payment {
		used++
		p := Purchase{
			Amount: SEK(10000), VAT: SEK(2000), Description: "d", PayeeID: payeeID, PayeeReference: fmt.Sprint("order", used), UserAgent: "u", Language: "sv-SE",
			PayerReference: "payer", Metadata: map[string]any{"a": "b"},
		}
		p.URLs.CompleteURL, p.URLs.CancelURL = "https://shop.example/done", "https://shop.example/no"
		payment, err := pay.CreditCard.Create(ctx, p, &CardOptions{GeneratePaymentToken: true})
		require.NoError(t, err)
		return payment
	}
	move := func(ref string) Movement {
		return Movement{Amount: SEK(3000), Description: "d", PayeeReference: ref}
	}
	good := map[string][]byte{}
	p := create()
	require.NoError(t, sandbox.Pay(ctx, p.Payment.ID))
	require.NoError(t, p.Refresh(ctx))
	capture, err := p.Capture(ctx, move("c1"))
	require.NoError(t, err)
	reversal, err := p.Reverse(ctx, move("r1"))
	require.NoError(t, err)
	cancellation, err := p.Cancel(ctx, Release{Description: "d", PayeeReference: "x1"})
	require.NoError(t, err)
	require.NoError(t, p.Refresh(ctx, ExpandAuthorizations, ExpandCaptures, ExpandReversals, ExpandCancellations, ExpandTransactions,
		ExpandMetadata, ExpandPrices, ExpandPayeeInfo, ExpandURLs, ExpandPaid))
	good["payment"], good["aborted payment"] = p.Raw, p.Raw
	good["capture"], good["reversal"], good["cancellation"] = capture.Raw, reversal.Raw, cancellation.Raw
	good["sale"] = bytes.ReplaceAll(capture.Raw, []byte(`"capture"`), []byte(`"sale"`))
	var paid, aborted json.RawMessage
	require.NoError(t, p.Follow(ctx, PaidPayment, nil, &paid))
	gone := create()
	require.NoError(t, gone.Abort(ctx, "CancelledByConsumer"))
	require.NoError(t, gone.Follow(ctx, AbortedPayment, nil, &aborted))
	good["paid"], good["aborted"] = paid, aborted
	good["failed"] = []byte(`{"problem":{"type":"https://api.payex.com/psp/errordetail/creditcard/carddeclined","title":"Operation failed","status":403,"detail":"d","problems":[{"name":"ExternalResponse","description":"x"}]}}`)
	return good
}

// A disturbed answer is one that means the same to who wants no more of it
// than it needs: members nobody knows, members left out or null, words of a
// vocabulary nobody knows, another order.
type disturbed struct {
	*rapid.T
	needs []string
}

func (d disturbed) write(out *strings.Builder, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		for i := range rapid.IntRange(0, 2).Draw(d.T, "more") {
			name := fmt.Sprintf("unknown%d", i)
			v[name] = rapid.SampledFrom([]any{nil, true, 1.5, "text", []any{map[string]any{"a": 1.0}}, map[string]any{"b": nil}}).Draw(d.T, "value")
			names = append(names, name)
		}
		if len(names) > 1 {
			names = rapid.Permutation(names).Draw(d.T, "order")
		}
		out.WriteByte('{')
		for i, first := 0, true; i < len(names); i++ {
			inner := strings.TrimPrefix(path+"."+names[i], ".")
			optional := !slices.Contains(d.needs, inner)
			if optional && rapid.IntRange(0, 9).Draw(d.T, "left out") == 0 {
				continue
			}
			if !first {
				out.WriteByte(',')
			}
			first = false
			fmt.Fprintf(out, "%q:", names[i])
			if optional && rapid.IntRange(0, 9).Draw(d.T, "null") == 0 {
				out.WriteString("null")
				continue
			}
			d.write(out, inner, v[names[i]])
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			d.write(out, path+".*", e)
		}
		out.WriteByte(']')
	case string:
		if !slices.Contains(d.needs, path) && rapid.IntRange(0, 4).Draw(d.T, "word") == 0 {
			v = "NobodyKnows" + v
		}
		written, _ := json.Marshal(v)
		out.Write(written)
	default:
		written, _ := json.Marshal(v)
		out.Write(written)
	}
}

func TestDecodersTolerate(t *testing.T) {
	good := goodAnswers(t)
	for _, d := range decoders {
		t.Run(d.name, func(t *testing.T) {
			require.NoError(t, d.read(t.Context(), good[d.name], 200), "%s", good[d.name])
			rapid.Check(t, func(r *rapid.T) {
				var v any
				decode := json.NewDecoder(bytes.NewReader(good[d.name]))
				decode.UseNumber()
				require.NoError(r, decode.Decode(&v))
				var out strings.Builder
				disturbed{r, d.needs}.write(&out, "", v)
				require.NoError(r, d.read(t.Context(), []byte(out.String()), 201), "%s", out.String())
			})
			for _, need := range d.needs { // and what it needs, it needs
				var v map[string]any
				require.NoError(t, json.Unmarshal(good[d.name], &v))
				at, path := v, strings.Split(need, ".")
				for _, name := range path[:len(path)-1] {
					at = at[name].(map[string]any)
				}
				delete(at, path[len(path)-1])
				lacking, _ := json.Marshal(v)
				err := d.read(t.Context(), lacking, 201)
				var unreadable *client.DecodeError
				require.ErrorAs(t, err, &unreadable, need)
				require.Equal(t, 201, unreadable.Status)
				require.JSONEq(t, string(lacking), string(unreadable.Body))
			}
		})
	}
}

// Whatever a server answers: no panic, and the status is never lost.
func FuzzDecoders(f *testing.F) {
	for _, body := range goodAnswers(f) {
		f.Add(200, body)
	}
	f.Add(200, []byte("<html>"))
	f.Add(204, []byte(""))
	f.Add(502, []byte("<html>"))
	f.Add(400, []byte(`{"type":1}`))
	f.Add(200, []byte(`{"payment":{"id":1}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			t.Skip("no status of an answer to a change")
		}
		for _, d := range decoders {
			err := d.read(t.Context(), body, status)
			if err == nil && (status >= 300 || !json.Valid(body)) {
				t.Fatalf("%s: read %d %q", d.name, status, body)
			}
			if err != nil && client.StatusOf(err) != status {
				t.Fatalf("%s: %d became %d: %v", d.name, status, client.StatusOf(err), err)
			}
		}
	})
}
