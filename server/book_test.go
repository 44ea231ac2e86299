package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/ledger"
)

func newBook(t *testing.T) *book {
	s, err := New(WithSeed(1), WithClock(time.Now))
	require.NoError(t, err)
	return s.world("book").book
}

// FuzzBook plays any sequence of steps on two payments and looks at the sums after each: money is conserved, no amount
// is negative, and the facts alone give the same state again. A step that is refused changes nothing.
func FuzzBook(f *testing.F) {
	f.Add([]byte("\x00\x02\x04\x10\x05\x01\x06\x00"))
	f.Add([]byte("\x01\x07\x02\x05\x20\x08\x03\x03\x03"))
	f.Add([]byte("\x02\x04\xff\x04\xff\x05\xff\x05\x01\x06\x00\x08\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newBook(t)
		var ps []payment
		for i, kind := range []struct {
			instrument        *instrument
			operation, intent string
		}{
			{creditcardInstrument, operationPurchase, intentAuthorization},
			{trustlyInstrument, operationPurchase, intentSale},
			{creditcardInstrument, operationPurchase, intentAutoCapture},
			{swishInstrument, operationPurchase, intentSale},
			{mobilepayInstrument, operationPurchase, intentAuthorization},
			{invoiceInstrument, operationFinancing, intentAuthorization},
			{creditcardInstrument, operationVerify, ""},
			{creditcardInstrument, operationPurchase, intentPreAuthorization},
		} {
			o := order{
				operation: kind.operation, intent: kind.intent, prices: []psp.PriceRequest{{Type: "Visa", Amount: 300}},
				payee: psp.PayeeInfoRequest{PayeeID: "p", PayeeReference: string(rune('a' + i))},
			}
			p, err := b.create(kind.instrument, o)
			require.NoError(t, err)
			ps = append(ps, p)
		}
		for len(data) > 1 {
			what, n := data[0], data[1]
			data = data[2:]
			p := ps[int(what>>4)%len(ps)]
			before, err := b.get(nil, p.id)
			require.NoError(t, err)
			m := move{amount: int64(n), payeeReference: "ref" + string(rune(n))}
			switch what % 8 {
			case 0:
				_, _, err = b.act(p.id, act{do: actPay, now: n%2 == 0})
			case 1:
				_, _, err = b.act(p.id, act{do: actDecline, now: n%2 == 0})
			case 2, 3:
				m.op = ledger.Capture
				_, _, err = b.move(p.instrument, p.id, m)
			case 4:
				m.op = ledger.Reversal
				_, _, err = b.move(p.instrument, p.id, m)
			case 5:
				m.op = ledger.Cancellation
				_, _, err = b.move(p.instrument, p.id, m)
			case 6:
				_, _, err = b.sell(p.instrument, p.id, "")
			case 7:
				if n%4 == 0 {
					_, err = b.finalise(p.instrument, p.id)
					break
				}
				_, err = b.abort(p.instrument, p.id, "enough")
			}
			after, getErr := b.get(nil, p.id)
			require.NoError(t, getErr)
			if err != nil {
				require.Equal(t, before.facts, after.facts)
			}
			checkSums(t, after)
		}
	})
}

func checkSums(t *testing.T, p payment) {
	t.Helper()
	sums := map[ledger.Op]int64{}
	for _, tx := range p.state.transactions {
		if tx.state == stateCompleted {
			sums[tx.op] += tx.amount
		}
	}
	balance := p.state.balance
	require.Equal(t, sums[ledger.Authorization]+sums[ledger.Sale], balance.Amount())
	most := sums[ledger.Authorization]
	if p.state.finalised {
		most += most / preAuthorizationSurplus
	}
	require.LessOrEqual(t, balance.Capturable()+sums[ledger.Capture]+sums[ledger.Cancellation], most)
	require.GreaterOrEqual(t, balance.Capturable()+sums[ledger.Capture]+sums[ledger.Cancellation], sums[ledger.Authorization])
	require.Equal(t, sums[ledger.Capture]+sums[ledger.Sale], balance.Reversible()+sums[ledger.Reversal])
	require.Contains(t, []int64{0, 300}, balance.Amount(), "paid once at most")
	require.GreaterOrEqual(t, balance.Capturable(), int64(0))
	require.GreaterOrEqual(t, balance.Reversible(), int64(0))
	again, err := replay(p.facts)
	require.NoError(t, err)
	if len(p.facts) > 0 {
		require.Equal(t, p.state, again, "the facts say it all")
	}
	if p.status() != stateReady {
		require.Zero(t, balance.Amount(), "an ended payment was never paid")
	}
}

func TestReplayRefuses(t *testing.T) {
	_, err := replay([]fact{{event: completed, tx: "t"}})
	require.EqualError(t, err, "transaction t completed before it was begun")
	sale := &move{op: ledger.Capture, amount: 1}
	_, err = replay([]fact{{event: begun, tx: "t", move: sale}, {event: completed, tx: "t"}})
	var overdraw *ledger.OverdrawError
	require.ErrorAs(t, err, &overdraw)
}

// TestReadersKeepWhatTheyRead: a payment that was handed out does not change with the book.
func TestReadersKeepWhatTheyRead(t *testing.T) {
	b := newBook(t)
	o := order{intent: "Sale", prices: []psp.PriceRequest{{Amount: 300}}, payee: psp.PayeeInfoRequest{PayeeID: "p", PayeeReference: "r"}}
	p, err := b.create(trustlyInstrument, o)
	require.NoError(t, err)
	pending, _, err := b.sell(trustlyInstrument, p.id, "")
	require.NoError(t, err)
	_, _, err = b.act(p.id, act{do: actPay, now: true})
	require.NoError(t, err)
	assert.Empty(t, p.state.transactions)
	assert.Equal(t, awaitingActivity, pending.state.transactions[0].state)
}

func TestSeedDecides(t *testing.T) {
	one, two, seed := newDice(nil, "a", 0), newDice(nil, "a", 0), int64(7)
	assert.NotEqual(t, one.guid(), two.guid())
	one, two = newDice(&seed, "a", 0), newDice(&seed, "a", 0)
	first := one.guid()
	assert.Equal(t, first, two.guid())
	assert.NotEqual(t, first, one.guid())
	one.again()
	assert.Equal(t, first, one.guid())
	assert.NotEqual(t, first, newDice(&seed, "b", 0).guid())
	one.renew(&seed, "a", 1)
	assert.NotEqual(t, first, one.guid())
	assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", first)
}
