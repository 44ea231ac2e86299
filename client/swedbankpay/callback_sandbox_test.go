package swedbankpay_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/server"
)

// A counter is a shop whose sandbox sends callbacks, over loopback, to an
// endpoint that reads the API over loopback too.
type counter struct {
	*shop
	callbacks *swedbankpay.Callbacks
	url       string // of the endpoint
	arrived   chan string

	mu       sync.Mutex
	statuses []int // of the answers
	do       func(swedbankpay.Event) error
}

func openCounter(t *testing.T, opts ...swedbankpay.CallbackOption) *counter {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	sandbox, err := server.New(server.WithSeed(1), server.WithClock(func() time.Time { return now }))
	require.NoError(t, err)
	front := httptest.NewServer(sandbox)
	c := &counter{
		shop:    &shop{T: t, sandbox: sandbox, pay: swedbankpay.New(client.StaticToken("any"), client.WithBaseURL(front.URL))},
		arrived: make(chan string, 100),
	}
	c.callbacks = swedbankpay.NewCallbacks(c.pay, c.handle, opts...)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		c.callbacks.ServeHTTP(recorder, r)
		c.mu.Lock()
		c.statuses = append(c.statuses, recorder.Code)
		c.mu.Unlock()
		w.WriteHeader(recorder.Code)
	}))
	c.url = endpoint.URL
	t.Cleanup(func() {
		require.NoError(t, sandbox.Close())
		require.NoError(t, c.callbacks.Close(context.Background()))
		endpoint.Close()
		front.Close()
	})
	return c
}

func (c *counter) handle(_ context.Context, e swedbankpay.Event) error {
	c.mu.Lock()
	do := c.do
	c.mu.Unlock()
	if do != nil {
		if err := do(e); err != nil {
			return err
		}
	}
	c.arrived <- e.Transaction.Type + " " + e.Transaction.State
	return nil
}

// answered is what the endpoint answered until now.
func (c *counter) answered() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.statuses)
}

// advance turns the sandbox's clock, and returns when what is due was sent.
func (c *counter) advance(d time.Duration) {
	c.Helper()
	require.NoError(c, c.sandbox.Advance(c.Context(), d))
}

// told wants these events, and no more.
func (c *counter) told(want ...string) {
	c.Helper()
	c.advance(0)
	var got []string
	for range want {
		select {
		case event := <-c.arrived:
			got = append(got, event)
		case <-time.After(10 * time.Second):
			require.Fail(c, "too few events", "%q of %q", got, want)
		}
	}
	assert.Equal(c, want, got)
	assert.Empty(c, c.arrived)
}

func (c *counter) purchase(a swedbankpay.Amount) swedbankpay.Purchase {
	p := c.shop.purchase(a)
	p.URLs.CallbackURL = c.url
	return p
}

// TestCallbacksOfEveryKind: whatever happens to a payment of any instrument is
// handed out once, with the transaction it was.
func TestCallbacksOfEveryKind(t *testing.T) {
	stories := map[string]func(*counter){
		"a card": func(c *counter) {
			p, err := c.pay.CreditCard.Create(c.Context(), c.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(c, err)
			require.NoError(c, c.sandbox.Decline(c.Context(), p.Payment.ID))
			c.told("Authorization Failed")
			c.paid(p)
			c.told("Authorization Completed")
			c.twoSteps(p, swedbankpay.SEK)
			c.told("Capture Completed", "Cancellation Completed", "Reversal Completed")
		},
		"a card that is verified": func(c *counter) {
			v := c.verification("SEK")
			v.URLs.CallbackURL = c.url
			p, err := c.pay.CreditCard.Verify(c.Context(), v, nil)
			require.NoError(c, err)
			c.paid(p)
			c.told("Verification Completed")
		},
		"an invoice": func(c *counter) {
			p, err := c.pay.Invoice.Create(c.Context(), c.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(c, err)
			c.done(p.Authorize(c.Context(), swedbankpay.Consumer{
				SocialSecurityNumber: "199710202392", MSISDN: "+46739000001", IP: "203.0.113.7",
				LegalAddress: invoice.AddressRequest{Addressee: "Leia Ahlström", ZipCode: "17674", City: "Järfälla", CountryCode: "SE"},
			}))
			c.twoSteps(p, swedbankpay.SEK)
			c.told("Authorization Completed", "Capture Completed", "Cancellation Completed", "Reversal Completed")
		},
		"MobilePay": func(c *counter) {
			p, err := c.pay.MobilePay.Create(c.Context(), c.purchase(swedbankpay.DKK(1500)), nil)
			require.NoError(c, err)
			c.paid(p)
			c.twoSteps(p, swedbankpay.DKK)
			c.told("Authorization Completed", "Capture Completed", "Cancellation Completed", "Reversal Completed")
		},
		"Vipps": func(c *counter) {
			p, err := c.pay.Vipps.Create(c.Context(), c.purchase(swedbankpay.NOK(1500)), nil)
			require.NoError(c, err)
			c.paid(p)
			c.twoSteps(p, swedbankpay.NOK)
			c.told("Authorization Completed", "Capture Completed", "Cancellation Completed", "Reversal Completed")
		},
		"Swish": func(c *counter) {
			p, err := c.pay.Swish.Create(c.Context(), c.purchase(swedbankpay.SEK(1500)), nil)
			require.NoError(c, err)
			sale, err := p.Sell(c.Context(), swedbankpay.Buyer{MSISDN: "+46739000001"})
			require.NoError(c, err)
			waiting := swedbankpay.Callback{Payment: p.Payment.ID, Transaction: sale.Resource} // which the sandbox does not send
			require.Equal(c, 200, tell(c.T, c.callbacks, waiting))
			c.told("Sale AwaitingActivity")
			c.paid(p)
			c.told("Sale Completed")
			require.Equal(c, 200, tell(c.T, c.callbacks, waiting), "the first one again, late")
			c.told()
			_, err = p.Reverse(c.Context(), c.move(swedbankpay.SEK(1500)))
			require.NoError(c, err)
			c.advance(time.Minute)
			c.told("Reversal Completed")
		},
		"Trustly": func(c *counter) {
			p, err := c.pay.Trustly.Create(c.Context(), c.purchase(swedbankpay.EUR(1500)), nil)
			require.NoError(c, err)
			_, err = p.Sell(c.Context(), swedbankpay.Buyer{FirstName: "Olivia"})
			require.NoError(c, err)
			c.paid(p)
			c.done(p.Reverse(c.Context(), c.move(swedbankpay.EUR(1500))))
			c.told("Sale Completed", "Reversal Completed")
		},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			c := openCounter(t)
			story(c)
			for _, status := range c.answered() {
				assert.Equal(t, 200, status)
			}
		})
	}
}

