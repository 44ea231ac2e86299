package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

const (
	markdownFindings = 50        // listed in full
	markdownSize     = 60 * 1024 // a comment on a pull request may have 65,536 characters
)

// writeMarkdown writes a comment for a pull request: the verdict, the counts,
// the worst findings, the coverage. What a recording says stands in code spans,
// where it is neither markup nor mentions anybody.
func writeMarkdown(out *bytes.Buffer, d Data) error {
	headline, sentence := d.headline()
	sign := map[verdict]string{clean: "✅", findings: "❌", unjudged: "⚠️"}[d.verdict()]
	fmt.Fprintf(out, "## %s Kassa: %s\n\n%s\n\n", sign, headline, sentence)
	s := d.Report.Summary
	out.WriteString("| exchanges | judged | unjudged | errors | warnings | notes | excused |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	fmt.Fprintf(out, "| %d | %d | %d | %d | %d | %d | %d |\n", s.Exchanges, s.Judged, s.Unjudged, s.Errors, s.Warnings, s.Notes, s.Excused)
	if len(d.Report.Problems) > 0 {
		out.WriteString("\n### Not judged\n\n")
		for i, problem := range d.Report.Problems {
			if i == markdownFindings {
				fmt.Fprintf(out, "- and %d more\n", len(d.Report.Problems)-i)
				break
			}
			fmt.Fprintf(out, "- %s\n", code(problem))
		}
	}
	markdownList(out, d)
	markdownDrift(out, d)
	markdownCoverage(out, d)
	return nil
}

// markdownList lists the findings that fail, then the others folded up.
func markdownList(out *bytes.Buffer, d Data) {
	var failing, others []conformance.Finding
	excused := 0
	for _, f := range d.Report.Findings {
		switch {
		case d.fails(f):
			failing = append(failing, f)
		case f.Excused != "":
			excused++
		default:
			others = append(others, f)
		}
	}
	if len(failing) > 0 {
		fmt.Fprintf(out, "\n### What fails (%d)\n\n", len(failing))
		markdownTable(out, failing)
	}
	if len(others) > 0 {
		fmt.Fprintf(out, "\n<details><summary>%s not failing</summary>\n\n", amount(len(others), "finding"))
		markdownTable(out, others)
		out.WriteString("\n</details>\n")
	}
	if excused > 0 {
		fmt.Fprintf(out, "\n%s excused, by the baseline or a suppression.\n", amount(excused, "finding"))
	}
}

func markdownTable(out *bytes.Buffer, list []conformance.Finding) {
	out.WriteString("| severity | where | what | rule | document |\n| --- | --- | --- | --- | --- |\n")
	for i, f := range list {
		what := code(f.Message)
		if f.Count > 1 {
			what += fmt.Sprintf(" ×&#8239;%d", f.Count)
		}
		where := code(place(f))
		if f.Operation != "" {
			where = code(f.Operation) + "<br>" + where
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |\n", f.Severity, where, what, code(f.Rule), code(f.Spec))
		if i == markdownFindings || out.Len()+len(row) > markdownSize*2/3 {
			fmt.Fprintf(out, "\nand %d more; the other formats list them all\n", len(list)-i)
			return
		}
		out.WriteString(row)
	}
}

func markdownDrift(out *bytes.Buffer, d Data) {
	if len(d.Drift) == 0 {
		return
	}
	fmt.Fprintf(out, "\n<details><summary>%s the documents do not know</summary>\n\n| what | operation | where | types | times |\n| --- | --- | --- | --- | ---: |\n", amount(len(d.Drift), "thing"))
	for i, row := range d.Drift {
		line := fmt.Sprintf("| %s | %s | %s | %s | %d |\n", code(row.Kind), code(row.Operation), code(strings.TrimSpace(row.Status+" "+row.Pointer)), code(strings.Join(row.Types, ", ")), row.Count)
		if i == markdownFindings || out.Len()+len(line) > markdownSize*5/6 {
			fmt.Fprintf(out, "\nand %d more\n", len(d.Drift)-i)
			break
		}
		out.WriteString(line)
	}
	out.WriteString("\n</details>\n")
}

func markdownCoverage(out *bytes.Buffer, d Data) {
	kinds := d.Report.Coverage.Kinds()
	if len(kinds) == 0 {
		return
	}
	out.WriteString("\n<details><summary>Coverage</summary>\n\n| | | seen | of |\n| --- | --- | ---: | ---: |\n")
	for _, share := range kinds {
		fmt.Fprintf(out, "| %s | `%s` %g&#8239;%% | %d | %d |\n", share.Kind, bar(share), share.Percent, share.Seen, share.Of)
	}
	for _, document := range d.Report.Coverage.Documents() {
		if !touched(document) {
			continue
		}
		for i, share := range document.Kinds {
			name := share.Kind
			if i == 0 {
				name = "**" + document.Document + "** " + name
			}
			fmt.Fprintf(out, "| %s | `%s` %g&#8239;%% | %d | %d |\n", name, bar(share), share.Percent, share.Seen, share.Of)
		}
	}
	out.WriteString("\n</details>\n")
}

// code is a text as a code span that a table may hold: nothing in it is markup.
func code(text string) string {
	if text == "" {
		return ""
	}
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "…"
	}
	longest, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		text = " " + text + " "
	}
	text = strings.ReplaceAll(text, `\|`, `\∣`) // an escape of an escape would end the cell
	return fence + strings.ReplaceAll(text, "|", `\|`) + fence
}
