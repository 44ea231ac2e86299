package sqlite

import (
	"database/sql"

	"github.com/kassa-dev/kassa/server"
)

// The statements of one connection, prepared once.
type statements struct {
	begin, insert, forget, forgetAll, commit, read *sql.Stmt
}

func (st *statements) prepare(conn *sql.Conn) error {
	for _, one := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&st.begin, `BEGIN IMMEDIATE`},
		{&st.insert, `INSERT INTO record (seq, namespace, subject, kind, data, sum) VALUES (?, ?, ?, ?, ?, ?)`},
		{&st.forget, `DELETE FROM record WHERE namespace = ?`},
		{&st.forgetAll, `DELETE FROM record`},
		{&st.commit, `COMMIT`},
		{&st.read, `SELECT seq, namespace, subject, kind, data, sum FROM record WHERE seq > ? AND seq <= ? ORDER BY seq`},
	} {
		stmt, err := conn.PrepareContext(background, one.text)
		if err != nil {
			return err
		}
		*one.stmt = stmt
	}
	return nil
}

func (st *statements) close() {
	for _, stmt := range []*sql.Stmt{st.begin, st.insert, st.forget, st.forgetAll, st.commit, st.read} {
		if stmt != nil {
			_ = stmt.Close() // a statement reports its last failure again, which whoever ran it was told
		}
	}
	*st = statements{}
}

// commit writes a batch as one transaction, and returns nil once SQLite has synced it. A transaction that failed is left
// as it is: nothing else is written any more, and closing the connection undoes it. The caller has the turn.
func (s *Store) commit(b *batch) error {
	if _, err := s.stmt.begin.ExecContext(background); err != nil {
		return err
	}
	cuts := b.cuts
	for i := 0; ; i++ {
		for ; len(cuts) > 0 && cuts[0].at == i; cuts = cuts[1:] {
			if err := s.forget(cuts[0].namespace); err != nil {
				return err
			}
		}
		if i == len(b.records) {
			break
		}
		if err := s.insert(&b.records[i]); err != nil {
			return err
		}
	}
	_, err := s.stmt.commit.ExecContext(background)
	return err
}

func (s *Store) forget(namespace string) (err error) {
	if namespace == "" {
		_, err = s.stmt.forgetAll.ExecContext(background)
	} else {
		_, err = s.stmt.forget.ExecContext(background, namespace)
	}
	return err
}

func (s *Store) insert(r *server.Record) error {
	s.last++ // never used twice while the file is open: Records relies on it
	data := r.Data
	if data == nil {
		data = []byte{} // nil would be NULL
	}
	_, err := s.stmt.insert.ExecContext(background, s.last, r.Namespace, r.Subject, r.Kind, data, checksum(s.last, r))
	return err
}
