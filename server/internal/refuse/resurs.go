package refuse

import (
	"net/http"
	"strings"
)

// Resurs is a Widget API problem. Its type is made from the title, as in the one that is documented.
func Resurs(status int, title, detail string) *Problem {
	kebab := strings.ReplaceAll(strings.ToLower(title), " ", "-")
	return &Problem{Type: "https://api.resurs.se/errors/" + kebab, Title: title, Status: status, Detail: detail}
}

// ResursStatus is a Widget API problem with the usual title of its status.
func ResursStatus(status int, detail string) *Problem {
	return Resurs(status, http.StatusText(status), detail)
}

// ResursInvalid refuses with 422 fields that break their rules, in the words of the founding page.
func ResursInvalid(fields ...Field) *Problem {
	p := Resurs(http.StatusUnprocessableEntity, "Validation Failed", "One or more fields failed validation. Please check the provided data.")
	p.Errors = fields
	return p
}

// An OAuth is the error of the token endpoint, RFC 6749 section 5.2.
type OAuth struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func (e *OAuth) Error() string { return e.Code + ": " + e.Description }
