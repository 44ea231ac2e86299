package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the driver, in Go alone
)

//go:embed schema.sql
var schema string

// orders keep what the shop knows in an SQLite file.
type orders struct{ db *sql.DB }

// errNone says that there is no such order.
var errNone = errors.New("there is no such order")

// openOrders opens the file, and makes it where there is none.
func openOrders(ctx context.Context, file string) (*orders, error) {
	// FULL makes what is committed survive a loss of power. With less, a reference could be sent that is then forgotten.
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(5000)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: file, RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // SQLite has one writer; waiting here is simpler than being told that it is busy
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be used: %w", file, err), db.Close())
	}
	return &orders{db}, nil
}

// interrupted gives up the orders whose payment was being asked for when the process ended. The bank may have made one,
// but nobody was led to it, and a payment nobody pays takes no money.
func (s *orders) interrupted(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `UPDATE orders SET trouble = 'The shop was interrupted before the bank had answered.'
		WHERE payment IS NULL AND trouble = '' AND method <> ?`, byResurs)
	return err
}

func (s *orders) close() error { return s.db.Close() }

// place stores a new order and gives it its number. An order with the same key is the same form, sent twice: it is read
// into o, and place says that it is not new.
func (s *orders) place(ctx context.Context, o *order) (isNew bool, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `INSERT INTO orders (number, key, method, created, reference)
			SELECT coalesce(max(number), 1000) + 1, ?, ?, ?, ? FROM orders WHERE true
			ON CONFLICT (key) DO NOTHING RETURNING number`,
			o.Key, o.Method, o.Created.Unix(), o.Reference).Scan(&o.Number)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		isNew = err == nil
		for _, l := range o.Lines {
			if err == nil {
				_, err = tx.ExecContext(ctx, `INSERT INTO lines (number, good, name, price, count) VALUES (?, ?, ?, ?, ?)`,
					o.Number, l.Good, l.Name, l.Price.Minor(), l.Count)
			}
		}
		return err
	})
	if err == nil && !isNew {
		var known *order
		if known, err = s.by(ctx, "key", o.Key); err == nil {
			*o = *known
		}
	}
	return isNew, err
}

// answered stores what came of asking the bank for a payment: its id, or in words why there is none.
func (s *orders) answered(ctx context.Context, o *order) error {
	payment := sql.NullString{String: o.Payment, Valid: o.Payment != ""}
	_, err := s.db.ExecContext(ctx, `UPDATE orders SET payment = ?, trouble = ? WHERE number = ?`, payment, o.Trouble, o.Number)
	return err
}

// intend stores an operation that is about to be sent, unless its reference is stored already: then it is the same form,
// sent twice, and intend says that it is not new.
func (s *orders) intend(ctx context.Context, op operation) (isNew bool, err error) {
	result, err := s.db.ExecContext(ctx, `INSERT INTO operations (reference, number, kind, amount, created) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (reference) DO NOTHING`, op.Reference, op.Order, op.Kind, op.Amount.Minor(), op.Created.Unix())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// learn takes a reading of an order, unless a later one is stored, and what it says of operations. An operation that is
// settled stays so: the past does not change, and readings may come in any order.
func (s *orders) learn(ctx context.Context, number int64, r reading, fates []fate) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE orders SET progress = ?, authorised = ?, captured = ?, released = ?, reversed = ?,
			pending = ?, failure = ?, ended = ? WHERE number = ? AND progress < ?`,
			r.Progress, r.Authorised.Minor(), r.Captured.Minor(), r.Released.Minor(), r.Reversed.Minor(),
			r.Pending, r.Failure, r.Ended, number, r.Progress)
		for _, f := range fates {
			if err == nil {
				_, err = tx.ExecContext(ctx, `UPDATE operations SET outcome = ?, why = ?
					WHERE reference = ? AND number = ? AND outcome NOT IN (?, ?)`, f.outcome, f.why, f.reference, number, done, refused)
			}
		}
		return err
	})
}

// within does what f does in one transaction, or nothing of it.
func (s *orders) within(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
