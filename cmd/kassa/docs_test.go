package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exampleGUID is the payment that the documents ask about.
const exampleGUID = "7e6cdfc3-1276-44e9-9992-7cf4419750e1"

// TestDocumentsRun runs what docs/sandbox.md and the README tell people to type
// at the doors of a sandbox, each page on a sandbox of its own.
func TestDocumentsRun(t *testing.T) {
	for page, least := range map[string]int{"docs/sandbox.md": 15, "README.md": 2} {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile("../../" + page)
			require.NoError(t, err)
			typed := commandsOf(string(text))
			require.GreaterOrEqual(t, len(typed), least, "what is not found does not run: %q", typed)
			box := start(t)
			files := map[string]string{}
			for _, words := range typed {
				t.Run(strings.Join(words, " "), func(t *testing.T) {
					payment := box.newPayment(t)
					for i := range words {
						words[i] = strings.NewReplacer(exampleGUID, payment, "127.0.0.1:8585", box.api, "127.0.0.1:8586", box.admin).Replace(words[i])
					}
					if words[0] == "kassa" {
						code, _, stderr := kassa(t, append(words[1:], "--admin", "http://"+box.admin)...)
						assert.Equal(t, 0, code, stderr)
						return
					}
					curl(t, words[1:], files)
				})
			}
		})
	}
}

// commandsOf are the curls to a door and the kassa pays of a page, in words.
func commandsOf(page string) [][]string {
	var typed [][]string
	for _, found := range regexp.MustCompile(`(?m)^    ((?:curl -s|kassa pay) (?:'[^']*'|[^'\n])*)$`).FindAllStringSubmatch(page, -1) {
		line, _, _ := strings.Cut(found[1], "  #")
		var words []string
		for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1) {
			words = append(words, strings.Trim(word, "'"))
		}
		if !strings.Contains(line, "--cacert") { // TestSandboxTLS goes that way
			typed = append(typed, words)
		}
	}
	return typed
}

// newPayment is the GUID of a payment that awaits its payer.
func (r *running) newPayment(t *testing.T) string {
	t.Helper()
	r.count++
	body := strings.Replace(cardPayment, "AH123456", "ref"+itoa(r.count), 1)
	for try := 0; ; try++ { // a fault may be set
		req, err := http.NewRequest(http.MethodPost, "http://"+r.api+"/psp/creditcard/payments", strings.NewReader(body))
		require.NoError(t, err)
		req.Header = http.Header{"Authorization": {"Bearer tests"}, "Content-Type": {"application/json"}}
		res, err := http.DefaultClient.Do(req)
		if err != nil && try < 3 {
			body = strings.Replace(cardPayment, "AH123456", "again"+itoa(r.count)+itoa(try), 1)
			continue
		}
		require.NoError(t, err)
		defer res.Body.Close()
		require.Equal(t, 201, res.StatusCode)
		location := res.Header.Get("Location")
		return location[strings.LastIndexByte(location, '/')+1:]
	}
}

// curl does what curl would, and wants it to succeed.
func curl(t *testing.T, words []string, files map[string]string) {
	t.Helper()
	method, body, url, into := http.MethodGet, "", "", ""
	header := http.Header{}
	for i := 0; i < len(words); i++ {
		value := func() string { i++; return words[i] }
		switch words[i] {
		case "-s":
		case "-X":
			method = value()
		case "-o":
			into = value()
		case "-H":
			name, content, _ := strings.Cut(value(), ": ")
			header.Set(name, content)
		case "-d":
			if body = value(); body[0] == '@' {
				body = files[body[1:]]
				require.NotEmpty(t, body)
			}
			if method == http.MethodGet {
				method = http.MethodPost
			}
		default:
			require.Empty(t, url, words[i])
			url = words[i]
		}
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Less(t, res.StatusCode, 300, string(text))
	if into != "" {
		files[into] = string(text)
	}
}
