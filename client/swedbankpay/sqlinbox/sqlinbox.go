// Package sqlinbox keeps the callbacks of Swedbank Pay in an SQLite database,
// which may be the one that a merchant's orders are in.
//
//	db, err := sql.Open("sqlite", "file:shop.db?_pragma=busy_timeout(5000)")
//	inbox, err := sqlinbox.Open(ctx, db)
//	callbacks := swedbankpay.NewCallbacks(pay, handle, swedbankpay.WithInbox(inbox))
//	err = callbacks.Resume(ctx)
//
// The database and its driver are the merchant's; this package brings none.
// What it wants is the SQL of SQLite 3.24 or newer, in any journal mode.
//
// # Exactly once
//
// [swedbankpay.Callbacks] promises that an event is handled at least once. A
// merchant whose orders are in the same database can have it exactly once:
// MarkHandled makes what happens to the order, and that the event was handled,
// one transaction.
//
//	func handle(ctx context.Context, e swedbankpay.Event) error {
//		tx, err := db.BeginTx(ctx, nil)
//		if err != nil {
//			return err
//		}
//		defer tx.Rollback()
//		if err := inbox.MarkHandled(ctx, tx, e); err != nil {
//			return err
//		}
//		if _, err := tx.ExecContext(ctx, `UPDATE …`); err != nil {
//			return err
//		}
//		return tx.Commit()
//	}
//
// # Tables
//
// The tables are kassa_callback (what was noted and not handled), kassa_claim
// (who works on which payment) and kassa_handled (the keys of events). There is
// nothing secret in them. A row of kassa_handled takes about two hundred bytes and
// stays until [Inbox.Forget] removes it.
//
// # Durability
//
// A note is as durable as a commit of the database: with the setting PRAGMA
// synchronous as it is by default, it survives the loss of power. In WAL mode
// with synchronous=NORMAL it survives the death of the process alone.
package sqlinbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// ErrHandled says that an event was handled before, so that the transaction at
// hand has to be rolled back.
var ErrHandled = errors.New("sqlinbox: the event was handled already")

// Inbox is a [swedbankpay.Inbox] in an SQLite database.
type Inbox struct {
	db      *sql.DB
	writing sync.Mutex // one of ours at a time: SQLite has others wait by polling
	now     func() time.Time
}

var _ swedbankpay.Inbox = (*Inbox)(nil)

// schema is made where it is missing. A note that is put again gets a new seq,
// which is never used again: AUTOINCREMENT.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS kassa_callback (
	seq                INTEGER PRIMARY KEY AUTOINCREMENT,
	payment            TEXT NOT NULL,
	payment_number     INTEGER NOT NULL,
	transaction_id     TEXT NOT NULL,
	transaction_number INTEGER NOT NULL,
	UNIQUE (payment, transaction_id)
)`,
	`CREATE TABLE IF NOT EXISTS kassa_claim (
	payment TEXT PRIMARY KEY NOT NULL,
	holder  TEXT NOT NULL,
	until   INTEGER NOT NULL -- milliseconds since 1970
)`,
	`CREATE TABLE IF NOT EXISTS kassa_handled (
	event TEXT PRIMARY KEY NOT NULL,
	at    INTEGER NOT NULL -- milliseconds since 1970
)`,
}

// looks are at every column, to find out whether tables that were there are
// ours.
var looks = []string{
	`SELECT seq, payment, payment_number, transaction_id, transaction_number FROM kassa_callback LIMIT 0`,
	`SELECT payment, holder, until FROM kassa_claim LIMIT 0`,
	`SELECT event, at FROM kassa_handled LIMIT 0`,
}

// Open makes an inbox in db, with its tables if they are not there yet. It
// refuses, with an [*client.InputError], a database that gives up at once when
// it is busy, unless it has one connection only: callbacks, and whatever else
// the merchant writes, would keep failing. Other errors are those of the
// database. The inbox needs no closing, and closes nothing.
func Open(ctx context.Context, db *sql.DB) (*Inbox, error) {
	if db == nil {
		return nil, &client.InputError{Field: "db", Reason: "want a database of SQLite"}
	}
	var wait int64
	if err := db.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&wait); err != nil {
		return nil, failed("this seems not to be SQLite", err)
	}
	if wait <= 0 && db.Stats().MaxOpenConnections != 1 {
		return nil, &client.InputError{
			Field:  "db",
			Reason: "want a busy timeout, as in sql.Open(\"sqlite\", \"file:shop.db?_pragma=busy_timeout(5000)\"), or SetMaxOpenConns(1)",
		}
	}
	for _, text := range append(append([]string{}, schema...), looks...) {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return nil, failed("the tables cannot be made", err)
		}
	}
	return &Inbox{db: db, now: time.Now}, nil
}

// Durable is true.
func (*Inbox) Durable() bool { return true }

// MarkHandled marks an event as handled within a transaction of the merchant's
// on the same database: if that is committed the event is not handed out again,
// even if the process dies the very moment after. Call it in the function given to
// [swedbankpay.NewCallbacks], and return nil only when the transaction was
// committed. The error is [ErrHandled] when somebody else was faster: then roll
// back, and return it.
func (i *Inbox) MarkHandled(ctx context.Context, tx *sql.Tx, e swedbankpay.Event) error {
	done, err := tx.ExecContext(ctx, `INSERT INTO kassa_handled (event, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, e.Key(), i.now().UnixMilli())
	if err != nil {
		return failed("the event cannot be marked", err)
	}
	if rows, err := done.RowsAffected(); err != nil || rows == 0 {
		return errors.Join(ErrHandled, err)
	}
	return nil
}

// Forget removes what says that events were handled before a time, and returns
// how many there were. A callback about one of them would be handed out once
// more; Swedbank Pay sends none later than 22 minutes after the transaction,
// but anyone who knows the ids can. It also removes claims that had run out by
// then, which dead processes leave. Nothing is forgotten by itself.
func (i *Inbox) Forget(ctx context.Context, before time.Time) (int64, error) {
	n, err := i.write(ctx, `DELETE FROM kassa_handled WHERE at < ?`, before.UnixMilli())
	if err == nil {
		_, err = i.write(ctx, `DELETE FROM kassa_claim WHERE until < ?`, before.UnixMilli())
	}
	if err != nil {
		return n, failed("not all is forgotten", err)
	}
	return n, nil
}

func failed(what string, err error) error { return fmt.Errorf("sqlinbox: %s: %w", what, err) }
