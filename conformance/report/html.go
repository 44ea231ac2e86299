package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the texts below
	"encoding/base64"
	"html/template"
	"strings"
	"sync"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

var pageTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page.html").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) }, //nolint:gosec // our own file
		"script": func() template.JS { return template.JS(script) },  //nolint:gosec // our own file
		"policy": policy, "grouped": grouped, "place": place, "kind": kindName, "touched": touched, "joined": joined, "breakable": breakable,
	}).Parse(pageHTML)
})

// breakable is a text that may be broken after a slash.
func breakable(text string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(text), "/", "/<wbr>")) //nolint:gosec // escaped right here
}

// policy is what a browser may do with the page: use its own style and script,
// and load nothing.
func policy() string {
	return "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; script-src " + digest(script) + "; style-src " + digest(style)
}

// digest names a text in a policy: no other style or script runs.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// writeHTML writes a page that stands by itself: its style and script are in
// it, and it loads nothing. It reads the same without the script, which searches
// and changes between light and dark.
func writeHTML(out *bytes.Buffer, d Data) error {
	page, err := pageTemplate()
	if err != nil {
		return err
	}
	return page.Execute(out, newPage(d))
}
