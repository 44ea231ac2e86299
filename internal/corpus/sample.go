package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
)

// A grade says where a sample came from, and so how far it is to be trusted.
type grade string

// live is the grade of what was recorded from the vendor's test host, as it was sent. It is never excused.
const live grade = "A"

// A sample is one exchange of the corpus.
type sample struct {
	id         string
	grade      grade
	instrument string
	operation  string
	file       string
	index      int             // in the file, from 0
	entry      json.RawMessage // as an entry of a HAR file
	half       bool            // made of a request alone: that there is no response is nobody's fault
}

// An omission is a fragment that cannot be judged, and why.
type omission struct {
	id, file, why string
}

// files are what a corpus consists of. All of them must be there.
var files = []struct {
	name string
	read func(name string, data []byte) ([]sample, []omission, error)
}{
	{"recorded.har", readArchive},
	{"recorded-fragments.jsonl", readFragments},
	{"documented.har", readArchive},
	{"documented-fragments.jsonl", readFragments},
}

// read returns the samples of a corpus in the order of its files, each under an id of its own.
func read(corpus fs.FS) (samples []sample, left []omission, err error) {
	seen := map[string]bool{}
	for _, file := range files {
		data, err := fs.ReadFile(corpus, file.name)
		if err != nil {
			return nil, nil, fmt.Errorf("the corpus is not complete: %w", err)
		}
		more, without, err := file.read(file.name, data)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file.name, err)
		}
		for _, one := range more {
			if one.id == "" || one.grade == "" || seen[one.id] {
				return nil, nil, fmt.Errorf("%s: entry %d has no grade, or no id of its own: %q", file.name, one.index, one.id)
			}
			seen[one.id] = true
		}
		samples, left = append(samples, more...), append(left, without...)
	}
	if len(samples) == 0 {
		return nil, nil, fmt.Errorf("the corpus holds nothing to judge")
	}
	return samples, left, nil
}

// readArchive reads a HAR file whose entries carry what the corpus knows about them in members of its own.
func readArchive(name string, data []byte) ([]sample, []omission, error) {
	var archive struct {
		Log struct{ Entries []json.RawMessage }
	}
	if err := json.Unmarshal(data, &archive); err != nil {
		return nil, nil, err
	}
	var samples []sample
	for i, raw := range archive.Log.Entries {
		var meta struct {
			ID         string `json:"_id"`
			Grade      grade  `json:"_grade"`
			Instrument string `json:"_instrument"`
			Operation  string `json:"_operation"`
		}
		if err := json.Unmarshal(raw, &meta); err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w", i, err)
		}
		if meta.Grade != live {
			raw = mend(raw, meta.Instrument)
		}
		samples = append(samples, sample{
			id: meta.ID, grade: meta.Grade, instrument: meta.Instrument, operation: meta.Operation,
			file: name, index: i, entry: raw,
		})
	}
	return samples, nil, nil
}

// readFragments reads a file of one JSON object a line, and makes an exchange of each where it can.
func readFragments(name string, data []byte) (samples []sample, left []omission, err error) {
	lines := bufio.NewReader(bytes.NewReader(data))
	for i := 0; ; i++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var f fragment
			if err := json.Unmarshal(line, &f); err != nil {
				return nil, nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			entry, half, why := f.entry()
			if why != "" {
				left = append(left, omission{f.ID, name, why})
			} else {
				samples = append(samples, sample{
					id: f.ID, grade: f.Grade, instrument: f.Instrument, operation: f.Operation,
					file: name, index: i, entry: entry, half: half,
				})
			}
		}
		if err == io.EOF {
			return samples, left, nil
		}
	}
}

// anyID stands where a page shows no id.
const anyID = "00000000-0000-0000-0000-000000000000"

// host is where the documents live.
const host = "api.externalintegration.payex.com"

var (
	variable = regexp.MustCompile(`\{\{ *page\.([A-Za-z]+) *\}\}`)
	noID     = regexp.MustCompile(`("url": ?"https://[^"]*/payments/)(/[^"]*")`)
	noName   = regexp.MustCompile(`("url": ?"https://[^"/]*/psp/)(/payments[^"]*")`)
)

// mend fills in what the templates of the documentation left out: variables that were copied unset into the page, and
// an id or the name of the instrument missing in the address. Without it those pages would tell nothing; what was
// recorded is never mended.
func mend(entry []byte, instrument string) []byte {
	entry = variable.ReplaceAllFunc(entry, func(found []byte) []byte {
		switch string(variable.FindSubmatch(found)[1]) {
		case "apiUrl":
			return []byte(host)
		case "frontEndUrl":
			return []byte(strings.Replace(host, "api.", "ecom.", 1))
		}
		return []byte(anyID)
	})
	entry = noID.ReplaceAll(entry, []byte("${1}"+anyID+"${2}"))
	return noName.ReplaceAll(entry, []byte("${1}"+instrument+"${2}"))
}
