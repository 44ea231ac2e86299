package conformance_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

func TestProgress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.har")
	var recording bytes.Buffer
	recorder := conformance.NewRecorder(shop(t), &recording)
	for range 100 {
		recorder.Record(order())
	}
	require.NoError(t, recorder.Close())
	require.NoError(t, os.WriteFile(file, recording.Bytes(), 0o600))

	told := map[string][]conformance.Progress{}
	checker := shop(t, conformance.WithProgress(func(p conformance.Progress) { told[p.File] = append(told[p.File], p) }))
	size := int64(recording.Len())
	_, err := conformance.CheckFiles(t.Context(), checker, []string{file, "-"}, &recording)
	require.NoError(t, err)
	for name, of := range map[string]int64{filepath.ToSlash(file): size, "stdin": 0} {
		require.NotEmpty(t, told[name])
		for i, p := range told[name] {
			assert.Equal(t, of, p.Size)
			assert.True(t, i == 0 || p.Read >= told[name][i-1].Read)
		}
		assert.Equal(t, size, told[name][len(told[name])-1].Read)
	}
}
