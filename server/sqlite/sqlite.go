// Package sqlite keeps what happened in a sandbox in an SQLite file, beyond the end of the process.
//
// # What is promised
//
// A unit whose wait returned nil is on the disk, whole, and stays there if the process is killed or the machine loses
// power: the file is in WAL mode and each commit is synced. Any other unit is there whole or not at all, and never
// without all that were appended before it.
//
// Open, Append's wait and Records fail with an *Error that names the file, what is wrong and what to do. A failure is
// final: what was acknowledged is in the file, what comes later is refused with the first reason, and the way on is to
// mend the cause and open the file again.
//
// # The file
//
// One store at a time has the file, which it locks from Open to Close; another process is refused, as is a second Open
// in this one. New files are readable by their owner alone. Beside FILE stands FILE-wal with the newest records until
// Close moves them into FILE; the two belong together, so copy both or none. The lock is an open file description lock
// where there is such a thing (Linux), since the usual kind is lost as soon as anything in the process opens and closes
// the file, to read it for instance. SQLite knows the choice once for a whole process: the first Open makes it for
// every other user of modernc.org/sqlite, unless one of those opened a file before.
//
// Records are rows of one table, to be read with any SQLite tool while no store has the file open:
//
//	SELECT namespace, subject, kind, CAST(data AS TEXT) FROM record ORDER BY seq
//
// Each row has a checksum, and Open looks through the whole file for damage, which takes about two seconds for a
// gigabyte. Damage to FILE-wal cannot be told from a commit that a crash cut short: records from there on are missing.
//
// # Speed
//
// Whoever waits writes: a waiting goroutine commits everything that was appended so far in one transaction, with one
// sync, while the rest wait for it; what comes meanwhile is the next transaction. Alone, a unit costs one sync and no
// hand-over; together, many share one. What nobody waits for is written a few milliseconds later.
package sqlite

import (
	"context"
	"database/sql"
	"sync"

	"github.com/kassa-dev/kassa/server"
)

// A Store keeps records in one file. Its methods may be called by several goroutines at once.
type Store struct {
	file  string
	limit int // bytes that may wait to be written

	// turn holds a token while nobody uses what is below it. Whoever takes the token has the connection.
	turn   chan struct{}
	db     *sql.DB
	conn   *sql.Conn
	stmt   statements
	last   int64 // seq of the newest record
	failed error // why nothing can be written any more

	mu      sync.Mutex
	next    *batch // what waits to be written, never nil
	lingers bool   // a timer runs for next
	closed  bool
}

var _ server.Store = (*Store)(nil)

// Open opens a file, and makes it if there is none; its folder has to be there. It refuses, with an *Error and without
// writing to it, a file that another store has open, that is no SQLite database, that something else wrote, that a
// newer version wrote, or that is damaged. There is no store in memory: "" and ":memory:" are refused too.
func Open(file string) (*Store, error) {
	s := &Store{file: file, limit: queueLimit, turn: make(chan struct{}, 1)}
	s.next = s.newBatch()
	if err := s.open(); err != nil {
		_ = s.release() // there is a reason to report already
		return nil, explain(file, err)
	}
	s.turn <- struct{}{}
	return s, nil
}

// Close waits until everything appended is durable and lets go of the file. It returns the reason why something is not
// durable, now or earlier. A second Close does nothing. Close fails what is appended later.
func (s *Store) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	pending := s.next
	s.mu.Unlock()
	if !first {
		return nil
	}
	err := pending.wait()
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	if e := s.release(); err == nil {
		err = explain(s.file, e)
	}
	return err
}

// release closes the connection. SQLite then moves what FILE-wal holds into FILE and gives up the lock.
func (s *Store) release() error {
	if s.db == nil {
		return nil
	}
	s.stmt.close()
	if s.conn != nil {
		_ = s.conn.Close() // gives it back to db, which closes it
	}
	s.conn = nil
	return s.db.Close()
}

// background is the context of all statements: none is given up halfway.
var background = context.Background()
