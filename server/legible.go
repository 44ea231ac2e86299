package server

import (
	"bytes"
	"net/http"
	"strings"
)

// Swedbank Pay's service is liberal in what it takes; Resurs documents that it is strict.

// trimmed is a body without what says nothing: a byte order mark, and all of one that a GET carries.
func (c *call) trimmed(body []byte) []byte {
	switch {
	case !c.liberal():
		return body
	case c.operation.Method == http.MethodGet:
		return nil
	default:
		return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	}
}

// legible is the body as the contract tells that it is meant, such as text where a reference is a number. One that the
// contract has nothing to say about is meant as it stands.
func (c *call) legible() []byte {
	if !c.liberal() || c.body == nil {
		return c.body
	}
	return c.operation.Liberal(c.body)
}

func (c *call) liberal() bool {
	_, liberal := c.vendor.(swedbankPay)
	return liberal
}

// credentials are headers as they are judged and read. The founding sample of Swedbank Pay's puts the whole value of
// Authorization in quotes, which are no part of it.
func (c *call) credentials(h http.Header) http.Header {
	value := strings.TrimSpace(h.Get("Authorization"))
	if !c.liberal() || len(value) < 2 || !strings.HasPrefix(value, `"`) || !strings.HasSuffix(value, `"`) {
		return h
	}
	h = h.Clone()
	h.Set("Authorization", value[1:len(value)-1])
	return h
}
