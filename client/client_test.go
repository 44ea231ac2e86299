package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

// printed is v in every way a program may write it.
func printed(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		fmt.Fprintf(&b, verb+"\n", struct{ v any }{v}) // where methods cannot be called
	}
	if j, err := json.Marshal(v); err == nil {
		b.Write(j)
	}
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	if err, ok := v.(error); ok {
		b.WriteString(err.Error())
	}
	return b.String()
}

func TestStaticTokenDoesNotShow(t *testing.T) {
	source := client.StaticToken("hunter2")
	token, err := source.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, "hunter2", token)
	out := printed(t, source)
	assert.NotContains(t, out, "hunter2")
	assert.NotContains(t, out, fmt.Sprintf("%x", "hunter2"))
	assert.Contains(t, out, "[secret]")

	_, err = client.StaticToken("").Token(t.Context())
	var input *client.InputError
	require.ErrorAs(t, err, &input)
}

func TestErrorsDoNotShowBodies(t *testing.T) {
	header := http.Header{"Set-Cookie": {"hunter2"}}
	for _, err := range []error{
		&client.Problem{Status: 400, Header: header, Body: []byte("hunter2")},
		&client.DecodeError{Status: 200, Header: header, Body: []byte("hunter2"), Err: io.EOF},
	} {
		out := printed(t, err)
		assert.NotContains(t, out, "hunter2")
		assert.NotContains(t, out, fmt.Sprintf("%x", "hunter2"))
		assert.NotContains(t, out, "aHVudGVyMg", "base64")
	}
}

func TestProblem(t *testing.T) {
	tests := []struct {
		name, body string
		want       client.Problem
		line       string
	}{
		{
			"Swedbank Pay",
			`{"type":"https://api.payex.com/psp/errordetail/forbidden","title":"Operation not allowed","status":403,"detail":"Payment check failed","instance":"/x","action":"RetryNewData","sessionId":"s1","problems":[{"name":"Capture","description":"Capture amount too high."}],"suspension":{"more":1}}`,
			client.Problem{
				Status: 403, Type: "https://api.payex.com/psp/errordetail/forbidden", Title: "Operation not allowed", Detail: "Payment check failed",
				Instance: "/x", Action: "RetryNewData", SessionID: "s1", Fields: []client.Field{{Name: "Capture", Detail: "Capture amount too high."}},
			},
			"POST /x: 403: Operation not allowed: Payment check failed; Capture Capture amount too high.",
		},
		{
			"Resurs",
			`{"type":"https://api.resurs.se/errors/validation-failed","title":"Validation Failed","status":422,"detail":"D","errors":[{"pointer":"#/storeId","detail":"must be a UUID"}]}`,
			client.Problem{
				Status: 422, Type: "https://api.resurs.se/errors/validation-failed", Title: "Validation Failed", Detail: "D",
				Fields: []client.Field{{Pointer: "#/storeId", Detail: "must be a UUID"}},
			},
			"POST /x: 422: Validation Failed: D; #/storeId must be a UUID",
		},
		{
			"Merchant API",
			`{"code":"400","message":"Validation error","timestamp":"2019-11-21T09:52:34.678","traceId":"0f1e","validationErrors":[{"fieldName":"customer.mobilePhone","message":"is not valid"}]}`,
			client.Problem{
				Status: 400, Detail: "Validation error", TraceID: "0f1e",
				Fields: []client.Field{{Name: "customer.mobilePhone", Detail: "is not valid"}},
			},
			"POST /x: 400: Bad Request: Validation error; customer.mobilePhone is not valid",
		},
		{
			"Merchant API, with a number", `{"code":404,"message":"M","validationErrors":null}`,
			client.Problem{Status: 404, Detail: "M"},
			"POST /x: 404: Not Found: M",
		},
		{
			"a code that is no status", `{"code":"E_7","message":"M","detail":"D"}`,
			client.Problem{Detail: "D"},
			"POST /x: 0: D",
		},
		{
			"OAuth", `{"error":"invalid_client","error_description":"who?"}`,
			client.Problem{Type: "invalid_client", Detail: "who?"},
			"POST /x: 0: invalid_client: who?",
		},
		{
			"members of unexpected types are passed over",
			`{"type":1,"title":"T","status":"403","detail":{},"problems":[1,{"name":2,"description":"D"},null,{}],"errors":{}}`,
			client.Problem{Title: "T", Fields: []client.Field{{Detail: "D"}}},
			"POST /x: 0: T; D",
		},
		{
			"one line", `{"title":"a\nb\u2028c","status":400,"detail":"\u0000\u001b[31m"}`,
			client.Problem{Status: 400, Title: "a\nb\u2028c", Detail: "\x00\x1b[31m"},
			"POST /x: 400: a b c:   [31m",
		},
		{"nothing", `{"status":404}`, client.Problem{Status: 404}, "POST /x: 404: Not Found"},
		{"null", `null`, client.Problem{}, "POST /x: 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p client.Problem
			require.NoError(t, json.Unmarshal([]byte(tt.body), &p))
			if tt.name == "null" { // encoding/json does not ask an Unmarshaler
				require.NoError(t, p.UnmarshalJSON([]byte(tt.body)))
			}
			assert.Equal(t, tt.want, p)
			p.Request = "POST /x"
			assert.Equal(t, tt.line, p.Error())
		})
	}
	p := client.Problem{Status: 500}
	require.NoError(t, p.UnmarshalJSON([]byte(`{"status":400,"code":401}`)))
	assert.Equal(t, 500, p.Status, "the status of HTTP counts")
	require.Error(t, p.UnmarshalJSON([]byte(`[]`)))

	many := client.Problem{}
	require.NoError(t, many.UnmarshalJSON([]byte(`{"errors":[`+strings.Repeat(`{"detail":"åäö"},`, 500)+`{}]}`)))
	assert.Len(t, many.Fields, 100)
	assert.LessOrEqual(t, len(many.Error()), 512)
	assert.True(t, utf8.ValidString(many.Error()))
}

