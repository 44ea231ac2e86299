package sqlite

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	driver "modernc.org/sqlite"
)

// settings are made before the file is read for the first time. The busy timeout is how long Open waits for a process
// that is about to leave.
var settings = []string{
	`PRAGMA busy_timeout = 250`, // milliseconds
	`PRAGMA locking_mode = EXCLUSIVE`,
	`PRAGMA synchronous = FULL`,
	`PRAGMA fullfsync = ON`, // Darwin's fsync leaves data in the drive's cache
	`PRAGMA checkpoint_fullfsync = ON`,
	`PRAGMA journal_size_limit = 16777216`,
	`PRAGMA cell_size_check = ON`,
	`PRAGMA temp_store = MEMORY`, // no other folder has to be writable
}

// keepLocks asks for locks that survive when something else in the process closes the file. It is not always to be had;
// SQLite's usual locks keep other processes out as well.
var keepLocks = sync.OnceFunc(func() { _, _ = driver.OFDLocking(true) })

// open makes the connection. What it leaves half-made is for release.
func (s *Store) open() error {
	size, err := provide(s.file)
	if err != nil {
		return err
	}
	keepLocks()
	name, err := uri(s.file)
	if err != nil {
		return err
	}
	if size > 0 {
		mending := unfinished(s.file)
		if err := glance(name); err != nil && (isVerdict(err) || !mending) {
			return err
		}
	}
	if s.db, s.conn, err = connect(name); err != nil {
		return err
	}
	if err := writable(s.conn); err != nil {
		return err
	}
	for _, text := range settings {
		if _, err := s.conn.ExecContext(background, text); err != nil {
			return err
		}
	}
	if err := s.claim(); err != nil {
		return err
	}
	if err := sound(s.conn); err != nil {
		return err
	}
	if err := s.conn.QueryRowContext(background, `SELECT coalesce(max(seq), 0) FROM record`).Scan(&s.last); err != nil {
		return err
	}
	return s.stmt.prepare(s.conn)
}

// claim takes the lock, which is kept, and makes sure the file is ours, can be written, and is in WAL mode.
func (s *Store) claim() error {
	if _, err := s.conn.ExecContext(background, `BEGIN EXCLUSIVE`); err != nil {
		return err
	}
	empty, err := identify(s.conn)
	if err == nil && empty {
		err = create(s.conn)
	}
	if err != nil {
		_, _ = s.conn.ExecContext(background, `ROLLBACK`)
		return err
	}
	if _, err := s.conn.ExecContext(background, `COMMIT`); err != nil {
		return err
	}
	var mode string
	if err := s.conn.QueryRowContext(background, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return errors.New("SQLite refuses WAL mode and stays with " + mode)
	}
	return nil
}

// glance refuses a file that is not ours without locking it, changing it, or finishing what another program began.
func glance(name string) error {
	db, conn, err := connect(name + "&immutable=1")
	if db != nil {
		defer db.Close()
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = identify(conn)
	return err
}

// isVerdict tells what identify found from what kept it from looking.
func isVerdict(err error) bool {
	var verdict *Error
	return errors.As(err, &verdict)
}

// unfinished says whether the file may lack what stands beside it, because a process was killed while it made the file
// or moved FILE-wal into it. A glance sees that as damage; with a lock SQLite mends it.
func unfinished(file string) bool {
	return slices.ContainsFunc([]string{"-wal", "-journal"}, func(suffix string) bool {
		_, err := os.Lstat(file + suffix)
		return err == nil
	})
}

// connect opens the one connection there is.
func connect(name string) (*sql.DB, *sql.Conn, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, nil, err
	}
	conn, err := db.Conn(background)
	return db, conn, err
}

// writable refuses a file that SQLite could open for reading only.
func writable(conn *sql.Conn) error {
	return conn.Raw(func(c any) error {
		readOnly, err := c.(interface {
			IsReadOnly(schema string) (bool, error)
		}).IsReadOnly("main")
		if err == nil && readOnly {
			err = &Error{Problem: notWritable, Remedy: allowWriting}
		}
		return err
	})
}

// provide makes the file if there is none, for its owner alone, and returns its size. It never opens one that is there:
// closing it again could undo the locks of another store in this process.
func provide(file string) (size int64, err error) {
	switch file {
	case "":
		return 0, &Error{Problem: "no file is named", Remedy: "name one, or use no store to keep everything in memory"}
	case ":memory:":
		return 0, &Error{Problem: "it is SQLite's name for no file at all", Remedy: "name a file, or use no store to keep everything in memory"}
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return 0, f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return 0, err
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, &Error{Problem: "it is a link to nothing", Remedy: "name the file itself", Err: err}
	case err != nil:
		return 0, err
	case info.IsDir():
		return 0, &Error{Problem: "it is a folder", Remedy: "name a file in it"}
	case !info.Mode().IsRegular():
		return 0, &Error{Problem: "it is no ordinary file", Remedy: "name another"}
	}
	return info.Size(), nil
}

// uri writes a path so that SQLite takes every character of it as it is. The parameter has the driver report each
// error by its own words, not by those of an earlier one.
func uri(file string) (string, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/folder/file
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_error_rc=1", nil
}
