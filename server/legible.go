package server

import (
	"bytes"
	"net/http"
	"strings"
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

// credentials are headers as they are judged and read. The founding sample of Swedbank Pay's puts the whole value of
// Authorization in quotes, which are no part of it.
func (c *call) credentials(h http.Header) http.Header {
	value := strings.TrimSpace(h.Get("Authorization"))
	_, liberal := c.vendor.(swedbankPay)
	if !liberal || len(value) < 2 || !strings.HasPrefix(value, `"`) || !strings.HasSuffix(value, `"`) {
		return h
	}
	h = h.Clone()
	h.Set("Authorization", value[1:len(value)-1])
	return h
}
