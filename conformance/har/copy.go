package har

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Copy copies what a [Writer] has written so far, and completes it: the entries
// that are there whole. It is for looking at a recording that goes on.
func Copy(w io.Writer, written io.Reader) error {
	lines := bufio.NewReader(written)
	head, err := lines.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return errors.New("nothing has been recorded")
	}
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	_, _ = out.Write(head) // out keeps the first error
	for count := 0; ; count++ {
		line, err := lines.ReadBytes('\n')
		cut := errors.Is(err, io.EOF)
		if err != nil && !cut {
			return err
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte(","))
		if !json.Valid(line) { // the end, or an entry that is half written
			break
		}
		if count > 0 {
			_, _ = out.WriteString(",\n")
		}
		_, _ = out.Write(line)
		if cut {
			break
		}
	}
	_, _ = out.WriteString(end)
	return out.Flush()
}
