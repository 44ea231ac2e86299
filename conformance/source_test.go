package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

// harFile is a recording of these requests, "METHOD URL STATUS BODY" each.
func harFile(t *testing.T, log string, requests ...string) string {
	t.Helper()
	var entries []string
	for _, r := range requests {
		parts := strings.SplitN(r, " ", 4)
		text, err := json.Marshal(parts[3])
		require.NoError(t, err)
		entries = append(entries, `{"request":{"method":"`+parts[0]+`","url":"`+parts[1]+`"},"response":{"status":`+parts[2]+
			`,"content":{"mimeType":"application/json","text":`+string(text)+`}}}`)
	}
	return `{"log":{` + log + `"entries":[` + strings.Join(entries, ",\n") + `]}}`
}

func TestCheckFiles(t *testing.T) {
	clean := harFile(t, "", `GET `+base+`/orders/1 200 {"amount":1}`)
	broken := harFile(t, "", `GET `+base+`/orders/1 200 {"amount":"x"}`)
	foreign := harFile(t, "", `GET https://other.example/ 200 x`)
	tests := []struct {
		name    string
		files   map[string]string
		args    []string
		stdin   string
		code    int
		judged  int
		rules   []string
		problem []string // for each error, its start
	}{
		{name: "clean", files: map[string]string{"a.har": clean}, args: []string{"a.har"}, judged: 1},
		{name: "another name", files: map[string]string{"a.json": clean}, args: []string{"a.json"}, judged: 1},
		{name: "broken", files: map[string]string{"a.har": broken}, args: []string{"a.har"}, code: 1, judged: 1,
			rules: []string{"error response.body.schema response /amount"}},
		{name: "stdin", args: []string{"-"}, stdin: clean, judged: 1},
		{name: "directory", files: map[string]string{"d/a.har": clean, "d/e/B.HAR": clean, "d/c.txt": "x"}, args: []string{"d"}, judged: 2},
		{name: "directory without recordings", files: map[string]string{"d/c.txt": "x"}, args: []string{"d"}, code: 3,
			problem: []string{"d: the directory holds no *.har files; name a directory"}},
		{name: "missing", args: []string{"a.har"}, code: 3, problem: []string{"a.har: there is no such file; check the path"}},
		{name: "empty", files: map[string]string{"a.har": ""}, args: []string{"a.har"}, code: 3, problem: []string{"a.har: the file is empty; record it again"}},
		{name: "no JSON", files: map[string]string{"a.har": "<html>"}, args: []string{"a.har"}, code: 3,
			problem: []string{"a.har: the file is not JSON: it begins with '<'; give a HAR 1.2 file"}},
		{name: "no HAR", files: map[string]string{"a.har": "{}"}, args: []string{"a.har"}, code: 3,
			problem: []string{"a.har: the file holds no log.entries; give a HAR 1.2 file"}},
		{name: "no entries", files: map[string]string{"a.har": harFile(t, "")}, args: []string{"a.har"}, code: 3,
			problem: []string{"a.har: it holds no entries; record some traffic"}},
		{name: "another host", files: map[string]string{"a.har": foreign}, args: []string{"a.har"}, code: 3,
			problem: []string{"a.har: none of its entries is for a host of the documents: it has other.example; record traffic with api.shop.example"}},
		{name: "only preflights", files: map[string]string{"a.har": harFile(t, "", `OPTIONS `+base+`/orders 204 `)}, args: []string{"a.har"}, code: 3,
			problem: []string{"a.har: none of its entries could be judged"}},
		{name: "truncated: what came before is judged", files: map[string]string{"a.har": broken[:len(broken)-3] + `,{"request":`}, args: []string{"a.har"},
			code: 1, judged: 1, rules: []string{"error response.body.schema response /amount"},
			problem: []string{"a.har: the file ends before its end, in or after log.entries[1]; what came before was judged"}},
		{name: "truncated and clean", files: map[string]string{"a.har": clean[:len(clean)-2]}, args: []string{"a.har"}, code: 3, judged: 1,
			problem: []string{"a.har: the file ends before its end"}},
		{name: "a damaged entry", files: map[string]string{"a.har": strings.Replace(clean, `"entries":[`, `"entries":[7,`, 1)}, args: []string{"a.har"},
			code: 1, judged: 1, rules: []string{"error recording.entry.damaged"}},
		{name: "the run goes on", files: map[string]string{"b.har": "x", "c.har": clean, "d.har": foreign}, args: []string{"a.har", "b.har", "c.har", "d.har"},
			code: 3, judged: 1, problem: []string{"a.har: ", "b.har: ", "d.har: "}},
		{name: "servers of its own", files: map[string]string{"a.har": harFile(t, `"_servers":["http://127.0.0.1:4711"],`, `GET http://127.0.0.1:4711/v1/orders/1 200 {"amount":1}`)},
			args: []string{"a.har"}, judged: 1},
		{name: "servers of another", files: map[string]string{
			"a.har": harFile(t, `"_servers":["http://127.0.0.1:4711"],`, `GET http://127.0.0.1:4711/v1/orders/1 200 {"amount":1}`),
			"b.har": harFile(t, ``, `GET http://127.0.0.1:4711/v1/orders/1 200 {"amount":1}`)},
			args: []string{"a.har", "b.har"}, code: 3, judged: 1, problem: []string{"b.har: none of its entries is for a host"}},
		{name: "servers that are none", files: map[string]string{"a.har": harFile(t, `"_servers":["localhost"],`, `GET http://localhost/ 200 x`)},
			args: []string{"a.har"}, code: 3, problem: []string{"a.har: log._servers names "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checker := shop(t)
			t.Chdir(t.TempDir())
			for name, text := range tt.files {
				require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
				require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
			}
			report, err := conformance.CheckFiles(t.Context(), checker, tt.args, strings.NewReader(tt.stdin))
			if tt.rules == nil {
				tt.rules = []string{}
			}
			assert.Equal(t, tt.rules, rules(report.Findings))
			assert.Equal(t, tt.judged, report.Summary.Judged)
			assert.Equal(t, tt.code, report.ExitCode(conformance.Error))
			if len(tt.problem) == 0 {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(tt.problem), err)
			for i, line := range lines {
				assert.True(t, strings.HasPrefix(line, tt.problem[i]), "%s\nwant %s", line, tt.problem[i])
			}
			var source *conformance.SourceError
			require.ErrorAs(t, err, &source)
			assert.NotEmpty(t, source.Remedy)
		})
	}
}

