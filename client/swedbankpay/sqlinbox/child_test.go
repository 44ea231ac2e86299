package sqlinbox_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/client/swedbankpay/sqlinbox"
)

// childJob is set in a process started by a test, which is a shop instead of
// the tests.
const childJob = "KASSA_SQLINBOX_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childJob) == "" {
		os.Exit(m.Run())
	}
	if err := keepShop(os.Args[1], os.Args[2]); err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}

// A child is a shop in a process of its own. It says where it listens and what
// must not happen, line by line, and closes when its input ends.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
	stop  func() error
}

func start(t *testing.T, file, bank string) child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], file, bank)
	cmd.Env = append(os.Environ(), childJob+"=shop")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return child{cmd, bufio.NewScanner(out), in.Close}
}

// orders are two tables of the shop's own: one that is written apart from the
// mark of an event, and one that is written with it.
const orders = `CREATE TABLE IF NOT EXISTS apart (event TEXT NOT NULL); CREATE TABLE IF NOT EXISTS together (event TEXT NOT NULL)`

// keepShop is the shop: its answer waits for nothing, and handling takes a
// while.
func keepShop(file, bank string) error {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+file+"?"+waiting+"&_pragma=synchronous(OFF)") // what a process wrote outlives it all the same
	if err != nil {
		return err
	}
	if _, err := db.Exec(orders); err != nil {
		return err
	}
	inbox, err := sqlinbox.Open(ctx, db)
	if err != nil {
		return err
	}
	handle := func(ctx context.Context, e swedbankpay.Event) error {
		if marked, err := inbox.Handled(ctx, e.Key()); err == nil && marked {
			fmt.Println("handed out although it is marked:", e.Key())
		}
		select {
		case <-time.After(time.Duration(rand.IntN(10)) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		if e.Transaction.Number%2 == 0 {
			_, err := db.ExecContext(ctx, `INSERT INTO apart VALUES (?)`, e.Key())
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if err := inbox.MarkHandled(ctx, tx, e); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO together VALUES (?)`, e.Key()); err != nil {
			return err
		}
		return tx.Commit()
	}
	callbacks := swedbankpay.NewCallbacks(swedbankpay.New(client.StaticToken("any"), client.WithBaseURL(bank)), handle,
		swedbankpay.WithInbox(inbox), swedbankpay.WithPatience(0), swedbankpay.WithHandlingTimeout(2*time.Second))
	if err := callbacks.Resume(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	web := &http.Server{Handler: callbacks, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = web.Shutdown(ctx)
	}()
	_ = web.Serve(listener)
	if err := callbacks.Close(ctx); err != nil {
		return err
	}
	return db.Close()
}
