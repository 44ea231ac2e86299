package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/kassa-dev/kassa/internal/contract"
)

const (
	maxFindings  = 10_000 // different ones a session keeps
	maxCallbacks = 10_000 // addresses a session remembers
	maxHosts     = 3      // unknown hosts a session can name
)

// Session judges the exchanges of one recording. It remembers what they say
// about each other, and what was found. It is safe for concurrent use; what is
// said about callbacks needs the exchanges in the order in which they ended.
//
// Judging has two parts. What one exchange says by itself is judged by the
// checker, anywhere and at once; what it says after others, and the counting,
// is for the session to absorb, in order.
type Session struct {
	checker *Checker

	mu        sync.Mutex
	callbacks map[string][]callback // by address
	summary   Summary
	order     []*Finding
	found     map[kindred]*Finding
	seen      map[string]bool // operations by name
	coverage  Coverage
	foreign   map[string]bool // unknown hosts
	bodiless  int             // judged exchanges with a body that was not recorded
	answered  int             // judged exchanges with a response
}

// verdict is what the judge says about one exchange.
type verdict struct {
	findings []Finding
	judged   bool
	skipped  bool // the request's rules
	bodiless bool // a body was not recorded
	answered bool
	seen     string
	foreign  string
	told     []told          // where the request wants to be called back
	shown    *contract.Shown // what it shows of the documents
}

// Check judges one exchange and returns what it found, worst news included:
// the slice is empty only if the exchange is clean or unjudged. The session's
// report tells which.
func (s *Session) Check(x Exchange) []Finding { return s.absorb(x, s.checker.judge(x)) }

