package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	address = "https://api.externalintegration.payex.com/psp/trustly/payments/1"
	right   = `{"payment":{"id":"/psp/trustly/payments/1","number":1,"created":"2020-01-01T00:00:00Z","updated":"2020-01-01T00:00:00Z",` +
		`"instrument":"Trustly","operation":"Purchase","intent":"Sale","state":"Ready","currency":"SEK","amount":0,"description":"d",` +
		`"userAgent":"u","language":"sv-SE","prices":{"id":"p"},"urls":{"id":"u"},"payeeInfo":{"id":"i"},"metadata":{"id":"m"}},"operations":[]}`
)

// wrong has one error: a number that is none, at /payment/number.
var wrong = strings.Replace(right, `"number":1`, `"number":true`, 1)

// entry is an entry of an archive: somebody read a payment and was answered with body.
func entry(id, grade, url, body string) string {
	return fmt.Sprintf(`{"_id":%q,"_grade":%q,"_instrument":"trustly","_operation":"get","_repaired":false,"_docBugs":null,
		"request":{"method":"GET","url":%q,"headers":[]},
		"response":{"status":200,"headers":[],"content":{"mimeType":"application/json","size":-1,"text":%q}}}`, id, grade, url, body)
}

// folder writes a corpus: entries of archives, and lines of fragments. Files that have none are empty, but there.
func folder(t *testing.T, content map[string][]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		text := strings.Join(content[file.name], "\n") + "\n"
		if filepath.Ext(file.name) == ".har" {
			text = `{"log":{"version":"1.2","entries":[` + strings.Join(content[file.name], ",") + `]}}`
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, file.name), []byte(text), 0o600))
	}
	return dir
}

// corpus runs the program on a folder with this baseline, and returns its exit code, what it printed, and the
// baseline as it is then.
func corpus(t *testing.T, dir, baseline string, args ...string) (code int, printed, after string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "baseline.txt")
	require.NoError(t, os.WriteFile(file, []byte(baseline), 0o600))
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"-dir", dir, "-baseline", file}, args...), &out, &out)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return code, out.String(), string(data)
}

