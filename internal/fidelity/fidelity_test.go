package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/internal/contract"
)

func TestCommittedPageIsFresh(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../../docs/fidelity.md")
	require.NoError(t, err, "remedy: make generate")

	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		require.Equal(t, line(wantLines, i), line(gotLines, i),
			"docs/fidelity.md:%d is stale: the documents in openapi/ have changed; remedy: make generate", i+1)
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end of file)"
}

func TestGradeOf(t *testing.T) {
	tests := []struct {
		name, source, assumed string
		want                  grade
	}{
		{"seen", "[R] PM:card", "", seen},
		{"seen beats documented", "[D] inc/capture; [R] PM:card", "", seen},
		{"library beats documentation", "[D] inc/capture, [S] PHP", "", implied},
		{"documented", "[D] seedFP", "", documented},
		{"a source without a letter is documentation", "https://example.com/page", "", documented},
		{"a word in brackets is no letter", "page [Results]", "", documented},
		{"partly inferred is inferred", "[R] the link; [I] its body", "", inferred},
		{"assumed", "", "nothing prints it", assumed},
		{"partly assumed is assumed", "[R] the link", "its body is printed nowhere", assumed},
		{"neither", "", "", unsourced},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := gradeOf(contract.Evidence{Source: tt.source, Assumed: tt.assumed})
			assert.Equal(t, titles[tt.want], titles[got])
		})
	}
}

// evidence is a small contract: two documents, shared vocabulary reached from both, every grade.
var evidence = []contract.Evidence{
	{Document: "bank/card.yaml", Kind: "operation", Name: "createPayment", Source: "[R] PM:card for 201;\n[D] prints 200", At: contract.Place{File: "bank/card.yaml", Line: 9}},
	{Document: "bank/card.yaml", Kind: "schema", Name: "Payment", Source: "[D] page_one", At: contract.Place{File: "bank/psp.yaml", Line: 40}},
	{Document: "bank/swish.yaml", Kind: "schema", Name: "Payment", Source: "[D] page_one", At: contract.Place{File: "bank/psp.yaml", Line: 40}},
	{Document: "bank/card.yaml", Kind: "property", Name: "Payment.state", Assumed: "nothing *prints* it", At: contract.Place{File: "bank/psp.yaml", Line: 7}},
	{Document: "bank/swish.yaml", Kind: "response", Name: "default", Source: "[I] like the others", At: contract.Place{File: "bank/swish.yaml", Line: 3}},
	{Document: "bank/swish.yaml", Kind: "parameter", Name: "Session-Id", Source: "[S] PHP"},
	{Document: "bank/swish.yaml", Kind: "schema", Name: "Sale", At: contract.Place{File: "bank/swish.yaml", Line: 30}},
}

const wantPage = `## In numbers

| document | facts | seen | implied | documented | inferred | assumed | neither |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| bank/card.yaml | 1 | 1 | 0 | 0 | 0 | 0 | 0 |
| bank/psp.yaml | 2 | 0 | 0 | 1 | 0 | 1 | 0 |
| bank/swish.yaml | 3 | 0 | 1 | 0 | 1 | 0 | 1 |
| **all** | 6 | 1 | 1 | 1 | 1 | 1 | 1 |

## bank/card.yaml

### seen: 1

- operation ` + "`createPayment`" + ` ([card.yaml:9](../openapi/bank/card.yaml#L9)): source: [R] PM:card for 201; [D] prints 200

## bank/psp.yaml

### assumed: 1

- property ` + "`Payment.state`" + ` ([psp.yaml:7](../openapi/bank/psp.yaml#L7)): nothing \*prints\* it

### documented: 1

- schema ` + "`Payment`" + ` ([psp.yaml:40](../openapi/bank/psp.yaml#L40)): source: [D] page\_one

## bank/swish.yaml

### inferred: 1

- response ` + "`default`" + ` ([swish.yaml:3](../openapi/bank/swish.yaml#L3)): source: [I] like the others

### neither: 1

- schema ` + "`Sale`" + ` ([swish.yaml:30](../openapi/bank/swish.yaml#L30))

### implied: 1

- parameter ` + "`Session-Id`" + ` (place unknown): source: [S] PHP
`

func TestPage(t *testing.T) {
	var forward, backward bytes.Buffer
	require.NoError(t, write(&forward, evidence))
	reversed := slices.Clone(evidence)
	slices.Reverse(reversed)
	require.NoError(t, write(&backward, reversed))

	assert.Equal(t, preface+wantPage, forward.String())
	assert.Equal(t, forward.String(), backward.String(), "the order of the evidence must not show")
}

func TestRun(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "fidelity.md")
	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"to stdout", nil, 0, string(want), ""},
		{"to a file", []string{"-o", file}, 0, "", ""},
		{"to a file that cannot be", []string{"-o", filepath.Join(file, "below")}, 1, "", "not a directory"},
		{"with an argument too many", []string{"page.md"}, 2, "", "takes no arguments"},
		{"with an unknown flag", []string{"-x"}, 2, "", "-x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, tt.code, run(tt.args, &stdout, &stderr), stderr.String())
			assert.Equal(t, tt.stdout, stdout.String())
			assert.Contains(t, stderr.String(), tt.stderr)
		})
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}
