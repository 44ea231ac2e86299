package swedbankpay

import (
	"cmp"

	"github.com/kassa-dev/kassa/client"
)

// Kind is client.Unsent.
func (e *UnavailableError) Kind() client.Kind { return client.Unsent }

// Failure says why a transaction failed, and false when it did not. The
// problem's Kind and Reason tell whether it was declined, and why; Status is
// that of the failure, for the request went well. A transaction that names no
// problem leaves Type empty, and what is known stands in Title and Detail.
func (t *Transaction) Failure() (*client.Problem, bool) {
	if t.State != "Failed" {
		return nil, false
	}
	from := t.Problem
	p := &client.Problem{
		Status: int(from.Status), Type: from.Type, Title: cmp.Or(from.Title, t.FailedReason, t.FailedErrorCode),
		Detail: cmp.Or(from.Detail, t.FailedErrorDescription), Instance: from.Instance, Action: from.Action, SessionID: from.SessionID,
	}
	for _, item := range from.Problems {
		p.Fields = append(p.Fields, client.Field{Name: item.Name, Detail: item.Description})
	}
	return p, true
}
