package swedbankpay

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Member finds a part of Raw that this package has no name for, by its JSON
// pointer (RFC 6901): "/payment/payers/id", "/operations/0/rel". In a pointer
// ~1 is a slash within a name and ~0 a tilde; "" is all of Raw. Names are
// compared exactly, and of two equal ones the last counts. What is found is a
// copy; a member that is null is found as null.
//
// Nothing is found by a pointer to what is not there, by one that is
// malformed, or by one of more than 32 steps.
func (p *Payment) Member(pointer string) (json.RawMessage, bool) { return member(p.Raw, pointer) }

// Member finds a part of Raw, as that of [Payment] does. Raw is the whole
// answer where the transaction was made, as in "/capture/transaction/state",
// and its own entry where it was listed, as in "/transaction/state".
func (t *Transaction) Member(pointer string) (json.RawMessage, bool) { return member(t.Raw, pointer) }

// maxSteps bounds the work, since each step reads what it steps into.
const maxSteps = 32

func member(raw json.RawMessage, pointer string) (json.RawMessage, bool) {
	if pointer == "" {
		return bytes.Clone(raw), json.Valid(raw)
	}
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok || strings.Count(rest, "/") >= maxSteps {
		return nil, false
	}
	for step := range strings.SplitSeq(rest, "/") {
		name, ok := unescaped(step)
		if !ok {
			return nil, false
		}
		if raw, ok = within(raw, name); !ok {
			return nil, false
		}
	}
	return raw, true
}

// within gives the member of an object, or the entry of an array.
func within(raw json.RawMessage, name string) (json.RawMessage, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil {
		found, ok := object[name]
		return found, ok
	}
	var array []json.RawMessage
	i, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(i) != name || json.Unmarshal(raw, &array) != nil || i < 0 || i >= len(array) {
		return nil, false
	}
	return array[i], true
}

// unescaped is the name that a step of a pointer spells.
func unescaped(step string) (string, bool) {
	if tail := strings.NewReplacer("~0", "", "~1", "").Replace(step); strings.Contains(tail, "~") {
		return "", false
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(step), true
}
