package swedbankpay

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The document of RFC 6901, section 5, with what a payment adds.
const document = `{
	"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8,
	"null": null, "twice": 1, "twice": 2, "~1": 9, "0": "name", "payment": {"list": [{"id": "x"}, null, [10, 11]]}
}`

func TestMember(t *testing.T) {
	found := map[string]string{
		"/foo": `["bar", "baz"]`, "/foo/0": `"bar"`, "/foo/1": `"baz"`, "/": `0`, "/a~1b": `1`, "/c%d": `2`, "/e^f": `3`, "/g|h": `4`,
		`/i\j`: `5`, `/k"l`: `6`, "/ ": `7`, "/m~0n": `8`,
		"": document, "/null": `null`, "/twice": `2`, "/~01": `9`, "/0": `"name"`,
		"/payment/list/0/id": `"x"`, "/payment/list/1": `null`, "/payment/list/2/1": `11`,
	}
	for pointer, want := range found {
		got, ok := member(json.RawMessage(document), pointer)
		assert.True(t, ok, pointer)
		assert.Equal(t, want, string(got), pointer)
	}
	for _, pointer := range []string{
		"foo", "#/foo", "/bar", "/Foo", "/foo/", "/foo/2", "/foo/-", "/foo/-1", "/foo/00", "/foo/01", "/foo/+1", "/foo/1e0", "/foo/0/0", "/foo/x",
		"/foo/99999999999999999999", "//", "/null/0", "/null/x", "/m~n", "/a~2b", "/~", "/payment/list/1/id", "/foo//0", strings.Repeat("/", 1<<20),
	} {
		got, ok := member(json.RawMessage(document), pointer)
		assert.False(t, ok, pointer)
		assert.Nil(t, got, pointer)
	}
	for _, raw := range []string{"", "nonsense", `{"a":`} {
		_, ok := member(json.RawMessage(raw), "")
		assert.False(t, ok, raw)
		_, ok = member(json.RawMessage(raw), "/a")
		assert.False(t, ok, raw)
	}
}

func TestMemberIsBounded(t *testing.T) {
	deep := strings.Repeat("[", 40) + "1" + strings.Repeat("]", 40)
	_, ok := member(json.RawMessage(deep), strings.Repeat("/0", 32))
	assert.True(t, ok)
	_, ok = member(json.RawMessage(deep), strings.Repeat("/0", 33))
	assert.False(t, ok)
}

func TestMemberOfPayment(t *testing.T) {
	b := newBank(t, "POST create-capture /captures")
	b.answers["POST "+cardID+"/captures"] = moved("capture", cardID)
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)

	got, ok := payment.Member("/payment/unknownMember")
	require.True(t, ok)
	assert.Equal(t, "true", string(got))
	copy(got, "fals")
	again, _ := payment.Member("/payment/unknownMember")
	assert.Equal(t, "true", string(again), "what is found is a copy")
	all, ok := payment.Member("")
	require.True(t, ok)
	clear(all)
	rel, ok := payment.Member("/operations/0/rel")
	require.True(t, ok)
	assert.Equal(t, `"create-capture"`, string(rel))

	capture, err := payment.Capture(t.Context(), Movement{Amount: SEK(1001), Description: "d", PayeeReference: "r"})
	require.NoError(t, err)
	got, ok = capture.Member("/capture/transaction/unknownMember")
	require.True(t, ok)
	assert.Equal(t, "1", string(got))

	_, ok = new(Payment).Member("")
	assert.False(t, ok)
	_, ok = new(Transaction).Member("/x")
	assert.False(t, ok)
}

// Whatever the document and the pointer, what is found is JSON that stands in
// the document.
func FuzzMember(f *testing.F) {
	for _, pointer := range []string{"", "/", "/foo/0", "/a~1b", "/m~0n", "/payment/list/2/1", "/foo/-", "~", "/~", "//"} {
		f.Add([]byte(document), pointer)
	}
	f.Add([]byte(`[[[[]]]]`), "/0/0/0")
	f.Fuzz(func(t *testing.T, raw []byte, pointer string) {
		got, ok := member(raw, pointer)
		if !ok {
			return
		}
		if !json.Valid(got) || !strings.Contains(string(raw), string(got)) {
			t.Fatalf("%q at %q gave %q", raw, pointer, got)
		}
	})
}
