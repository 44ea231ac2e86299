package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// maxBody is how much of a request is read. The largest documented request is a hundredth of it.
const maxBody = 1 << 20

// A call is a request on its way to an adapter.
type call struct {
	server    *Server
	operation *contract.Operation // nil when no operation has this address
	vendor    vendor
	base      string // what hrefs begin with
	path      string // as the contract spells it
	session   string // the caller's Session-Id
	agent     string // the caller's User-Agent
	token     string // the bearer token; empty when there is none
	scopes    string // of a Resurs access token
	body      []byte // nil when there is none
	params    map[string]string
	expand    expansion
	world     *world               // nil until the caller is known
	broken    []contract.Violation // what is wrong with the request
	trace     trace
}

// namespace is the name of the caller's; empty until the caller is known.
func (c *call) namespace() string {
	if c.world == nil {
		return ""
	}
	return c.world.name
}

func (c *call) payment() string     { return c.params["paymentId"] }
func (c *call) transaction() string { return strings.ToLower(c.params["transactionId"]) }

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return &call{vendor: swedbankPay{}}
	}
	return c
}

// A station is one thing that a request has to pass.
type station struct {
	name string
	pass func(*call, http.ResponseWriter, *http.Request) error
}

// stations stand in the order in which the vendor's own probe of credentials expects them, and this is the one place that
// decides it.
func (s *Server) stations() []station {
	return []station{
		{"route", s.route},               // 404, 405
		{"authenticate", s.authenticate}, // 401
		{"body", s.readBody},             // 413
		{"contract", s.authorise},        // 403
		{"judge", s.judge},               // 400, 415, 422
	}
}

// ServeHTTP is the first door.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	answered := &watched{ResponseWriter: w}
	c := &call{server: s, base: s.baseOf(r), session: r.Header.Get("Session-Id"), agent: r.UserAgent(), path: r.URL.EscapedPath()}
	c.vendor = s.vendorOf(c)
	c.vendor.introduce(w.Header())
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	defer func() {
		v := recover()
		if v != nil && v != http.ErrAbortHandler { //nolint:errorlint // it is thrown as it is
			s.crashed(answered, r, v)
		}
		s.note(c, r, answered.status, begin)
		if v == http.ErrAbortHandler { //nolint:errorlint // as above
			panic(v)
		}
	}()
	if Front(r.Method, r.URL.Path) {
		s.front.ServeHTTP(answered, r)
		return
	}
	var refused error
	for _, station := range s.stations() {
		if refused = station.pass(c, answered, r); refused != nil {
			c.trace.refused = refusalOf(station.name, refused, c.broken)
			break
		}
	}
	answer := func(w http.ResponseWriter) {
		switch {
		case refused != nil:
			s.refuse(w, r, refused)
		default:
			s.reached.Store(&c.base)
			s.mux.ServeHTTP(w, s.canonical(c, r))
		}
	}
	if f, ok := s.faults.request(c, r.Method); ok {
		c.trace.fault = f.ID
		if f.Status >= 400 || f.Cut != "" {
			c.trace.refused = f.refusal()
		}
		s.spoil(f, c, answered, r, answer)
		return
	}
	answer(answered)
}

// note remembers a request that was answered.
func (s *Server) note(c *call, r *http.Request, status int, begin time.Time) {
	c.trace.at, c.trace.took = begin, time.Since(begin)
	if c.world != nil {
		c.trace.at = c.world.clock.now()
	}
	c.trace.namespace, c.trace.method, c.trace.status = c.namespace(), r.Method, status
	c.trace.path = withoutTokens(c, r.URL.RawQuery)
	if c.operation != nil {
		c.trace.operation = c.operation.Name()
	}
	s.traces.add(c.trace)
	s.logger.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("method", r.Method), slog.String("path", c.path), slog.Int("status", status))
}

// asked finds what a request asks of either door. HEAD is answered as GET; where the method is none of the address's, the
// answer says which are.
func asked(of *contract.Contract, w http.ResponseWriter, r *http.Request) contract.Match {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	m := of.MatchPath(method, r.URL.EscapedPath())
	if m.Outcome == contract.UnknownMethod {
		takes := strings.Join(m.Methods, ", ")
		w.Header().Set("Allow", strings.Replace(takes, http.MethodGet, http.MethodGet+", "+http.MethodHead, 1))
	}
	return m
}

