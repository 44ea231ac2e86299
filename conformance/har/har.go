// Package har reads and writes recordings of HTTP traffic in the HTTP Archive
// format, version 1.2, one entry at a time.
//
// # Reading
//
// Memory is bounded by the largest entry, never by the file; see [MaxEntry].
// Cutting a file into entries goes in order, reading what was cut out can be
// done by many at once: see [Piece]. The reader is
// lenient, because no two recorders agree: every member is optional, numbers
// may be fractions or strings, members of a recorder's own are ignored, and
// sizes are hints. What cannot be an entry is reported as an [*EntryError],
// and reading goes on with the next one.
//
// Bodies are bytes. A body the recording does not hold, because it was evicted
// or never captured, is unknown, which is not the same as absent or empty.
//
// # Writing
//
// The writer streams too: members in a fixed order, one entry a line, a body
// that is not UTF-8 in base64, a complete file after Close. It writes what it
// is given. Redaction is for the package above, which redacts every exchange
// before it reaches a writer.
package har

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// MaxEntry is the size in bytes beyond which an entry is skipped over and
// reported instead of read.
const MaxEntry = 32 << 20

// Meta is what a recording says about itself before its first entry.
type Meta struct {
	Creator string   // name of the program that recorded
	Servers []string // base URLs its recorder wants judged as servers of the documents (member _servers)
}

// Entry is one request and its response.
type Entry struct {
	Index    int // in log.entries, from 0
	Started  time.Time
	Method   string
	URL      string // without fragment
	Request  Message
	Status   int // 0: no response was recorded
	Response Message
	Inbound  bool   // recorded by the side that answered (member _inbound)
	Error    string // why there is no response, in the recorder's words (member _error)

	// AuthUnknown says that the request may have carried credentials that were
	// taken out of the recording (member _authUnknown).
	AuthUnknown bool
}

// Piece is an entry that was cut out of its recording and not read yet.
type Piece struct {
	Index  int
	Offset int64 // in bytes, where it starts
	Size   int   // in bytes
	Read   func() (Entry, error)
}

// Message is one direction of an entry.
type Message struct {
	Header        http.Header // canonical names; repeated headers stay repeated
	HeaderUnknown bool        // no header was recorded; a Content-Type is then the recorder's mimeType
	Body          []byte      // nil: there was none; content encodings (gzip) are already undone
	BodyUnknown   bool        // there may have been one, but the recording does not hold it
	File          string      // where the body is instead, beside the recording (member _file)
}

// What can be wrong with a file as a whole. Every error that ends reading
// wraps one of them, or is the reader's own.
var (
	ErrEmpty     = errors.New("the file is empty")
	ErrNotJSON   = errors.New("the file is not JSON")
	ErrNoEntries = errors.New("the file holds no log.entries")
	ErrTruncated = errors.New("the file ends before its end")
	ErrDamaged   = errors.New("the file is damaged throughout")
)

// EntryError says why one entry could not be read. The entries after it can.
type EntryError struct {
	Index   int
	Offset  int64 // in bytes, where the entry starts
	Problem string
}

// Error names the entry and the problem.
func (e *EntryError) Error() string {
	return fmt.Sprintf("log.entries[%d], at byte %d: %s", e.Index, e.Offset, e.Problem)
}
