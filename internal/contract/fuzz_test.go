package contract

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzJudge sends anything as anything: nothing panics, all ends soon, and
// what is said fits the promises of Violation.
func FuzzJudge(f *testing.F) {
	c := own(f)
	operations := c.Operations()
	listed := map[string]bool{}
	for _, r := range Rules() {
		listed[r.ID] = true
	}
	f.Add(uint8(0), 200, "POST", "https://api.payex.com/psp/creditcard/payments", "a=b", "application/json", "Bearer x", []byte(`{"payment":{}}`))
	f.Add(uint8(1), 404, "GET", "https://apigw.integration.resurs.com/api/mock_payment_widget_service//session/%2F", "%zz;", "application/x-www-form-urlencoded", "", []byte("a=b&a=%ff"))
	f.Add(uint8(9), -1, "", "http://[::1]:0/..", "$expand=,", "*/*;q", "Basic", []byte("[[[[\xff"))
	f.Fuzz(func(t *testing.T, which uint8, status int, method, target, query, contentType, authorization string, body []byte) {
		start := time.Now()
		if u, err := url.Parse(target); err == nil {
			c.Match(method, u)
		}
		c.MatchPath(method, target)
		o := operations[int(which)%len(operations)]
		m := Message{Header: http.Header{"Content-Type": {contentType}, "Authorization": {authorization}, "Session-Id": {query}}, Query: query, Body: body}
		for _, list := range [][]Violation{o.JudgeRequest(map[string]string{"paymentId": target}, m), o.JudgeResponse(status, m)} {
			require.LessOrEqual(t, len(list), maxViolations)
			for _, v := range list {
				require.True(t, listed[v.Rule], v.Rule)
				require.NotEmpty(t, v.Message)
				require.NotContains(t, v.Message+v.Hint+v.Pointer, "\n")
				require.Contains(t, []Severity{Error, Warning, Note}, v.Severity)
			}
		}
		require.Less(t, time.Since(start), 5*time.Second)
	})
}
