package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/gen/resurs/merchant"
	"github.com/kassa-dev/kassa/gen/resurs/widget"
	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// widgetBase is the path before the Widget API's own.
const widgetBase = "/api/mock_payment_widget_service"

// resurs serves the access token and the two operations of the Widget API. An access token says itself how long it is
// good for and whose it is, signed with a key of this sandbox; widget sessions are remembered.
type resurs struct {
	config

	server *Server
	dice   *dice
	key    []byte
}

func newResurs(s *Server) *resurs {
	r := &resurs{config: s.config, server: s, dice: newDice(s.seed, "resurs", 0)}
	r.key = r.dice.bytes(32) // the same seed makes the same key
	return r
}

// restore reads back what is nobody's: the key.
func (s *resurs) restore(r Record) error {
	if r.Kind != recordKey {
		return fmt.Errorf("%q is no kind of record that belongs to no namespace", r.Kind)
	}
	return json.Unmarshal(r.Data, &s.key)
}

// keep writes the key down, so that access tokens are good beyond the end of the process.
func (s *resurs) keep() error {
	if s.server.again > 0 {
		s.dice.renew(s.seed, "resurs", s.server.again)
		return nil
	}
	return s.store.Append(recorded("", recordKey, s.key))()
}

// A claim is what an access token says about itself.
type claim struct {
	ID        string `json:"jti"`
	Namespace string `json:"namespace"`
	Scope     string `json:"scope"`
	IssuedAt  int64  `json:"iat"`
	Expires   int64  `json:"exp"`
}

// CreateToken issues an access token. The order of its refusals is that of RFC 6749: grant, client, scope.
func (s *resurs) CreateToken(_ context.Context, r merchant.CreateTokenRequestObject) (merchant.CreateTokenResponseObject, error) {
	in := r.JSONBody
	if in == nil {
		in = r.FormdataBody
	}
	if in == nil {
		return nil, &refuse.OAuth{Status: http.StatusUnsupportedMediaType, Code: "invalid_request", Description: "the body is JSON or a form, and its Content-Type says which"}
	}
	client, known := s.credentials[in.ClientID]
	if s.credentials == nil {
		client = resursClient{secret: in.ClientSecret, scopes: widgetScopes}
		known = true
	}
	granted := granted(in.Scope, client.scopes)
	switch {
	case in.ClientID == "" || in.ClientSecret == "":
		return nil, &refuse.OAuth{Status: http.StatusBadRequest, Code: "invalid_client", Description: "client_id and client_secret are both needed"}
	case !known || client.secret != in.ClientSecret:
		return nil, &refuse.OAuth{Status: http.StatusBadRequest, Code: "invalid_client", Description: "the client id or its secret is wrong"}
	case granted == "":
		return nil, &refuse.OAuth{Status: http.StatusBadRequest, Code: "invalid_scope", Description: "scopes are " + strings.Join(client.scopes, " and ")}
	}
	w := s.server.world(s.server.namespaceOfClient(in.ClientID))
	now := w.clock.now()
	c := claim{ID: s.dice.guid(), Namespace: w.name, Scope: granted, IssuedAt: now.Unix(), Expires: now.Add(s.tokenLifetime).Unix()}
	return tokenAnswer{merchant.Token{
		AccessToken: s.sign(c), TokenType: "Bearer", ExpiresIn: int64(s.tokenLifetime / time.Second),
	}}, nil
}

// namespaceOfClient is the namespace of a Resurs client.
func (s *Server) namespaceOfClient(id string) string {
	if c, ok := s.credentials[id]; ok && c.account != nil {
		return c.account.namespace()
	}
	return worldName("client " + id)
}

// widgetScopes are the scopes that the widget takes.
var widgetScopes = []string{"merchant-api", "mock-merchant-api"}

// granted are the scopes of a list separated by spaces that a client may have.
func granted(asked string, may []string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(asked), func(scope string) bool { return !slices.Contains(may, scope) }), " ")
}

// sign writes a claim as a JWT.
func (s *resurs) sign(c claim) string {
	payload, _ := refuse.JSON(c) // strings and numbers always encode
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(payload)
	return signed + "." + encode(s.seal(signed))
}

