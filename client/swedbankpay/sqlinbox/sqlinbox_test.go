package sqlinbox_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/client/swedbankpay/internal/inboxtest"
	"github.com/kassa-dev/kassa/client/swedbankpay/sqlinbox"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// database opens a file that is closed when the test ends.
func database(t testing.TB, file, settings string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?"+settings)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func open(t testing.TB, db *sql.DB) *sqlinbox.Inbox {
	t.Helper()
	inbox, err := sqlinbox.Open(t.Context(), db)
	require.NoError(t, err)
	return inbox
}

const waiting = "_pragma=busy_timeout(10000)"

func TestInbox(t *testing.T) {
	const unsynced = waiting + "&_pragma=synchronous(OFF)" // the disk is not what this is about
	for name, settings := range map[string]string{"rollback journal": unsynced, "WAL": unsynced + "&_pragma=journal_mode(WAL)"} {
		t.Run(name, func(t *testing.T) {
			inboxtest.Run(t, func(t *testing.T) swedbankpay.Inbox {
				return open(t, database(t, filepath.Join(t.TempDir(), "shop.db"), settings))
			})
		})
	}
	t.Run("one connection", func(t *testing.T) {
		inboxtest.Run(t, func(t *testing.T) swedbankpay.Inbox {
			db := database(t, filepath.Join(t.TempDir(), "shop.db"), "_pragma=synchronous(OFF)")
			db.SetMaxOpenConns(1)
			return open(t, db)
		})
	})
}

func TestRefusals(t *testing.T) {
	var input *client.InputError
	_, err := sqlinbox.Open(t.Context(), nil)
	require.ErrorAs(t, err, &input)

	db := database(t, filepath.Join(t.TempDir(), "hasty.db"), "_pragma=busy_timeout(0)")
	_, err = sqlinbox.Open(t.Context(), db)
	require.ErrorAs(t, err, &input)
	assert.Contains(t, err.Error(), "busy_timeout(5000)")

	db = database(t, filepath.Join(t.TempDir(), "other.db"), waiting)
	_, err = db.Exec(`CREATE TABLE kassa_claim (who TEXT)`)
	require.NoError(t, err)
	_, err = sqlinbox.Open(t.Context(), db)
	require.ErrorContains(t, err, "sqlinbox: the tables cannot be made")

	require.NoError(t, db.Close())
	_, err = sqlinbox.Open(t.Context(), db)
	require.Error(t, err)
}

// TestOpenAgain: what was noted and handled is there after the database was closed.
func TestOpenAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.db")
	first, second := swedbankpay.Callback{Payment: "/psp/p", PaymentNumber: 1<<53 + 1}, swedbankpay.Callback{Payment: "/psp/q"}
	now := time.Now()
	db := database(t, file, waiting)
	inbox := open(t, db)
	require.NoError(t, inbox.Put(t.Context(), first))
	require.NoError(t, inbox.Put(t.Context(), second))
	claim, err := inbox.Claim(t.Context(), second, "me", now, now.Add(time.Hour))
	require.NoError(t, err)
	require.NoError(t, inbox.Done(t.Context(), claim, "q"))
	require.NoError(t, db.Close())

	inbox = open(t, database(t, file, waiting))
	left, err := inbox.Pending(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []swedbankpay.Callback{first}, left)
	handled, err := inbox.Handled(t.Context(), "q")
	require.NoError(t, err)
	assert.True(t, handled)
	assert.True(t, inbox.Durable())
}

func event(number int64) swedbankpay.Event {
	e := swedbankpay.Event{Payment: &swedbankpay.Payment{}, Transaction: &swedbankpay.Transaction{}}
	e.Payment.Payment.ID = "/psp/swish/payments/p"
	e.Transaction.Transaction = psp.Transaction{Number: number, State: "Completed"}
	return e
}

// TestMarkHandled: the mark comes and goes with the merchant's transaction.
func TestMarkHandled(t *testing.T) {
	db := database(t, filepath.Join(t.TempDir(), "shop.db"), waiting)
	inbox := open(t, db)
	_, err := db.Exec(`CREATE TABLE orders (paid INTEGER)`)
	require.NoError(t, err)
	orders := func() (n int) {
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM orders`).Scan(&n))
		return n
	}
	handle := func(e swedbankpay.Event, end func(*sql.Tx) error) error {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		if err := inbox.MarkHandled(t.Context(), tx, e); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		_, err = tx.Exec(`INSERT INTO orders VALUES (1)`)
		require.NoError(t, err)
		return end(tx)
	}
	for _, step := range []struct {
		end            func(*sql.Tx) error
		orders         int
		handled, again bool
	}{
		{(*sql.Tx).Rollback, 0, false, false},
		{(*sql.Tx).Commit, 1, true, false},
		{(*sql.Tx).Commit, 1, true, true},
	} {
		err := handle(event(1), step.end)
		assert.Equal(t, step.again, errors.Is(err, sqlinbox.ErrHandled), "%v", err)
		assert.Equal(t, step.orders, orders())
		handled, err := inbox.Handled(t.Context(), event(1).Key())
		require.NoError(t, err)
		assert.Equal(t, step.handled, handled)
	}
	require.NoError(t, handle(event(2), (*sql.Tx).Commit))
	assert.Equal(t, 2, orders())
}

func TestForget(t *testing.T) {
	db := database(t, filepath.Join(t.TempDir(), "shop.db"), waiting)
	inbox := open(t, db)
	day := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)
	for key, at := range map[string]time.Time{"old": day, "new": day.AddDate(0, 0, 1)} {
		inbox.At(at)
		claim, err := inbox.Claim(t.Context(), swedbankpay.Callback{Payment: "/psp/p"}, "me", at, at)
		require.NoError(t, err)
		require.NoError(t, inbox.Done(t.Context(), claim, key))
	}
	for payment, until := range map[string]time.Time{"/psp/dead": day, "/psp/alive": day.AddDate(0, 0, 2)} {
		_, err := inbox.Claim(t.Context(), swedbankpay.Callback{Payment: payment}, "me", day, until)
		require.NoError(t, err)
	}
	n, err := inbox.Forget(t.Context(), day.AddDate(0, 0, 1))
	require.NoError(t, err)
	assert.EqualValues(t, 1, n)
	var held string
	require.NoError(t, db.QueryRow(`SELECT group_concat(payment) FROM kassa_claim`).Scan(&held))
	assert.Equal(t, "/psp/alive", held)
	for key, want := range map[string]bool{"old": false, "new": true} {
		got, err := inbox.Handled(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, want, got, key)
	}
}

// TestBroken: every method says what failed when the database does.
func TestBroken(t *testing.T) {
	db := database(t, filepath.Join(t.TempDir(), "shop.db"), waiting)
	inbox := open(t, db)
	require.NoError(t, db.Close())
	ctx, c := t.Context(), swedbankpay.Callback{Payment: "/psp/p"}
	_, pending := inbox.Pending(ctx)
	_, claim := inbox.Claim(ctx, c, "me", time.Now(), time.Now())
	_, handled := inbox.Handled(ctx, "k")
	_, forgot := inbox.Forget(ctx, time.Now())
	for _, err := range []error{
		inbox.Put(ctx, c), pending, claim, handled, inbox.Done(ctx, swedbankpay.Claim{}, "k"), inbox.Release(ctx, swedbankpay.Claim{}), forgot,
	} {
		require.ErrorContains(t, err, "sqlinbox: ")
	}
}
