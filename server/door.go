package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/internal/contract"
)

// Admin is the second door, for those who play the payer and for tests: what openapi/kassa/door.yaml describes. It asks
// for no credentials and must not be reachable from where merchants are. It is a listener of its own, or stands under a
// prefix that is no path of the vendors, with http.StripPrefix. Every request is held against that document to the letter;
// every refusal is a problem that names the place, the rule and the remedy. A browser's request from another site that
// would change something is refused with 403.
func (s *Server) Admin() http.Handler { return s.admin }

// secondDoor behaves the operations of the second door. Its own errors are answered as problems.
type secondDoor struct {
	server   *Server
	contract *contract.Contract
	origin   *http.CrossOriginProtection
	mux      *http.ServeMux
}

// newAdmin makes the second door. It fails when its document does not load.
func (s *Server) newAdmin() (http.Handler, error) {
	document, err := contract.SecondDoor()
	if err != nil {
		return nil, fmt.Errorf("server: the document of the second door does not load: %w", err)
	}
	d := &secondDoor{server: s, contract: document, origin: http.NewCrossOriginProtection(), mux: http.NewServeMux()}
	unreadable := func(w http.ResponseWriter, r *http.Request, err error) {
		d.refuse(w, r, badRequest("The request cannot be read: "+err.Error()+".", "Send what the document says."))
	}
	door.HandlerWithOptions(door.NewStrictHandlerWithOptions(d, nil, door.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: unreadable, ResponseErrorHandlerFunc: d.refuse,
	}), door.StdHTTPServerOptions{BaseRouter: d.mux, ErrorHandlerFunc: unreadable})
	return d, nil
}

// ServeHTTP answers what keeps the document, and refuses the rest before anything happens.
func (d *secondDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answered := &watched{ResponseWriter: w}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { //nolint:errorlint // it is thrown as it is
			panic(v)
		}
		d.server.logger.ErrorContext(r.Context(), "second door crash", "panic", v, "stack", string(debug.Stack()))
		if answered.status == 0 {
			d.refuse(answered, r, mistake())
		}
	}()
	next, err := d.admit(answered, r)
	if err != nil {
		d.refuse(answered, r, err)
		return
	}
	d.mux.ServeHTTP(answered, next)
}

// admit holds a request against the document, and answers it as the mux expects it: with the document's spelling of the
// path, a body to be read again, and the namespaces that it is about.
func (d *secondDoor) admit(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	m := asked(d.contract, w, r)
	switch {
	case m.Outcome == contract.UnknownMethod:
		return nil, plain(http.StatusMethodNotAllowed, r.Method+" is not among the methods of "+m.Path+": "+strings.Join(m.Methods, ", ")+".", "Use one of them.")
	case m.Outcome != contract.Matched:
		return nil, plain(http.StatusNotFound, "The second door has nothing at this address.", "Look into openapi/kassa/door.yaml, or open the page at /.")
	}
	if err := d.origin.Check(r); err != nil {
		return nil, plain(http.StatusForbidden, "A browser sent this from another site.", "Send it from the second door's own pages, or without a browser.")
	}
	decoded, err := url.PathUnescape(m.Path)
	if err != nil || path.Clean(decoded) != decoded {
		return nil, plain(http.StatusNotFound, "The second door has nothing at this address.", "Leave empty and dotted segments out of the path.")
	}
	if strings.HasPrefix(m.Operation.ID, "getInspector") {
		r = withoutEmpty(r)
	}
	body, err := readAll(w, r, m.Operation)
	if err != nil {
		return nil, err
	}
	said := contract.Message{Header: r.Header, Query: r.URL.RawQuery, Body: withoutState(m.Operation, body)}
	if broken := m.Operation.JudgeRequest(m.Params, said); len(broken) > 0 {
		return nil, violated(broken)
	}
	if m.Operation.ID != "getHealth" {
		if err := d.server.lost(); err != nil {
			return nil, err
		}
	}
	chosen, err := d.choose(r)
	if err != nil {
		return nil, err
	}
	next := r.Clone(context.WithValue(r.Context(), choiceKey{}, chosen))
	next.URL.Path, next.URL.RawPath = decoded, m.Path
	next.Body, next.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return next, nil
}

// withoutEmpty is a request of a page whose form cannot leave out what nobody filled in.
func withoutEmpty(r *http.Request) *http.Request {
	query := r.URL.Query()
	for name, values := range query {
		if values = slices.DeleteFunc(values, func(v string) bool { return v == "" }); len(values) == 0 {
			delete(query, name)
		} else {
			query[name] = values
		}
	}
	r = r.Clone(r.Context())
	r.URL.RawQuery = query.Encode()
	return r
}

// maxSnapshot is how much of a snapshot is read; of any other body it is maxBody.
const maxSnapshot = 1 << 30

func readAll(w http.ResponseWriter, r *http.Request, o *contract.Operation) ([]byte, error) {
	limit := int64(maxBody)
	if o.ID == "restoreSnapshot" {
		limit = maxSnapshot
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, plain(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d MiB, or could not be read to its end.", limit>>20), "Send less.")
	}
	if len(body) == 0 {
		return nil, nil
	}
	return body, nil
}

// withoutState is the body of a request as the document judges it: without the state of a snapshot, which says nothing of
// that and may be larger than what is judged. Restoring looks at it.
func withoutState(o *contract.Operation, body []byte) []byte {
	var members map[string]json.RawMessage
	if o.ID != "restoreSnapshot" || json.Unmarshal(body, &members) != nil || !bytes.HasPrefix(members["state"], []byte("{")) {
		return body
	}
	members["state"] = json.RawMessage("{}")
	short, err := json.Marshal(members)
	if err != nil {
		return body
	}
	return short
}
