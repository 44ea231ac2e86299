package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

func noEnv(string) string { return "" }

// open runs the whole shop, with a sandbox of its own, and answers where it is and how to end it.
func open(t *testing.T, data string) (string, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-data", data}, noEnv, write, t.Output())
		_ = write.Close()
	}()
	out := bufio.NewReader(read)
	line, err := out.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line), func() {
		cancel()
		assert.Equal(t, 0, <-ended)
	}
}

// One command is enough, and the next goes on where it ended: the sandbox remembers its payments as the shop does its
// orders.
func TestOneCommand(t *testing.T) {
	data := filepath.Join(t.TempDir(), "orders.db")
	s := &street{t: t, http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	var end func()
	s.url, end = open(t, data)
	form := s.checkout(byCard)
	page := s.send("POST", "/checkout", form)
	require.Equal(t, http.StatusSeeOther, page.status)
	assert.Contains(t, s.get(page.location).text, "1,010.00")
	key := "/orders/" + form.Get("key")
	assert.Equal(t, "Not paid yet", s.headline(key))
	end()

	s.url, end = open(t, data)
	defer end()
	assert.Equal(t, "Not paid yet", s.headline(key))
	again := s.send("POST", key+"/pay", form)
	require.Contains(t, again.location, "/creditcardv2/payments/authorize/")
	assert.Contains(t, s.get(again.location).text, "1,010.00")
}

func TestMisuse(t *testing.T) {
	tests := []struct {
		args []string
		want int
		says string
	}{
		{[]string{"-help"}, 0, "-addr"},
		{[]string{"-nonsense"}, 2, "-nonsense"},
		{[]string{"surplus"}, 2, `"surplus" is one word too many`},
		{[]string{"-api", swedbankpay.Production}, 2, "this is an example"},
		{[]string{"-api", swedbankpay.Production + "/"}, 2, "this is an example"},
		{[]string{"-addr", "nowhere"}, 1, "choose another address with -addr"},
		{[]string{"-addr", "127.0.0.1:0", "-data", "no/such/folder/orders.db"}, 1, "no/such/folder/orders.db cannot be used"},
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of a shop that should not have been opened
	defer cancel()
	for _, tt := range tests {
		var stderr bytes.Buffer
		assert.Equal(t, tt.want, run(ctx, tt.args, noEnv, io.Discard, &stderr), "%q", tt.args)
		assert.Contains(t, stderr.String(), tt.says)
	}
	assert.Equal(t, 1, run(t.Context(), []string{"-addr", "127.0.0.1:0", "-data", filepath.Join(t.TempDir(), "orders.db")}, noEnv, deaf{}, io.Discard))
}

// deaf is a standard output that nothing can be written to.
type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, errors.New("nobody listens") }
