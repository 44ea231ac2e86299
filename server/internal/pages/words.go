package pages

import (
	"fmt"
	"strings"
)

// words are a language.
type words struct {
	Lang               string // of the html element
	OtherLang          string
	table              map[string]string
	thousands, decimal string
}

var (
	inEnglish = words{Lang: "en", OtherLang: "sv", table: english, thousands: ",", decimal: "."}
	inSwedish = words{Lang: "sv", OtherLang: "en", table: swedish, thousands: "\u00a0", decimal: ","}
)

// wordsFor is Swedish for a Swedish locale, however it is spelt, and English for every other.
func wordsFor(locale string) words {
	language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(locale)), "-")
	if language == "sv" {
		return inSwedish
	}
	return inEnglish
}

func (w words) otherLocale() string {
	return map[string]string{"en": "en-US", "sv": "sv-SE"}[w.OtherLang]
}

// T is the text called key, with args in the places of its verbs, if it has any. A key without a text is an error, so that no page is
// sent with a hole in it.
func (w words) T(key string, args ...any) (string, error) {
	text, ok := w.table[key]
	if !ok {
		return "", fmt.Errorf("pages: the %s table has no text %q; add it to both tables", w.Lang, key)
	}
	if len(args) == 0 || !strings.Contains(text, "%") {
		return text, nil
	}
	return fmt.Sprintf(text, args...), nil
}
