package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFormats(t *testing.T) {
	long := strings.Repeat("a", 63) + "."
	for _, tt := range []struct {
		format    string
		good, bad []string
	}{
		{"date", []string{"2024-02-29", "0001-01-01", "2000-02-29", "9999-12-31", "2023-12-31"},
			[]string{"", "2024-02-30", "2024-02-31", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-1-1", "24-01-01", "2024-01-01T00:00:00Z", "2024/01/01", "２０24-01-01", " 2024-01-01", "20240101"}},
		{"date-time", []string{"2020-05-13T12:13:56Z", "2020-05-13T12:13:56.5Z", "2020-05-13T12:13:56.5849776Z", "2020-05-13T12:13:56.123456789Z",
			"2020-05-13T12:13:56+02:00", "2020-05-13T12:13:56.1-23:59", "0001-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00"},
			[]string{"", "2020-05-13", "2020-05-13T12:13:56", "2020-05-13 12:13:56Z", "2020-02-30T12:13:56Z", "2020-05-13T24:00:00Z", "2020-05-13T12:60:00Z",
				"2020-05-13T12:13:61Z", "2020-05-13T12:13:60Z", "2020-05-13T12:13:56.Z", "2020-05-13T12:13:56.1234567890Z", "2020-05-13T12:13:56+24:00",
				"2020-05-13T12:13:56+23:60", "2020-05-13T12:13:56+0200", "2020-05-13T12:13:56ZZ", "2020-05-13t12:13:56z", "2020-05-13T12:13Z", "2020-05-13T12:13:56,5Z"}},
		{"uuid", []string{"550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000", "00000000-0000-0000-0000-000000000000", "018f4b6a-0000-7000-8000-000000000000"},
			[]string{"", "550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000}", "550e8400-e29b-41d4-a716-44665544000g", "550e8400-e29b-41d4-a716-4466554400000", "550e8400-e29b-41d4-a716_446655440000"}},
		{"uri", []string{"https://example.com/a?b=c#d", "http://[::1]:8080/", "urn:isbn:1", "mailto:a@b.example", "https://example.com/%C3%A5"},
			[]string{"", "/a", "example.com", "http://", "http:///x", "https:x", "http://exämple.com/", "http://x/<a>", "http://x/a b", "http://x/%zz", "http://x/%4", "http://x/{id}", "http://x/\n", "1http://x"}},
		{"uri-reference", []string{"", "/a/b?c", "../a", "#x", "https://example.com"}, []string{"<a>", "a b", "%", "http://[::1"}},
		{"email", []string{"a@b.example", "a.b+c@localhost"}, []string{"", "a", "@b", "a@", "a@-b", "a..b@c", ".a@c", "a b@c", "A <a@b.example>", "a@b_c"}},
		{"ipv4", []string{"127.0.0.1"}, []string{"", "127.0.0", "256.0.0.1", "::1", "01.2.3.4"}},
		{"ipv6", []string{"::1", "2001:db8::1"}, []string{"", "127.0.0.1", "fe80::1%eth0", ":::"}},
		{"hostname", []string{"a", "a-b.example", strings.Repeat("a", 63)}, []string{"", "-a", "a-", "a..b", "a_b", strings.Repeat("a", 64), long + long + long + long}},
		{"byte", []string{"", "YQ==", "YWJj"}, []string{"YQ", "YQ=", "Y Q==", "YW\nJj", "YW_j", "YR=="}},
	} {
		for _, s := range tt.good {
			assert.True(t, formats[tt.format](s), "%s is a good %s", s, tt.format)
		}
		for _, s := range tt.bad {
			assert.False(t, formats[tt.format](s), "%q is no good %s", s, tt.format)
		}
		o := operation(t, loaded(t, "x.yaml", schemaDocument("{type: string, format: "+tt.format+"}", "")), "a")
		assert.Equal(t, []string{"error response.body.format"}, brief(o.JudgeResponse(200, jsonMessage(`"<bad>"`))))
		assert.Empty(t, o.JudgeResponse(200, jsonMessage(`"`+tt.good[len(tt.good)-1]+`"`)))
	}
	assert.Len(t, formats, 10, "a format without a case above")
}
