package server

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// An answer is a Swedbank Pay answer to any operation of any instrument. It takes the place of the generated response
// types, one for each operation, because those cannot say what view.go explains.
type answer struct {
	status   int
	location string // absolute; empty when nothing was created
	body     any
	document []byte // a PDF, instead of a body
}

func (a answer) write(w http.ResponseWriter) error {
	if a.document != nil {
		return refuse.Write(w, a.status, "application/pdf", a.document)
	}
	body, err := refuse.JSON(a.body)
	if err != nil {
		return err
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	return refuse.Write(w, a.status, refuse.MediaJSON, body)
}

// anyCase finds members in any letter case, as clients of the vendor's spell them.
var anyCase = json.MatchCaseInsensitiveNames(true)

// decoded is the body of a request. The contract has judged it; what still does not fit, such as a number too large for
// its type, is refused with 400.
func decoded[T any](c *call) (T, error) {
	var v T
	if err := json.Unmarshal(c.body, &v, anyCase, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return v, c.vendor.status(http.StatusBadRequest, "A member of the body does not have the documented form.")
	}
	return v, nil
}
