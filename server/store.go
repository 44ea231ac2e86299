package server

// A Record is one thing to remember. Records are added and never changed.
type Record struct {
	Namespace string // whose it is
	Subject   string // what it is about, such as a payment's id
	Kind      string // how to read Data
	Data      []byte // JSON
}

// A Store keeps what happened in a sandbox beyond the end of its process. Its methods may be called by several
// goroutines at once. Package sqlite has one on a file.
type Store interface {
	// Append adds records as one unit: after a crash all of them are there, or none. Units keep the order of the calls.
	// It returns at once; wait returns when the unit is durable, or with the reason why it is not. After one failure every
	// later unit fails too, so nothing is ever durable whose predecessor is not.
	//
	// At once means before anything is written, unless so much is waiting already that Append first has to wait for room.
	// A lock may be held over Append, which keeps the order of what it guards, and should not be held over wait. wait may
	// be called often, by any goroutine, or not at all. Data belongs to the store from now on and must not be changed.
	Append(records ...Record) (wait func() error)
	// Replace forgets every record of a namespace ("" is all namespaces) and adds the records in its place, as one unit.
	// In all else it is like Append.
	Replace(namespace string, records ...Record) (wait func() error)
	// Records reads everything, in order. It stops at the first error of yield and returns it.
	//
	// Everything is what was appended before the call; Records waits until that is durable. What cannot be read is an
	// error, never left out. yield may keep Data, and may call the store.
	Records(yield func(Record) error) error
	// Close waits for what was appended, and lets go of the file. What is appended later fails.
	Close() error
}