func TestRun(t *testing.T) {
	const known = "d1  response.body.schema  /payment/number  the page prints nonsense\n"
	tests := []struct {
		name               string
		recorded, document []string
		baseline           string
		code               int
		want, never        []string
	}{
		{
			name:     "a clean corpus",
			recorded: []string{entry("a1", "A", address, right)}, document: []string{entry("d1", "D", address, right)},
			want: []string{"| trustly    | get       | A     |         1 |      0 |     0 |        0 |     0 |\n", "nothing to mend"},
		},
		{
			name:     "an error about what was recorded live",
			recorded: []string{entry("a1", "A", address, wrong)},
			code:     1, want: []string{"recorded.har:0: response /payment/number: ", "entry a1, grade A, trustly get", "\n1 to mend"},
		},
		{
			name:     "an error about a page",
			document: []string{entry("d0", "D", address, right), entry("d1", "D", address, wrong)},
			code:     1, want: []string{"documented.har:1: response /payment/number: ", "entry d1, grade D", "\n1 to mend"},
		},
		{
			name:     "an error that the baseline knows",
			document: []string{entry("d1", "D", address, wrong)}, baseline: known,
			want: []string{"|         1 |      1 |     1 |", "nothing to mend"}, never: []string{"entry d1"},
		},
		{
			name:     "traffic copied into a page is excused likewise",
			recorded: []string{entry("d1", "C+", address, wrong)}, baseline: known,
			want: []string{"nothing to mend"},
		},
		{
			name:     "a line of another place",
			document: []string{entry("d1", "D", address, wrong)}, baseline: strings.Replace(known, "number", "amount", 1),
			code: 1, want: []string{"entry d1, grade D", "the error no longer occurs", "\n2 to mend"},
		},
		{
			name:     "a stale line",
			document: []string{entry("d1", "D", address, right)}, baseline: "# a comment\n" + known,
			code: 1, want: []string{"baseline, line 2: d1 response.body.schema /payment/number: the error no longer occurs", "\n1 to mend"},
		},
		{
			name:     "a line of an entry that is not there",
			document: []string{entry("d2", "D", address, right)}, baseline: known,
			code: 1, want: []string{"the corpus has no such entry"},
		},
		{
			name:     "a line about what was recorded live",
			recorded: []string{entry("d1", "A", address, wrong)}, baseline: known,
			code: 1, want: []string{"entry d1, grade A", "is right by definition", "|         1 |      1 |     0 |", "\n2 to mend"},
		},
		{
			name:     "a line without a reason",
			document: []string{entry("d1", "D", address, wrong)}, baseline: strings.Replace(known, "the page prints nonsense", missing, 1),
			code: 1, want: []string{"its line in the baseline gives no reason", "entry d1, grade D", "\n1 to mend"},
		},
		{
			name:     "half a line",
			document: []string{entry("d1", "D", address, wrong)}, baseline: "d1 response.body.schema /payment/number\n",
			code: 1, want: []string{"baseline.txt:1: a line is an entry, a rule, a pointer and a reason"},
		},
		{
			name:     "a line twice",
			document: []string{entry("d1", "D", address, wrong)}, baseline: known + known,
			code: 1, want: []string{"baseline.txt:2: says the same as line 1"},
		},
		{
			name:     "an entry for another host is not judged, and that is an error",
			document: []string{entry("d1", "D", "https://shop.example/", right)},
			code:     1, want: []string{ruleUnjudged, "entry d1", "\n1 to mend"},
		},
		{
			name:     "an entry whose response is lost is not judged either",
			recorded: []string{strings.Replace(entry("a1", "A", address, right), `"status":200`, `"status":0`, 1)},
			code:     1, want: []string{ruleUnjudged, "entry a1", "\n1 to mend"},
		},
		{
			name:     "an entry that cannot be read is one error",
			document: []string{entry("d1", "D", "", right)},
			code:     1, want: []string{"recording.entry.damaged", "\n1 to mend"}, never: []string{ruleUnjudged},
		},
		{
			name: "a page whose template was not filled in",
			document: []string{
				entry("d1", "D", "https://{{ page.apiUrl }}/psp/trustly/payments/{{ page.paymentId }}", right),
				entry("d2", "D", "https://api.externalintegration.payex.com/psp//payments/1", right),
			},
			want: []string{"|         2 |      0 |", "nothing to mend"},
		},
		{
			name:     "what was recorded is not mended",
			recorded: []string{entry("a1", "A", "https://{{ page.apiUrl }}/psp/trustly/payments/1", right)},
			code:     1, want: []string{"entry a1", "\n1 to mend"},
		},
		{
			name:     "an id that is there twice",
			document: []string{entry("d1", "D", address, right), entry("d1", "D", address, right)},
			code:     1, want: []string{`documented.har: entry 1 has no grade, or no id of its own: "d1"`},
		},
		{
			name: "an empty corpus", code: 1, want: []string{"the corpus holds nothing to judge"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, printed, after := corpus(t, folder(t, map[string][]string{"recorded.har": tt.recorded, "documented.har": tt.document}), tt.baseline)
			assert.Equal(t, tt.code, code, printed)
			for _, want := range tt.want {
				assert.Contains(t, printed, want)
			}
			for _, never := range tt.never {
				assert.NotContains(t, printed, never)
			}
			assert.Equal(t, tt.baseline, after, "only -update writes")
		})
	}
}

func TestRunWithoutCorpus(t *testing.T) {
	code, printed, _ := corpus(t, filepath.Join(t.TempDir(), "nowhere"), "")
	assert.Equal(t, 0, code)
	assert.Equal(t, 1, strings.Count(printed, "\n"), printed)
	assert.Contains(t, printed, "there is no folder")

	dir := folder(t, map[string][]string{"recorded.har": {entry("a1", "A", address, right)}})
	require.NoError(t, os.Remove(filepath.Join(dir, "documented.har")))
	code, printed, _ = corpus(t, dir, "")
	assert.Equal(t, 1, code, "a corpus with a file missing is not an absent one")
	assert.Contains(t, printed, "documented.har")
}

func TestRunUsage(t *testing.T) {
	for _, args := range [][]string{{"-nonsense"}, {"more"}} {
		var out bytes.Buffer
		assert.Equal(t, 2, run(t.Context(), args, &out, &out))
		assert.NotEmpty(t, out.String())
	}
	code, printed, _ := corpus(t, folder(t, map[string][]string{"recorded.har": {entry("a1", "A", address, right)}}), "", "-baseline", filepath.Join(t.TempDir(), "none"))
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "remedy: write it with -update")
}

