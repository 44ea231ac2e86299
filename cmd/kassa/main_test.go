package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kassa": main})
}

// TestScripts plays the sessions under testdata: what a person types, and what
// comes of it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true, Cmds: scriptCommands()})
}

func kassa(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &problems)
	return code, out.String(), problems.String()
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	code, _, stderr := kassa(t, "sandbox", "--admin-addr", "127.0.0.1:0", "--addr", taken.Addr().String())
	assert.Equal(t, 1, code)
	assert.Regexp(t, `^kassa: 127\.0\.0\.1:\d+ is in use; .*--addr.*\n$`, stderr)
}

func TestNoSuchAddress(t *testing.T) {
	code, _, stderr := kassa(t, "sandbox", "--admin-addr", "127.0.0.1:0", "--addr", "nonsense")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "give host:port with --addr")
	assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line")
}

// TestSandboxWelcome runs the printed curl as an HTTP request, and stops the
// sandbox as ctrl-c does.
func TestSandboxWelcome(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &lines{seen: make(chan string, 100)}
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"sandbox", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--seed", "1"}, strings.NewReader(""), out, &bytes.Buffer{})
	}()
	welcome := <-out.seen
	curl := regexp.MustCompile(`(?s)curl -s (\S+) -H 'Authorization: (.*?)' -H 'Content-Type: (.*?)' -d '(.*?)'`).FindStringSubmatch(welcome)
	require.NotNil(t, curl, "the welcome has a curl to try:\n%s", welcome)

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, curl[1], strings.NewReader(curl[4]))
	require.NoError(t, err)
	req.Header.Set("Authorization", curl[2])
	req.Header.Set("Content-Type", curl[3])
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusCreated, res.StatusCode)
	var answer struct{ Payment struct{ ID string } }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	assert.True(t, strings.HasPrefix(answer.Payment.ID, "/psp/creditcard/payments/"))

	stop()
	select {
	case code := <-done:
		assert.Equal(t, 0, code, "stopping is no failure")
	case <-time.After(10 * time.Second):
		t.Fatal("the sandbox did not stop")
	}
}

// lines hands over each write as one text.
type lines struct{ seen chan string }

func (l *lines) Write(p []byte) (int, error) {
	l.seen <- string(p)
	return len(p), nil
}

// TestReportIsRepeatable wants the same bytes from the same recording.
func TestReportIsRepeatable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demo.har")
	code, _, stderr := kassa(t, "demo", "--out", file)
	require.Equal(t, 0, code, stderr)
	_, first, _ := kassa(t, "check", "--format", "json", file)
	_, second, _ := kassa(t, "check", "--format", "json", file)
	assert.Equal(t, first, second)
	assert.Contains(t, first, `"schema": "kassa.report/1"`)
}

func TestDemoKeepsSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demo.har")
	code, stdout, stderr := kassa(t, "demo", "--out", file)
	require.Equal(t, 0, code, stderr)
	recording, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, secret := range []string{"demo-secret", "demo-token", "rpmw_"} {
		assert.NotContains(t, string(recording), secret)
		assert.NotContains(t, stdout, secret)
	}
}

func TestDemoCannotWrite(t *testing.T) {
	code, _, stderr := kassa(t, "demo", "--out", filepath.Join(t.TempDir(), "missing", "demo.har"))
	assert.Equal(t, 1, code)
	assert.Regexp(t, `^kassa: .*demo\.har cannot be written \(no such file or directory\); choose another file with --out\n$`, stderr)
}
