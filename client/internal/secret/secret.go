// Package secret keeps a text out of everything that prints.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const mask = "[secret]"

// Text holds a secret behind a closure, so that neither the verbs of fmt nor
// JSON, slog or a reflecting dumper finds it, not even when Text sits in an
// unexported field where its own methods cannot be called.
type Text struct{ reveal func() string }

// Of hides s.
func Of(s string) Text { return Text{reveal: func() string { return s }} }

// Reveal gives the secret back; the zero Text gives "".
func (t Text) Reveal() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// Format writes a mask whatever the verb.
func (Text) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, mask) }

// MarshalText gives the mask, and so do JSON, XML and the like.
func (Text) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue gives the mask to slog.
func (Text) LogValue() slog.Value { return slog.StringValue(mask) }
