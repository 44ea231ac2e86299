package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance/har"
)

// undemonstrated are the rules that no defect breaks, each with its reason.
var undemonstrated = map[string]string{
	"recording.entry.damaged":  "it is about files",
	"recording.findings.limit": "it is about files",
	"coverage.below":           "it is about what is asked for",
	"baseline.stale":           "it is about a baseline",
	"suppression.expired":      "it is about suppressions",
	"suppression.unused":       "it is about suppressions",
	"recording.judge.failed":   "it would take a defect of ours",
	"request.auth.unknown":     "it is about recorders",
	"request.body.unknown":     "a text holds its bodies",
	"response.body.unknown":    "a text holds its bodies",
	"request.body.too-large":   "the body would be 16 MiB long",
	"response.body.too-large":  "the body would be 16 MiB long",
	"request.header.missing":   "no request header is required",
	"request.header.schema":    "every documented request header takes any text",
	"request.path.parameter":   "ids are opaque",
	"request.query.missing":    "no query parameter is required",
}

// One thing is wrong, and one rule says so, in the right place; see the head
// of the fixture for how a defect is written.
func TestFoundingDefects(t *testing.T) {
	checker := ownChecker(t)
	archive, err := txtar.ParseFile(filepath.Join(founding, "defects.txtar"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(archive.Files), 36)
	names, broken := map[string]bool{}, map[string]bool{"recording.response.missing": true} // by $expand, from the start
	for _, f := range archive.Files {
		require.False(t, names[f.Name], "defect %q stands twice", f.Name)
		names[f.Name] = true
		d, err := parseDefect(string(f.Data))
		require.NoError(t, err, f.Name)
		if fields := strings.Fields(d.want); len(fields) > 1 {
			broken[fields[1]] = true
			if fields[1] != "response.status.undocumented" { // which is milder where it is no success
				assert.Equal(t, string(severityOf(fields[1])), fields[0], "%s: the severity of its rule", f.Name)
			}
		}
		t.Run(f.Name, func(t *testing.T) {
			recording := readRecording(t, d.recording)
			entries := entriesOf(recording)
			before := keys(judgeHAR(t, checker, recordHAR(t, entries)))

			at := slices.IndexFunc(entries, func(e har.Entry) bool { return recording.Exchanges[e.Index].Name == d.exchange })
			require.GreaterOrEqual(t, at, 0, "%s has no exchange %q", d.recording, d.exchange)
			for _, edit := range d.edits {
				require.NoError(t, edit.apply(&entries[at]), edit)
			}
			after := keys(judgeHAR(t, checker, recordHAR(t, entries)))
			var want []string
			if d.want != "nothing" {
				want = []string{fmt.Sprintf("%d %s", at, d.want)}
			}
			assert.ElementsMatch(t, want, without(after, before))
		})
	}
	for _, rule := range Rules() {
		_, excused := undemonstrated[rule.ID]
		assert.NotEqual(t, broken[rule.ID], excused, "%s: a rule has a defect that breaks it, or a reason, and not both", rule.ID)
	}
}

// keys says of each finding what a defect's "want" says, after its entry.
func keys(findings []Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", f.Entry, f.Severity, f.Rule, f.Pointer)))
	}
	return list
}

// without takes each of some out of all once.
func without(all, some []string) []string {
	rest := slices.Clone(all)
	for _, one := range some {
		if i := slices.Index(rest, one); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return rest
}

type defect struct {
	recording, exchange string
	want                string // "error request.body.schema /a/b"
	edits               []edit
}

func parseDefect(text string) (defect, error) {
	var d defect
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		if in, ok := strings.CutPrefix(l, "in: "); ok {
			d.recording, d.exchange, _ = strings.Cut(in, "/")
		} else if want, ok := strings.CutPrefix(l, "want: "); ok {
			d.want = want
		} else {
			d.edits = append(d.edits, edit(l))
		}
	}
	if d.exchange == "" || d.want == "" || len(d.edits) == 0 {
		return d, errors.New("a defect has the lines in, want, and at least one edit")
	}
	return d, nil
}

