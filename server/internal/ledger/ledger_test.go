package ledger_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/kassa-dev/kassa/server/internal/ledger"
)

type move struct {
	op     Op
	amount int64
	left   int64 // of the refusal; -1 when the move is made
}

func TestMoves(t *testing.T) {
	const made = -1
	tests := []struct {
		name                           string
		moves                          []move
		amount, capturable, reversible int64
	}{
		{"nothing happened", nil, 0, 0, 0},
		{"authorised", []move{{Authorization, 10000, made}}, 10000, 10000, 0},
		{"partly captured", []move{{Authorization, 10000, made}, {Capture, 1001, made}}, 10000, 8999, 1001},
		{"partly captured and reversed", []move{{Authorization, 10000, made}, {Capture, 1001, made}, {Reversal, 1001, made}}, 10000, 8999, 0},
		{"the rest cancelled", []move{{Authorization, 10000, made}, {Capture, 1001, made}, {Cancellation, 8999, made}}, 10000, 0, 1001},
		{"sold", []move{{Sale, 10000, made}}, 10000, 0, 10000},
		{"sold and reversed", []move{{Sale, 10000, made}, {Reversal, 10000, made}}, 10000, 0, 0},
		{"nothing authorised", []move{{Capture, 1, 0}, {Cancellation, 1, 0}, {Reversal, 1, 0}}, 0, 0, 0},
		{"one too much", []move{{Authorization, 10, made}, {Capture, 11, 10}, {Capture, 10, made}, {Capture, 1, 0}}, 10, 0, 10},
		{"one too much given back", []move{{Sale, 10, made}, {Reversal, 11, 10}}, 10, 0, 10},
		{"nothing and less than nothing", []move{{Authorization, 10, made}, {Capture, 0, 10}, {Capture, -1, 10}, {Reversal, math.MinInt64, 0}}, 10, 10, 0},
		{"a purchase of nothing", []move{{Authorization, 0, made}, {Sale, 0, made}}, 0, 0, 0},
		{"more than a number holds", []move{{Authorization, math.MaxInt64, made}, {Sale, 1, 0}, {Capture, math.MaxInt64, made}}, math.MaxInt64, 0, math.MaxInt64},
		{"a move nobody knows", []move{{"Theft", 1, 0}}, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Balance
			for _, m := range tt.moves {
				err := b.Move(m.op, m.amount)
				if m.left < 0 {
					require.NoError(t, err)
					continue
				}
				var overdraw *OverdrawError
				require.ErrorAs(t, err, &overdraw)
				assert.Equal(t, OverdrawError{Op: m.op, Asked: m.amount, Left: m.left}, *overdraw)
			}
			assert.Equal(t, tt.amount, b.Amount(), "amount")
			assert.Equal(t, tt.capturable, b.Capturable(), "capturable")
			assert.Equal(t, tt.capturable, b.Cancellable(), "cancellable")
			assert.Equal(t, tt.reversible, b.Reversible(), "reversible")
		})
	}
}

// FuzzMoves makes any sequence of moves and holds the answers against a second bookkeeping of sums.
func FuzzMoves(f *testing.F) {
	ops := []Op{Authorization, Sale, Capture, Cancellation, Reversal}
	seq := func(moves ...int64) (out []byte) {
		for i := 0; i < len(moves); i += 2 {
			out = append(out, byte(moves[i]))
			out = binary.BigEndian.AppendUint64(out, uint64(moves[i+1])) //nolint:gosec // any bits will do
		}
		return out
	}
	f.Add(seq(0, 10000, 2, 1001, 4, 1001, 3, 8999))
	f.Add(seq(1, 500, 4, 501, 4, -3))
	f.Add(seq(0, math.MaxInt64, 1, math.MaxInt64, 2, math.MaxInt64, 4, math.MinInt64))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Balance
		sums := map[Op]int64{}
		for len(data) >= 9 {
			op, n := ops[int(data[0])%len(ops)], int64(binary.BigEndian.Uint64(data[1:9]))
			data = data[9:]
			before := b
			if err := b.Move(op, n); err != nil {
				var overdraw *OverdrawError
				require.ErrorAs(t, err, &overdraw)
				require.Equal(t, before, b, "a refused move moves nothing")
				require.GreaterOrEqual(t, overdraw.Left, int64(0))
				continue
			}
			sums[op] += n
			for name, v := range map[string]int64{"amount": b.Amount(), "capturable": b.Capturable(), "reversible": b.Reversible(), "captured": b.Captured()} {
				require.GreaterOrEqual(t, v, int64(0), name)
			}
			require.Equal(t, sums[Authorization]+sums[Sale], b.Amount())
			require.Equal(t, sums[Authorization], b.Capturable()+sums[Capture]+sums[Cancellation], "authorised money is conserved")
			require.Equal(t, sums[Capture]+sums[Sale], b.Reversible()+sums[Reversal], "taken money is conserved")
		}
	})
}

// TestSurplus: the last capture may take a surplus, and nothing is left then.
func TestSurplus(t *testing.T) {
	var b Balance
	b.Allow(10)
	require.Error(t, b.Move(Capture, 1), "nothing is authorised")
	require.NoError(t, b.Move(Authorization, 100))
	b.Allow(20)
	require.NoError(t, b.Move(Capture, 50))
	require.Error(t, b.Move(Capture, 71))
	require.NoError(t, b.Move(Capture, 70))
	assert.Zero(t, b.Capturable())
	assert.EqualValues(t, 120, b.Reversible())
	require.Error(t, b.Move(Capture, 1))
	require.Error(t, b.Move(Cancellation, 1))

	var whole Balance
	require.NoError(t, whole.Move(Authorization, math.MaxInt64))
	whole.Allow(math.MaxInt64)
	require.NoError(t, whole.Move(Capture, math.MaxInt64))
	assert.EqualValues(t, math.MaxInt64, whole.Reversible())
}
