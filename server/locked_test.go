package server_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLocked: after five reversals in a row that failed the payment is locked, and offers no more what it would refuse.
func TestLocked(t *testing.T) {
	s := newSandbox(t)
	id := s.create("swish", "r1")
	pay(t, s, id)
	for range 5 {
		s.must("POST", s.must("GET", id, "").href("create-reversal"), moving(100, s.nextRef()))
		decline(t, s, id)
	}
	locked := s.must("GET", id, "")
	assert.Equal(t, "10000 - - 10000", locked.amounts())
	assert.Equal(t, []string{"GET paid-payment"}, locked.operations()[:1], "no reversal")
	require.Equal(t, 403, s.do("POST", id+"/reversals", moving(100, s.nextRef())).status)
}
