package server_test

import (
	"errors"
	"slices"
	"sync"

	"github.com/kassa-dev/kassa/server"
)

// A memory is a store whose disk is a slice. It may be told when the disk is full.
type memory struct {
	mu      sync.Mutex
	records []server.Record
	units   int
	room    int // units that fit; 0 is any number
}

var errFull = errors.New("the disk is full")

// remembering is a store that holds records already.
func remembering(records []server.Record) *memory { return &memory{records: slices.Clone(records)} }

func (m *memory) Append(records ...server.Record) func() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.units++; m.room > 0 && m.units > m.room {
		return func() error { return errFull }
	}
	m.records = append(m.records, records...)
	return func() error { return nil }
}

func (m *memory) Replace(namespace string, records ...server.Record) func() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.units++; m.room > 0 && m.units > m.room {
		return func() error { return errFull }
	}
	m.records = slices.DeleteFunc(m.records, func(r server.Record) bool { return namespace == "" || r.Namespace == namespace })
	m.records = append(m.records, records...)
	return func() error { return nil }
}

func (m *memory) Records(yield func(server.Record) error) error {
	for _, r := range m.all() {
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Close() error { return nil }

func (m *memory) all() []server.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records)
}
