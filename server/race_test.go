package server_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRacingCaptures: of many captures for the same money exactly as many win as the money lasts.
func TestRacingCaptures(t *testing.T) {
	s := newSandbox(t)
	id := s.paidCard("r1")
	var won, lost atomic.Int64
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			switch s.do("POST", id+"/captures", moving(3000, fmt.Sprint("c", i))).status {
			case 201:
				won.Add(1)
			case 403:
				lost.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 3, won.Load())
	assert.EqualValues(t, 61, lost.Load())
	assert.Equal(t, "10000 1000 1000 9000", s.must("GET", id, "").amounts())
}

// TestRacingReferences: one reference makes one payment, however often it is sent at once.
func TestRacingReferences(t *testing.T) {
	s := newSandbox(t)
	var won atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if s.do("POST", "/psp/trustly/payments", withRef(trustlyPurchase, "same")).status == 201 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, won.Load())
}

// TestEverythingAtOnce lets readers, payers, merchants and a reset meet; the race detector watches.
func TestEverythingAtOnce(t *testing.T) {
	m := newShop(t)
	s := newSandbox(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				ref := fmt.Sprintf("r%d-%d", i, j)
				id := s.do("POST", "/psp/creditcard/payments", withRef(calling(cardPurchase, m.URL), ref)).at("payment.id")
				if id == nil {
					continue
				}
				_ = s.Pay(t.Context(), id.(string))
				s.do("POST", id.(string)+"/captures", moving(10, ref+"c"))
				s.do("GET", id.(string)+"?$expand=transactions,captures", "")
				s.admin("GET", "/payments", "")
				if j == 5 {
					s.Reset()
				}
			}
		})
	}
	all.Wait()
	s.Settle()
}

// TestRacingSwishReversals: a reversal under way counts, so no more is given back than was paid.
func TestRacingSwishReversals(t *testing.T) {
	s := newSandbox(t)
	id := s.create("swish", "r1")
	pay(t, s, id)
	var won atomic.Int64
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			if s.do("POST", id+"/reversals", moving(3000, fmt.Sprint("c", i))).status == 201 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 3, won.Load())
	assert.Equal(t, "10000 - - 1000", s.must("GET", id, "").amounts())
}