// edit is one line that changes an exchange.
type edit string

func (line edit) apply(e *har.Entry) error {
	verb, rest, _ := strings.Cut(string(line), " ")
	switch verb {
	case "method":
		e.Method = rest
		return nil
	case "status":
		status, err := strconv.Atoi(rest)
		e.Status = status
		return err
	case "url":
		url, err := replaceOnce([]byte(e.URL), rest)
		e.URL = string(url)
		return err
	case "request":
		return line.change(&e.Request, rest)
	case "response":
		return line.change(&e.Response, rest)
	}
	return errors.New("it starts with none of method, status, url, request, response")
}

func (line edit) change(m *har.Message, command string) error {
	verb, rest, _ := strings.Cut(command, " ")
	pointer, value, _ := strings.Cut(rest, " ")
	steps := strings.Split(pointer, "/")[1:]
	var err error
	switch verb + " " + pointer {
	case "no body":
		m.Body = nil
		return nil
	case "no header":
		if m.Header.Get(value) == "" {
			return errors.New("there is no such header")
		}
		m.Header.Del(value)
		return nil
	}
	switch verb {
	case "set":
		m.Body, err = setJSON(m.Body, steps, []byte(value))
	case "remove":
		m.Body, err = setJSON(m.Body, steps, nil)
	case "replace":
		m.Body, err = replaceOnce(m.Body, rest)
	case "cut":
		var n int
		if n, err = strconv.Atoi(rest); err == nil {
			m.Body = m.Body[:len(m.Body)-n]
		}
	case "nest":
		var n int
		n, err = strconv.Atoi(rest)
		m.Body = slices.Concat(bytes.Repeat([]byte("["), n), m.Body, bytes.Repeat([]byte("]"), n))
	case "prepend", "append", "body":
		var text string
		text, err = strconv.Unquote(rest)
		m.Body = slices.Concat(
			map[string][]byte{"append": m.Body}[verb],
			[]byte(text),
			map[string][]byte{"prepend": m.Body}[verb],
		)
		if m.Body == nil {
			m.Body = []byte{}
		}
	case "header":
		name, value, _ := strings.Cut(rest, ":")
		m.Header = m.Header.Clone()
		m.Header.Set(name, strings.TrimSpace(value))
		m.HeaderUnknown = false
	default:
		err = errors.New("there is no such edit")
	}
	return err
}

// replaceOnce reads two quoted strings and replaces the first by the second.
func replaceOnce(text []byte, quoted string) ([]byte, error) {
	first, err := strconv.QuotedPrefix(quoted)
	if err != nil {
		return nil, err
	}
	before, err := strconv.Unquote(first)
	if err != nil {
		return nil, err
	}
	after, err := strconv.Unquote(strings.TrimSpace(quoted[len(first):]))
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(text, []byte(before)); n != 1 {
		return nil, fmt.Errorf("%q stands there %d times, not once", before, n)
	}
	return bytes.Replace(text, []byte(before), []byte(after), 1), nil
}

// setJSON gives a member or element a value; nil takes it out. Every other
// value stays as it is written, numbers above all.
func setJSON(text []byte, pointer []string, value json.RawMessage) ([]byte, error) {
	if len(pointer) == 0 {
		return value, nil
	}
	step, rest := pointer[0], pointer[1:]
	var list []json.RawMessage
	if json.Unmarshal(text, &list) == nil {
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(list) {
			return nil, fmt.Errorf("there is no element %s", step)
		}
		if list[i], err = setJSON(list[i], rest, value); err != nil {
			return nil, err
		}
		if list[i] == nil {
			list = slices.Delete(list, i, i+1)
		}
		return json.Marshal(list)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	if _, ok := members[step]; !ok && (value == nil || len(rest) > 0) {
		return nil, fmt.Errorf("there is no member %s", step)
	}
	changed, err := setJSON(members[step], rest, value)
	if err != nil {
		return nil, err
	}
	if members[step] = changed; changed == nil {
		delete(members, step)
	}
	return json.Marshal(members)
}
