package refuse

import "net/http"

// The media types of answers.
const (
	MediaJSON    = "application/json; charset=utf-8"
	MediaProblem = "application/problem+json; charset=utf-8"
)

const pspErrors = "https://api.payex.com/psp/errordetail/"

// PSPType is the URI of a kind of Swedbank Pay problem, such as inputerror or creditcard/acquirererror.
func PSPType(tail string) string { return pspErrors + tail }

// Input refuses a request with 400 because of what is in it.
func Input(items ...Item) *Problem {
	return &Problem{
		Type: PSPType("inputerror"), Status: http.StatusBadRequest, Title: "Error in input data",
		Detail: "Input validation failed, error description in problems node!", Problems: items,
	}
}

// Forbidden refuses with 403 what the state of a payment, its amounts or its contract do not allow.
func Forbidden(name, description string) *Problem {
	return &Problem{
		Type: PSPType("forbidden"), Status: http.StatusForbidden, Title: "Operation not allowed",
		Detail: "Payment check failed, description in problems node!", Problems: []Item{{name, description}},
	}
}

// Contract refuses with 403 a token that may not act for a payee.
func Contract(description string) *Problem {
	p := Forbidden("Contract", description)
	p.Detail = "Contract check failed, description in problems node!"
	return p
}

// NotYet refuses with 403 an operation that the contract has and the sandbox does not behave.
func NotYet(operation string) *Problem {
	return &Problem{
		Type: PSPType("configurationerror"), Status: http.StatusForbidden, Title: "Not in the sandbox yet",
		Detail: "The contract has " + operation + ", and the sandbox does not behave it yet.",
	}
}

// NotFound refuses with 404 what does not exist.
func NotFound(detail string) *Problem {
	return &Problem{Type: PSPType("notfound"), Status: http.StatusNotFound, Title: "Not found", Detail: detail}
}

// Unauthorized refuses with 401 a request without a usable bearer token.
func Unauthorized(detail string) *Problem {
	return &Problem{Type: PSPType("unauthorized"), Status: http.StatusUnauthorized, Title: "Unauthorized", Detail: detail}
}

// System answers 500 for a mistake of our own. What it was stands in the log alone.
func System() *Problem {
	return &Problem{
		Type: PSPType("systemerror"), Status: http.StatusInternalServerError, Title: "Error in System",
		Detail: "A system error occurred; the sandbox has logged what it was.",
	}
}

// Status refuses with any other status: as inputerror, or as systemerror where it is not the caller's mistake.
func Status(status int, detail string) *Problem {
	tail := "inputerror"
	if status >= http.StatusInternalServerError {
		tail = "systemerror"
	}
	return &Problem{Type: PSPType(tail), Status: status, Title: http.StatusText(status), Detail: detail}
}
