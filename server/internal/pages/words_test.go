package pages

import (
	"html"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTables: both languages have the same texts, with places for the same things.
func TestTables(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, text := range english {
		other, ok := swedish[key]
		assert.True(t, ok, "Swedish has no %q", key)
		assert.Equal(t, verbs.FindAllString(text, -1), verbs.FindAllString(other, -1), key)
		assert.NotEmpty(t, text, key)
		assert.NotEmpty(t, other, key)
	}
	for key := range swedish {
		assert.Contains(t, english, key, "English lacks it")
	}
}

// TestTemplatesHaveNoWords: every word is in the tables, those in labels for screen readers too.
func TestTemplatesHaveNoWords(t *testing.T) {
	spoken := regexp.MustCompile(`(?:title|placeholder|alt|aria-label|label)="([^"]*)"`)
	tag := regexp.MustCompile(`<[^>]*>`)
	seen := 0
	for page, set := range templates {
		for _, one := range set.Templates() {
			if one.Tree == nil {
				continue
			}
			var text strings.Builder
			walk(one.Tree.Root, &text)
			seen++
			for _, m := range spoken.FindAllStringSubmatch(text.String(), -1) {
				assert.Empty(t, m[1], "%s says %q itself", one.Name(), m[0])
			}
			bare := tag.ReplaceAllString(text.String(), "")
			assert.Equal(t, -1, strings.IndexFunc(bare, unicode.IsLetter), "%s of %s has words of its own: %s", one.Name(), page, strings.TrimSpace(bare))
		}
	}
	assert.Greater(t, seen, 10)
}

// walk collects the text of a template outside its actions.
func walk(n parse.Node, out *strings.Builder) {
	branch := func(b *parse.BranchNode) {
		walk(b.List, out)
		if b.ElseList != nil {
			walk(b.ElseList, out)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			walk(child, out)
		}
	case *parse.TextNode:
		out.Write(n.Text)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	}
}

// Shown is what the gallery of a language shows. The gallery stands outside the package, as callers do, and is put here
// by gallery_test.go.
var Shown func(locale string) []string

// TestEveryTextIsUsed: a text that no page shows is dead.
func TestEveryTextIsUsed(t *testing.T) {
	for locale, table := range map[string]map[string]string{"en-US": english, "sv-SE": swedish} {
		style := regexp.MustCompile(`(?s)<style>.*?</style>`)
		said := style.ReplaceAllString(strings.Join(Shown(locale), "\n"), "")
		said = html.UnescapeString(said)
		require.NotEmpty(t, said)
		for key, text := range table {
			pattern := strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(text), "%s", `[^<]*`), "%d", `[0-9]+`)
			assert.True(t, regexp.MustCompile(`[>"]\s*`+pattern+`\s*[<"·]`).MatchString(said), "%s is shown on no page in %s", key, locale)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, tt := range []struct {
		amount int64
		en, sv string
	}{
		{0, "0.00 SEK", "0,00 SEK"},
		{1, "0.01 SEK", "0,01 SEK"},
		{99, "0.99 SEK", "0,99 SEK"},
		{100, "1.00 SEK", "1,00 SEK"},
		{12345, "123.45 SEK", "123,45 SEK"},
		{123456, "1,234.56 SEK", "1 234,56 SEK"},
		{100000000, "1,000,000.00 SEK", "1 000 000,00 SEK"},
		{-150, "−1.50 SEK", "−1,50 SEK"},
		{math.MaxInt64, "92,233,720,368,547,758.07 SEK", "92 233 720 368 547 758,07 SEK"},
		{math.MinInt64, "−92,233,720,368,547,758.08 SEK", "−92 233 720 368 547 758,08 SEK"},
	} {
		plain := func(w words) string { return strings.ReplaceAll(money(tt.amount, "SEK", w), "\u00a0", " ") }
		assert.Equal(t, tt.en, plain(inEnglish))
		assert.Equal(t, tt.sv, plain(inSwedish))
	}
	assert.Equal(t, "1.00", money(100, "", inEnglish))
}

// TestPolicyFitsThePage: the hashes in the policy are those of what the page contains.
func TestPolicyFitsThePage(t *testing.T) {
	w := httptest.NewRecorder()
	c := Checkout{Order: Order{Instrument: Swish}, Step: StepPay, Frame: &Frame{Hosts: []string{"https://shop.example"}}}
	require.NoError(t, c.Write(w, http.StatusOK))
	for tag, directive := range map[string]string{"style": "style-src ", "script": "script-src "} {
		m := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(w.Body.String(), -1)
		require.Len(t, m, 1)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), directive+hash(m[0][1]))
	}
}