// absorb takes what the checker says about an exchange, and adds what only the
// session can know. Exchanges are absorbed in order.
func (s *Session) absorb(x Exchange, v verdict) []Finding {
	if about, ok := s.judgeCallback(x); ok {
		v = about
	}
	for i := range v.findings {
		f := &v.findings[i]
		f.File, f.Entry, f.Count = x.File, x.Entry, 1
		*f = f.safe()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.Exchanges++
	if v.judged {
		s.summary.Judged++
	} else {
		s.summary.Unjudged++
	}
	if v.skipped {
		s.summary.Skipped++
	}
	if v.bodiless {
		s.bodiless++
	}
	if v.answered {
		s.answered++
	}
	if v.seen != "" {
		s.seen[v.seen] = true
	}
	s.coverage.add(v.shown)
	if v.foreign != "" && len(s.foreign) < maxHosts {
		s.foreign[v.foreign] = true
	}
	s.remember(v.told)
	for _, f := range v.findings {
		s.keep(f)
	}
	return v.findings
}

// damaged counts an entry that could not be read.
func (s *Session) damaged(file string, entry int, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.Exchanges++
	s.summary.Unjudged++
	f := found(ruleDamaged, "", problem)
	f.File, f.Entry, f.Count = file, entry, 1
	s.keep(f.safe())
}

func (s *Session) keep(f Finding) {
	s.summary.count(f.Severity)
	if same, ok := s.found[f.kindred()]; ok {
		same.Count++
		return
	}
	switch n := len(s.order); {
	case n > maxFindings:
		last := s.order[n-1]
		last.Count++
		if !last.Severity.AtLeast(f.Severity) {
			last.Severity = f.Severity // an error that is not listed still fails a check
		}
		return
	case n == maxFindings:
		limit := found(ruleLimit, "", "there are more different findings than are listed")
		limit.File, limit.Entry, limit.Count = f.File, f.Entry, 1
		s.summary.count(limit.Severity)
		if !limit.Severity.AtLeast(f.Severity) {
			limit.Severity = f.Severity
		}
		f = limit
	}
	s.order = append(s.order, &f)
	s.found[f.kindred()] = &f
}

func found(rule, side, message string) Finding {
	return Finding{Rule: rule, Severity: severityOf(rule), Side: side, Message: message}
}

// crashed makes a finding of a panic: a judge that crashes has not found the
// traffic clean.
func (v *verdict) crashed() {
	if r := recover(); r != nil {
		*v = verdict{findings: []Finding{found(ruleCrashed, "", fmt.Sprintf("the judge failed: %T", r))}}
	}
}

// judge says what an exchange says by itself. It never panics, and needs no
// session: many exchanges can be judged at once, in any order.
func (c *Checker) judge(x Exchange) (v verdict) {
	defer v.crashed()
	method := x.Request.Method
	if method == "CONNECT" || method == "OPTIONS" {
		return verdict{}
	}
	u, err := url.Parse(x.Request.URL)
	switch {
	case err != nil && c.foreign(x.Request.URL):
		return verdict{}
	case err != nil || u.Scheme == "" || u.Host == "" && strings.HasPrefix(u.Scheme, "http"):
		return verdict{findings: []Finding{found(ruleDamaged, "", "request.url is no absolute URL")}}
	case u.Scheme != "http" && u.Scheme != "https":
		return verdict{} // data, blob, websockets: what browsers record besides
	}
	if method == "HEAD" {
		method = "GET"
	}
	match := c.contract.Match(method, u)
	switch match.Outcome {
	case contract.UnknownHost:
		return verdict{foreign: u.Host}
	case contract.UnknownPath, contract.UnknownMethod:
		return verdict{judged: true, findings: []Finding{unknown(method, u, match)}}
	}
	v = c.apply(match.Operation, match.Params, u.RawQuery, x)
	v.told = tells(match.Operation, x)
	if match.TrailingSlash && !v.skipped {
		f := found("request.path.trailing-slash", "request", "the path ends with a slash that the document does not have")
		f.Operation, f.Spec, f.Column = match.Operation.Name(), match.Operation.At.String(), match.Operation.At.Column
		v.findings = append(v.findings, f)
	}
	return v
}

// unknown is the finding for a request that is documented nowhere.
func unknown(method string, u *url.URL, m contract.Match) Finding {
	path := u.EscapedPath()
	if safe := redactText(u.Path); safe != u.Path {
		path = safe // escapes hide nothing from a reader
	}
	if len(path) > 200 {
		path = path[:200] + "…"
	}
	f := found("request.path.unknown", "request", "no documented operation has the path "+path)
	if m.Outcome == contract.UnknownMethod {
		f = found("request.method.unknown", "request",
			fmt.Sprintf("%s is not documented for %s, which has %s", method, path, list(m.Methods)))
	}
	if len(m.Documents) > 0 {
		f.Hint = "the host is that of " + list(m.Documents)
	}
	return f
}

// list names at most six of what there is.
func list(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i == 6:
			return fmt.Sprintf("%s and %d more", text, len(names)-i)
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}

// apply judges an exchange as one operation.
func (c *Checker) apply(op *contract.Operation, params map[string]string, query string, x Exchange) verdict {
	v := verdict{judged: true, seen: op.Name(), shown: c.inventory().Look(op)}
	v.skipped = x.Response.Status >= 400 && x.Response.Status < 500
	var broken []contract.Violation
	if !v.skipped {
		asked := contract.Message{
			Header: x.Request.Header, Query: query,
			Body: x.Request.Body, BodyUnknown: x.Request.BodyUnknown,
			AuthUnknown: x.Request.AuthUnknown || x.Request.HeaderUnknown, Shown: v.shown,
		}
		v.shown.Request(params, asked)
		broken = op.JudgeRequest(params, asked)
	}
	if x.Response.Status != 0 {
		v.answered = true
		head := x.Request.Method == "HEAD"
		told := contract.Message{
			Header: x.Response.Header,
			Body:   x.Response.Body, BodyUnknown: x.Response.BodyUnknown || head, Shown: v.shown,
		}
		v.shown.Response(x.Response.Status, told)
		for _, violation := range op.JudgeResponse(x.Response.Status, told) {
			if !head || violation.Rule != "response.body.unknown" {
				broken = append(broken, violation)
			}
		}
	} else {
		message := "no response was recorded"
		if x.Error != "" {
			message += ": " + x.Error
		}
		v.findings = append(v.findings, found(ruleSilent, "response", message))
		v.findings[0].Operation = op.Name()
	}
	for _, violation := range broken {
		if !provable(violation.Rule, x) {
			continue
		}
		v.bodiless = v.bodiless || strings.HasSuffix(violation.Rule, ".body.unknown")
		v.findings = append(v.findings, Finding{
			Rule: violation.Rule, Severity: Severity(violation.Severity), Operation: op.Name(),
			Side: string(violation.Side), Pointer: violation.Pointer,
			Message: violation.Message, Hint: violation.Hint, Spec: violation.Spec.String(), Column: violation.Spec.Column,
		})
	}
	return v
}

// provable is false for what only a header's absence says, where the recording
// has no headers at all.
func provable(rule string, x Exchange) bool {
	switch rule {
	case "request.header.missing", "request.media-type.missing", "request.auth.missing", "request.auth.unknown":
		return !x.Request.HeaderUnknown
	case "response.header.missing", "response.media-type.missing":
		return !x.Response.HeaderUnknown
	}
	return true
}

// Findings returns what was found so far: what says the same in the same file
// is one finding with a count.
func (s *Session) Findings() []Finding { return s.Report().Findings }

// Report returns the report so far.
func (s *Session) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := Report{Summary: s.summary, Findings: make([]Finding, 0, len(s.order)), Blind: s.bodiless > 0, Coverage: s.coverage.clone()}
	for _, f := range s.order {
		r.Findings = append(r.Findings, *f)
	}
	slices.SortFunc(r.Findings, compare)
	for _, op := range s.checker.contract.Operations() {
		if name := op.Name(); s.seen[name] {
			r.Seen = append(r.Seen, name)
		} else {
			r.Unseen = append(r.Unseen, name)
		}
	}
	return r
}
