package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kassa-dev/kassa/conformance"
)

// The parts of SARIF 2.1.0 that are used.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool            `json:"tool"`
		Invocations []sarifInvocation    `json:"invocations"`
		Bases       map[string]sarifBase `json:"originalUriBaseIds"`
		Results     []sarifResult        `json:"results"`
		ColumnKind  string               `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		URI   string      `json:"informationUri"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Short   sarifText `json:"shortDescription"`
		Full    sarifText `json:"fullDescription"`
		Help    sarifText `json:"help"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		ExitCode      int                 `json:"exitCode"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Occurrences  int                `json:"occurrenceCount"`
		Suppressions []sarifSuppression `json:"suppressions"`
		Properties   sarifProperties    `json:"properties"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Place  sarifArtifact `json:"artifactLocation"`
		Region *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifProperties struct {
		Operation string `json:"operation"`
		File      string `json:"file"`
		Entry     int    `json:"entry"`
		Side      string `json:"side"`
		Pointer   string `json:"pointer"`
		Hint      string `json:"hint,omitempty"`
	}
)

// documentsBase names the folder that the documents' names begin in.
const documentsBase = "DOCUMENTS"

// writeSARIF writes SARIF 2.1.0. The place of a result is the line and column of
// the document that it breaks, where one says it; the recording, with the number
// of the entry, stands beside it. A result is told apart from others by a
// fingerprint that does not know entries, so that it stays the same when the
// recording is made again.
func writeSARIF(out *bytes.Buffer, d Data) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "kassa", URI: "https://github.com/kassa-dev/kassa", Rules: []sarifRule{}}},
		Bases:      map[string]sarifBase{documentsBase: {sarifText{"the documents the traffic was held against; Kassa's own stand in openapi/ of its repository"}}},
		Results:    []sarifResult{},
		ColumnKind: "unicodeCodePoints",
	}
	index := map[string]int{}
	for _, f := range d.Report.Findings {
		index[f.Rule] = 0
	}
	for _, rule := range conformance.Rules() {
		if _, used := index[rule.ID]; used {
			index[rule.ID] = len(run.Tool.Driver.Rules)
			each := sarifRule{ID: rule.ID, Short: sarifText{rule.Title}, Full: sarifText{rule.Detail}, Help: sarifText{rule.Detail}}
			each.Default.Level = string(rule.Severity)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, each)
		}
	}
	for _, f := range d.Report.Findings {
		run.Results = append(run.Results, sarifResultOf(f, index[f.Rule]))
	}
	code := d.Report.ExitCode(d.FailOn)
	invocation := sarifInvocation{Successful: !d.Report.Blind && d.verdict() != unjudged, ExitCode: code, Notifications: []sarifNotification{}}
	for _, problem := range d.Report.Problems {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{"error", sarifText{problem}})
	}
	run.Invocations = []sarifInvocation{invocation}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifResultOf(f conformance.Finding, rule int) sarifResult {
	message := f.Message
	if where := strings.TrimSpace(f.Side + " " + f.Pointer); where != "" {
		message = where + ": " + message
	}
	r := sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: string(f.Severity), Message: sarifText{message}, Occurrences: max(f.Count, 1),
		Locations: []sarifLocation{}, Fingerprints: map[string]string{"kassaFinding/v1": fingerprint(f)},
		Suppressions: []sarifSuppression{}, Properties: sarifProperties{f.Operation, f.File, f.Entry, f.Side, f.Pointer, f.Hint},
	}
	if f.Excused != "" {
		r.Suppressions = append(r.Suppressions, sarifSuppression{"external", "accepted", f.Excused})
	}
	var places []sarifLocation
	if file, line, ok := strings.Cut(f.Spec, ":"); ok {
		if n, err := strconv.Atoi(line); err == nil && n > 0 {
			places = append(places, sarifLocation{Physical: &sarifPhysical{sarifArtifact{uriOf(file), documentsBase}, &sarifRegion{n, f.Column}}})
		}
	}
	if f.File != "" {
		recording := sarifLocation{Physical: &sarifPhysical{Place: sarifArtifact{URI: uriOf(f.File)}}}
		switch {
		case strings.HasPrefix(f.Rule, "baseline.") || strings.HasPrefix(f.Rule, "suppression."): // whose entries are lines
			recording.Physical.Region = &sarifRegion{Line: max(f.Entry, 1)}
		case f.Entry >= 0:
			recording.Message = &sarifText{"entry " + strconv.Itoa(f.Entry) + " of the recording"}
		}
		places = append(places, recording)
	}
	if f.Operation != "" && len(places) > 0 {
		places[0].Logical = []sarifLogical{{f.Operation, "function"}}
	}
	if len(places) > 0 {
		r.Locations = places[:1]
		r.Related = places[1:]
	}
	return r
}

// uriOf is the reference to a file.
func uriOf(file string) string {
	u := url.URL{Path: file}
	if strings.HasPrefix(file, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

// fingerprint is what makes two findings one.
func fingerprint(f conformance.Finding) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Concat([]string{f.Rule, f.Operation, f.Side}, []string{f.Pattern(), f.Message}), "\x00")))
	return hex.EncodeToString(sum[:16])
}