func FuzzProblem(f *testing.F) {
	f.Add([]byte(`{"type":"t","problems":[{"name":"n"}],"errors":[{"pointer":"p"}],"status":400}`))
	f.Add([]byte(`{"error":"invalid_client","error_description":"d"}`))
	f.Add([]byte(`{"code":"400","message":"m","traceId":"t","validationErrors":[{"fieldName":"f","message":"m"}]}`))
	f.Add([]byte("<html>"))
	f.Add([]byte(`{"title":"\ud800\u0000` + "\xff" + `"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &client.Problem{Status: 418, Request: "GET /x"}
		if err := p.UnmarshalJSON(body); err == nil && !json.Valid(body) {
			t.Fatal("read what is not JSON")
		}
		line := p.Error()
		if p.Status != 418 || len(line) > 512 || strings.ContainsAny(line, "\n\r\x00\x1b") || !utf8.ValidString(line) || !strings.HasPrefix(line, "GET /x: 418") {
			t.Fatalf("%q", line)
		}
	})
}

func TestStatusOf(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{io.EOF, 0},
		{&client.InputError{}, 0},
		{&client.ForeignHostError{}, 0},
		{&client.WireError{Err: io.EOF}, 0},
		{&client.WireError{Status: 200, Err: io.EOF}, 200},
		{&client.DecodeError{Status: 201, Err: io.EOF}, 201},
		{&client.Problem{Status: 403}, 403},
		{fmt.Errorf("wrapped: %w", &client.Problem{Status: 403}), 403},
		{errors.Join(io.EOF, &client.Problem{Status: 503}), 503},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, client.StatusOf(tt.err), "%v", tt.err)
	}
	require.ErrorIs(t, &client.WireError{Err: io.EOF}, io.EOF)
	require.ErrorIs(t, &client.DecodeError{Err: io.EOF}, io.EOF)
}

func TestUserAgent(t *testing.T) {
	tests := []struct{ system, version, want string }{
		{"shop", "2.1", "shop/2.1 kassa"},
		{"shop", "", "shop kassa"},
		{"", "2.1", ""},
		{"shop\r\nX: y", "1", ""},
		{"shöp", "1", ""},
		{strings.Repeat("x", 201), "", ""},
	}
	for _, tt := range tests {
		s := settings.Of([]client.Option{nil, client.WithUserAgent(tt.system, tt.version)})
		assert.Equal(t, tt.want, s.UserAgent)
		var input *client.InputError
		assert.Equal(t, tt.want == "", errors.As(s.Err, &input))
	}
}