func TestUpdate(t *testing.T) {
	dir := folder(t, map[string][]string{
		"recorded.har":   {entry("a1", "A", address, wrong)},
		"documented.har": {entry("d1", "D", address, wrong), entry("d2", "D", address, wrong), entry("d3", "D", address, right)},
	})
	before := "d3 response.body.schema /payment/number gone\nd1 response.body.schema /payment/number the page  is wrong\n"
	code, printed, after := corpus(t, dir, before, "-update")
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "entry a1, grade A", "what was recorded live gets no line")
	assert.Contains(t, printed, "entry d2, grade D", "a line without a reason excuses nothing")
	assert.Equal(t, preface+"\n# trustly get D\n"+
		"d1  response.body.schema  /payment/number  the page is wrong\n"+
		"d2  response.body.schema  /payment/number  "+missing+"\n", after)

	_, _, again := corpus(t, dir, after, "-update")
	assert.Equal(t, after, again)
}

func TestOutputIsTheSameEveryTime(t *testing.T) {
	other := strings.NewReplacer(`"trustly"`, `"creditcard"`, "/trustly/", "/creditcard/")
	dir := folder(t, map[string][]string{
		"recorded.har":               {entry("a1", "A", address+"/", right), entry("a2", "A", address, wrong)},
		"documented.har":             {entry("d1", "D", address, wrong), other.Replace(entry("d2", "D", address, right))},
		"recorded-fragments.jsonl":   {`{"id":"f1","grade":"B","instrument":"trustly","operation":"x","doc_bugs":["lost"]}`},
		"documented-fragments.jsonl": {`{"id":"f2","grade":"D","instrument":"trustly","operation":"x"}`},
	})
	_, first, _ := corpus(t, dir, "", "-v")
	assert.True(t, strings.HasPrefix(first, ""+
		"| instrument | operation | grade | exchanges | errors | known | warnings | notes |\n"+
		"| ---------- | --------- | ----- | --------- | ------ | ----- | -------- | ----- |\n"+
		"| creditcard | get       | D     |         1 |      0 |     0 |        0 |     0 |\n"+
		"| trustly    | get       | A     |         2 |      1 |     0 |        0 |     1 |\n"+
		"| trustly    | get       | D     |         1 |      1 |     0 |        0 |     0 |\n"+
		"| all        |           | A     |         2 |      1 |     0 |        0 |     1 |\n"+
		"| all        |           | D     |         2 |      1 |     0 |        0 |     0 |\n"+
		"\n2 fragments were not judged:\n"+
		"    1  documented-fragments.jsonl: holds nothing\n"+
		"    1  recorded-fragments.jsonl: is known to be wrong: lost\n"), first)
	assert.Contains(t, first, "request.path.trailing-slash (note)")
	for range 5 {
		_, again, _ := corpus(t, dir, "", "-v")
		require.Equal(t, first, again)
	}
}

