package sqlinbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// Put notes a callback.
func (i *Inbox) Put(ctx context.Context, c swedbankpay.Callback) error {
	i.writing.Lock()
	defer i.writing.Unlock()
	_, err := i.db.ExecContext(ctx,
		`INSERT OR REPLACE INTO kassa_callback (payment, payment_number, transaction_id, transaction_number) VALUES (?, ?, ?, ?)`,
		c.Payment, c.PaymentNumber, c.Transaction, c.TransactionNumber)
	if err != nil {
		return failed("the callback cannot be noted", err)
	}
	return nil
}

// Pending lists what is noted, the oldest first.
func (i *Inbox) Pending(ctx context.Context) ([]swedbankpay.Callback, error) {
	rows, err := i.db.QueryContext(ctx,
		`SELECT payment, payment_number, transaction_id, transaction_number FROM kassa_callback ORDER BY seq`)
	if err != nil {
		return nil, failed("what is pending cannot be read", err)
	}
	defer rows.Close()
	var out []swedbankpay.Callback
	for rows.Next() {
		var c swedbankpay.Callback
		if err := rows.Scan(&c.Payment, &c.PaymentNumber, &c.Transaction, &c.TransactionNumber); err != nil {
			return nil, failed("what is pending cannot be read", err)
		}
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		return nil, failed("what is pending cannot be read", err)
	}
	return out, nil
}

// Claim gives a payment to a holder.
func (i *Inbox) Claim(ctx context.Context, c swedbankpay.Callback, holder string, now, until time.Time) (swedbankpay.Claim, error) {
	claim := swedbankpay.Claim{Callback: c, Holder: holder, Until: until}
	got, err := i.write(ctx, `INSERT INTO kassa_claim (payment, holder, until) VALUES (?, ?, ?)
ON CONFLICT (payment) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE kassa_claim.holder = excluded.holder OR kassa_claim.until <= ?`, c.Payment, holder, until.UnixMilli(), now.UnixMilli())
	if err != nil {
		return swedbankpay.Claim{}, failed("the payment cannot be claimed", err)
	}
	if got == 0 {
		var millis int64
		claim.Holder = ""
		err = i.db.QueryRowContext(ctx, `SELECT holder, until FROM kassa_claim WHERE payment = ?`, c.Payment).Scan(&claim.Holder, &millis)
		claim.Until = time.UnixMilli(millis)
		if errors.Is(err, sql.ErrNoRows) {
			claim.Until, err = now, nil // it has just been let go
		}
	} else {
		err = i.db.QueryRowContext(ctx, `SELECT seq FROM kassa_callback WHERE payment = ? AND transaction_id = ?`, c.Payment, c.Transaction).Scan(&claim.Seq)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // handled meanwhile; the event will tell
		}
	}
	if err != nil {
		return swedbankpay.Claim{}, failed("the payment cannot be claimed", err)
	}
	return claim, nil
}

// Handled says whether an event was marked.
func (i *Inbox) Handled(ctx context.Context, key string) (bool, error) {
	var found bool
	err := i.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM kassa_handled WHERE event = ?)`, key).Scan(&found)
	if err != nil {
		return false, failed("whether the event was handled cannot be read", err)
	}
	return found, nil
}

// Done ends a claim, marks its event, and removes its note.
func (i *Inbox) Done(ctx context.Context, claim swedbankpay.Claim, key string) error {
	i.writing.Lock()
	defer i.writing.Unlock()
	tx, err := i.db.BeginTx(ctx, nil)
	if err != nil {
		return failed("the event cannot be marked", err)
	}
	defer func() { _ = tx.Rollback() }()
	// It begins with a write, so that it waits for its turn instead of failing.
	c := claim.Callback
	_, err = tx.ExecContext(ctx, `DELETE FROM kassa_callback WHERE payment = ? AND transaction_id = ? AND seq <= ?`, c.Payment, c.Transaction, claim.Seq)
	if err == nil && key != "" {
		_, err = tx.ExecContext(ctx, `INSERT INTO kassa_handled (event, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, key, i.now().UnixMilli())
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, release, c.Payment, claim.Holder)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return failed("the event cannot be marked", err)
	}
	return nil
}

const release = `DELETE FROM kassa_claim WHERE payment = ? AND holder = ?`

// Release ends a claim and leaves the note.
func (i *Inbox) Release(ctx context.Context, claim swedbankpay.Claim) error {
	if _, err := i.write(ctx, release, claim.Callback.Payment, claim.Holder); err != nil {
		return failed("the payment cannot be released", err)
	}
	return nil
}

// write runs one statement and says how many rows it changed.
func (i *Inbox) write(ctx context.Context, text string, args ...any) (int64, error) {
	i.writing.Lock()
	defer i.writing.Unlock()
	done, err := i.db.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}
