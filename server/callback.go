package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

const (
	callbackTimeout = 10 * time.Second
	keptDeliveries  = 1000  // the log forgets the oldest
	waitingLetters  = 10000 // more are not sent, and the log says so
)

// A delivery is what became of one callback.
type delivery struct {
	At          string `json:"at"`
	URL         string `json:"url"`
	Payment     string `json:"payment"`
	Transaction string `json:"transaction"`
	Attempt     int    `json:"attempt"`          // zero when it was not sent
	Status      int    `json:"status,omitempty"` // of the answer
	Reason      string `json:"reason,omitempty"` // why it was not sent, or not taken
}

// A postman tells merchants that something happened to a payment: after each transaction, completed or failed, the
// merchant's own captures, cancellations and reversals among them, for documentation says every transaction. Callbacks
// of one payment are sent one after the other; those of different payments do not wait for each other. Each is
// attempted once: the retries that are documented (30 to 1265 seconds later) are not made.
type postman struct {
	now    func() time.Time
	client *http.Client
	hosts  []string
	logger *slog.Logger

	mu      sync.Mutex
	closed  bool
	bags    map[string][]letter // by payment; the key is there while someone is out with the bag
	waiting int
	out     sync.WaitGroup
	log     []delivery
}

type letter struct {
	url  string
	body psp.CallbackPayload
}

func newPostman(c config) *postman {
	client := *c.callbackClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &postman{now: c.clock, client: &client, hosts: c.callbackHosts, logger: c.logger, bags: map[string][]letter{}}
}

// tell puts a callback on its way, unless the payment has no callbackUrl. It does not block.
func (m *postman) tell(p payment, t transaction) {
	l := letter{url: p.order.urls.CallbackURL, body: psp.CallbackPayload{
		Payment:     psp.PaymentReference{ID: p.path(), Number: p.number},
		Transaction: psp.TransactionReference{ID: p.transactionPath(t.op, t), Number: t.number},
	}}
	if l.url == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.mayPost(l.url); err != nil {
		m.note(l, 0, 0, err)
		return
	}
	bag, out := m.bags[p.id]
	m.bags[p.id] = append(bag, l)
	m.waiting++
	if !out {
		m.out.Go(func() { m.carry(p.id) })
	}
}

// mayPost refuses an address that callbacks are not sent to.
func (m *postman) mayPost(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("not an http or https URL")
	case m.closed:
		return errors.New("the sandbox is closed")
	case m.waiting >= waitingLetters:
		return fmt.Errorf("%d callbacks are waiting already", waitingLetters)
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	allowed := func(h string) bool { return h == "*" || strings.EqualFold(h, host) }
	if strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() || slices.ContainsFunc(m.hosts, allowed) {
		return nil
	}
	return fmt.Errorf("callbacks to %s are not allowed; allow the host, or use a loopback address", host)
}

// carry sends the letters of one payment until its bag is empty.
func (m *postman) carry(payment string) {
	for {
		m.mu.Lock()
		bag := m.bags[payment]
		if len(bag) == 0 {
			delete(m.bags, payment)
			m.mu.Unlock()
			return
		}
		l := bag[0]
		m.bags[payment] = bag[1:]
		m.mu.Unlock()

		status, err := m.post(l)

		m.mu.Lock()
		m.waiting--
		m.note(l, 1, status, err)
		m.mu.Unlock()
	}
}

func (m *postman) post(l letter) (int, error) {
	body, err := refuse.JSON(l.body)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), callbackTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "kassa-sandbox")
	resp, err := m.client.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // the log has the URL already
	}
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return resp.StatusCode, errors.New("the answer was not 2xx")
	}
	return resp.StatusCode, nil
}

// note writes the log. The lock is held.
func (m *postman) note(l letter, attempt, status int, err error) {
	d := delivery{
		At: wireTime(m.now()), URL: l.url, Payment: l.body.Payment.ID, Transaction: l.body.Transaction.ID,
		Attempt: attempt, Status: status,
	}
	if err != nil {
		d.Reason = err.Error()
	}
	m.logger.Info("callback", "transaction", d.Transaction, "attempt", attempt, "status", status, "reason", d.Reason)
	if len(m.log) == keptDeliveries {
		m.log = append(m.log[:0], m.log[1:]...)
	}
	m.log = append(m.log, d)
}

// deliveries are the latest callbacks, oldest first.
func (m *postman) deliveries() []delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.log)
}

func (m *postman) wipe() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log = []delivery{}
}

func (m *postman) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.out.Wait()
}