func (s *resurs) seal(signed string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// check refuses an access token that is not ours or no longer good, and answers whose it is and what for.
func (s *resurs) check(token string) (*world, string, error) {
	c, ok := s.claim(token)
	if !ok {
		return nil, "", refuse.ResursStatus(http.StatusUnauthorized, "The access token is not known.")
	}
	w := s.server.world(c.Namespace)
	if w.clock.now().Unix() >= c.Expires {
		return nil, "", refuse.ResursStatus(http.StatusUnauthorized, "The access token has expired.")
	}
	return w, c.Scope, nil
}

// claim is what an access token of ours says, whether or not it is still good.
func (s *resurs) claim(token string) (claim, bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return claim{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	if err != nil || !hmac.Equal(sealed, s.seal(token[:i])) {
		return claim{}, false
	}
	_, payload, _ := strings.Cut(token[:i], ".")
	var c claim
	decoded, err := base64.RawURLEncoding.DecodeString(payload)
	if err == nil {
		err = json.Unmarshal(decoded, &c)
	}
	return c, err == nil
}

// authorise refuses an access token that is not for the widget.
func (*resurs) authorise(c *call) error {
	if c.scopes != "" && granted(c.scopes, widgetScopes) == "" {
		return refuse.ResursStatus(http.StatusForbidden, "The access token has none of the scopes merchant-api and mock-merchant-api.")
	}
	return nil
}

// find says what is known of a store; nil when that is nothing and the caller may use it all the same. A store of another
// merchant is forbidden. One that nobody has does not exist for a merchant who lists stores, and without a token when
// every merchant does.
func (s *resurs) find(caller *world, id string) (*resursStore, error) {
	known := s.stores[strings.ToLower(id)]
	switch {
	case known != nil && (caller == nil || caller.name == known.owner):
		return known, nil
	case known != nil:
		return nil, refuse.ResursStatus(http.StatusForbidden, "The store belongs to another merchant.")
	case s.listing(caller):
		return nil, refuse.ResursStatus(http.StatusNotFound, "There is no such store.")
	}
	return nil, nil //nolint:nilnil // as promised
}

// listing says whether the stores of a caller are all listed; those of every merchant for nil.
func (s *resurs) listing(caller *world) bool {
	listing := false
	for _, c := range s.credentials {
		switch {
		case caller != nil && (c.account == nil || c.account.name != caller.name):
		case c.account != nil && c.account.lists:
			listing = true
		default:
			return false
		}
	}
	return listing
}

// CreateSession makes a session. Every call makes a new one.
func (s *resurs) CreateSession(ctx context.Context, r widget.CreateSessionRequestObject) (widget.CreateSessionResponseObject, error) {
	w := callOf(ctx).world
	if _, err := s.find(w, r.Body.StoreID); err != nil {
		return nil, err
	}
	made := session{
		Token: "rpmw_" + w.dice.text(21, base62), Store: strings.ToLower(r.Body.StoreID),
		Expires: w.clock.now().Add(s.sessionLifetime).UTC().Truncate(time.Second),
	}
	w.sessions.add(made)
	if err := s.server.durable(w); err != nil {
		return nil, err
	}
	return widgetAnswer{widget.SessionResponse{Data: widget.Session{Token: made.Token, ExpiresAt: made.Expires.Format(time.RFC3339)}}}, nil
}

// methodTypes are the types of payment methods that the founding page lists, and knownMethods the two ids it prints.
var (
	methodTypes = []string{
		"RESURS_INVOICE", "RESURS_PART_PAYMENT_SELECT_LATER", "RESURS_PART_PAYMENT_SELECT_NOW",
		"RESURS_CARD", "RESURS_REVOLVING_CREDIT", "RESURS_NEW_REVOLVING_CREDIT",
	}
	knownMethods = map[string]string{
		"550e8400-e29b-41d4-a716-446655440000": "RESURS_INVOICE",
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8": "RESURS_PART_PAYMENT_SELECT_NOW",
	}
)

// ListPaymentMethodTypes has a type for every id that is known of the store. A store of which no methods are listed knows
// every id: the page's own types for the ids it prints, and for any other id one that is always the same.
func (s *resurs) ListPaymentMethodTypes(ctx context.Context, r widget.ListPaymentMethodTypesRequestObject) (widget.ListPaymentMethodTypesResponseObject, error) {
	store, err := s.find(callOf(ctx).world, r.Body.StoreID)
	if err != nil {
		return nil, err
	}
	types := map[string]string{}
	for _, id := range r.Body.PaymentMethodID {
		if kind := store.typeOf(strings.ToLower(id), string(r.Body.CustomerType)); kind != "" {
			types[id] = kind
		}
	}
	return widgetAnswer{widget.PaymentMethodTypesResponse{Types: types}}, nil
}

// typeOf is the type of a payment method for a kind of customer, any when that is empty. It is empty for a method that
// the store does not have for them.
func (s *resursStore) typeOf(id, customer string) string {
	if s == nil || s.methods == nil {
		if known, ok := knownMethods[id]; ok {
			return known
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(id)) // never fails
		return methodTypes[h.Sum32()%uint32(len(methodTypes))]
	}
	for _, m := range s.methods {
		if m.id == id && (customer == "" || m.customers == nil || slices.Contains(m.customers, customer)) {
			return m.kind
		}
	}
	return ""
}

// shown are the methods that a page of the store shows: those that are listed, or else the founding page's.
func (s *resursStore) shown() []paymentMethod {
	if s != nil && s.methods != nil {
		return s.methods
	}
	var known []paymentMethod
	for _, id := range sortedKeys(knownMethods) {
		known = append(known, paymentMethod{id: id, kind: knownMethods[id]})
	}
	return known
}

// tokenAnswer is a token, with the charset that the generated answer leaves out.
type tokenAnswer struct{ body merchant.Token }

func (a tokenAnswer) VisitCreateTokenResponse(w http.ResponseWriter) error {
	body, err := refuse.JSON(a.body)
	if err != nil {
		return err
	}
	return refuse.Write(w, http.StatusOK, refuse.MediaJSON, body)
}

// widgetAnswer is an answer of the Widget API, indented as the founding page prints it.
type widgetAnswer struct{ body any }

func (a widgetAnswer) VisitCreateSessionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a widgetAnswer) VisitListPaymentMethodTypesResponse(w http.ResponseWriter) error {
	return a.write(w)
}

func (a widgetAnswer) write(w http.ResponseWriter) error {
	body, err := refuse.IndentedJSON(a.body)
	if err != nil {
		return err
	}
	return refuse.Write(w, http.StatusOK, refuse.MediaJSON, body)
}

// resursWidget refuses with the problems of the founding page.
type resursWidget struct{}

func (resursWidget) introduce(http.Header) {}

// authenticate demands an access token for sessions. The other operation does without one; one that is sent must be
// good all the same.
func (resursWidget) authenticate(s *Server, c *call, r *http.Request) error {
	if r.Header.Get("Authorization") == "" {
		if c.operation.ID != "createSession" {
			return nil
		}
		return refuse.ResursStatus(http.StatusUnauthorized, "The request has no Authorization header; send \"Bearer\" and an access token.")
	}
	if c.token == "" {
		return refuse.ResursStatus(http.StatusUnauthorized, "The Authorization header holds no bearer token.")
	}
	var err error
	c.world, c.scopes, err = s.resurs.check(c.token)
	return err
}

// world is the one of the access token, which authenticate has found.
func (resursWidget) world(_ *Server, c *call) *world { return c.world }

// invalid answers 422 naming each field, or 400 when there is no object to have fields.
func (resursWidget) invalid(broken []contract.Violation) error {
	var fields []refuse.Field
	for _, v := range broken {
		if !strings.HasPrefix(v.Pointer, "/") {
			return refuse.ResursStatus(http.StatusBadRequest, sentence(v.Message))
		}
		fields = append(fields, refuse.Field{Pointer: "#" + v.Pointer, Detail: fieldDetail(v)})
	}
	if fields == nil {
		return nil
	}
	return refuse.ResursInvalid(fields...)
}

// fieldDetail is the founding page's phrase for a malformed UUID, the one format these requests have, and for the rest
// what the contract says.
func fieldDetail(v contract.Violation) string {
	if v.Rule == "request.body.format" {
		return "Field must be a valid UUID format"
	}
	return strings.TrimSuffix(sentence(v.Message), ".")
}

func (resursWidget) status(status int, detail string) error {
	return refuse.ResursStatus(status, detail)
}

// write adds the path of the request, gateway prefix and all.
func (resursWidget) write(s *Server, w http.ResponseWriter, r *http.Request, c *call, p refuse.Problem) {
	p.Instance = c.path
	s.write(w, r, p.Status, refuse.MediaProblem, p, refuse.IndentedJSON)
}

// resursToken refuses as OAuth does.
type resursToken struct{}

func (resursToken) introduce(http.Header) {}

func (resursToken) authenticate(*Server, *call, *http.Request) error { return nil }

func (resursToken) world(*Server, *call) *world { return nil }

// invalid leaves out what CreateToken says better: that the client is missing.
func (resursToken) invalid(broken []contract.Violation) error {
	for _, v := range broken {
		switch {
		case strings.HasPrefix(v.Rule, "request.media-type."):
			return &refuse.OAuth{Status: http.StatusUnsupportedMediaType, Code: "invalid_request", Description: "the body is JSON or a form"}
		case v.Rule == "request.body.expected", strings.HasPrefix(v.Pointer, "/client_"):
			continue
		case v.Pointer == "/grant_type" && v.Rule == "request.body.schema":
			return &refuse.OAuth{Status: http.StatusBadRequest, Code: "unsupported_grant_type", Description: "the grant type is client_credentials"}
		default:
			return &refuse.OAuth{Status: http.StatusBadRequest, Code: "invalid_request", Description: placed(v)}
		}
	}
	return nil
}

// placed is what is wrong, with the member that it is about.
func placed(v contract.Violation) string {
	if name, ok := strings.CutPrefix(v.Pointer, "/"); ok {
		return name + ": " + v.Message
	}
	return v.Message
}

func (resursToken) status(status int, detail string) error {
	code := "invalid_request"
	if status == http.StatusInternalServerError {
		code = "server_error"
	}
	return &refuse.OAuth{Status: status, Code: code, Description: detail}
}

// write is never called: no problem comes from the token endpoint.
func (t resursToken) write(s *Server, w http.ResponseWriter, r *http.Request, _ *call, p refuse.Problem) {
	s.refuse(w, r, t.status(p.Status, p.Title))
}
