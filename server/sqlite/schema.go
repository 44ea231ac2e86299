package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
)

const (
	// application marks our files in their header; it reads "Kass".
	application = 0x4b617373
	// version counts what changed in how records are kept. A file of a version not known here is left alone.
	version = 1
	// table is all there is. There is no index: reading goes by seq, which the table is sorted by.
	table = `CREATE TABLE record (
	seq       INTEGER PRIMARY KEY, -- the order
	namespace TEXT NOT NULL,
	subject   TEXT NOT NULL,
	kind      TEXT NOT NULL,
	data      BLOB NOT NULL, -- JSON
	sum       INTEGER NOT NULL -- CRC-32C
) STRICT`
)

// identify says whether a file is still empty, and refuses one that is not ours.
func identify(conn *sql.Conn) (empty bool, err error) {
	var app, ver, objects int
	var text sql.NullString
	for _, q := range []struct {
		text string
		into []any
	}{
		{`PRAGMA application_id`, []any{&app}},
		{`PRAGMA user_version`, []any{&ver}},
		{`SELECT count(*), max(sql) FROM sqlite_schema`, []any{&objects, &text}},
	} {
		if err := conn.QueryRowContext(background, q.text).Scan(q.into...); err != nil {
			return false, err
		}
	}
	switch {
	case app == 0 && ver == 0 && objects == 0:
		return true, nil
	case app != application:
		return false, &Error{Problem: "it is an SQLite database of something else", Remedy: "name another file"}
	case ver != version:
		return false, &Error{
			Problem: fmt.Sprintf("it is kept in version %d of the format, and this program knows version %d", ver, version),
			Remedy:  "use the program that wrote it, or name another file",
		}
	case objects != 1 || text.String != table:
		return false, damaged(errors.New("its table is not the one this version makes"))
	}
	return false, nil
}

// create makes a new file ours, inside a transaction.
func create(conn *sql.Conn) error {
	for _, text := range []string{
		table,
		fmt.Sprintf(`PRAGMA application_id = %d`, application),
		fmt.Sprintf(`PRAGMA user_version = %d`, version),
	} {
		if _, err := conn.ExecContext(background, text); err != nil {
			return err
		}
	}
	return nil
}

// sound looks at every page of the file.
func sound(conn *sql.Conn) error {
	var found string
	if err := conn.QueryRowContext(background, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return damaged(errors.New(found))
	}
	return nil
}
