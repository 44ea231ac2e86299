package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

// FuzzRecords: any bytes in names and data come back as they were, and Replace forgets one namespace and no other.
func FuzzRecords(f *testing.F) {
	f.Add("", "", "", []byte(nil))
	f.Add("a", "5cabf558-5283-482f-b252-4d58e06f6f3b", "transaction", []byte(`{"amount":1500}`))
	f.Add("\x00", "a\x00b", "\xff\xfe\xed\xa0\x80", []byte("\x00\xff"))
	f.Add("' OR 1=1 --", "%_*?", "x'00'", make([]byte, 5000))
	f.Add("1", "1.0", "9223372036854775808", []byte("SQLite format 3\x00"))
	s := open(f, filepath.Join(f.TempDir(), "facts.db"))
	f.Fuzz(func(t *testing.T, namespace, subject, kind string, data []byte) {
		if len(data) == 0 {
			data = nil
		}
		a := server.Record{Namespace: namespace, Subject: subject, Kind: kind, Data: data}
		b := server.Record{Namespace: namespace + "\x00", Subject: kind, Kind: subject, Data: []byte(namespace + "x")}
		require.NoError(t, s.Replace("", a, b, a)())
		assert.Equal(t, []server.Record{a, b, a}, all(t, s))
		require.NoError(t, s.Replace(namespace)())
		if namespace == "" {
			assert.Empty(t, all(t, s))
		} else {
			assert.Equal(t, []server.Record{b}, all(t, s))
		}
	})
}
