package sqlite

import (
	"fmt"

	"github.com/kassa-dev/kassa/server"
)

// A read takes records until it has this many, or this many bytes of data.
const (
	readRecords = 256
	readBytes   = 1 << 20
)

// Records reads everything that was appended before the call, in order, see server.Store. It holds up writers only for
// a few records at a time, never over yield. If something is replaced meanwhile, what is gone may or may not be read,
// and what is new is not.
func (s *Store) Records(yield func(server.Record) error) error {
	if err := s.Append()(); err != nil {
		return err
	}
	<-s.turn
	end := s.last
	s.turn <- struct{}{}
	for after := int64(0); after < end; {
		records, last, err := s.read(after, end)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := yield(r); err != nil {
				return err
			}
		}
		after = last
	}
	return nil
}

// read takes some records after one, up to another, and says which was the last; that is end if there are no more.
func (s *Store) read(after, end int64) (records []server.Record, last int64, err error) {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	if s.conn == nil {
		return nil, 0, closed(s.file)
	}
	rows, err := s.stmt.read.QueryContext(background, after, end)
	if err != nil {
		return nil, 0, explain(s.file, err)
	}
	defer rows.Close()
	for size := 0; rows.Next(); {
		var r server.Record
		var sum int64
		if err := rows.Scan(&last, &r.Namespace, &r.Subject, &r.Kind, &r.Data, &sum); err != nil {
			return nil, 0, explain(s.file, damaged(fmt.Errorf("the record after %d: %w", after, err)))
		}
		if sum != checksum(last, &r) {
			return nil, 0, explain(s.file, damaged(fmt.Errorf("record %d differs from its checksum", last)))
		}
		records = append(records, r)
		if size += len(r.Data); len(records) == readRecords || size >= readBytes {
			return records, last, nil
		}
		after = last
	}
	if err := rows.Err(); err != nil {
		return nil, 0, explain(s.file, err)
	}
	return records, end, nil
}
