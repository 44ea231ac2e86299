package sqlite

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/kassa-dev/kassa/server"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is what makes damage inside a row visible: a CRC-32C over its number, the lengths of its names, and its
// bytes.
func checksum(seq int64, r *server.Record) int64 {
	var head [32]byte
	for i, n := range []int64{seq, int64(len(r.Namespace)), int64(len(r.Subject)), int64(len(r.Kind))} {
		binary.LittleEndian.PutUint64(head[8*i:], uint64(n))
	}
	sum := crc32.Update(0, castagnoli, head[:])
	for _, name := range []string{r.Namespace, r.Subject, r.Kind} {
		sum = crc32.Update(sum, castagnoli, []byte(name))
	}
	return int64(crc32.Update(sum, castagnoli, r.Data))
}
