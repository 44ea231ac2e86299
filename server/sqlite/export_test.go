package sqlite

// SetLimit sets how many bytes may wait to be written.
func (s *Store) SetLimit(bytes int) { s.limit = bytes }

// Hold keeps everybody from the connection until release is called.
func (s *Store) Hold() (release func()) {
	<-s.turn
	return func() { s.turn <- struct{}{} }
}

// Exec runs a statement on the store's connection.
func (s *Store) Exec(text string) error {
	defer s.Hold()()
	_, err := s.conn.ExecContext(background, text)
	return err
}

// Break makes the next commit panic.
func (s *Store) Break() {
	defer s.Hold()()
	_ = s.stmt.begin.Close()
	s.stmt.begin = nil
}

// Pending is how many records wait for the next transaction.
func (s *Store) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.next.records)
}

// Written is how many records were ever written.
func (s *Store) Written() int64 {
	defer s.Hold()()
	return s.last
}

// What tests compare with.
const (
	Table       = table
	Application = application
	Lingering   = lingering
)
