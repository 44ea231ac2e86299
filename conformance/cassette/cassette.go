// Package cassette reads recordings that Go programs made with go-vcr
// (gopkg.in/dnaeon/go-vcr.v4, and the versions before it): YAML files with a list
// of interactions.
//
// # What is read
//
// An interaction is cut out of the file by its indentation and decoded by itself,
// so memory is bounded by the largest one; one that cannot be decoded is an
// [*har.EntryError], and the next is read. Files of the versions 1 and 2 of the
// format are read, as the library and its custom marshalers write them.
//
// # What a cassette does not tell
//
// Tests take secrets out of their cassettes with hooks, so absent credentials are
// unknown, never missing. There are no times. An empty body and none look alike;
// they are read as none. A body that was compressed is unpacked. A recorder that
// is a server's middleware writes addresses without a host; they are completed
// from the host, as https unless it is a loopback address.
//
// YAML has no end, so a cassette that was cut off is known by its last interaction
// alone: one without a status is damaged.
package cassette

import (
	"bytes"
	"errors"
	"regexp"
)

// MaxInteraction is the size in bytes beyond which an interaction is skipped over
// and reported instead of read.
const MaxInteraction = 8 << 20

// What can be wrong with a file as a whole, besides what can be with a HAR.
var (
	ErrNoCassette = errors.New("the file is no go-vcr cassette")
	ErrVersion    = errors.New("the cassette is of a version this program does not know")
	ErrSeveral    = errors.New("the file holds a second cassette")
)

var (
	listed  = regexp.MustCompile(`(?m)^interactions:[ \t]*(\[\])?[ \t]*(#.*)?\r?$`)
	version = regexp.MustCompile(`(?m)^version:[ \t]*([^ \t\r\n#]+)`)
)

// Recognises says whether a file that begins with head is a cassette.
func Recognises(head []byte) bool {
	at := listed.FindIndex(head)
	return at != nil && version.Match(head[:at[0]]) && !bytes.Contains(head[:at[0]], []byte("\n  "))
}
