package server

import (
	"bytes"
	"net/http"
)

// legible is a body as it is judged and read. Swedbank Pay's service is liberal in what it takes: a byte order mark says
// nothing, a body that a GET carries is nobody's, and the contract tells what other members are meant for, such as a
// number where a reference is text. Resurs documents that it is strict.
func (c *call) legible(body []byte) []byte {
	if _, liberal := c.vendor.(swedbankPay); !liberal {
		return body
	}
	if c.operation.Method == http.MethodGet {
		return nil
	}
	return c.operation.Liberal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}
