package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// post sends a letter once, and waits for the answer while others go on. The lock is held before and after.
func (m *postman) post(l *letter) attempt {
	slots := m.slots(l.url)
	address, body := l.url, l.body
	m.mu.Unlock()
	defer m.mu.Lock()

	slots <- struct{}{}
	defer func() { <-slots }()
	a := attempt{At: m.clock.now()}
	begin := time.Now()
	status, err := m.deliverTo(address, body)
	a.Status, a.Took = status, time.Since(begin)
	if err != nil {
		a.Reason = short(err.Error())
	}
	return a
}

// slots limits how many letters are out to one host. The lock is held.
func (m *postman) slots(address string) chan struct{} {
	host := address
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	if m.hosts[host] == nil {
		if len(m.hosts) > waitingLetters {
			m.hosts = map[string]chan struct{}{} // those under way keep theirs
		}
		m.hosts[host] = make(chan struct{}, lettersAtOnce)
	}
	return m.hosts[host]
}

// deliverTo posts a body. Of the answer only the status counts: a redirect is not followed, and of what else comes a
// little is read, so that the connection can be used again.
func (m *postman) deliverTo(address string, payload any) (int, error) {
	body, err := refuse.JSON(payload)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(m.life, callbackTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "kassa-sandbox")
	resp, err := m.callbackClient.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err // the log has the URL already
	}
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 != 2 {
		return resp.StatusCode, errors.New("the answer was not 2xx")
	}
	return resp.StatusCode, nil
}

// short is what is told of what a stranger's server said.
func short(s string) string {
	const most = 200
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
