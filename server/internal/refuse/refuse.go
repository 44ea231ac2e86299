// Package refuse is how the sandbox says no: the problem documents of both vendors, the OAuth error, and nothing else.
// Every refusal has a JSON body, and no body repeats an internal error.
package refuse

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// A Problem is an answer in the form of RFC 7807. It is an error, so that whoever finds the reason can return it.
// Its members stand in the order in which both vendors print theirs.
type Problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail,omitempty"`
	Instance  string  `json:"instance,omitempty"`
	SessionID string  `json:"sessionId,omitempty"` // Swedbank Pay
	Problems  []Item  `json:"problems,omitempty"`  // Swedbank Pay
	Errors    []Field `json:"errors,omitempty"`    // Resurs

	Suspension   *Suspension   `json:"suspension,omitempty"`   // Swedbank Pay
	Modification *Modification `json:"modification,omitempty"` // Swedbank Pay
}

// A Suspension warns that a stored card will be blocked when charges of it go on failing.
type Suspension struct {
	Attempts       int    `json:"attempts"`
	Remaining      int    `json:"remaining"`
	Product        string `json:"product"`
	AcquirerCode   string `json:"acquirerCode"`
	AcquirerDetail string `json:"acquirerDetail"`
	State          string `json:"state"`
}

// A Modification says that a charge has to be changed before it is tried again.
type Modification struct {
	Required       string `json:"required"`
	Reason         string `json:"reason"`
	AcquirerCode   string `json:"acquirerCode"`
	AcquirerDetail string `json:"acquirerDetail"`
}

// An Item is one narrow reason in a Swedbank Pay problem. Name is a dotted path in PascalCase or a word.
type Item struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// A Field is one wrong field in a Resurs problem. Pointer is a JSON pointer as a URI fragment.
type Field struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func (p *Problem) Error() string {
	text := p.Title
	for _, i := range p.Problems {
		text += "; " + i.Name + ": " + i.Description
	}
	for _, f := range p.Errors {
		text += "; " + f.Pointer + ": " + f.Detail
	}
	return text
}

// JSON encodes v on one line, as Swedbank Pay does, with & and < as they are.
func JSON(v any) ([]byte, error) { return encode(v, "") }

// IndentedJSON encodes v as the founding page of Resurs prints its answers: two spaces, no newline at the end.
func IndentedJSON(v any) ([]byte, error) { return encode(v, "  ") }

// An Appender writes itself as JSON on one line. It is asked directly, since what MarshalJSON answers is read once more by
// the encoder that asked for it.
type Appender interface {
	AppendJSON(to *bytes.Buffer) error
}

// Append encodes v on one line, as JSON does, at the end of what there is.
func Append(to *bytes.Buffer, v any) error {
	if a, ok := v.(Appender); ok {
		return a.AppendJSON(to)
	}
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	to.Truncate(to.Len() - 1) // the encoder ends with a newline
	return nil
}

func encode(v any, indent string) ([]byte, error) {
	var buf bytes.Buffer
	if indent == "" {
		err := Append(&buf, v)
		return buf.Bytes(), err
	}
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	err := enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// Write answers with body, already encoded.
func Write(w http.ResponseWriter, status int, contentType string, body []byte) error {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}
