package server

// A Record is one thing to remember. Records are added and never changed.
type Record struct {
	Namespace string // whose it is
	Subject   string // what it is about, such as a payment's id
	Kind      string // how to read Data
	Data      []byte // JSON
}

// A Store keeps what happened in a sandbox beyond the end of its process. It is safe for concurrent use.
type Store interface {
	// Append adds records as one unit: after a crash all of them are there, or none. Units keep the order of the calls.
	// It returns at once; wait returns when the unit is durable, or with the reason why it is not. After one failure every
	// later unit fails too, so nothing is ever durable whose predecessor is not.
	Append(records ...Record) (wait func() error)
	// Replace forgets every record of a namespace ("" is all namespaces) and adds the records in its place, as one unit.
	Replace(namespace string, records ...Record) (wait func() error)
	// Records reads everything, in order. It stops at the first error of yield and returns it.
	Records(yield func(Record) error) error
	// Close waits for what was appended, and lets go of the file.
	Close() error
}
