package server

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"sync"
)

// dice is where ids, numbers and tokens come from. From one seed they always come in the same order.
type dice struct {
	mu   sync.Mutex
	seed [32]byte
	rng  *rand.ChaCha8
}

// newDice throws from seed, or from the system's randomness when seed is nil. From one seed, dice for different purposes
// throw differently, and so do those of another generation, which come after something was read back.
func newDice(seed *int64, purpose string, generation uint64) *dice {
	d := &dice{}
	if seed != nil {
		d.seed = sha256.Sum256(fmt.Appendf(nil, "%d %d %s", *seed, generation, purpose))
	} else {
		_, _ = crand.Read(d.seed[:]) // never fails
	}
	d.rng = rand.NewChaCha8(d.seed)
	return d
}

// fraction is at least 0 and less than 1.
func (d *dice) fraction() float64 {
	return float64(binary.BigEndian.Uint64(d.bytes(8))>>11) / (1 << 53)
}

// renew throws on as dice of another generation do.
func (d *dice) renew(seed *int64, purpose string, generation uint64) {
	next := newDice(seed, purpose, generation)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seed, d.rng = next.seed, next.rng
}

// again starts over from the same seed.
func (d *dice) again() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rng.Seed(d.seed)
}

func (d *dice) bytes(n int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := make([]byte, n)
	_, _ = d.rng.Read(b) // never fails
	return b
}

// guid is a random GUID, lower-case with dashes.
func (d *dice) guid() string { return guid(d.bytes(16)) }

// guid writes sixteen bytes as a GUID of version 4.
func guid(b []byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// hex is n random bytes in lower-case hexadecimal.
func (d *dice) hex(n int) string { return hex.EncodeToString(d.bytes(n)) }

// text is n characters of an alphabet, each as likely as the next to within one part in five.
func (d *dice) text(n int, alphabet string) string {
	b := d.bytes(n)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

const (
	digits = "0123456789"
	base62 = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
