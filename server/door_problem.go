package server

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/kassa-dev/kassa/gen/kassa/door"
	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// A doorError is a refusal of the second door.
type doorError struct{ door.Problem }

func (p *doorError) Error() string { return p.Title + ": " + p.Detail }

func problem(kind, title string, status int, detail, remedy string) *doorError {
	return &doorError{door.Problem{Type: kind, Title: title, Status: int32(status), Detail: detail, Remedy: remedy}}
}

// plain refuses for what the status says by itself.
func plain(status int, detail, remedy string) error {
	return problem(door.ProblemTypeAboutBlank, http.StatusText(status), status, detail, remedy)
}

// mistake answers for a mistake of our own.
func mistake() error {
	return plain(http.StatusInternalServerError, "The sandbox made a mistake and has logged it.", "Report it with the log.")
}

// badRequest refuses what the document allows and makes no sense all the same.
func badRequest(detail, remedy string) error {
	return problem(door.ProblemTypeUrnKassaProblemRequest, "The request makes no sense", http.StatusBadRequest, detail, remedy)
}

// wrongMember is badRequest for one member of the body.
func wrongMember(pointer, message, remedy string) error {
	p := problem(door.ProblemTypeUrnKassaProblemRequest, "The request makes no sense", http.StatusBadRequest, pointer+": "+message, remedy)
	p.Reasons = []door.Violation{{Pointer: pointer, Message: message, Rule: "request.body.schema", Hint: remedy}}
	return p
}

// unknown refuses what is about something that there is not.
func unknown(what, detail, remedy string) error {
	return problem(door.ProblemTypeUrnKassaProblemUnknown, "No such "+what, http.StatusNotFound, detail, remedy)
}

// violated refuses what breaks the document. Not even a warning passes: what a test says and nobody understands would
// otherwise be as good as not said.
func violated(broken []contract.Violation) error {
	first := broken[0]
	p := problem(door.ProblemTypeUrnKassaProblemRequest, "The request does not keep the contract", http.StatusBadRequest,
		strings.TrimPrefix(first.Pointer+": "+first.Message, ": "), remedyFor(broken))
	p.Reasons = violations(broken)
	return p
}

func violations(broken []contract.Violation) []door.Violation {
	var out []door.Violation
	for _, v := range broken {
		out = append(out, door.Violation{Pointer: v.Pointer, Message: v.Message, Rule: v.Rule, Hint: v.Hint, Spec: v.Spec.String()})
	}
	return out
}

// refuse answers with an error. One that is no refusal is a mistake of ours.
func (d *secondDoor) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var own *doorError
	var vendors *refuse.Problem
	switch {
	case errors.As(err, &own):
	case errors.As(err, &vendors):
		own = translated(vendors)
	default:
		d.server.logger.ErrorContext(r.Context(), "second door mistake", "path", r.URL.Path, "error", err)
		_ = errors.As(mistake(), &own)
	}
	d.server.write(w, r, int(own.Status), "application/problem+json", own.Problem, refuse.JSON)
}

// translated says at the second door what was refused in the words of a vendor.
func translated(p *refuse.Problem) *doorError {
	var said []string
	for _, item := range p.Problems {
		said = append(said, item.Description)
	}
	detail := cmp.Or(strings.Join(said, " "), p.Detail)
	switch p.Status {
	case http.StatusNotFound:
		return problem(door.ProblemTypeUrnKassaProblemUnknown, "No such thing", p.Status, detail, "Look into the lists of the second door.")
	case http.StatusForbidden, http.StatusConflict:
		return problem(door.ProblemTypeUrnKassaProblemState, "That is not possible now", http.StatusConflict, detail, remedies["state"])
	case http.StatusBadRequest:
		return problem(door.ProblemTypeUrnKassaProblemRequest, "The request makes no sense", p.Status, detail, "Send what the document says.")
	default:
		return problem(door.ProblemTypeAboutBlank, http.StatusText(p.Status), p.Status, detail, "")
	}
}
