package sqlite

import (
	"errors"
	"io/fs"
	"syscall"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// An Error says which file a store could not open, write or read, why, and what to do about it.
type Error struct {
	File    string
	Problem string
	Remedy  string
	Err     error // what SQLite or the system said; may be nil
}

// Error is one line: the file, the problem, the remedy, the cause.
func (e *Error) Error() string {
	line := e.File + ": " + e.Problem + "; " + e.Remedy
	if e.Err != nil {
		line += " (" + e.Err.Error() + ")"
	}
	return line
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// explain makes an *Error of what went wrong with a file, if anything did.
func explain(file string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if !errors.As(err, &known) {
		problem, remedy := meaning(err)
		known = &Error{Problem: problem, Remedy: remedy, Err: err}
	}
	known.File = file
	return known
}

// damaged says that what a file holds is not what was written.
func damaged(err error) *Error {
	return &Error{Problem: isDamaged, Remedy: replaceIt, Err: err}
}

func closed(file string) *Error {
	return &Error{file, "the store is closed", "use it before Close, or open the file again", fs.ErrClosed}
}

func unknown(file string) error {
	return &Error{file, "writing it was broken off by a mistake of the program", "start again; what was acknowledged is kept", nil}
}

const (
	isDamaged = "it is damaged"
	replaceIt = "restore a copy, or name another file"

	notWritable  = "it cannot be opened for writing"
	allowWriting = "allow reading and writing of the file and of its folder, or name another"
)

// meaning says what an error of SQLite's, or of the system's, means and what to do. SQLite's are told apart by their
// primary code; the extended one says in which system call it happened.
func meaning(err error) (problem, remedy string) {
	var lite *driver.Error
	if !errors.As(err, &lite) {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "its folder is not there", "make the folder, or name another file"
		case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
			return "it cannot be made in its folder", "allow writing to the folder, or name another file"
		case errors.Is(err, syscall.ENOSPC):
			return "the disk is full", "make room, then start again"
		}
		return "it cannot be used", "name another file"
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "somebody else has it open", "stop the other sandbox or program, or name another file"
	case sqlite3.SQLITE_NOTADB:
		return "it is no SQLite database", "name another file"
	case sqlite3.SQLITE_CORRUPT:
		return isDamaged, replaceIt
	case sqlite3.SQLITE_FULL:
		return "the disk is full", "make room, then start again; what was acknowledged is kept"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return notWritable, allowWriting
	case sqlite3.SQLITE_IOERR:
		return "the system cannot read or write it", "look at the disk, its quota and the limit of file sizes, then start again; what was acknowledged is kept"
	}
	return "SQLite cannot use it", "name another file"
}
