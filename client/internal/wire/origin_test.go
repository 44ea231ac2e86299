package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

func TestResolve(t *testing.T) {
	const home = "https://api.example.com"
	tests := []struct {
		name, base, ref string
		want            string // "" when refused
		foreign         bool   // refused as pointing elsewhere
	}{
		{"path", home, "/psp/x", "https://api.example.com/psp/x", false},
		{"path and query", home, "/psp/x?$expand=paid", "https://api.example.com/psp/x?$expand=paid", false},
		{"absolute", home, "https://api.example.com/psp/x", "https://api.example.com/psp/x", false},
		{"upper-case host and scheme", home, "HTTPS://API.Example.COM/psp/x", "https://api.example.com/psp/x", false},
		{"default port spelled out", home, "https://api.example.com:443/psp/x", "https://api.example.com/psp/x", false},
		{"scheme left out", home, "//api.example.com/psp/x", "https://api.example.com/psp/x", false},
		{"encoded slash stays one segment", home, "/psp/a%2Fb", "https://api.example.com/psp/a%2Fb", false},
		{"below a prefix", "http://127.0.0.1:8585/bank/", "/psp/x", "http://127.0.0.1:8585/bank/psp/x", false},
		{"absolute beside a prefix", "http://127.0.0.1:8585/bank", "http://127.0.0.1:8585/psp/x", "http://127.0.0.1:8585/psp/x", false},
		{"IPv6", "http://[::1]:8585", "http://[::1]:8585/psp/x", "http://[::1]:8585/psp/x", false},

		{"other host", home, "https://evil.example/psp/x", "", true},
		{"other host without scheme", home, "//evil.example/psp/x", "", true},
		{"subdomain", home, "https://api.example.com.evil.example/psp/x", "", true},
		{"trailing dot", home, "https://api.example.com./psp/x", "", true},
		{"other port", home, "https://api.example.com:8443/psp/x", "", true},
		{"port of the other scheme", home, "https://api.example.com:80/psp/x", "", true},
		{"downgraded scheme", home, "http://api.example.com/psp/x", "", true},
		{"downgraded scheme on our port", home, "http://api.example.com:443/psp/x", "", true},
		{"user is our host", home, "https://api.example.com@evil.example/psp/x", "", true},
		{"user on our host", home, "https://someone:else@api.example.com/psp/x", "", true},
		{"app scheme", home, "swish://payment?token=1", "", true},
		{"opaque", home, "mailto:someone", "", true},
		{"script", home, "javascript:alert(1)", "", true},

		{"three slashes", home, "///evil.example/psp/x", "", false},
		{"backslash", home, `/\evil.example/psp/x`, "", false},
		{"backslash in host", home, `https://api.example.com\@evil.example`, "", false},
		{"relative", home, "psp/x", "", false},
		{"empty", home, "", "", false},
		{"dot segment", home, "/psp/../admin", "", false},
		{"encoded dot segment", home, "/psp/%2e%2E/admin", "", false},
		{"encoded slash and dots", home, "/psp/..%2fadmin", "", false},
		{"space", home, "/psp/x y", "", false},
		{"line break", home, "/psp/x\r\nX: y", "", false},
		{"fragment", home, "/psp/x#y", "", false},
		{"bad escape", home, "/psp/%zz", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to, err := base(tt.base)
			require.NoError(t, err)
			got, err := resolve(to, tt.ref)
			switch {
			case tt.want != "":
				require.NoError(t, err)
				assert.Equal(t, tt.want, got.String())
			case tt.foreign:
				var foreign *client.ForeignHostError
				require.ErrorAs(t, err, &foreign)
				assert.Equal(t, origin(to), foreign.Base)
				assert.NotContains(t, err.Error(), "else@", "user information")
			default:
				var input *client.InputError
				require.ErrorAs(t, err, &input)
			}
		})
	}
}

func TestBase(t *testing.T) {
	for _, good := range []string{"https://a.example", "http://127.0.0.1:1/", "https://a.example/x/y/"} {
		u, err := base(good)
		require.NoError(t, err, good)
		assert.Equal(t, byte('/'), u.Path[len(u.Path)-1], good)
	}
	for _, bad := range []string{"", "a.example", "//a.example", "ftp://a.example", "https://", "https://:443", "https://u@a.example", "https://a.example?x", "https://a.example#x", "http://a b"} {
		_, err := base(bad)
		var input *client.InputError
		require.ErrorAs(t, err, &input, bad)
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"/psp/x", "//evil", "https://api.example.com@evil", `/\evil`, "/psp/%2e%2e/x", "https://API.example.com:443/x"} {
		f.Add(seed)
	}
	to, _ := base("https://api.example.com/prefix")
	f.Fuzz(func(t *testing.T, ref string) {
		u, err := resolve(to, ref)
		if err == nil && (origin(u) != "https://api.example.com:443" || u.User != nil || u.Fragment != "") {
			t.Fatalf("%q leads to %q", ref, u)
		}
	})
}
