package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/server"
	"github.com/kassa-dev/kassa/server/sqlite"
)

// serveFile makes a process that a test started serve a sandbox on a file, instead of running tests.
const serveFile = "KASSA_SERVE_FILE"

func TestMain(m *testing.M) {
	if file := os.Getenv(serveFile); file != "" {
		if err := serve(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve says where it listens, and ends when its input does.
func serve(file string) error {
	disk, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	s, err := server.New(server.WithStore(disk), server.WithSeed(11))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s)
	mux.Handle("/_kassa/", http.StripPrefix("/_kassa", s.Admin()))
	web := http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = web.Serve(l) }()
	fmt.Println("http://" + l.Addr().String())
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = web.Close()
	return s.Close()
}

// A child is the process, and how to talk to it.
type child struct {
	*exec.Cmd

	base string
	stop io.Closer
}

func startChild(t *testing.T, file string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serveFile+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), "the sandbox does not start on what a kill left")
	return &child{cmd, lines.Text(), in}
}

// send answers the status and the body; an error when there was no answer to its end.
func (c *child) send(method, path, token, body string) (int, string, error) {
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func (c *child) get(t *testing.T, path string) reply {
	t.Helper()
	code, text, err := c.send("GET", path, "test", "")
	require.NoError(t, err)
	require.Equal(t, 200, code, "%s: %s", path, text)
	return newReply(t, code, nil, []byte(text))
}

// A deed is something that was sent, and whether it was acknowledged.
type deed struct {
	kind   string // Authorization, Capture or Reversal
	amount int
	acked  bool
}

// An account is what a client knows of one payment. An account without an id was sent and never answered.
type account struct {
	ref, id string
	deeds   map[string]*deed // by reference
}

// load sends what it can until the process is gone, and notes what was answered.
func (c *child) load(t *testing.T, name, shop string, dice *rand.Rand) (accounts []*account) {
	for i := 0; ; i++ {
		a := &account{ref: fmt.Sprintf("%s-%d", name, i), deeds: map[string]*deed{}}
		accounts = append(accounts, a)
		code, text, err := c.send("POST", "/psp/creditcard/payments", "test", calling(withRef(cardPurchase, a.ref), shop))
		if err != nil {
			return accounts
		}
		assert.Equal(t, 201, code, text)
		a.id = newReply(t, code, nil, []byte(text)).str("payment.id")
		for j := range 1 + dice.IntN(5) {
			d := &deed{kind: "Capture", amount: 100 + dice.IntN(500)}
			ref := fmt.Sprintf("%s-%d", a.ref, j)
			path, body := a.id+"/captures", moving(d.amount, ref)
			switch {
			case j == 0:
				d.kind, d.amount, ref = "Authorization", 10000, a.ref
				path, body = "/_kassa/payments/"+lastSegment(a.id)+"/payer", `{"act":"pay"}`
			case j == 4:
				d.kind, d.amount = "Reversal", 50
				path, body = a.id+"/reversals", moving(50, ref)
			}
			a.deeds[ref] = d
			code, text, err := c.send("POST", path, "test", body)
			if err != nil {
				return accounts
			}
			assert.Less(t, code, 300, text)
			d.acked = true
		}
	}
}

// verify holds a payment against what was acknowledged of it, and answers its transactions.
func (c *child) verify(t *testing.T, a *account) (transactions []string) {
	t.Helper()
	r := c.get(t, a.id+everything)
	found := map[string]bool{}
	sums := map[string]int64{}
	list, _ := r.at("payment.transactions.transactionList").([]any)
	for _, one := range list {
		tx := one.(map[string]any)
		ref := tx["payeeReference"].(string)
		d := a.deeds[ref]
		require.NotNil(t, d, "nobody sent %s", ref)
		require.False(t, found[ref], "%s happened twice", ref)
		found[ref] = true
		require.Equal(t, []any{d.kind, "Completed", strconv.Itoa(d.amount)}, []any{tx["type"], tx["state"], string(tx["amount"].(json.Number))}, "whole or absent")
		sums[d.kind] += int64(d.amount)
		transactions = append(transactions, lastSegment(tx["id"].(string)))
	}
	for ref, d := range a.deeds {
		require.True(t, found[ref] || !d.acked, "%s %s was acknowledged and is gone", d.kind, ref)
		d.acked = found[ref] // from now on it has to stay, or stay away
		if !found[ref] {
			delete(a.deeds, ref)
		}
	}
	want := &sheet{instrument: "creditcard", price: 10000, authorised: sums["Authorization"], captured: sums["Capture"], reversed: sums["Reversal"]}
	require.Equal(t, want.amounts(time.Time{}), r.amounts(), "the sums of what is there")
	code, text, err := c.send("POST", "/psp/creditcard/payments", "test", withRef(cardPurchase, a.ref))
	require.NoError(t, err)
	require.Equal(t, 403, code, "a reference stays used: %s", text)
	return transactions
}

// A receiver takes callbacks, or refuses those of every third transaction until it is open.
type receiver struct {
	*httptest.Server

	mu    sync.Mutex
	open  bool
	took  map[string]int // how often, by transaction
	tried int
}

func newReceiver(t *testing.T) *receiver {
	v := &receiver{took: map[string]int{}}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Transaction struct {
				ID     string
				Number int64
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.tried++
		if !v.open && in.Transaction.Number%3 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		v.took[lastSegment(in.Transaction.ID)]++
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *receiver) settle() { v.mu.Lock(); v.open = true; v.mu.Unlock() }

func (v *receiver) counts() map[string]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[string]int{}
	for id, n := range v.took {
		out[id] = n
	}
	return out
}

// TestKilled kills a process that serves a sandbox under load, at any moment, and starts another on the same file. What
// was acknowledged is there, exactly once; what was not is whole or absent; references stay used, tokens stay good, no id
// comes twice from one seed, and every callback arrives in the end.
//
// KASSA_KILLS sets how often, 8 times by default; KASSA_SEED repeats the choices of a run.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills, seed := setting(t, "KASSA_KILLS", 8), setting(t, "KASSA_SEED", int(rand.Int32()))
	dice := rand.New(rand.NewPCG(uint64(seed), 1))
	file, shop := filepath.Join(t.TempDir(), "facts.db"), newReceiver(t)
	ids := map[string]bool{} // of payments and transactions
	var accounts []*account
	var stored, access string
	acked, open := 0, 0

	c := startChild(t, file)
	created := func(body string) string {
		code, text, err := c.send("POST", "/psp/creditcard/payments", "test", body)
		require.NoError(t, err)
		require.Equal(t, 201, code, text)
		id := newReply(t, code, nil, []byte(text)).str("payment.id")
		require.False(t, ids[id], "an id of before")
		ids[id] = true
		return id
	}
	verified := created(strings.Replace(withRef(cardVerify, "verify"), `"generatePaymentToken"`, `"generateRecurrenceToken"`, 1))
	_, _, err := c.send("POST", "/_kassa/payments/"+lastSegment(verified)+"/payer", "", `{"act":"pay"}`)
	require.NoError(t, err)
	stored = c.get(t, verified).str("payment.recurrenceToken")
	_, text, err := c.send("POST", "/oauth2/token", "", `{"grant_type":"client_credentials","scope":"merchant-api","client_id":"c","client_secret":"s"}`)
	require.NoError(t, err)
	access = newReply(t, 200, nil, []byte(text)).str("access_token")

	for round := range kills {
		var mu sync.Mutex
		var all sync.WaitGroup
		var latest []*account
		for g := range 4 {
			each := rand.New(rand.NewPCG(uint64(seed), uint64(round*10+g)))
			all.Go(func() {
				done := c.load(t, fmt.Sprintf("r%d-%d", round, g), shop.URL, each)
				mu.Lock()
				latest = append(latest, done...)
				mu.Unlock()
			})
		}
		timer := time.AfterFunc(time.Duration(10+dice.IntN(150))*time.Millisecond, func() { _ = c.Process.Kill() })
		all.Wait()
		timer.Stop()
		_ = c.Wait()

		c = startChild(t, file)
		for _, a := range latest {
			if a.id == "" {
				// Whether it is there shows when it is sent again: then it is refused, and the whole payment is listed.
				open++
				code, text, err := c.send("POST", "/psp/creditcard/payments", "test", calling(withRef(cardPurchase, a.ref), shop.URL))
				require.NoError(t, err)
				require.Contains(t, []int{201, 403}, code, text)
				continue
			}
			require.False(t, ids[a.id], "an id of before")
			ids[a.id] = true
			accounts = append(accounts, a)
			for _, d := range a.deeds {
				if d.acked {
					acked++
				}
			}
		}
		for i, a := range accounts {
			if len(accounts)-i > 60 && dice.IntN(10) > 0 { // the latest, and some of long ago
				continue
			}
			c.verify(t, a)
		}
		created(strings.Replace(withRef(cardRecur, fmt.Sprint("charge", round)), "TOKEN", stored, 1))
		code, text, err := c.send("POST", "/api/mock_payment_widget_service/session", access, store)
		require.NoError(t, err)
		require.Equal(t, 200, code, text)
	}

	// In the end everything that happened is told.
	shop.settle()
	transactions := map[string]bool{}
	for _, a := range accounts {
		for _, id := range c.verify(t, a) {
			require.False(t, transactions[id] || ids[id], "an id of before")
			transactions[id] = true
		}
	}
	code, text, err := c.send("POST", "/_kassa/clock", "", `{"advance":"30m"}`)
	require.NoError(t, err)
	require.Equal(t, 200, code, text)
	told := shop.counts()
	for id := range transactions {
		require.Positive(t, told[id], "nobody was told of %s", id)
		require.LessOrEqual(t, told[id], kills+1, "told more often than there were chances to forget that")
	}

	// What was delivered is not sent again.
	require.NoError(t, c.stop.Close())
	require.NoError(t, c.Wait())
	c = startChild(t, file)
	code, text, err = c.send("POST", "/_kassa/clock", "", `{"advance":"30m"}`)
	require.NoError(t, err)
	require.Equal(t, 200, code, text)
	assert.Equal(t, told, shop.counts())
	require.NoError(t, c.stop.Close())
	require.NoError(t, c.Wait())
	t.Logf("%d kills, seed %d: %d payments, %d acknowledged steps, %d unanswered creations, %d callbacks tried", kills, seed, len(accounts), acked, open, shop.tried)
}

