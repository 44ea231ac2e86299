package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A vendor says no in its own way.
type vendor interface {
	// authenticate refuses a request without a token that the operation needs, or with one that is no good.
	authenticate(s *Server, c *call, r *http.Request) error
	// world is the namespace of a caller who has been authenticated; nil when what it asks for is nobody's.
	world(s *Server, c *call) *world
	// invalid refuses a request that breaks the contract; nil when nothing is broken.
	invalid(broken []contract.Violation) error
	// introduce adds the headers that every answer of the vendor has.
	introduce(h http.Header)
	// status refuses for a reason that the address or the size of a request gives, or for a mistake of ours.
	status(status int, detail string) error
	// write answers with a problem.
	write(s *Server, w http.ResponseWriter, r *http.Request, c *call, p refuse.Problem)
}

// vendorOf tells by the address alone, so that even what has no operation is refused in a fitting form.
func (s *Server) vendorOf(c *call) vendor {
	switch {
	case strings.HasPrefix(c.path, widgetBase):
		return resursWidget{}
	case strings.HasPrefix(c.path, "/oauth2/"):
		return resursToken{}
	default:
		return swedbankPay{}
	}
}

type swedbankPay struct{}

// introduce says what the live test environment was seen to say of itself.
func (swedbankPay) introduce(h http.Header) {
	h.Set("Server", "Kestrel")
	h.Set("X-Powered-By", "ASP.NET")
	h.Set("Strict-Transport-Security", "max-age=16070400; includeSubDomains")
}

// authenticate takes any bearer token that is not empty, unless merchants are configured. Quotes around it, which a
// documented sample prints, are no part of it.
func (swedbankPay) authenticate(s *Server, c *call, r *http.Request) error {
	c.token = strings.TrimSpace(strings.Trim(c.token, `"`))
	switch {
	case r.Header.Get("Authorization") == "":
		return refuse.Unauthorized("The request has no Authorization header; send \"Bearer\" and the merchant's token.")
	case c.token == "":
		return refuse.Unauthorized("The Authorization header holds no bearer token; send \"Bearer\" and the merchant's token.")
	}
	if _, known := s.merchants[c.token]; s.merchants != nil && !known {
		return refuse.Unauthorized("The bearer token is not known.")
	}
	return nil
}

func (swedbankPay) world(s *Server, c *call) *world { return s.world(s.namespaceOf(c.token)) }

func (swedbankPay) invalid(broken []contract.Violation) error {
	if len(broken) == 0 {
		return nil
	}
	items := make([]refuse.Item, 0, len(broken))
	for _, v := range broken {
		items = append(items, itemOf(v))
	}
	p := refuse.Input(items...)
	if unsupported(broken) {
		p.Status, p.Title = http.StatusUnsupportedMediaType, http.StatusText(http.StatusUnsupportedMediaType)
	}
	return p
}

func unsupported(broken []contract.Violation) bool {
	for _, v := range broken {
		if v.Rule == "request.media-type.undocumented" {
			return true
		}
	}
	return false
}

func (swedbankPay) status(status int, detail string) error {
	switch status {
	case http.StatusNotFound:
		return refuse.NotFound(detail)
	case http.StatusInternalServerError:
		return refuse.System()
	default:
		return refuse.Status(status, detail)
	}
}

// write adds what the vendor's problems carry: the URL of the request, and the Session-Id, made when there was none.
func (swedbankPay) write(s *Server, w http.ResponseWriter, r *http.Request, c *call, p refuse.Problem) {
	p.Instance = c.base + c.path
	p.SessionID = c.session
	if p.SessionID == "" {
		p.SessionID = s.dice.guid()
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	s.write(w, r, p.Status, refuse.MediaProblem, p, refuse.JSON)
}

// pascalPath writes a JSON pointer as the vendor names fields: /payment/prices/0/amount is Payment.Prices[0].Amount.
// What is not a field, such as header/Session-Id, is named by its last part; the body as a whole is Body.
func pascalPath(pointer string) string {
	if pointer == "" {
		return "Body"
	}
	if !strings.HasPrefix(pointer, "/") {
		return pointer[strings.LastIndexByte(pointer, '/')+1:]
	}
	var out strings.Builder
	for part := range strings.SplitSeq(pointer[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if _, err := strconv.Atoi(part); err == nil {
			out.WriteString("[" + part + "]")
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('.')
		}
		if part != "" {
			out.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return out.String()
}

// sentence makes a sentence of a finding's message.
func sentence(message string) string {
	if message == "" {
		return "The value is not valid."
	}
	return strings.ToUpper(message[:1]) + strings.TrimSuffix(message[1:], ".") + "."
}
