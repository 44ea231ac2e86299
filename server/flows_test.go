package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/flows with what the sandbox says now")

// TestFlows plays the conversations in testdata/flows. Each opens with a sentence about what it shows; then sections
// follow in order:
//
//	request    a method, an address and headers, an empty line, a body. $payment is the path of the payment last created,
//	           $token the access token last issued, $stored the recurrence token last made
//	response   what the sandbox has to answer to it: status, headers that mean something, body
//	payer      what the payer does, through the second door: pay, decline or cancel
//	clock      how far the clock is turned, such as 8s
//	callback   what the merchant has to have been told since the last such section
func TestFlows(t *testing.T) {
	files, err := filepath.Glob("testdata/flows/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			require.Greater(t, len(bytes.TrimSpace(archive.Comment)), 20, "a flow opens with a sentence that says what it shows")
			told := &listener{}
			p := &player{
				sandbox: newSandbox(t, server.WithCallbackClient(&http.Client{Transport: told})),
				told:    told, names: strings.NewReplacer(),
			}
			checked := 0
			for i, section := range archive.Files {
				number, kind, _ := strings.Cut(section.Name, " ")
				require.NotEmpty(t, number)
				got, check := p.play(kind, string(section.Data))
				if !check {
					continue
				}
				checked++
				if *update {
					archive.Files[i].Data = []byte(got)
					continue
				}
				require.Equal(t, string(section.Data), got, "%s: section %q; go test -update rewrites it", file, section.Name)
			}
			require.Positive(t, checked)
			if *update {
				require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o600))
			}
		})
	}
}

type player struct {
	*sandbox

	told                   *listener
	names                  *strings.Replacer
	payment, token, stored string

	last reply
}

// play takes one section. It answers the text of a section that is checked.
func (p *player) play(kind, text string) (got string, check bool) {
	switch kind {
	case "request":
		p.last = p.exchange(p.names.Replace(text))
		if id, ok := p.last.at("payment.id").(string); ok {
			p.payment = id
		}
		if token, ok := p.last.at("access_token").(string); ok {
			p.token = token
		}
		if stored, ok := p.last.at("payment.recurrenceToken").(string); ok {
			p.stored = stored
		}
		p.names = strings.NewReplacer("$payment", p.payment, "$token", p.token, "$stored", p.stored)
		return "", false
	case "response":
		return p.last.script(), true
	case "payer":
		r := p.admin("POST", "/payments/"+lastSegment(p.payment)+"/payer", `{"act":"`+strings.TrimSpace(text)+`"}`)
		require.Equal(p.t, 200, r.status, r.text)
		return "", false
	case "clock":
		d, err := time.ParseDuration(strings.TrimSpace(text))
		require.NoError(p.t, err)
		require.NoError(p.t, p.Advance(p.t.Context(), d))
		return "", false
	case "callback":
		p.Settle()
		return p.told.script(), true
	default:
		require.Fail(p.t, "no such section", kind)
		return "", false
	}
}

func (p *player) exchange(text string) reply {
	r := bufio.NewReader(strings.NewReader(text))
	line, err := r.ReadString('\n')
	require.NoError(p.t, err)
	method, url, ok := strings.Cut(strings.TrimSpace(line), " ")
	require.True(p.t, ok, line)
	header := http.Header{}
	for {
		line, err := r.ReadString('\n')
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ": ")
		require.True(p.t, ok, line)
		header.Add(name, value)
		if err == io.EOF {
			break
		}
	}
	body, err := io.ReadAll(r)
	require.NoError(p.t, err)
	e := p.request(method, url, strings.TrimSpace(string(body)))
	e.header = header
	return e.send()
}

// script writes an answer as a section: JSON is indented, so that it can be read.
func (r reply) script() string {
	var out bytes.Buffer
	fmt.Fprintln(&out, r.status)
	for _, name := range []string{"Allow", "Content-Type", "Location", "WWW-Authenticate"} {
		if v := r.header.Get(name); v != "" {
			fmt.Fprintf(&out, "%s: %s\n", name, v)
		}
	}
	if r.text != "" {
		out.WriteByte('\n')
		_ = json.Indent(&out, []byte(r.text), "", "  ")
		out.WriteByte('\n')
	}
	return out.String()
}

// A listener is a merchant without a network.
type listener struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, "%s %s\n%s\n", r.Method, r.URL, body)
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, err
}

func (l *listener) script() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}