// route finds the operation. HEAD is answered as GET, and one trailing slash is forgiven.
func (s *Server) route(c *call, w http.ResponseWriter, r *http.Request) error {
	m := asked(s.contract, w, r)
	switch {
	case m.Outcome == contract.UnknownMethod:
		return c.vendor.status(http.StatusMethodNotAllowed, "This address takes "+strings.Join(m.Methods, ", ")+".")
	case m.Outcome != contract.Matched:
		return c.vendor.status(http.StatusNotFound, "There is nothing at this address.")
	}
	c.operation, c.params, c.path = m.Operation, m.Params, m.Path
	c.expand = expand(r.URL.Query()["$expand"])
	if strings.HasPrefix(m.Operation.Document, "swedbankpay/") {
		c.path = strings.ToLower(c.path) // ids are found in any letter case
	}
	if decoded, err := url.PathUnescape(c.path); err != nil || path.Clean(decoded) != decoded {
		return c.vendor.status(http.StatusNotFound, "There is nothing at this address.")
	}
	return nil
}

func (s *Server) authenticate(c *call, _ http.ResponseWriter, r *http.Request) error {
	scheme, token, _ := strings.Cut(strings.TrimSpace(c.credentials(r.Header).Get("Authorization")), " ")
	if strings.EqualFold(scheme, "Bearer") {
		c.token = strings.TrimSpace(token)
	}
	if err := c.vendor.authenticate(s, c, r); err != nil {
		return err
	}
	if err := s.lost(); err != nil {
		return err
	}
	c.world = c.vendor.world(s, c)
	if c.world != nil {
		c.world.agenda.catchUp()
	}
	return nil
}

// readBody reads what there is, in the way of the vendor, and refuses more than maxBody.
func (s *Server) readBody(c *call, w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return c.vendor.status(http.StatusRequestEntityTooLarge, "The body is larger than a mebibyte.")
	case err != nil:
		return c.vendor.status(http.StatusBadRequest, "The body could not be read to its end.")
	case len(body) > 0:
		c.body = c.trimmed(body)
	}
	return nil
}

// authorise refuses a token that may not use the instrument or act for the payee, be it the one of a new payment or of an
// old one. It looks at a body that is not judged yet, and leaves one that it cannot read to the judge. A Resurs token has
// to be good for the widget.
func (s *Server) authorise(c *call, _ http.ResponseWriter, _ *http.Request) error {
	instrument, ours := strings.CutPrefix(c.operation.Document, "swedbankpay/")
	merchant := s.merchants[c.token]
	switch {
	case !ours:
		return s.resurs.authorise(c)
	case merchant == nil:
		return nil
	case !merchant.mayUse(strings.TrimSuffix(instrument, ".yaml")):
		return refuse.Contract("The token may not use this instrument.")
	case c.payment() != "":
		w, err := s.worldWith(c.payment())
		if err != nil {
			return err
		}
		if w != c.world {
			return refuse.Contract("The token may not act for the payee of this payment.")
		}
	case c.params["token"] != "":
	default:
		c.body = c.legible() // as the adapters will see it
		var body struct {
			Payment struct {
				PayeeInfo struct {
					PayeeID string `json:"payeeId"`
				} `json:"payeeInfo"`
			} `json:"payment"`
		}
		_ = json.Unmarshal(c.body, &body)
		if payee := body.Payment.PayeeInfo.PayeeID; payee != "" && !merchant.mayActFor(payee) {
			return refuse.Contract("The token may not act for this payeeId.")
		}
	}
	return nil
}

// judge holds the request against the contract. What documentation calls mandatory is demanded here even where a
// founding example goes without it; but not of a transaction, where the live environment is not known to demand it and
// clients of the vendor's go without.
func (s *Server) judge(c *call, _ http.ResponseWriter, r *http.Request) error {
	message := contract.Message{Header: c.credentials(r.Header), Query: r.URL.RawQuery, Body: c.body}
	found := c.operation.JudgeRequest(c.params, message)
	if len(found) > 0 {
		if c.body = c.legible(); !bytes.Equal(c.body, message.Body) {
			message.Body = c.body
			found = c.operation.JudgeRequest(c.params, message)
		}
	}
	var broken []contract.Violation
	for _, v := range found {
		if v.Severity == contract.Error || v.Rule == "request.body.expected" && !strings.HasPrefix(v.Pointer, "/transaction") {
			broken = append(broken, v)
		}
	}
	c.broken = broken
	return c.vendor.invalid(broken)
}

