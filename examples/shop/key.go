package main

import (
	"crypto/rand"
	"regexp"
)

// newKey makes the key of an order. It is all that is needed to see the order, so it is nothing but chance.
func newKey() string { return rand.Text() }

// ours is the form of keys and of payee references, which come back to us in forms of pages.
var ours = regexp.MustCompile(`^[0-9A-Z]{26}$`)
