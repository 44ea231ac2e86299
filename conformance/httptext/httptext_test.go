package httptext

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	r, err := Parse([]byte(`Two exchanges and a remark.
-- 01 create request --
POST https://api.example.com/payments?a=b HTTP/1.1
content-type: application/json
X-Twice: 1
X-Twice: 2

{"amount":
  1500}
-- 01 create response --
HTTP/1.1 201 Created
Location: https://api.example.com/payments/1

-- 02 read request --
GET https://api.example.com/payments/1
-- remark --
whatever
`))
	require.NoError(t, err)
	assert.Equal(t, "Two exchanges and a remark.\n", r.Comment)
	assert.Equal(t, map[string]string{"remark": "whatever\n"}, r.Sections)
	require.Len(t, r.Exchanges, 2)

	create := r.Exchanges[0]
	assert.Equal(t, "01 create", create.Name)
	assert.Equal(t, "POST", create.Entry.Method)
	assert.Equal(t, "https://api.example.com/payments?a=b", create.Entry.URL)
	assert.Equal(t, "application/json", create.Entry.Request.Header.Get("Content-Type"))
	assert.Equal(t, []string{"1", "2"}, create.Entry.Request.Header["X-Twice"])
	assert.False(t, create.Entry.Request.HeaderUnknown)
	assert.Equal(t, "{\"amount\":\n  1500}", string(create.Entry.Request.Body))
	assert.Equal(t, 201, create.Entry.Status)
	assert.NotNil(t, create.Entry.Response.Body, "an empty line and nothing after it is an empty body")
	assert.Empty(t, create.Entry.Response.Body)

	read := r.Exchanges[1].Entry
	assert.Equal(t, 1, read.Index)
	assert.True(t, read.Request.HeaderUnknown, "no header line: not recorded")
	assert.Nil(t, read.Request.Body, "no empty line: no body")
	assert.Zero(t, read.Status, "no response section: none recorded")
}

func TestParseRefuses(t *testing.T) {
	const get = "-- 1 request --\nGET https://api.example.com/\n"
	tests := []struct{ name, archive, want string }{
		{"a path for a URL", "-- 1 request --\nGET /payments HTTP/1.1\n", `section "1 request": line 1: "/payments" is no absolute URL; write scheme and host before the path`},
		{"an empty request", "-- 1 request --\n", `section "1 request": line 1: want METHOD URL HTTP/1.1, got ""`},
		{"a header without colon", get + "Accept\n", `section "1 request": line 2: want a header (Name: value) or an empty line, got "Accept"`},
		{"a body without empty line", get + "A: b\n{\"a\": 1}\n", `section "1 request": line 3: want a header (Name: value) or an empty line, got "{\"a\": 1}"`},
		{"a status in words", get + "-- 1 response --\nHTTP/1.1 OK\n", `section "1 response": line 1: want HTTP/1.1 and a status of three digits, got "HTTP/1.1 OK"`},
		{"a response alone", "-- 1 response --\nHTTP/1.1 200 OK\n", `section "1 response" does not follow its request`},
		{"a response to another", get + "-- 2 response --\nHTTP/1.1 200 OK\n", `section "2 response" does not follow its request`},
		{"a name twice", get + get, `section "1 request" stands twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.archive))
			require.EqualError(t, err, tt.want)
		})
	}
}