// canonical is the request as the mux expects it: the contract's spelling of the path, and a body to be read again. The
// steps of Swedbank Pay read the body of the call, so what the generated code decodes is an empty one.
func (s *Server) canonical(c *call, r *http.Request) *http.Request {
	r = r.WithContext(r.Context()) // a copy, which shares the header and the URL
	address := *r.URL
	address.RawPath = c.path
	address.Path, _ = url.PathUnescape(c.path) // route has seen that it can be
	r.URL = &address
	body := c.body
	if _, own := c.vendor.(swedbankPay); own && body != nil {
		body = []byte("{}")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header = bare(r.Header)
	return r
}

// bare is a header as the generated code reads it: it compares the bytes of media types, and takes one value of what
// proxies add theirs to.
func bare(h http.Header) http.Header {
	given := h.Get("Content-Type")
	mediaType, _, _ := strings.Cut(given, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	if mediaType == given && len(h["Session-Id"]) < 2 && len(h["Forwarded"]) < 2 {
		return h
	}
	h = h.Clone()
	if given != "" {
		h.Set("Content-Type", mediaType)
	}
	for _, name := range []string{"Session-Id", "Forwarded"} {
		if values := h[name]; len(values) > 1 {
			h[name] = values[:1]
		}
	}
	return h
}

// refuse answers with an error of an adapter or of the gate. One that is not a refusal is a mistake of ours: it is
// logged, and the caller learns only that it was.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	c := callOf(r.Context())
	var problem *refuse.Problem
	var oauth *refuse.OAuth
	switch {
	case errors.As(err, &oauth):
		c.refusedBy(err)
		s.write(w, r, oauth.Status, refuse.MediaJSON, oauth, refuse.JSON)
	case errors.As(err, &problem):
		c.refusedBy(err)
		c.vendor.write(s, w, r, c, *problem)
	default:
		s.logger.ErrorContext(r.Context(), "sandbox mistake", "path", c.path, "error", err)
		s.refuse(w, r, c.vendor.status(http.StatusInternalServerError, "The sandbox made a mistake and has logged it."))
	}
}

// refusedBy remembers why, unless a station did: then it was the state of a payment.
func (c *call) refusedBy(err error) {
	if c.trace.refused == nil {
		c.trace.refused = refusalOf("state", err, nil)
	}
}

// refuseUnreadable answers what the generated code could not decode although the contract has nothing against it.
func (s *Server) refuseUnreadable(w http.ResponseWriter, r *http.Request, err error) {
	c := callOf(r.Context())
	s.logger.InfoContext(r.Context(), "unreadable request", "path", c.path, "error", err)
	s.refuse(w, r, c.vendor.status(http.StatusBadRequest, "A parameter or a member of the body does not have the documented form."))
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, mediaType string, v any, encode func(any) ([]byte, error)) {
	body, err := encode(v)
	if err == nil {
		err = refuse.Write(w, status, mediaType, body)
	}
	if err != nil {
		s.logger.InfoContext(r.Context(), "answer not written", "error", err)
	}
}

func (s *Server) crashed(w *watched, r *http.Request, v any) {
	s.logger.ErrorContext(r.Context(), "sandbox crash", "panic", v, "stack", string(debug.Stack()))
	if w.status == 0 {
		s.refuse(w, r, callOf(r.Context()).vendor.status(http.StatusInternalServerError, "The sandbox made a mistake and has logged it."))
	}
}

// baseOf is the address the caller used, or the one that is configured.
func (s *Server) baseOf(r *http.Request) string {
	scheme, host := "http", r.Host
	outermost, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",") // of several proxies
	switch proto := strings.ToLower(strings.TrimSpace(outermost)); {
	case s.baseURL != "":
		return s.baseURL
	case proto == "http", proto == "https":
		scheme = proto
	case r.TLS != nil:
		scheme = "https"
	case r.URL.IsAbs():
		scheme = r.URL.Scheme
	}
	if host == "" {
		host = "localhost"
	}
	return scheme + "://" + host
}

// lastBase is what links begin with that the second door tells of: the address that is configured, or the one at which a
// merchant reached the first door last. Empty until one did.
func (s *Server) lastBase() string {
	if reached := s.reached.Load(); s.baseURL == "" && reached != nil {
		return *reached
	}
	return s.baseURL
}

// watched remembers the status of an answer.
type watched struct {
	http.ResponseWriter

	status int
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.MaxBytesReader and http.ResponseController what they look for.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
