package swedbankpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// receive reads a POST, or says with which status it is refused and why.
func (c *Callbacks) receive(w http.ResponseWriter, r *http.Request) (Callback, int, error) {
	if c.err != nil {
		return Callback{}, http.StatusServiceUnavailable, c.err
	}
	if err := c.sources.check(r); err != nil {
		return Callback{}, http.StatusForbidden, err
	}
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	callback, err := ParseCallback(http.MaxBytesReader(w, body, maxCallback))
	if err == nil {
		return *callback, http.StatusOK, nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return Callback{}, http.StatusRequestEntityTooLarge, errTooLong
	}
	return Callback{}, http.StatusBadRequest, err
}

// take notes a callback, has it handled, and says what to answer. The error is
// one that nobody was told of.
func (c *Callbacks) take(ctx context.Context, callback Callback) (int, error) {
	if c.full() {
		return http.StatusServiceUnavailable, errFull
	}
	arrived := time.Now()
	if err := c.inbox.Put(ctx, callback); err != nil {
		return http.StatusServiceUnavailable, err
	}
	e, a, err := c.join(callback)
	if err != nil {
		return http.StatusServiceUnavailable, err
	}
	limit := c.timeout
	if c.inbox.Durable() {
		limit = c.patience
	}
	late := time.NewTimer(limit - time.Since(arrived))
	defer late.Stop()
	select {
	case <-a.done:
	case <-late.C:
		if !c.inbox.Durable() {
			return http.StatusServiceUnavailable, errLate
		}
		if c.promise(e, a) {
			return http.StatusOK, nil
		}
		<-a.done
	case <-ctx.Done():
		return http.StatusServiceUnavailable, nil // nobody reads it
	}
	return statusOf(a.err), nil
}

// statusOf is the answer to what came of an errand.
func statusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	if _, ok := errors.AsType[*goneError](err); ok {
		return http.StatusNotFound
	}
	if _, ok := errors.AsType[*handlingError](err); ok {
		return http.StatusInternalServerError
	}
	return http.StatusServiceUnavailable
}

// answer writes a status. A refusal is problem JSON that says no more.
func answer(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusOK {
		w.WriteHeader(status)
		return
	}
	body := fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d}`+"\n", http.StatusText(status), status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // who sent the callback may be gone
}