func TestCheckFilesUnreadable(t *testing.T) {
	report, err := conformance.CheckFiles(t.Context(), shop(t), []string{"-"}, iotest.ErrReader(errors.New("pipe burst")))
	assert.ErrorContains(t, err, "stdin: reading failed: pipe burst; check the file")
	assert.Equal(t, 3, report.ExitCode(conformance.Error))

	file := filepath.Join(t.TempDir(), "a.har")
	require.NoError(t, os.WriteFile(file, nil, 0o000))
	if f, err := os.Open(file); err == nil { // the superuser may read everything
		assert.NoError(t, f.Close())
		return
	}
	_, err = conformance.CheckFiles(t.Context(), shop(t), []string{file}, nil)
	assert.ErrorContains(t, err, "the file may not be read; check its permissions")
}

func TestCheckFilesInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	cancel(stop)
	report, err := conformance.CheckFiles(ctx, shop(t), []string{"-"}, strings.NewReader(harFile(t, "")))
	assert.ErrorIs(t, err, stop)
	assert.Equal(t, 3, report.ExitCode(conformance.Error))
}

// Browsers leave credentials out of what they export; nothing follows from
// that, and it is said.
func TestSanitisedRecording(t *testing.T) {
	text := harFile(t, `"creator":{"name":"WebInspector"},`, `GET `+base+`/orders/1 200 {"amount":1}`)
	text = strings.Replace(text, `/orders/1"`, `/orders/1","headers":[{"name":":authority","value":"api.shop.example"}]`, 1)
	report, err := conformance.CheckFiles(t.Context(), shop(t), []string{"-"}, strings.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, []string{"note request.auth.unknown request header/Authorization"}, rules(report.Findings))
	assert.Zero(t, report.ExitCode(conformance.Warning))
	report, err = conformance.CheckFiles(t.Context(), shop(t), []string{"-"}, strings.NewReader(strings.Replace(text, "WebInspector", "mine", 1)))
	require.NoError(t, err)
	assert.Equal(t, []string{"error request.auth.missing request header/Authorization"}, rules(report.Findings))
}

// Two runs over several files say the same, byte for byte, and in order.
func TestReportsAreReproducible(t *testing.T) {
	checker := shop(t)
	t.Chdir(t.TempDir())
	var requests []string
	for _, body := range []string{`{"amount":"x"}`, `{"b":1,"c":2,"a":3}`, `{"amount":1.5,"lines":[{"amount":"x"},7]}`, `[]`, `{`} {
		requests = append(requests, "GET "+base+"/orders/1 200 "+body, "GET "+base+"/nonsense 404 "+body)
	}
	for _, name := range []string{"b.har", "a.har", "c.har"} {
		require.NoError(t, os.WriteFile(name, []byte(harFile(t, "", requests...)), 0o600))
	}
	var first []byte
	for i := range 5 {
		report, err := conformance.CheckFiles(t.Context(), checker, []string{"c.har", "."}, nil)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, report.WriteJSON(&out))
		require.NoError(t, report.WriteText(&out))
		if i == 0 {
			first = out.Bytes()
			require.Greater(t, len(report.Findings), 10)
			assert.Equal(t, "a.har", report.Findings[0].File)
		}
		require.Equal(t, string(first), out.String())
	}
}