func TestFragments(t *testing.T) {
	transaction := `{"id":"/psp/trustly/payments/1/transactions/2","created":"2020-01-01T00:00:00Z","updated":"2020-01-01T00:00:00Z","type":"Sale",` +
		`"state":"Completed","number":1,"amount":1,"vatAmount":0,"description":"d","payeeReference":"r","isOperational":false,"operations":[]}`
	problem := `{"type":"https://api.payex.com/psp/errordetail/inputerror","title":"t","status":%d,"detail":"d"}`
	tests := []struct {
		name, request, response string // as the corpus writes them
		method, path            string // of the exchange made of it, "" for none
		status                  int
		why                     string
	}{
		{"a payment", ``, right, "GET", "/psp/trustly/payments/1", 200, ""},
		{"a payment that lost its members", ``, `{"payment":{},"operations":[]}`, "GET", "/psp/trustly/payments/" + anyID, 200, ""},
		{"a resource", ``, `{"payment":"/psp/trustly/payments/1","sale":{"id":"/psp/trustly/payments/1/sales/2","transaction":` + transaction + `}}`, "GET", "/psp/trustly/payments/1/sales/2", 200, ""},
		{"a bare transaction", ``, transaction, "GET", "/psp/trustly/payments/1/transactions/2", 200, ""},
		{"a problem", ``, fmt.Sprintf(problem, 404), "GET", "/psp/trustly/payments/" + anyID, 404, ""},
		{"a problem that says of what", ``, strings.Replace(fmt.Sprintf(problem, 403), `"title"`, `"instance":"https://api.payex.com/psp/trustly/payments/1/sales","title"`, 1), "POST", "/psp/trustly/payments/1/sales", 403, ""},
		{"a failed attempt", ``, `{"problem":` + fmt.Sprintf(problem, 403) + `}`, "GET", "/psp/trustly/payments/" + anyID + "/failed", 200, ""},
		{"a creation", `{"method":"POST","raw_url":"` + strings.TrimSuffix(address, "/1") + `","body":{}}`, right, "POST", "/psp/trustly/payments", 201, ""},
		{"a request alone", `{"method":"GET","path":"/psp//payments/1","query":"$expand=prices"}`, ``, "GET", "/psp/trustly/payments/1?$expand=prices", 0, ""},
		{"an operation alone", ``, `{"rel":"r","href":"h","method":"GET"}`, "", "", 0, "does not say what it answers"},
		{"an array", ``, `[]`, "", "", 0, "is no object"},
		{"a request that is not JSON", `{"method":"POST","path":"/psp/trustly/payments","body":null,"body_unparsed":"x"}`, ``, "", "", 0, "is not JSON"},
		{"nothing", ``, ``, "", "", 0, "holds nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := `{"id":"f","grade":"D","instrument":"trustly","operation":"x"`
			if tt.request != "" {
				line += `,"request":` + tt.request
			}
			if tt.response != "" {
				line += `,"response":{"status":null,"headers":{"b":"2","a":"1"},"body":` + tt.response + `}`
			}
			samples, left, err := readFragments("f.jsonl", []byte(line+"}\n\n"))
			require.NoError(t, err)
			if tt.why != "" {
				require.Equal(t, []omission{{"f", "f.jsonl", tt.why}}, left)
				assert.Empty(t, samples)
				return
			}
			require.Len(t, samples, 1)
			var x archived
			require.NoError(t, json.Unmarshal(samples[0].entry, &x))
			assert.Equal(t, tt.method, x.Request.Method)
			assert.Equal(t, "https://"+host+tt.path, x.Request.URL)
			assert.Equal(t, tt.status, x.Response.Status)
			assert.Equal(t, tt.response == "", samples[0].half)
			if !samples[0].half {
				assert.Equal(t, []header{{"a", "1"}, {"b", "2"}}, x.Response.Headers)
				assert.Contains(t, x.Response.Content.Text, tt.response)
			}
		})
	}
	_, _, err := readFragments("f.jsonl", []byte("{}\n{"))
	assert.ErrorContains(t, err, "line 2")
}

// A request alone is judged, and its missing response is not held against it.
func TestHalfAnExchange(t *testing.T) {
	half := `{"id":"f1","grade":"D","instrument":"trustly","operation":"get","request":{"method":"GET","path":"/psp/trustly/payments/1%s","headers":{"Authorization":"Bearer x"}}}`
	code, printed, _ := corpus(t, folder(t, map[string][]string{"documented-fragments.jsonl": {fmt.Sprintf(half, "")}}), "", "-v")
	assert.Equal(t, 0, code, printed)
	assert.NotContains(t, printed, ruleSilent)
	code, printed, _ = corpus(t, folder(t, map[string][]string{"documented-fragments.jsonl": {fmt.Sprintf(half, "/nonsense")}}), "")
	assert.Equal(t, 1, code)
	assert.Contains(t, printed, "request.path.unknown")
}

func TestPointersAreOneWord(t *testing.T) {
	for _, pointer := range []string{"", "/a", "/a b", "/a%20b", "header/X\tY"} {
		word := escape(pointer)
		assert.Len(t, strings.Fields(word), 1)
		assert.Equal(t, pointer, unescape(word))
	}
}

func TestCommittedBaseline(t *testing.T) {
	_, err := readBaseline("baseline.txt")
	assert.NoError(t, err)
}
