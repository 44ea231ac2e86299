package main

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed web
var web embed.FS

const shopName = "Lingon & Lera"

// pages are the templates, each with the layout around it.
var pages = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, page := range []string{"shelf", "checkout", "order", "widget", "orders", "desk", "sorry"} {
		t := template.New("layout.html").Funcs(template.FuncMap{
			"shop":    func() string { return shopName },
			"fieldOf": fieldOf,
			"time":    func(t time.Time) string { return t.Format("2006-01-02 15:04:05") },
		})
		all[page] = template.Must(t.ParseFS(web, "web/layout.html", "web/parts.html", "web/"+page+".html"))
	}
	return all
}()

// A field is one of a form, as its template wants it.
type field struct{ Name, Label, Complete, Value, Fault, Hint string }

func fieldOf(name, label, complete, value string, wrong faults, hint string) field {
	return field{Name: name, Label: label, Complete: complete, Value: value, Fault: wrong[name], Hint: hint}
}

// Described are the ids of what describes the field.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.Name+"-fault")
	}
	return strings.Join(ids, " ")
}

// show answers with a page. It is made whole before the first byte is sent, so that a mistake in it is an error and not
// half a page.
func (s *shop) show(w http.ResponseWriter, r *http.Request, status int, page string, data any) {
	var b bytes.Buffer
	if err := pages[page].Execute(&b, data); err != nil {
		s.log.Error("a page cannot be made", "page", page, "path", r.URL.Path, "error", err)
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // a browser that is gone needs no page
}

type sorryPage struct{ Title, Text string }

// fail answers with what went wrong: that there is no such order, or something of which the shopper needs to know no more
// than that it was not their fault.
func (s *shop) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errNone) {
		s.show(w, r, http.StatusNotFound, "sorry", sorryPage{"No such order", "Look at the address again: we have no order there."})
		return
	}
	s.log.Error("something is broken", "path", r.URL.Path, "error", err)
	s.show(w, r, http.StatusInternalServerError, "sorry", sorryPage{"Something is broken", "It is our fault, and we have been told. Please try again in a while."})
}

// files are what pages load.
var files = map[string]string{
	"style.css": "web/style.css", "widget.js": "web/widget.js",
	"mug.svg": "web/mug.svg", "bowl.svg": "web/bowl.svg", "jug.svg": "web/jug.svg", "plate.svg": "web/plate.svg",
}

// showFile answers with a style, a script or a picture.
func showFile(w http.ResponseWriter, r *http.Request) {
	file, ok := files[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, web, file)
}
