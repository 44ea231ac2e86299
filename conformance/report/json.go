package report

import (
	"bytes"
	"encoding/json"

	"github.com/kassa-dev/kassa/conformance"
)

// writeJSON writes the form kassa.report/1, which docs/report.schema.json
// describes. It is that of a conformance.Report with the verdict, and with the
// drift where somebody looked for it.
func writeJSON(out *bytes.Buffer, d Data) error {
	drift := &d.Drift
	if d.Drift == nil {
		drift = nil
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Schema   string                `json:"schema"`
		Verdict  verdict               `json:"verdict"`
		FailOn   conformance.Severity  `json:"failOn"`
		Summary  conformance.Summary   `json:"summary"`
		Problems []string              `json:"problems"`
		Findings []conformance.Finding `json:"findings"`
		Coverage conformance.Coverage  `json:"coverage"`
		Drift    *[]Drift              `json:"drift,omitempty"`
	}{"kassa.report/1", d.verdict(), d.FailOn, d.Report.Summary, d.Report.Problems, d.Report.Findings, d.Report.Coverage, drift})
}
