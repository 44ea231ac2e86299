package client_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/conformance"
	"github.com/kassa-dev/kassa/server"
)

// layer writes its name down on the way out and on the way back.
type layer struct {
	name string
	next http.RoundTripper
	log  *[]string
}

func (l layer) RoundTrip(req *http.Request) (*http.Response, error) {
	*l.log = append(*l.log, l.name+" out "+req.URL.Path)
	resp, err := l.next.RoundTrip(req)
	*l.log = append(*l.log, l.name+" back")
	return resp, err
}

func TestWithTransport(t *testing.T) {
	bank := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		fmt.Fprint(w, `{"payment":{"id":"/new"}}`)
	}))
	t.Cleanup(bank.Close)
	var log []string
	named := func(name string) client.Option {
		return client.WithTransport(func(next http.RoundTripper) http.RoundTripper {
			require.NotNil(t, next)
			return layer{name, next, &log}
		})
	}
	base := client.WithBaseURL(bank.URL)
	for _, under := range []client.Option{nil, client.WithHTTPClient(&http.Client{}), client.WithHTTPClient(bank.Client())} {
		log = nil
		_, err := swedbankpay.New(client.StaticToken("t"), base, named("first"), under, named("second")).Payment(t.Context(), "/old")
		require.NoError(t, err)
		assert.Equal(t, []string{"first out /old", "second out /old", "second back", "first back", "first out /new", "second out /new", "second back", "first back"}, log)
	}

	given := bank.Client()
	was := given.Transport
	swedbankpay.New(client.StaticToken("t"), base, client.WithHTTPClient(given), named("x"))
	assert.Same(t, was, given.Transport, "the client that was given is left as it was")

	for _, none := range []func(http.RoundTripper) http.RoundTripper{nil, func(http.RoundTripper) http.RoundTripper { return nil }} {
		_, err := swedbankpay.New(client.StaticToken("t"), base, client.WithTransport(none)).Payment(t.Context(), "/new")
		var input *client.InputError
		require.ErrorAs(t, err, &input)
		assert.Equal(t, "WithTransport", input.Field)
	}
}

// A recording of everything a merchant does holds no secret in any spelling.
func TestRecordingHoldsNoSecret(t *testing.T) {
	checker, err := conformance.New()
	require.NoError(t, err)
	var har bytes.Buffer
	recorder := conformance.NewRecorder(checker, &har)
	secrets := errands(t, false, client.WithTransport(func(next http.RoundTripper) http.RoundTripper {
		return conformance.Transport(next, recorder)
	}))
	require.NoError(t, recorder.Close())
	require.Contains(t, har.String(), "/psp/creditcard/payments/instrument", "it is a recording of the errands")
	require.Contains(t, har.String(), "/oauth2/token")
	holdsNone(t, har.String(), secrets)
}

// holdsNone looks for secrets as they are, in base64 and in the escapes of URLs.
func holdsNone(t *testing.T, text string, secrets []string) {
	t.Helper()
	require.NotEmpty(t, secrets)
	for _, secret := range secrets {
		for _, spelling := range []string{
			secret, base64.StdEncoding.EncodeToString([]byte(secret))[:len(secret)], base64.URLEncoding.EncodeToString([]byte(secret))[:len(secret)],
			fmt.Sprintf("%x", secret),
		} {
			if at := strings.Index(strings.ToLower(text), strings.ToLower(spelling)); at >= 0 {
				assert.Fail(t, "a secret is told", "%q in …%s…", spelling, text[max(0, at-200):min(len(text), at+len(spelling)+50)])
			}
		}
	}
}

// Whether answers keep to the documents is asked by those who want to know; the
// call itself does not fail when they do not.
func ExampleWithTransport_judge() {
	sandbox, err := server.New(server.WithSeed(1))
	if err != nil {
		panic(err)
	}
	defer func() { _ = sandbox.Close() }()
	checker, err := conformance.New()
	if err != nil {
		panic(err)
	}
	recorder := conformance.NewRecorder(checker, nil)

	pay := swedbankpay.New(client.StaticToken("token"), client.WithHTTPClient(sandbox.Client()),
		client.WithTransport(func(next http.RoundTripper) http.RoundTripper { return conformance.Transport(next, recorder) }))
	err = pay.Get(context.Background(), "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1", nil)
	fmt.Println(client.KindOf(err), recorder.Report().ExitCode(conformance.Error))
	// Output: not_found 0
}

// Record what a client does: the file is redacted before it is written.
func ExampleWithTransport_record() {
	sandbox, err := server.New(server.WithSeed(1))
	if err != nil {
		panic(err)
	}
	defer func() { _ = sandbox.Close() }()
	checker, err := conformance.New()
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer // an os.File, say
	recorder := conformance.NewRecorder(checker, &file)

	pay := swedbankpay.New(client.StaticToken("a-token-of-the-merchant"), client.WithHTTPClient(sandbox.Client()),
		client.WithTransport(func(next http.RoundTripper) http.RoundTripper { return conformance.Transport(next, recorder) }))
	_, err = pay.Payment(context.Background(), "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1")
	fmt.Println(client.KindOf(err), recorder.Close())
	har := file.String()
	fmt.Println(strings.Contains(har, "7e6cdfc3-1276-44e9-9992-7cf4419750e1"), strings.Contains(har, "a-token-of-the-merchant"))
	// Output:
	// not_found <nil>
	// true false
}