func setting(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return n
}

// TestNoIDTwice: from one seed no id comes twice, however often a store is opened again and however much shorter it has
// become by a snapshot's return.
func TestNoIDTwice(t *testing.T) {
	for extra := range 12 {
		disk := &memory{}
		seen := map[string]bool{}
		for run := range 3 {
			s, err := server.New(server.WithStore(disk), server.WithSeed(1), server.WithClock(func() time.Time { return time.Unix(1.76e9, 0) }))
			require.NoError(t, err)
			x := &sandbox{Server: s, t: t, client: s.Client()}
			create := func(i int) {
				id := x.must("POST", "/psp/creditcard/payments", withRef(cardPurchase, fmt.Sprint(run, "-", i))).str("payment.id")
				require.False(t, seen[id], "run %d, payment %d", run, i)
				seen[id] = true
			}
			create(0)
			switch run {
			case 0:
				for range 3 {
					require.NoError(t, s.Advance(t.Context(), time.Second))
				}
			case 1:
				var text bytes.Buffer
				require.NoError(t, s.Snapshot(&text))
				require.NoError(t, s.Restore(&text))
				for i := range extra {
					create(i + 1)
				}
			}
			require.NoError(t, s.Close())
		}
	}
}

// TestFullDisk: once something cannot be kept, that request and all that follow are refused with 503 and a problem, and
// what was acknowledged before is there when the file is opened again.
func TestFullDisk(t *testing.T) {
	for room := 1; room <= 14; room++ {
		disk := &memory{room: room}
		s, err := server.New(server.WithStore(disk), server.WithSeed(1), server.WithClock(func() time.Time { return time.Unix(1.76e9, 0) }))
		require.NoError(t, err)
		x := &sandbox{Server: s, t: t, client: s.Client()}
		var acked []string // ids, as often as something was acknowledged
		full := false
		for i := 0; !full; i++ {
			require.LessOrEqual(t, len(acked), room, "more is acknowledged than fits")
			r := x.do("POST", "/psp/creditcard/payments", withRef(cardPurchase, fmt.Sprint("r", i)))
			if full = r.status == 503; full {
				assert.Contains(t, r.header.Get("Content-Type"), "application/problem+json")
				break
			}
			require.Equal(t, 201, r.status, r.text)
			id := r.str("payment.id")
			acked = append(acked, id)
			if full = s.Pay(t.Context(), id) != nil; full {
				break
			}
			acked = append(acked, id)
			r = x.do("POST", id+"/captures", moving(100, fmt.Sprint("c", i)))
			if full = r.status == 503; full {
				break
			}
			require.Equal(t, 201, r.status, r.text)
			acked = append(acked, id)
		}
		require.Len(t, acked, room-1, "one unit is the key")
		for _, again := range []reply{
			x.do("POST", "/psp/swish/payments", withRef(swishPurchase, "later")), x.do("GET", "/psp/creditcard/payments/x", ""),
			x.do("POST", "/oauth2/token", credentials), x.knock("POST", "/clock", `{"advance":"1s"}`),
		} {
			assert.Equal(t, 503, again.status, again.text)
		}
		require.Error(t, s.Pay(t.Context(), "x"))
		require.NoError(t, s.Close())

		s, err = server.New(server.WithStore(remembering(disk.all())), server.WithClock(func() time.Time { return time.Unix(1.76e9, 0) }))
		require.NoError(t, err)
		x = &sandbox{Server: s, t: t, client: s.Client()}
		steps := 0
		for i, id := range acked {
			if i > 0 && acked[i-1] == id {
				continue
			}
			r := x.must("GET", id+everything, "")
			steps++
			list, _ := r.at("payment.transactions.transactionList").([]any)
			for _, tx := range list {
				require.Equal(t, "Completed", tx.(map[string]any)["state"])
				steps++
			}
		}
		assert.Equal(t, len(acked), steps, "exactly what was acknowledged")
		require.NoError(t, s.Close())
	}
}