// TestVendorRetries: a function that fails is answered 500, and succeeds when
// the vendor sends the callback again; after that nothing comes any more.
func TestVendorRetries(t *testing.T) {
	c := openCounter(t)
	failures := 3
	c.do = func(swedbankpay.Event) error {
		if failures--; failures >= 0 {
			return errors.New("no room")
		}
		return nil
	}
	p, err := c.pay.CreditCard.Create(t.Context(), c.purchase(swedbankpay.SEK(1500)), nil)
	require.NoError(t, err)
	c.paid(p)
	c.told()
	assert.Equal(t, []int{500}, c.answered())
	c.advance(29 * time.Second)
	assert.Equal(t, []int{500}, c.answered())
	c.advance(time.Second)
	assert.Equal(t, []int{500, 500}, c.answered())
	c.advance(30 * time.Second)
	assert.Equal(t, []int{500, 500, 500}, c.answered())
	c.told()
	c.advance(5 * time.Minute)
	c.told("Authorization Completed")
	c.advance(time.Hour)
	assert.Equal(t, []int{500, 500, 500, 200}, c.answered())
	c.told()
}

// TestVendorsFaults: callbacks doubled, held back until the next, and late, are
// handed out once each.
func TestVendorsFaults(t *testing.T) {
	c := openCounter(t)
	for _, f := range []server.Fault{{Hold: true, Times: 1}, {Duplicate: 5, Times: 2}} {
		f.Callback = true
		_, err := c.sandbox.Inject(f)
		require.NoError(t, err)
	}
	p, err := c.pay.CreditCard.Create(t.Context(), c.purchase(swedbankpay.SEK(1500)), nil)
	require.NoError(t, err)
	c.paid(p)
	c.twoSteps(p, swedbankpay.SEK)
	c.advance(time.Hour)
	var got []string
	for len(c.arrived) > 0 {
		got = append(got, strings.Fields(<-c.arrived)[0])
	}
	assert.ElementsMatch(t, []string{"Authorization", "Capture", "Cancellation", "Reversal"}, got)
	assert.NotEqual(t, "Authorization", got[0], "it was held back")
	answers := c.answered()
	assert.Greater(t, len(answers), 4)
	for _, status := range answers {
		assert.Equal(t, 200, status)
	}
}

// TestStrangersPayment: the id of a payment that is not the merchant's leads to
// nothing.
func TestStrangersPayment(t *testing.T) {
	c := openCounter(t)
	stranger := swedbankpay.New(client.StaticToken("another"), client.WithHTTPClient(c.sandbox.Client()))
	p, err := stranger.CreditCard.Create(t.Context(), c.shop.purchase(swedbankpay.SEK(1500)), nil)
	require.NoError(t, err)
	require.Equal(t, 404, tell(t, c.callbacks, swedbankpay.Callback{Payment: p.Payment.ID}))
	c.told()
}
