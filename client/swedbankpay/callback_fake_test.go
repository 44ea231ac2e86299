package swedbankpay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

const (
	paymentID = "/psp/swish/payments/cb91a58a-7c50-4b0e-a7c3-08d7ff7c2ebd"
	saleID    = paymentID + "/sales/b6a7ff3b-4a5c-4b0e-a7c3-08d7ff7c2ebd"
)

var told = swedbankpay.Callback{Payment: paymentID, PaymentNumber: 1, Transaction: saleID, TransactionNumber: 2}

// A bankside is the API as far as callbacks go, without a wire: what is shown
// is what a test put there, and the rest is not known.
type bankside struct {
	mu    sync.Mutex
	shown map[string]func() (int, string) // by path
	calls []string
}

func newBankside() *bankside {
	b := &bankside{shown: map[string]func() (int, string){}}
	b.payment("Ready", "1")
	b.sale("Completed")
	return b
}

func (b *bankside) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.calls = append(b.calls, r.Method+" "+r.URL.String())
	show := b.shown[r.URL.Path]
	b.mu.Unlock()
	status, body := http.StatusNotFound, `{"type":"https://api.payex.com/psp/errordetail/notfound"}`
	if show != nil {
		status, body = show()
	}
	if status == 0 {
		return nil, errors.New("cut")
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (b *bankside) show(path string, how func() (int, string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown[path] = how
}

func (b *bankside) fail(path string, status int) {
	b.show(path, func() (int, string) { return status, "" })
}

func (b *bankside) payment(state, updated string) {
	b.show(paymentID, func() (int, string) {
		return 200, fmt.Sprintf(`{"payment":{"id":%q,"number":1,"state":%q,"updated":%q},"operations":[]}`, paymentID, state, updated)
	})
}

func (b *bankside) sale(state string) {
	b.show(saleID, func() (int, string) {
		return 200, fmt.Sprintf(`{"payment":%q,"sale":{"id":%q,"transaction":{"id":"b6a7ff3b","number":2,"type":"Sale","state":%q,"amount":1500}}}`, paymentID, saleID, state)
	})
}

// asked is what was asked since the last time.
func (b *bankside) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.calls
	b.calls = nil
	return out
}

// A merchant has an endpoint for callbacks, and remembers what it was told.
type merchant struct {
	*testing.T
	*swedbankpay.Callbacks
	bank *bankside

	mu     sync.Mutex
	keys   []string // of the events that were handed out, and how long after the start
	errors []string
	start  time.Time
	do     func(context.Context, swedbankpay.Event) error // nil is fine
}

// newMerchant speaks to the vendor's own host, which is the bankside.
func newMerchant(t *testing.T, opts ...swedbankpay.CallbackOption) *merchant {
	m := &merchant{T: t, bank: newBankside(), start: time.Now()}
	m.Callbacks = m.another(opts...)
	return m
}

func (m *merchant) another(opts ...swedbankpay.CallbackOption) *swedbankpay.Callbacks {
	pay := swedbankpay.New(client.StaticToken("any"), client.WithHTTPClient(&http.Client{Transport: m.bank}), client.WithRetries(0))
	report := swedbankpay.WithCallbackErrors(func(_ context.Context, c swedbankpay.Callback, err error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.errors = append(m.errors, fmt.Sprintf("%s: %v", c.Payment, err))
	})
	return swedbankpay.NewCallbacks(pay, m.handle, append([]swedbankpay.CallbackOption{report}, opts...)...)
}

func (m *merchant) handle(ctx context.Context, e swedbankpay.Event) error {
	m.mu.Lock()
	m.keys = append(m.keys, fmt.Sprintf("%s %s", strings.TrimPrefix(e.Key(), paymentID+" "), time.Since(m.start)))
	do := m.do
	m.mu.Unlock()
	if do == nil {
		return nil
	}
	return do(ctx, e)
}

// will says how events are handled from now on.
func (m *merchant) will(do func(context.Context, swedbankpay.Event) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.do = do
}

// had is what was handed out since the last time.
func (m *merchant) had() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.keys
	m.keys = nil
	return out
}

// reported is what the hook was told since the last time.
func (m *merchant) reported() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.errors
	m.errors = nil
	return out
}

// told delivers a callback from one of the vendor's addresses.
func (m *merchant) told(c swedbankpay.Callback) int {
	m.Helper()
	return tell(m.T, m.Callbacks, c)
}

func tell(t *testing.T, to http.Handler, c swedbankpay.Callback) int {
	t.Helper()
	r, err := swedbankpay.NewCallbackRequest("https://shop.example/callback", c)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r.WithContext(t.Context()))
	assert.Equal(t, w.Code == 200, w.Body.Len() == 0)
	return w.Code
}

// close closes the endpoint, for which a minute has to do.
func (m *merchant) close() {
	m.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(m, m.Close(ctx))
}

// A kept inbox says that it is durable, and does so while the test lasts. What
// its methods are to fail with is in the map; a context that has ended does too.
type kept struct {
	swedbankpay.Inbox
	mu    sync.Mutex
	fail  map[string]error
	delay time.Duration // of Done
}

func newKept() *kept { return &kept{Inbox: swedbankpay.NewInbox(), fail: map[string]error{}} }

func (*kept) Durable() bool { return true }

func (k *kept) failing(method string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail[method] = err
}

func (k *kept) failure(method string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fail[method]
}

func (k *kept) Put(ctx context.Context, c swedbankpay.Callback) error {
	return errors.Join(k.failure("Put"), k.Inbox.Put(ctx, c))
}

func (k *kept) Pending(ctx context.Context) ([]swedbankpay.Callback, error) {
	out, err := k.Inbox.Pending(ctx)
	return out, errors.Join(k.failure("Pending"), err)
}

func (k *kept) Claim(ctx context.Context, c swedbankpay.Callback, holder string, now, until time.Time) (swedbankpay.Claim, error) {
	if err := k.failure("Claim"); err != nil {
		return swedbankpay.Claim{}, err
	}
	return k.Inbox.Claim(ctx, c, holder, now, until)
}

func (k *kept) Handled(ctx context.Context, key string) (bool, error) {
	ok, err := k.Inbox.Handled(ctx, key)
	return ok, errors.Join(k.failure("Handled"), err)
}

func (k *kept) Done(ctx context.Context, claim swedbankpay.Claim, key string) error {
	time.Sleep(k.delay)
	if err := errors.Join(k.failure("Done"), ctx.Err()); err != nil {
		return err
	}
	return k.Inbox.Done(ctx, claim, key)
}

func (k *kept) Release(ctx context.Context, claim swedbankpay.Claim) error {
	if err := errors.Join(k.failure("Release"), ctx.Err()); err != nil {
		return err
	}
	return k.Inbox.Release(ctx, claim)
}

// pending is how many are noted.
func pending(t *testing.T, inbox swedbankpay.Inbox) int {
	t.Helper()
	left, err := inbox.Pending(context.Background())
	require.NoError(t, err)
	return len(left)
}
