package conformance

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
	"github.com/kassa-dev/kassa/conformance/httptext"
)

// The founding traffic is what the documents that Kassa started from print, as
// testdata/founding/NAME.txtar for reading and NAME.har for kassa check.
const founding = "testdata/founding"

var update = flag.Bool("update", false, "rewrite the expected findings and the HAR files of testdata")

// foundingRecordings are the recordings, one for each page and one of ours, and
// how many exchanges each holds.
var foundingRecordings = map[string]int{
	"resurs-widget-backend":        4,
	"swedbankpay-fundamentals":     6,
	"swedbankpay-payment-resource": 1,
	"ours":                         6,
}

// Each recording is clean of errors, has exactly the warnings and notes that
// its last section lists, and stands beside it as HAR.
func TestFounding(t *testing.T) {
	checker := ownChecker(t)
	for _, name := range slices.Sorted(maps.Keys(foundingRecordings)) {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(founding, name)
			recording := readRecording(t, name)
			require.Len(t, recording.Exchanges, foundingRecordings[name])

			recorded := recordHAR(t, entriesOf(recording))
			findings := ""
			for _, f := range judgeHAR(t, checker, recorded) {
				assert.NotEqual(t, Error, f.Severity, f)
				findings += line(recording, f)
			}
			if *update {
				rewriteFindings(t, file+".txtar", findings)
				require.NoError(t, os.WriteFile(file+".har", recorded, 0o644))
				recording = readRecording(t, name)
			}
			assert.Equal(t, recording.Sections["findings"], findings, "if this is right, run the test with -update")
			beside, err := os.ReadFile(file + ".har")
			require.NoError(t, err, "run the test with -update to write it")
			assert.Equal(t, string(beside), string(recorded), "if this is right, run the test with -update")
		})
	}
}

// The directory as a whole is what a user gives to kassa check.
func TestFoundingDirectory(t *testing.T) {
	report, err := CheckFiles(t.Context(), ownChecker(t), []string{founding}, nil)
	require.NoError(t, err)
	exchanges := 0
	for _, n := range foundingRecordings {
		exchanges += n
	}
	assert.Equal(t, exchanges, report.Summary.Judged)
	assert.Zero(t, report.Summary.Unjudged)
	assert.Zero(t, report.Summary.Errors)
	assert.Zero(t, report.ExitCode(Error))
	assert.Contains(t, report.Seen, "swedbankpay/creditcard paymentChanged")
}

// What is redacted is judged like the original.
func TestFoundingRedacted(t *testing.T) {
	checker := ownChecker(t)
	for name := range foundingRecordings {
		plain, redacted := checker.Session(), checker.Session()
		for _, e := range entriesOf(readRecording(t, name)) {
			x := fromEntry(name, har.Meta{}, e)
			assert.Equal(t, plain.Check(x), redacted.Check(Redact(x)), "%s, entry %d", name, e.Index)
		}
	}
}

func ownChecker(t *testing.T) *Checker {
	t.Helper()
	checker, err := New()
	require.NoError(t, err)
	return checker
}

func readRecording(t *testing.T, name string) *httptext.Recording {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(founding, name+".txtar"))
	require.NoError(t, err)
	recording, err := httptext.Parse(text)
	require.NoError(t, err, name)
	return recording
}

func entriesOf(recording *httptext.Recording) []har.Entry {
	var entries []har.Entry
	for _, x := range recording.Exchanges {
		entries = append(entries, x.Entry)
	}
	return entries
}

// recordHAR and judgeHAR take the way of every recording: through a file.
func recordHAR(t *testing.T, entries []har.Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := har.NewWriter(&out, har.Meta{})
	for _, e := range entries {
		require.NoError(t, w.Write(e))
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// judgeHAR returns every finding of every entry, in the order of a report.
func judgeHAR(t *testing.T, checker *Checker, recorded []byte) []Finding {
	t.Helper()
	reader, session := har.NewReader(bytes.NewReader(recorded)), checker.Session()
	var findings []Finding
	for e, err := range reader.Entries() {
		require.NoError(t, err)
		findings = append(findings, session.Check(fromEntry("", reader.Meta(), e))...)
	}
	slices.SortStableFunc(findings, compare)
	return findings
}

// line prints a finding for the fixture, which knows the exchange by name.
func line(recording *httptext.Recording, f Finding) string {
	place := strings.TrimSpace(f.Side + " " + f.Pointer)
	return fmt.Sprintf("%s: %s %s, %s: %s\n", recording.Exchanges[f.Entry].Name, f.Severity, f.Rule, place, f.Message)
}

func rewriteFindings(t *testing.T, file, findings string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "findings" })
	archive.Files = append(archive.Files, txtar.File{Name: "findings", Data: []byte(findings)})
	require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o644))
}
