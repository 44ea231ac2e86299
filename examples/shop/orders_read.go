package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// by finds one order by a column that is unique. It fails with errNone when there is none.
func (s *orders) by(ctx context.Context, column string, value any) (*order, error) {
	found, err := s.find(ctx, "WHERE "+column+" = ?", value)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, errNone
	}
	return found[0], nil
}

// all are the newest orders, newest first.
func (s *orders) all(ctx context.Context) ([]*order, error) {
	return s.find(ctx, "ORDER BY number DESC LIMIT 200")
}

// open are the orders that wait for something the bank knows.
func (s *orders) open(ctx context.Context) ([]*order, error) {
	return s.find(ctx, `WHERE payment IS NOT NULL AND (authorised = 0 AND ended = ''
		OR number IN (SELECT number FROM operations WHERE outcome NOT IN (?, ?))) ORDER BY number`, done, refused)
}

// find reads orders whole. What it is told of which ones is never what a stranger has written.
func (s *orders) find(ctx context.Context, which string, args ...any) ([]*order, error) {
	var found []*order
	err := s.each(ctx, `SELECT number, key, method, created, reference, coalesce(payment, ''), trouble,
		progress, authorised, captured, released, reversed, pending, failure, ended FROM orders `+which, args, func(scan scanner) error {
		o := &order{}
		err := scan(&o.Number, &o.Key, &o.Method, (*seconds)(&o.Created), &o.Reference, &o.Payment, &o.Trouble,
			&o.Progress, (*ore)(&o.Authorised), (*ore)(&o.Captured), (*ore)(&o.Released), (*ore)(&o.Reversed), &o.Pending, &o.Failure, &o.Ended)
		found = append(found, o)
		return err
	})
	for _, o := range found {
		if err == nil {
			err = s.each(ctx, `SELECT good, name, price, count FROM lines WHERE number = ? ORDER BY rowid`, []any{o.Number}, func(scan scanner) error {
				var l line
				err := scan(&l.Good, &l.Name, (*ore)(&l.Price), &l.Count)
				o.Lines = append(o.Lines, l)
				return err
			})
		}
		if err == nil {
			err = s.each(ctx, `SELECT reference, number, kind, amount, outcome, why, created FROM operations WHERE number = ? ORDER BY rowid`, []any{o.Number}, func(scan scanner) error {
				var op operation
				err := scan(&op.Reference, &op.Order, &op.Kind, (*ore)(&op.Amount), &op.Outcome, &op.Why, (*seconds)(&op.Created))
				o.Operations = append(o.Operations, op)
				return err
			})
		}
	}
	return found, err
}

type scanner func(into ...any) error

// each hands every row of a query to f.
func (s *orders) each(ctx context.Context, query string, args []any, f func(scanner) error) error {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ore is an amount as its column has it: an integer.
type ore swedbankpay.Amount

// Scan reads a column.
func (a *ore) Scan(column any) error {
	n, ok := column.(int64)
	if !ok {
		return fmt.Errorf("want an integer of öre, got %T", column)
	}
	*a = ore(swedbankpay.SEK(n))
	return nil
}

// seconds are a time as its column has it.
type seconds time.Time

// Scan reads a column.
func (t *seconds) Scan(column any) error {
	n, ok := column.(int64)
	if !ok {
		return fmt.Errorf("want an integer of seconds, got %T", column)
	}
	*t = seconds(time.Unix(n, 0))
	return nil
}
